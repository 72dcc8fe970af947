//! MITRE ATT&CK as it stands in an index: techniques by their numbers, who uses them, what helps.
//!
//! Only what holds is told of: revoked and deprecated objects stay in the index and can be asked
//! for by their numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Content, Direction, Index, Relation, StixId, StixObject};

/// A view of an index that knows how ATT&CK writes STIX.
#[derive(Debug)]
pub struct Attack<'a> {
    index: &'a Index,
    techniques: BTreeMap<&'a str, &'a StixObject>,
}

/// A technique, or a sub-technique.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackTechnique<'a> {
    /// Its number, such as T0800 or T1059.001.
    pub number: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The steps of an attack in which it is used, such as `initial-access`.
    pub tactics: Vec<&'a str>,
    /// The systems on which it is used; ATT&CK for ICS says "None" of each and tells assets
    /// instead.
    pub platforms: Vec<String>,
    /// Whether it is a sub-technique.
    pub is_subtechnique: bool,
    /// All else.
    pub object: &'a StixObject,
}

/// A group, a piece of software, a campaign, a tactic, a mitigation or an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackItem<'a> {
    /// Its number, such as G0032, S0603, C0028, TA0108, M0932 or A0008.
    pub number: &'a str,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its other names.
    pub aliases: Vec<String>,
    /// What the relation by which it was found says, with citations.
    pub how: Option<&'a str>,
    /// All else.
    pub object: &'a StixObject,
}

const MALWARE_AND_TOOLS: &[&str] = &["malware", "tool"];

impl<'a> Attack<'a> {
    /// The view of an index that holds ATT&CK, perhaps among other things.
    pub fn of(index: &'a Index) -> Self {
        let mut techniques = BTreeMap::new();
        for object in index.objects().filter(|object| object.id.kind() == "attack-pattern") {
            let Some(number) = object.attack_number() else { continue };
            // A number is never used twice, unless for one that took another's place.
            let held = techniques.entry(number).or_insert(object);
            if object.holds() && !held.holds() {
                *held = object;
            }
        }
        Self { index, techniques }
    }

    /// A technique by its number, whether or not it still holds.
    pub fn technique(&self, number: &str) -> Option<AttackTechnique<'a>> {
        self.techniques.get(number).and_then(|object| technique(object))
    }

    /// The techniques that hold, by number.
    pub fn techniques(&self) -> impl Iterator<Item = AttackTechnique<'a>> {
        self.techniques.values().filter(|object| object.holds()).filter_map(|object| technique(object))
    }

    /// What stands in place of a revoked object, however often it was revoked.
    pub fn replacement(&self, revoked: &StixId) -> Option<&'a StixObject> {
        // A chain that bites its own tail ends here.
        const LONGEST: usize = 16;
        let mut id = revoked;
        for _ in 0..LONGEST {
            let relations = self.index.relations(id);
            let next = relations
                .iter()
                .find(|relation| relation.name == "revoked-by" && relation.direction == Direction::Out)?;
            let object = next.object?;
            if !object.common.revoked {
                return Some(object);
            }
            id = &object.id;
        }
        None
    }

    /// The tactics, in the order of the bundle.
    pub fn tactics(&self) -> Vec<AttackItem<'a>> {
        self.all(&["x-mitre-tactic"])
    }

    /// The tactics of a technique.
    pub fn tactics_of(&self, technique: &AttackTechnique<'_>) -> Vec<AttackItem<'a>> {
        let short = |tactic: &AttackItem<'_>| tactic.object.further.get::<String>("x_mitre_shortname");
        let mut tactics = self.tactics();
        tactics
            .retain(|tactic| short(tactic).is_some_and(|short| technique.tactics.contains(&short.as_str())));
        tactics
    }

    /// The groups, in the order of the bundle.
    pub fn groups(&self) -> Vec<AttackItem<'a>> {
        self.all(&["intrusion-set"])
    }

    /// The groups known by a name, in any case.
    pub fn groups_called(&self, name: &str) -> Vec<AttackItem<'a>> {
        let mut groups = self.groups();
        groups.retain(|group| {
            let mut names = group.aliases.iter().map(String::as_str).chain([&*group.name]);
            names.any(|known| known.eq_ignore_ascii_case(name))
        });
        groups
    }

    /// The software, in the order of the bundle.
    pub fn software(&self) -> Vec<AttackItem<'a>> {
        self.all(MALWARE_AND_TOOLS)
    }

    /// The groups that use a technique or a piece of software, by their own hand.
    pub fn groups_using(&self, id: &StixId) -> Vec<AttackItem<'a>> {
        self.related(id, "uses", Direction::In, &["intrusion-set"])
    }

    /// The campaigns in which a technique or a piece of software was used.
    pub fn campaigns_using(&self, id: &StixId) -> Vec<AttackItem<'a>> {
        self.related(id, "uses", Direction::In, &["campaign"])
    }

    /// The software that uses a technique.
    pub fn software_using(&self, id: &StixId) -> Vec<AttackItem<'a>> {
        self.related(id, "uses", Direction::In, MALWARE_AND_TOOLS)
    }

    /// The software that a group or a campaign uses.
    pub fn software_used_by(&self, id: &StixId) -> Vec<AttackItem<'a>> {
        self.related(id, "uses", Direction::Out, MALWARE_AND_TOOLS)
    }

    /// The techniques that a group, a campaign or a piece of software uses.
    pub fn techniques_used_by(&self, id: &StixId) -> Vec<AttackTechnique<'a>> {
        let used = self.relations(id, "uses", Direction::Out);
        used.into_iter().filter_map(|relation| technique(relation.object?)).collect()
    }

    /// The groups to which a campaign is attributed.
    pub fn groups_behind(&self, campaign: &StixId) -> Vec<AttackItem<'a>> {
        self.related(campaign, "attributed-to", Direction::Out, &["intrusion-set"])
    }

    /// What helps against a technique.
    pub fn mitigations(&self, technique: &StixId) -> Vec<AttackItem<'a>> {
        self.related(technique, "mitigates", Direction::In, &["course-of-action"])
    }

    /// The kinds of equipment that a technique is aimed at; known of ATT&CK for ICS alone.
    pub fn assets_targeted(&self, technique: &StixId) -> Vec<AttackItem<'a>> {
        self.related(technique, "targets", Direction::Out, &["x-mitre-asset"])
    }

    fn all(&self, kinds: &[&str]) -> Vec<AttackItem<'a>> {
        let objects =
            self.index.objects().filter(|object| object.holds() && kinds.contains(&object.id.kind()));
        objects.filter_map(|object| item(object, None)).collect()
    }

    fn related(&self, id: &StixId, name: &str, direction: Direction, kinds: &[&str]) -> Vec<AttackItem<'a>> {
        let relations = self.relations(id, name, direction).into_iter();
        let relations = relations.filter(|relation| kinds.contains(&relation.other.kind()));
        relations.filter_map(|relation| item(relation.object?, relation.through)).collect()
    }

    /// The relationships of an object, where both they and the other object hold.
    fn relations(&self, id: &StixId, name: &str, direction: Direction) -> Vec<Relation<'a>> {
        let mut relations = self.index.relations(id);
        relations.retain(|relation| {
            relation.name == name
                && relation.direction == direction
                && relation.through.is_some_and(StixObject::holds)
                && relation.object.is_some_and(StixObject::holds)
        });
        relations
    }
}

