//! What an object is called: its type and a UUID (STIX 2.1, section 2.9).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

use crate::refusal::excerpt;

/// The longest name of a type (section 11.2).
const LONGEST_TYPE: usize = 250;

/// The names of types that the standard and ATT&CK know, in order. They are kept once rather than in each of
/// a report's ten thousand references.
pub const KNOWN_TYPES: &[&str] = &[
    "artifact",
    "attack-pattern",
    "autonomous-system",
    "bundle",
    "campaign",
    "course-of-action",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "extension-definition",
    "file",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "ipv4-addr",
    "ipv6-addr",
    "language-content",
    "location",
    "mac-addr",
    "malware",
    "malware-analysis",
    "marking-definition",
    "mutex",
    "network-traffic",
    "note",
    "observed-data",
    "opinion",
    "process",
    "relationship",
    "report",
    "sighting",
    "software",
    "threat-actor",
    "tool",
    "url",
    "user-account",
    "vulnerability",
    "windows-registry-key",
    "x-mitre-analytic",
    "x-mitre-asset",
    "x-mitre-collection",
    "x-mitre-data-component",
    "x-mitre-data-source",
    "x-mitre-detection-strategy",
    "x-mitre-matrix",
    "x-mitre-tactic",
    "x509-certificate",
];

/// An object's identifier, such as `indicator--33fe3b22-0201-47cf-85d0-97c02164528d`.
///
/// Two that differ in the case of their letters name one object, as RFC 4122 has it; shown in
/// lower case, whatever the document wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct StixId {
    kind: Cow<'static, str>,
    uuid: u128,
}

/// A text that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0} is not a STIX identifier; one looks like indicator--33fe3b22-0201-47cf-85d0-97c02164528d, its type and a UUID"
)]
pub struct NotAStixId(String);

impl StixId {
    /// The type of the object that it names.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// An identifier of a type that the standard names.
    pub(super) const fn known(kind: &'static str, uuid: u128) -> Self {
        Self { kind: Cow::Borrowed(kind), uuid }
    }
}

/// The name of a type: small letters, digits and hyphens; an underscore is taken too, since
/// custom types carry one.
pub(super) fn is_type(text: &str) -> bool {
    (1..=LONGEST_TYPE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

/// The 128 bits of a UUID written with its hyphens. Its version is not asked for: published
/// bundles carry some of each.
fn uuid(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let digits: String = text.split('-').collect();
    let hexadecimal = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}

impl FromStr for StixId {
    type Err = NotAStixId;

    fn from_str(text: &str) -> Result<Self, NotAStixId> {
        let parts = text.rsplit_once("--").filter(|(kind, _)| is_type(kind));
        let (kind, uuid) = parts
            .and_then(|(kind, rest)| Some((kind, uuid(rest)?)))
            .ok_or_else(|| NotAStixId(excerpt(text)))?;
        let kind = match KNOWN_TYPES.binary_search(&kind) {
            Ok(place) => Cow::Borrowed(KNOWN_TYPES[place]),
            Err(_) => Cow::Owned(kind.to_owned()),
        };
        Ok(Self { kind, uuid })
    }
}

impl TryFrom<Cow<'_, str>> for StixId {
    type Error = NotAStixId;

    fn try_from(text: Cow<'_, str>) -> Result<Self, NotAStixId> {
        text.parse()
    }
}

impl fmt::Display for StixId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.uuid);
        let (a, b, c) = (&digits[..8], &digits[8..12], &digits[12..16]);
        write!(f, "{}--{a}-{b}-{c}-{}-{}", self.kind, &digits[16..20], &digits[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for text in [
            "indicator--33fe3b22-0201-47cf-85d0-97c02164528d",
            "x509-certificate--00000000-0000-0000-0000-000000000000",
            "x-made--by_us--33fe3b22-0201-47cf-85d0-97c02164528d",
        ] {
            assert_eq!(text.parse::<StixId>().unwrap().to_string(), text);
        }
        let upper: StixId = "malware--33FE3B22-0201-47CF-85D0-97C02164528D".parse().unwrap();
        assert_eq!(upper.to_string(), "malware--33fe3b22-0201-47cf-85d0-97c02164528d");
    }

    #[test]
    fn refuses_what_is_no_identifier() {
        for text in [
            "",
            "--",
            "indicator",
            "indicator--",
            "--33fe3b22-0201-47cf-85d0-97c02164528d",
            "Indicator--33fe3b22-0201-47cf-85d0-97c02164528d",
            "indicator--33fe3b22-0201-47cf-85d0-97c02164528",
            "indicator--33fe3b22-0201-47cf-85d0-97c02164528g",
            "indicator--+3fe3b22-0201-47cf-85d0-97c02164528d",
            "indicator--33fe3b22002012-47cf-85d0-97c021645-8d",
            "indicator--33fe3b22-0201-47cf-85d0-97c0216452é",
            &"x".repeat(1_000_000),
        ] {
            let refused = text.parse::<StixId>().unwrap_err();
            assert!(refused.to_string().len() < 300, "{text}");
        }
    }

    #[test]
    fn known_types_are_in_order_so_that_they_are_found() {
        assert!(KNOWN_TYPES.is_sorted());
    }
}
