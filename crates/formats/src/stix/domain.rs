//! The domain objects of STIX 2.1, section 4, with the properties that each adds to the common ones.
//!
//! What the standard requires must be there; what only STIX 2.1 requires may be missing, so that
//! bundles of STIX 2.0 are read as well.

use jiff::Timestamp;
use serde::Deserialize;

use super::common::KillChainPhase;
use super::{StixId, moment};

/// A way of attacking (section 4.1), such as a technique of ATT&CK.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AttackPattern {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where in an attack it is used.
    #[serde(default)]
    pub kill_chain_phases: Vec<KillChainPhase>,
}

/// Attacks of one time with one aim (section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
    /// What it is after.
    pub objective: Option<String>,
}

/// A course of action, an incident or a vulnerability (sections 4.3, 4.6 and 4.19): of these the
/// standard has the name and the text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Its name; of a vulnerability most often its CVE number.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
}

/// Objects that belong together (section 4.4), short of a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grouping {
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Why they belong together, such as `suspicious-activity`.
    pub context: String,
    /// The objects.
    #[serde(default)]
    pub object_refs: Vec<StixId>,
}

/// A person, an organisation, a sector (section 4.5).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// Who that is.
    pub description: Option<String>,
    /// What it does.
    #[serde(default)]
    pub roles: Vec<String>,
    /// What kind it is, such as `organization`.
    pub identity_class: Option<String>,
    /// The sectors it belongs to, such as `healthcare`.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// How it can be reached; free text.
    pub contact_information: Option<String>,
}

/// By what a threat is noticed (section 4.7).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IndicatorObject {
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// What it points to, such as `malicious-activity`.
    #[serde(default)]
    pub indicator_types: Vec<String>,
    /// The pattern.
    pub pattern: String,
    /// The language of the pattern, such as `stix`, `snort` or `yara`; STIX 2.0, which has but one,
    /// does not say it.
    pub pattern_type: Option<String>,
    /// The version of that language.
    pub pattern_version: Option<String>,
    /// From when it holds.
    #[serde(deserialize_with = "moment::required")]
    pub valid_from: Timestamp,
    /// Until when it holds.
    #[serde(default, deserialize_with = "moment::optional")]
    pub valid_until: Option<Timestamp>,
    /// What step of an attack it points to.
    #[serde(default)]
    pub kill_chain_phases: Vec<KillChainPhase>,
}

/// What attackers attack from (section 4.8).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Infrastructure {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// What it is for, such as `command-and-control`.
    #[serde(default)]
    pub infrastructure_types: Vec<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where in an attack it is used.
    #[serde(default)]
    pub kill_chain_phases: Vec<KillChainPhase>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
}

/// Attacks believed to come from one hand (section 4.9); a group, as ATT&CK calls it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IntrusionSet {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
    /// What it wants.
    #[serde(default)]
    pub goals: Vec<String>,
    /// Its means, such as `government`.
    pub resource_level: Option<String>,
    /// Why it attacks, above all.
    pub primary_motivation: Option<String>,
    /// Why else.
    #[serde(default)]
    pub secondary_motivations: Vec<String>,
}

/// A place (section 4.10).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Location {
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The region, such as `northern-europe`.
    pub region: Option<String>,
    /// The country, as ISO 3166-1 codes it.
    pub country: Option<String>,
    /// The county or state.
    pub administrative_area: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The street.
    pub street_address: Option<String>,
    /// The postcode.
    pub postal_code: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// How many metres it may be off.
    pub precision: Option<f64>,
}

/// Malware, or a family of it (section 4.11).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Malware {
    /// Its name; a single file may have none.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// What it does, such as `ransomware`.
    #[serde(default)]
    pub malware_types: Vec<String>,
    /// Whether it is a family rather than one program; STIX 2.0 does not say it.
    pub is_family: Option<bool>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where in an attack it is used.
    #[serde(default)]
    pub kill_chain_phases: Vec<KillChainPhase>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
    /// The systems it runs on.
    #[serde(default)]
    pub operating_system_refs: Vec<StixId>,
    /// The processors it runs on.
    #[serde(default)]
    pub architecture_execution_envs: Vec<String>,
    /// The languages it is written in.
    #[serde(default)]
    pub implementation_languages: Vec<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Samples of it.
    #[serde(default)]
    pub sample_refs: Vec<StixId>,
}