impl StixObject {
    /// The number under which ATT&CK knows it, such as T0859. Objects that no longer hold may still name
    /// ATT&CK for ICS by the name it had apart.
    pub fn attack_number(&self) -> Option<&str> {
        let mut references = self.common.external_references.iter();
        let ours = references.find(|reference| is_attack(&reference.source_name));
        ours.and_then(|reference| reference.external_id.as_deref())
    }

    /// The tactics of ATT&CK in which a technique is used, such as `initial-access`.
    pub fn attack_tactics(&self) -> Vec<&str> {
        let Content::AttackPattern(pattern) = &self.content else { return Vec::new() };
        let phases = pattern.kill_chain_phases.iter().filter(|phase| is_attack(&phase.kill_chain_name));
        phases.map(|phase| phase.phase_name.as_str()).collect()
    }
}

fn is_attack(name: &str) -> bool {
    matches!(name, "mitre-attack" | "mitre-ics-attack" | "mitre-mobile-attack")
}

fn technique(object: &StixObject) -> Option<AttackTechnique<'_>> {
    let Content::AttackPattern(pattern) = &object.content else { return None };
    Some(AttackTechnique {
        number: object.attack_number()?,
        name: &pattern.name,
        tactics: object.attack_tactics(),
        platforms: object.further.get("x_mitre_platforms").unwrap_or_default(),
        is_subtechnique: object.further.get("x_mitre_is_subtechnique").unwrap_or(false),
        object,
    })
}

fn item<'a>(object: &'a StixObject, through: Option<&'a StixObject>) -> Option<AttackItem<'a>> {
    let aliases = match &object.content {
        Content::IntrusionSet(group) => group.aliases.clone(),
        Content::Campaign(campaign) => campaign.aliases.clone(),
        // ATT&CK has had a property of its own since before STIX had aliases of software.
        _ => object.further.get("x_mitre_aliases").unwrap_or_default(),
    };
    let how = through.and_then(|through| match &through.content {
        Content::Relationship(relationship) => {
            relationship.description.as_deref().filter(|how| !how.is_empty())
        }
        _ => None,
    });
    let name = object.name()?;
    let aliases = aliases.into_iter().filter(|alias| *alias != name).collect();
    Some(AttackItem { number: object.attack_number()?, name, aliases, how, object })
}
