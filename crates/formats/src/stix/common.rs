//! What objects of every type may say (STIX 2.1, section 3.2), and the small parts they share.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use super::{StixId, moment};

/// The common properties. Which of them must be there depends on the type.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Common {
    /// The version of STIX, such as 2.1; STIX 2.0 does not say it on an object.
    pub spec_version: Option<String>,
    /// Who made the object.
    pub created_by_ref: Option<StixId>,
    /// When the object was first made.
    #[serde(default, deserialize_with = "moment::optional")]
    pub created: Option<Timestamp>,
    /// When this version of it was made. Observables and markings have no versions.
    #[serde(default, deserialize_with = "moment::optional")]
    pub modified: Option<Timestamp>,
    /// Whether its maker has taken it back.
    #[serde(default)]
    pub revoked: bool,
    /// Free words, such as `ransomware`.
    #[serde(default)]
    pub labels: Vec<String>,
    /// How sure its maker is, from 0 to 100.
    #[serde(default, deserialize_with = "confidence")]
    pub confidence: Option<u8>,
    /// The language of its texts, such as `en`.
    pub lang: Option<String>,
    /// Where else it is described.
    #[serde(default)]
    pub external_references: Vec<ExternalReference>,
    /// The markings of the whole object.
    #[serde(default)]
    pub object_marking_refs: Vec<StixId>,
    /// The markings of parts of it.
    #[serde(default)]
    pub granular_markings: Vec<GranularMarking>,
    /// Extensions: what each adds, as JSON, under the identifier of its definition.
    #[serde(default, deserialize_with = "raw_values")]
    pub extensions: BTreeMap<String, String>,
    /// Whether an observable was defanged (section 3.2; `hxxp` for `http`).
    #[serde(default)]
    pub defanged: bool,
}

/// A description outside STIX (section 2.5), such as a CVE record or a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExternalReference {
    /// Who describes it there, such as `cve` or `mitre-attack`; empty where it is left out, which must not cost the
    /// others.
    #[serde(default)]
    pub source_name: String,
    /// What it is.
    pub description: Option<String>,
    /// Where it is; any text, so to be checked before it becomes a link.
    pub url: Option<String>,
    /// The hashes of what stands there, by algorithm.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
    /// What it is called there, such as `CVE-2017-0144` or `T0800`.
    pub external_id: Option<String>,
}

/// A step of a kill chain (section 2.11), such as a tactic of ATT&CK.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KillChainPhase {
    /// The kill chain, such as `mitre-ics-attack`.
    pub kill_chain_name: String,
    /// The step, such as `initial-access-ics`.
    pub phase_name: String,
}

/// A marking, or a language, of parts of an object (section 7.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GranularMarking {
    /// The marking; none where only the language is told.
    pub marking_ref: Option<StixId>,
    /// The language of those parts.
    pub lang: Option<String>,
    /// The parts, such as `description` or `labels.[0]`.
    pub selectors: Vec<String>,
}

fn confidence<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    let value = i64::deserialize(from)?;
    let within = u8::try_from(value).ok().filter(|&value| value <= 100);
    within.map(Some).ok_or_else(|| D::Error::custom(format!("{value} is not between 0 and 100")))
}

/// A dictionary whose values are kept as the JSON that they are.
pub(super) fn raw_values<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = BTreeMap::<String, &RawValue>::deserialize(from)?;
    Ok(values.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect())
}