/// What an analysis of malware found (section 4.12).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MalwareAnalysis {
    /// What analysed it.
    pub product: String,
    /// The version of that.
    pub version: Option<String>,
    /// The version of its configuration.
    pub configuration_version: Option<String>,
    /// What it analysed with.
    #[serde(default)]
    pub modules: Vec<String>,
    /// The version of its engine.
    pub analysis_engine_version: Option<String>,
    /// The version of its definitions.
    pub analysis_definition_version: Option<String>,
    /// When the sample was handed in.
    #[serde(default, deserialize_with = "moment::optional")]
    pub submitted: Option<Timestamp>,
    /// When the analysis began.
    #[serde(default, deserialize_with = "moment::optional")]
    pub analysis_started: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "moment::optional")]
    pub analysis_ended: Option<Timestamp>,
    /// What the product calls what it found.
    pub result_name: Option<String>,
    /// What it found, such as `malicious`.
    pub result: Option<String>,
    /// The machine it ran on.
    pub host_vm_ref: Option<StixId>,
    /// The system it ran on.
    pub operating_system_ref: Option<StixId>,
    /// What else ran there.
    #[serde(default)]
    pub installed_software_refs: Vec<StixId>,
    /// What was seen.
    #[serde(default)]
    pub analysis_sco_refs: Vec<StixId>,
    /// What was analysed.
    pub sample_ref: Option<StixId>,
}

/// A note about other objects (section 4.13).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Note {
    /// It in short.
    #[serde(rename = "abstract")]
    pub in_short: Option<String>,
    /// The note.
    pub content: String,
    /// Who wrote it.
    #[serde(default)]
    pub authors: Vec<String>,
    /// What it is about.
    #[serde(default)]
    pub object_refs: Vec<StixId>,
}

/// Whether somebody agrees with other objects (section 4.15).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Opinion {
    /// From `strongly-disagree` to `strongly-agree`.
    pub opinion: String,
    /// Why.
    pub explanation: Option<String>,
    /// Who thinks so.
    #[serde(default)]
    pub authors: Vec<String>,
    /// About what.
    #[serde(default)]
    pub object_refs: Vec<StixId>,
}

/// A report, with the objects it is about (section 4.16).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Report {
    /// Its title.
    pub name: String,
    /// What it says.
    pub description: Option<String>,
    /// What it is about, such as `campaign`.
    #[serde(default)]
    pub report_types: Vec<String>,
    /// When it was published.
    #[serde(deserialize_with = "moment::required")]
    pub published: Timestamp,
    /// The objects it is about.
    #[serde(default)]
    pub object_refs: Vec<StixId>,
}

/// A person or group that attacks (section 4.17).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ThreatActor {
    /// The name.
    pub name: String,
    /// Who that is.
    pub description: Option<String>,
    /// What kind, such as `crime-syndicate`.
    #[serde(default)]
    pub threat_actor_types: Vec<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
    /// What it does, such as `director`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// What it wants.
    #[serde(default)]
    pub goals: Vec<String>,
    /// What it is able to do, such as `expert`.
    pub sophistication: Option<String>,
    /// Its means, such as `organization`.
    pub resource_level: Option<String>,
    /// Why it attacks, above all.
    pub primary_motivation: Option<String>,
    /// Why else.
    #[serde(default)]
    pub secondary_motivations: Vec<String>,
    /// Why its members do.
    #[serde(default)]
    pub personal_motivations: Vec<String>,
}

/// Lawful software that attackers use too (section 4.18).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// What it does, such as `remote-access`.
    #[serde(default)]
    pub tool_types: Vec<String>,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where in an attack it is used.
    #[serde(default)]
    pub kill_chain_phases: Vec<KillChainPhase>,
    /// Its version.
    pub tool_version: Option<String>,
}
