//! The two relationship objects of STIX 2.1, section 5.

use jiff::Timestamp;
use serde::Deserialize;

use super::{StixId, moment};

/// That one object has to do with another (section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Relationship {
    /// What the source does to the target, such as `uses` or `mitigates`.
    pub relationship_type: String,
    /// More about it.
    pub description: Option<String>,
    /// The object from which it leads.
    pub source_ref: StixId,
    /// The object to which it leads.
    pub target_ref: StixId,
    /// From when it held.
    #[serde(default, deserialize_with = "moment::optional")]
    pub start_time: Option<Timestamp>,
    /// Until when it held.
    #[serde(default, deserialize_with = "moment::optional")]
    pub stop_time: Option<Timestamp>,
}

/// That something was seen (section 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sighting {
    /// More about it.
    pub description: Option<String>,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment::optional")]
    pub last_seen: Option<Timestamp>,
    /// How often it was seen.
    pub count: Option<u64>,
    /// What was seen.
    pub sighting_of_ref: StixId,
    /// The observations it rests on.
    #[serde(default)]
    pub observed_data_refs: Vec<StixId>,
    /// Who or where it was seen.
    #[serde(default)]
    pub where_sighted_refs: Vec<StixId>,
    /// Whether it stands for several sightings.
    #[serde(default)]
    pub summary: bool,
}
