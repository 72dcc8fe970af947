//! What a document says about itself: publisher, versions, marking (CSAF 2.0, 3.2.1).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::Serialize;

use super::lenient::{Fields, Node, Object};
use super::remark::RemarkKind;
use super::words::{DocumentStatus, Party};
use crate::Tlp;

/// Who published a document (3.2.1.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Publisher {
    /// What they are.
    pub category: Option<Party>,
    /// Their name.
    pub name: Option<String>,
    /// The address under which they publish.
    pub namespace: Option<String>,
    /// How to reach them.
    pub contact_details: Option<String>,
    /// By what authority they publish.
    pub issuing_authority: Option<String>,
}

/// How a document is told from others, and from its own earlier versions (3.2.1.12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tracking {
    /// Its number, unique at its publisher, such as ICSMA-24-249-01.
    pub id: Option<String>,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Its version: a whole number, or three by semantic versioning.
    pub version: Option<String>,
    /// How finished it is.
    pub status: Option<DocumentStatus>,
    /// When this version was released.
    pub current_release_date: Option<Timestamp>,
    /// When the first was.
    pub initial_release_date: Option<Timestamp>,
    /// Its versions so far, in the document's order.
    pub revision_history: Vec<Revision>,
    /// What wrote the file.
    pub generator: Option<Generator>,
}

/// One version of a document (3.2.1.12.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Its number.
    pub number: Option<String>,
    /// What the publisher called it before CSAF.
    pub legacy_version: Option<String>,
    /// When it was released.
    pub date: Option<Timestamp>,
    /// What changed.
    pub summary: Option<String>,
}

/// The program that wrote a file (3.2.1.12.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Generator {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// When it wrote the file.
    pub date: Option<Timestamp>,
}

/// How far a document may travel (3.2.1.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// In words.
    pub text: Option<String>,
    /// By the Traffic Light Protocol.
    pub marking: Marking,
    /// The page that explains the marking.
    pub tlp_url: Option<String>,
}

/// What a document says of its Traffic Light Protocol marking. Silence and an unknown word are each
/// a case of their own, so that neither can pass for CLEAR.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Marking {
    /// It is marked so.
    Told(Tlp),
    /// It is marked, but not with a word of the protocol.
    Unreadable(String),
    /// It is not marked.
    #[default]
    NotTold,
}

/// How severe the publisher finds the whole (3.2.1.2), on a scale of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AggregateSeverity {
    /// In their word.
    pub text: String,
    /// The page that explains their scale.
    pub namespace: Option<String>,
}

const PUBLISHER: Fields = Fields {
    required: &["category", "name", "namespace"],
    optional: &["contact_details", "issuing_authority"],
};
const TRACKING: Fields = Fields {
    required: &[
        "current_release_date",
        "id",
        "initial_release_date",
        "revision_history",
        "status",
        "version",
    ],
    optional: &["aliases", "generator"],
};
const REVISION: Fields = Fields { required: &["date", "number", "summary"], optional: &["legacy_version"] };
const GENERATOR: Fields = Fields { required: &["engine"], optional: &["date"] };
const ENGINE: Fields = Fields { required: &["name"], optional: &["version"] };
const DISTRIBUTION: Fields = Fields { required: &[], optional: &["text", "tlp"] };
const TLP: Fields = Fields { required: &["label"], optional: &["url"] };
const SEVERITY: Fields = Fields { required: &["text"], optional: &["namespace"] };

pub(super) fn publisher(document: &Object<'_>) -> Publisher {
    let read = |node: Node<'_>| {
        let publisher = node.object(PUBLISHER)?;
        Some(Publisher {
            category: publisher.word("category"),
            name: publisher.text("name"),
            namespace: publisher.text("namespace"),
            contact_details: publisher.text("contact_details"),
            issuing_authority: publisher.text("issuing_authority"),
        })
    };
    document.part("publisher", read).unwrap_or_default()
}

pub(super) fn tracking(document: &Object<'_>) -> Tracking {
    let read = |node: Node<'_>| {
        let tracking = node.object(TRACKING)?;
        Some(Tracking {
            id: tracking.text("id").map(|id| id.trim().to_owned()),
            aliases: tracking.texts("aliases"),
            version: tracking.text("version"),
            status: tracking.word("status"),
            current_release_date: tracking.moment("current_release_date"),
            initial_release_date: tracking.moment("initial_release_date"),
            revision_history: tracking.list("revision_history", revision),
            generator: tracking.part("generator", generator),
        })
    };
    document.part("tracking", read).unwrap_or_default()
}

