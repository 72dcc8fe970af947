//! An object as it is kept: what many are looked up by, and which others it names.

use formats::stix::{Content, StixId, StixObject};
use sha2::{Digest, Sha256};

use crate::threat::{
    intake::cut,
    store::objects::{NewObject, NewRelation},
};

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 300;
/// The longest number and the longest name of a relation: they stand in an index.
const LONGEST_WORD: usize = 100;

/// The types of object that may become statements, as the statements of [`objects`](crate::threat::store::objects) have
/// them too.
const THREATS: [&str; 8] = [
    "attack-pattern",
    "campaign",
    "intrusion-set",
    "malware",
    "report",
    "threat-actor",
    "tool",
    "vulnerability",
];

/// An object on its way to being kept.
pub(super) struct Object {
    pub line: u64,
    pub new: NewObject,
    /// What of it could not be read.
    pub unread: Vec<String>,
    pub relations: Vec<NewRelation>,
    /// The vulnerability of which it says that something exploits it, or that this no longer holds.
    pub exploits: Option<String>,
}

impl Object {
    pub(super) fn of(object: &StixObject) -> Self {
        let cves: Vec<_> = object.cves().iter().map(ToString::to_string).collect();
        let new = NewObject {
            object: object.id.to_string(),
            kind: object.id.kind().to_owned(),
            name: object.name().map(|name| cut(&name, LONGEST_NAME)).unwrap_or_default(),
            number: object.attack_number().map(|number| cut(number, LONGEST_WORD)).unwrap_or_default(),
            cves: cves.join(" "),
            verbatim: object.verbatim.clone(),
            hash: Sha256::digest(&object.verbatim).into(),
            modified: object.version(),
        };
        let exploits = match &object.content {
            Content::Relationship(relationship) if relationship.relationship_type == "exploits" => {
                Some(relationship.target_ref.to_string())
            }
            _ => None,
        };
        Self { line: object.line, new, unread: object.unread.clone(), relations: relations(object), exploits }
    }

    /// How many bytes it takes, about.
    pub(super) fn weight(&self) -> usize {
        self.new.verbatim.len() + self.relations.len() * 200
    }

    /// Whether another text of it says the same.
    pub(super) fn says(&self, verbatim: &str) -> bool {
        super::again(&self.new.verbatim).is_some_and(|object| object.says(verbatim))
    }
}

/// What an object says of others. What was taken back is no longer said.
fn relations(object: &StixObject) -> Vec<NewRelation> {
    let mut relations = Vec::new();
    let relationship = match &object.content {
        Content::Relationship(relationship) => Some(relationship),
        _ => None,
    };
    if let Some(relationship) = relationship.filter(|_| object.holds()) {
        relations.push(NewRelation {
            source: relationship.source_ref.to_string(),
            name: cut(&relationship.relationship_type, LONGEST_WORD),
            target: relationship.target_ref.to_string(),
            told: true,
        });
    }
    let named = |name: &str, target: &StixId| NewRelation {
        source: object.id.to_string(),
        name: cut(name, LONGEST_WORD),
        target: target.to_string(),
        told: object.holds() && matches!(name, "object_refs" | "sighting_of_ref"),
    };
    // Who made it and how it is marked is asked of what may become a statement, and of nothing else: three quarters
    // of what there is are relationships.
    let matters = |relation: &NewRelation| relation.told || THREATS.contains(&object.id.kind());
    let all = object.references.iter().map(|reference| named(&reference.property, &reference.target));
    relations.extend(all.filter(matters));
    let parts = object.common.granular_markings.iter().filter_map(|part| part.marking_ref.as_ref());
    relations.extend(parts.map(|marking| named("object_marking_refs", marking)).filter(matters));
    // Each is said once.
    relations.sort_unstable();
    relations.dedup();
    relations
}
