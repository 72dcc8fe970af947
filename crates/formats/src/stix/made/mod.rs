//! STIX 2.1 that we write: what was observed as its objects, what to look for as its patterns, and who may read it.
//!
//! Who writes a bundle puts them together; nothing here is looked up, and every value is written as JSON escapes it.

mod observable;
mod pattern;

use serde_json::{Map, Value, json};

use super::marking;
use crate::{
    Tlp,
    name_uuid::{hyphenated, name_uuid},
};

pub use observable::{Observed, observed};

/// The namespace of observables' identifiers (section 2.9).
const OF_OBSERVABLES: u128 = 0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7;

/// The identifier of an object that a maker gives again whenever it tells of the same thing: by a name within a namespace
/// of its own.
pub fn named_id(kind: &str, namespace: u128, name: &str) -> String {
    format!("{kind}--{}", hyphenated(name_uuid(namespace, name.as_bytes())))
}

/// The identifier of an observable: of what contributes to it, as canonical JSON (RFC 8785). Whoever observes the same
/// gives it the same.
fn observable_id(kind: &str, contributing: &Map<String, Value>) -> String {
    // The names are in the order of their letters, as the standard asks: serde_json's maps are.
    let canonical = Value::Object(contributing.clone()).to_string();
    named_id(kind, OF_OBSERVABLES, &canonical)
}

/// The identifier of the marking of this level, as OASIS gave it for TLP 2.0.
pub fn tlp_id(tlp: Tlp) -> String {
    format!("marking-definition--{}", hyphenated(marking::of_tlp_2(tlp)))
}

/// The marking of this level: the object that OASIS publishes.
pub fn tlp_marking(tlp: Tlp) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": tlp_id(tlp),
        "created": "2022-10-01T00:00:00.000Z", "name": tlp.to_string(),
        "extensions": { (marking::TLP_2_EXTENSION): {"extension_type": "property-extension", "tlp_2_0": tlp.code()}},
    })
}

#[cfg(test)]
mod tests;
