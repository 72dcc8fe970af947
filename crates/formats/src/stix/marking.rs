//! Markings: how far an object may travel (STIX 2.1, section 7.2, and the TLP 2.0 extension).

use std::collections::HashSet;

use serde::Deserialize;

use super::{Content, StixId, StixObject};
use crate::Tlp;

/// The markings whose identifiers are fixed, so that a bundle need not define them: those of TLP 1
/// (section 7.2.1.4) and those of the OASIS extension for TLP 2.0.
const WELL_KNOWN: [(u128, Tlp); 9] = [
    (0x613f_2e26_407d_48c7_9eca_b8e9_1df9_9dc9, Tlp::Clear),
    (0x3409_8fce_860f_48ae_8e50_ebd3_cc5e_41da, Tlp::Green),
    (0xf88d_31f6_486f_44da_b317_0133_3bde_0b82, Tlp::Amber),
    (0x5e57_c739_391a_4eb3_b6be_7d15_ca92_d5ed, Tlp::Red),
    (0x9486_8c89_83c2_464b_929b_a1a8_aa3c_8487, Tlp::Clear),
    (0xbab4_a63c_aed9_4cf5_a766_dfca_5aba_c2bb, Tlp::Green),
    (0x55d9_20b0_5e8b_4f79_9ee9_91f8_68d9_b421, Tlp::Amber),
    (0x939a_9414_2ddd_4d32_a0cd_375e_a402_b003, Tlp::AmberStrict),
    (0xe828_b379_4e03_4974_9ac4_e53a_884c_97c1, Tlp::Red),
];

/// The identifier that OASIS gave a level of TLP 2.0.
pub(super) const fn of_tlp_2(tlp: Tlp) -> u128 {
    // Behind the four of TLP 1, the widest first.
    WELL_KNOWN[4 + tlp as usize].0
}

/// The extension by which a marking says its TLP 2.0 level.
pub(super) const TLP_2_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// The level that a well-known identifier stands for.
pub(super) fn well_known(id: &StixId) -> Option<Tlp> {
    let mut known = WELL_KNOWN.iter();
    known.find(|(uuid, _)| *id == StixId::known("marking-definition", *uuid)).map(|(_, tlp)| *tlp)
}

/// What a marking says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A level of the Traffic Light Protocol.
    Tlp(Tlp),
    /// A sentence, such as a notice of copyright.
    Statement(String),
    /// Something that is not known here, such as another scheme's level.
    Other,
}

impl StixObject {
    /// What a marking says; none for other objects.
    pub fn definition(&self) -> Option<Definition> {
        let Content::MarkingDefinition(marking) = &self.content else { return None };
        let text = |name| {
            let value = marking.definition.get(name)?;
            serde_json::from_str::<String>(value).ok()
        };
        // The identifier binds, whatever a bundle writes under it.
        if let Some(tlp) = well_known(&self.id) {
            return Some(Definition::Tlp(tlp));
        }
        if let Some(extension) = self.common.extensions.get(TLP_2_EXTENSION) {
            #[derive(Deserialize)]
            struct Level {
                tlp_2_0: Tlp,
            }
            let level = serde_json::from_str::<Level>(extension);
            return Some(level.map_or(Definition::Other, |level| Definition::Tlp(level.tlp_2_0)));
        }
        Some(match marking.definition_type.as_deref() {
            Some("tlp") => text("tlp").and_then(|level| level.parse().ok()).map(Definition::Tlp),
            Some("statement") => text("statement").map(Definition::Statement),
            _ => None,
        })
        .map(|definition| definition.unwrap_or(Definition::Other))
    }
}

/// The markings of an object, put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marking<'a> {
    /// The narrowest level of the object or of any part of it; none where nobody marked it.
    pub tlp: Option<Tlp>,
    /// The sentences that go with it.
    pub statements: Vec<String>,
    /// Markings that say nothing here: they are not defined in what was read, or in a way that is
    /// not known.
    pub unknown: Vec<&'a StixId>,
}

impl<'a> Marking<'a> {
    /// The markings of `object`, each defined by `find` unless its identifier is well known.
    pub(super) fn of(object: &'a StixObject, find: impl Fn(&StixId) -> Option<&'a StixObject>) -> Self {
        let mut marking = Self::default();
        // A hostile object may name a hundred thousand markings, or one of them as often.
        let (mut seen, mut said) = (HashSet::new(), HashSet::new());
        let parts = object.common.granular_markings.iter().filter_map(|part| part.marking_ref.as_ref());
        for id in object.common.object_marking_refs.iter().chain(parts).filter(|id| seen.insert(*id)) {
            let known = well_known(id).map(Definition::Tlp);
            match known.or_else(|| find(id).and_then(StixObject::definition)) {
                Some(Definition::Tlp(tlp)) => marking.tlp = marking.tlp.max(Some(tlp)),
                Some(Definition::Statement(statement)) => {
                    if said.insert(statement.clone()) {
                        marking.statements.push(statement);
                    }
                }
                Some(Definition::Other) | None => marking.unknown.push(id),
            }
        }
        marking
    }

    /// The level, where all is known. An unknown marking may be narrower than any that is known, so
    /// the object must not be taken for CLEAR; an unmarked one is for the caller to judge.
    pub fn certain(&self) -> Result<Option<Tlp>, UnknownMarking> {
        match self.unknown.first() {
            None => Ok(self.tlp),
            Some(id) => Err(UnknownMarking { first: (*id).clone(), count: self.unknown.len() }),
        }
    }
}

/// An object whose markings are not all known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Of the object's markings {count} cannot be read, the first being {first}: how far it may travel is not known."
)]
pub struct UnknownMarking {
    first: StixId,
    count: usize,
}
