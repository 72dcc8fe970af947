//! Observables (STIX 2.1, section 6): the addresses, files and accounts that are seen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{StixId, moment};
use crate::Indicator;
use crate::indicator::IndicatorKind;
use crate::json_items::Text;

/// The kinds of observable of section 6.
const KINDS: [&str; 18] = [
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
];

/// What was seen, as far as it names it; each kind has some of these, and its other properties are
/// among the further ones of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Observable {
    /// An address, a domain name, a link.
    pub value: Option<String>,
    /// The name of a file, a mutex, a software, an autonomous system.
    pub name: Option<String>,
    /// A registry key.
    pub key: Option<String>,
    /// The path of a folder.
    pub path: Option<String>,
    /// The hashes of a file, an artifact or a certificate, by algorithm.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
    /// The number of an autonomous system.
    pub number: Option<u64>,
    /// The command line of a process.
    pub command_line: Option<String>,
    /// The subject of a mail or a certificate.
    pub subject: Option<String>,
    /// The vendor of a software.
    pub vendor: Option<String>,
    /// The CPE name of a software.
    pub cpe: Option<String>,
    /// The version of a software or a certificate.
    pub version: Option<String>,
    /// The name with which somebody signs in.
    pub account_login: Option<String>,
    /// The mail's own identifier.
    pub message_id: Option<String>,
    /// The serial number of a certificate.
    pub serial_number: Option<String>,
    /// Who issued a certificate.
    pub issuer: Option<String>,
}

impl Observable {
    /// Whether `kind` is one of the standard's observables.
    pub(super) fn is(kind: &str) -> bool {
        KINDS.binary_search(&kind).is_ok()
    }

    /// The indicators in it, `kind` being its type.
    pub(super) fn indicators(&self, kind: &str) -> Vec<Indicator> {
        let named = [("value", &self.value), ("name", &self.name), ("key", &self.key)];
        let named = named.into_iter().filter_map(|(name, value)| {
            value.as_deref().and_then(|value| indicator(kind, Part::Property(name), value))
        });
        let hashes = self.hashes.iter().filter_map(|(name, hash)| indicator(kind, Part::Hash(name), hash));
        named.chain(hashes).collect()
    }
}

/// What was seen on systems and networks (section 4.14).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Observation {
    /// When it was first seen.
    #[serde(deserialize_with = "moment::required")]
    pub first_observed: Timestamp,
    /// When it was last seen.
    #[serde(deserialize_with = "moment::required")]
    pub last_observed: Timestamp,
    /// How often.
    pub number_observed: u64,
    /// What was seen.
    #[serde(default)]
    pub object_refs: Vec<StixId>,
    /// What was seen, as STIX 2.0 says it: within the observation, numbered, each as JSON.
    #[serde(default, deserialize_with = "super::common::raw_values")]
    pub objects: BTreeMap<String, String>,
}

impl Observation {
    /// The indicators in what was seen within it. What cannot be read there gives none.
    pub(super) fn indicators(&self) -> Vec<Indicator> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        let mut found = Vec::new();
        for object in self.objects.values() {
            let text = Text { line: 1, column: 1, text: object.clone() };
            if let (Ok(Kind { kind }), Ok(seen)) = (text.parse::<Kind>(), text.parse::<Observable>()) {
                found.extend(seen.indicators(&kind));
            }
        }
        found
    }
}

/// The part of an observable that is compared.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    /// A property.
    Property(&'a str),
    /// A hash, by its algorithm.
    Hash(&'a str),
}

/// The indicator that a part of an observable is; none where it is no kind of indicator, or where
/// it does not look like what it is said to be: an indicator is told from its look alone wherever it
/// is read again.
pub(super) fn indicator(kind: &str, part: Part<'_>, value: &str) -> Option<Indicator> {
    let indicator: Indicator = value.parse().ok()?;
    let looks_right = match (kind, part) {
        ("ipv4-addr", Part::Property("value")) => {
            indicator.kind() == IndicatorKind::Ipv4 || is_network(value, 32, IndicatorKind::Ipv4)
        }
        ("ipv6-addr", Part::Property("value")) => {
            indicator.kind() == IndicatorKind::Ipv6 || is_network(value, 128, IndicatorKind::Ipv6)
        }
        ("domain-name", Part::Property("value")) => indicator.kind() == IndicatorKind::Domain,
        ("url", Part::Property("value")) => indicator.kind() == IndicatorKind::Url,
        ("email-addr", Part::Property("value")) => indicator.kind() == IndicatorKind::Email,
        // A name without an ending that is known looks like nothing at all.
        ("file", Part::Property("name")) => {
            matches!(indicator.kind(), IndicatorKind::FileName | IndicatorKind::Other)
        }
        ("mac-addr", Part::Property("value"))
        | ("mutex", Part::Property("name"))
        | ("windows-registry-key", Part::Property("key")) => indicator.kind() == IndicatorKind::Other,
        ("file" | "artifact", Part::Hash(algorithm)) => hash(algorithm) == Some(indicator.kind()),
        _ => false,
    };
    looks_right.then_some(indicator)
}

/// Whether a value is a network such as 10.0.0.0/8 (sections 6.9 and 6.10 allow one).
fn is_network(value: &str, longest: u8, kind: IndicatorKind) -> bool {
    value.split_once('/').is_some_and(|(address, bits)| {
        let within = bits.parse::<u8>().is_ok_and(|bits| bits <= longest);
        within && address.parse::<Indicator>().is_ok_and(|address| address.kind() == kind)
    })
}

fn hash(algorithm: &str) -> Option<IndicatorKind> {
    let known: String = algorithm.chars().take(16).filter(|c| *c != '-').collect();
    match known.to_ascii_uppercase().as_str() {
        "MD5" => Some(IndicatorKind::Md5),
        "SHA1" => Some(IndicatorKind::Sha1),
        "SHA256" => Some(IndicatorKind::Sha256),
        "SHA512" => Some(IndicatorKind::Sha512),
        _ => None,
    }
}