fn revision(node: Node<'_>) -> Option<Revision> {
    let revision = node.object(REVISION)?;
    Some(Revision {
        number: revision.text("number"),
        legacy_version: revision.text("legacy_version"),
        date: revision.moment("date"),
        summary: revision.text("summary"),
    })
}

fn generator(node: Node<'_>) -> Option<Generator> {
    let generator = node.object(GENERATOR)?;
    let engine = generator.part("engine", |node| {
        let engine = node.object(ENGINE)?;
        Some((engine.text("name"), engine.text("version")))
    });
    let (name, version) = engine.unwrap_or_default();
    Some(Generator { name, version, date: generator.moment("date") })
}

pub(super) fn distribution(document: &Object<'_>) -> Distribution {
    let read = |node: Node<'_>| {
        let distribution = node.object(DISTRIBUTION)?;
        let tlp = distribution.get("tlp").and_then(|node| node.object(TLP));
        Some(Distribution {
            text: distribution.text("text"),
            marking: tlp.as_ref().map(marking).unwrap_or_default(),
            tlp_url: tlp.and_then(|tlp| tlp.text("url")),
        })
    };
    document.part("distribution", read).unwrap_or_default()
}

fn marking(tlp: &Object<'_>) -> Marking {
    let Some(label) = tlp.text("label") else {
        // There is a marking, whatever it is: it must not pass for none.
        return Marking::Unreadable(String::new());
    };
    Marking::of(label, tlp)
}

impl Marking {
    /// What a label says; what is no word of the protocol is told of `object`, in which it stands.
    pub(super) fn of(label: String, object: &Object<'_>) -> Self {
        match label.parse() {
            Ok(marking) => Self::Told(marking),
            Err(error) => {
                object.node().remark(RemarkKind::Odd, || format!("{error}"));
                Self::Unreadable(label)
            }
        }
    }
}

pub(super) fn aggregate_severity(document: &Object<'_>) -> Option<AggregateSeverity> {
    document.part("aggregate_severity", |node| {
        let severity = node.object(SEVERITY)?;
        Some(AggregateSeverity { text: severity.text("text")?, namespace: severity.text("namespace") })
    })
}

impl Tracking {
    /// Which of two versions of one document is the later, by their numbers (3.1.11); nothing where
    /// one has no number, or they count in different ways. Dates can then decide.
    pub fn compare_versions(&self, other: &Self) -> Option<Ordering> {
        let (mine, theirs) = (self.version.as_deref()?, other.version.as_deref()?);
        let (mine, theirs) = (Version::of(mine)?, Version::of(theirs)?);
        match (mine.numbers.len(), theirs.numbers.len()) {
            (1, 1) | (3, 3) => Some(mine.compare(&theirs)),
            _ => None,
        }
    }
}

/// A version number taken apart; what follows a `+` does not count.
struct Version<'a> {
    numbers: Vec<u64>,
    pre_release: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 256 {
            return None;
        }
        let text = text.split_once('+').map_or(text, |(version, _build)| version);
        let (numbers, pre_release) =
            text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
        let numbers = numbers.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()?;
        Some(Self { numbers, pre_release })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_numbers = self.numbers.cmp(&other.numbers);
        by_numbers.then_with(|| match (self.pre_release, other.pre_release) {
            (None, None) => Ordering::Equal,
            // What comes before a release is earlier than the release.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(mine), Some(theirs)) => compare_pre_releases(mine, theirs),
        })
    }
}

/// Semantic Versioning 2.0.0, item 11: numbers by size and before words, a longer list after its beginning.
fn compare_pre_releases(mine: &str, theirs: &str) -> Ordering {
    let (mut mine, mut theirs) = (mine.split('.'), theirs.split('.'));
    loop {
        let order = match (mine.next(), theirs.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_semantic_versioning_has_it() {
        let tracking = |version: &str| Tracking { version: Some(version.to_owned()), ..Tracking::default() };
        // The example of Semantic Versioning's item 11, and whole numbers.
        let rising = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.1.0",
            "2.0.0",
            "10.0.0",
        ];
        for pair in rising.windows(2) {
            assert_eq!(
                tracking(pair[0]).compare_versions(&tracking(pair[1])),
                Some(Ordering::Less),
                "{pair:?}"
            );
        }
        assert_eq!(tracking("9").compare_versions(&tracking("10")), Some(Ordering::Less));
        assert_eq!(tracking("1.0.0+a").compare_versions(&tracking("1.0.0+b")), Some(Ordering::Equal));
        assert_eq!(tracking("1").compare_versions(&tracking("1.0.0")), None);
        assert_eq!(tracking("Initial").compare_versions(&tracking("1")), None);
        assert_eq!(Tracking::default().compare_versions(&tracking("1")), None);
    }
}
