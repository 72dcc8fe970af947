//! What an object says by its type: the domain objects of STIX 2.1, section 4, the two relationship
//! objects of section 5, and what is left.

use super::domain::{
    AttackPattern, Campaign, Grouping, Identity, IndicatorObject, Infrastructure, IntrusionSet, Location,
    Malware, MalwareAnalysis, Named, Note, Opinion, Report, ThreatActor, Tool,
};
use super::meta::{ExtensionDefinition, LanguageContent, MarkingDefinition};
use super::observable::{Observable, Observation};
use super::properties::names_of;
use super::relating::{Relationship, Sighting};
use super::tolerant::Tolerant;
use crate::Refusal;

/// Declares the types of object: for each a variant, the name in the document and what is read.
macro_rules! contents {
    ($($(#[$doc:meta])* $variant:ident($read:ty) = $name:literal,)*) => {
        /// What an object says beyond the common properties.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Content {
            $($(#[$doc])* $variant(Box<$read>),)*
            /// One of the 18 kinds of observable (section 6): an address, a file, an account.
            Observable(Box<Observable>),
            /// A type that the standard does not have, such as `x-mitre-tactic`: all it says is among the
            /// further properties.
            Custom,
        }

        impl Content {
            /// Reads what an object of type `kind` says.
            pub(super) fn read(kind: &str, object: &mut Tolerant<'_>) -> Result<Self, Refusal> {
                match kind {
                    $($name => Ok(Self::$variant(Box::new(object.parse()?))),)*
                    _ if Observable::is(kind) => Ok(Self::Observable(Box::new(object.parse()?))),
                    _ => Ok(Self::Custom),
                }
            }

            /// The properties that are read of an object of type `kind`, beyond the common ones.
            pub(super) fn properties(kind: &str) -> &'static [&'static str] {
                match kind {
                    $($name => names_of::<$read>(),)*
                    _ if Observable::is(kind) => names_of::<Observable>(),
                    _ => &[],
                }
            }
        }
    };
}

contents! {
    /// A way of attacking.
    AttackPattern(AttackPattern) = "attack-pattern",
    /// Attacks of one time with one aim.
    Campaign(Campaign) = "campaign",
    /// What can be done against a threat.
    CourseOfAction(Named) = "course-of-action",
    /// Objects that belong together.
    Grouping(Grouping) = "grouping",
    /// A person, an organisation, a sector.
    Identity(Identity) = "identity",
    /// An incident, of which the standard has hardly more than the name.
    Incident(Named) = "incident",
    /// By what a threat is noticed.
    Indicator(IndicatorObject) = "indicator",
    /// What attackers attack from.
    Infrastructure(Infrastructure) = "infrastructure",
    /// Attacks believed to come from one hand.
    IntrusionSet(IntrusionSet) = "intrusion-set",
    /// A place.
    Location(Location) = "location",
    /// Malware, or a family of it.
    Malware(Malware) = "malware",
    /// What an analysis of malware found.
    MalwareAnalysis(MalwareAnalysis) = "malware-analysis",
    /// A note about other objects.
    Note(Note) = "note",
    /// What was seen on systems and networks.
    ObservedData(Observation) = "observed-data",
    /// Whether somebody agrees with other objects.
    Opinion(Opinion) = "opinion",
    /// A report, with the objects it is about.
    Report(Report) = "report",
    /// A person or group that attacks.
    ThreatActor(ThreatActor) = "threat-actor",
    /// Lawful software that attackers use too.
    Tool(Tool) = "tool",
    /// A weakness.
    Vulnerability(Named) = "vulnerability",
    /// That one object has to do with another.
    Relationship(Relationship) = "relationship",
    /// That something was seen.
    Sighting(Sighting) = "sighting",
    /// What an extension adds to STIX.
    ExtensionDefinition(ExtensionDefinition) = "extension-definition",
    /// The texts of an object in other languages.
    LanguageContent(LanguageContent) = "language-content",
    /// How far marked objects may travel.
    MarkingDefinition(MarkingDefinition) = "marking-definition",
}
