//! The meta objects of STIX 2.1, section 7: extensions, languages and markings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::common::raw_values;
use super::{StixId, moment};

/// What an extension adds to STIX (section 7.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExtensionDefinition {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// The schema that defines it, or where that stands.
    pub schema: String,
    /// Its version.
    pub version: String,
    /// Whether it adds types or properties, such as `new-sdo`.
    pub extension_types: Vec<String>,
    /// The properties that it adds at the top level.
    #[serde(default)]
    pub extension_properties: Vec<String>,
}

/// The texts of an object in other languages (section 7.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LanguageContent {
    /// The object.
    pub object_ref: StixId,
    /// The version of it that was translated.
    #[serde(default, deserialize_with = "moment::optional")]
    pub object_modified: Option<Timestamp>,
    /// For each language the properties in it, as JSON.
    #[serde(deserialize_with = "raw_values")]
    pub contents: BTreeMap<String, String>,
}

/// How far marked objects may travel (section 7.2.1). What it means is told by
/// [`StixObject::definition`](super::StixObject::definition).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MarkingDefinition {
    /// Its name.
    pub name: Option<String>,
    /// What it is: `tlp` or `statement`; none where an extension says it.
    pub definition_type: Option<String>,
    /// The marking.
    #[serde(default, deserialize_with = "raw_values")]
    pub definition: BTreeMap<String, String>,
}
