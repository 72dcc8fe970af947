//! Bundles of STIX 2.1 (OASIS, June 2021), and of 2.0, read object by object.
//!
//! Each object is kept as it stood, whatever its type; what a CERT works with is read into types
//! beside it. Properties that no type here knows are kept one by one. Nothing is looked up: a
//! reference is followed, where it can be, by an [`Index`].

mod attack;
mod common;
mod content;
mod domain;
mod id;
mod index;
pub mod made;
mod marking;
mod meta;
mod moment;
mod observable;
mod pattern;
mod properties;
mod relating;
mod source;
mod tolerant;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Deserialize;

pub use attack::{Attack, AttackItem, AttackTechnique};
pub use common::{Common, ExternalReference, GranularMarking, KillChainPhase};
pub use content::Content;
pub use domain::{
    AttackPattern, Campaign, Grouping, Identity, IndicatorObject, Infrastructure, IntrusionSet, Location,
    Malware, MalwareAnalysis, Named, Note, Opinion, Report, ThreatActor, Tool,
};
pub use id::{KNOWN_TYPES, NotAStixId, StixId};
pub use index::{Direction, Full, Index, Kept, Relation, Resolution};
pub use marking::{Definition, Marking, UnknownMarking};
pub use meta::{ExtensionDefinition, LanguageContent, MarkingDefinition};
pub use observable::{Observable, Observation};
pub use pattern::{Extract, Rest};
pub use properties::{Further, Reference};
pub use relating::{Relationship, Sighting};

use crate::json_items::{JsonItems, Piece, Text};
use crate::{CveId, Indicator, Refusal};
use properties::{Properties, names_of};
use source::Source;
use tolerant::Tolerant;

/// The longest object, in bytes. The longest of ATT&CK for ICS has 352 KB, the list of all others;
/// that of the far larger Enterprise bundle has some 5 MB.
pub const LONGEST_OBJECT: usize = 8 * 1024 * 1024;

/// What a bundle says about itself (section 8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BundleHeader {
    /// Its type: `bundle`, or that of an object that stands alone. A TAXII envelope has none.
    pub kind: Option<String>,
    /// Its identifier, as it stood.
    pub id: Option<String>,
    /// The version of STIX; said of bundles of STIX 2.0 alone.
    pub spec_version: Option<String>,
}

/// One object, of whatever type.
#[derive(Clone, Debug, PartialEq)]
pub struct StixObject {
    /// The line on which it begins.
    pub line: u64,
    /// Its identifier, and with it its type.
    pub id: StixId,
    /// What objects of every type may say.
    pub common: Common,
    /// What it says by its type.
    pub content: Content,
    /// Every object that it names in a property ending in `_ref` or `_refs`, custom ones included.
    pub references: Vec<Reference>,
    /// The properties that are not read into types.
    pub further: Further,
    /// Why properties that it could do without were not read, a sentence each.
    pub unread: Vec<String>,
    /// The object as it stood in the bundle, byte for byte.
    pub verbatim: String,
}

impl StixObject {
    /// When this version of it was made: observables, which have no versions, say nothing.
    pub fn version(&self) -> Option<Timestamp> {
        self.common.modified.or(self.common.created)
    }

    /// Its name, where it has one.
    pub fn name(&self) -> Option<Cow<'_, str>> {
        let name = match &self.content {
            Content::AttackPattern(object) => &object.name,
            Content::Campaign(object) => &object.name,
            Content::CourseOfAction(object) | Content::Incident(object) | Content::Vulnerability(object) => {
                &object.name
            }
            Content::Grouping(object) => object.name.as_ref()?,
            Content::Identity(object) => &object.name,
            Content::Indicator(object) => object.name.as_ref()?,
            Content::Infrastructure(object) => &object.name,
            Content::IntrusionSet(object) => &object.name,
            Content::Location(object) => object.name.as_ref()?,
            Content::Malware(object) => object.name.as_ref()?,
            Content::Report(object) => &object.name,
            Content::ThreatActor(object) => &object.name,
            Content::Tool(object) => &object.name,
            Content::ExtensionDefinition(object) => &object.name,
            Content::MarkingDefinition(object) => object.name.as_ref()?,
            Content::Observable(object) => object.name.as_ref()?,
            Content::Custom => return self.further.get("name").map(Cow::Owned),
            Content::MalwareAnalysis(_)
            | Content::Note(_)
            | Content::ObservedData(_)
            | Content::Opinion(_)
            | Content::Relationship(_)
            | Content::Sighting(_)
            | Content::LanguageContent(_) => return None,
        };
        Some(Cow::Borrowed(name))
    }

    /// Whether MITRE no longer keeps it up, which ATT&CK says by a property of its own.
    pub fn is_deprecated(&self) -> bool {
        self.further.get("x_mitre_deprecated").unwrap_or(false)
    }

    /// Whether it holds: neither revoked nor deprecated.
    pub fn holds(&self) -> bool {
        !self.common.revoked && !self.is_deprecated()
    }

    /// Whether it says that it was changed before it was made.
    pub fn modified_before_created(&self) -> bool {
        matches!((self.common.created, self.common.modified), (Some(created), Some(modified)) if modified < created)
    }

    /// The CVE numbers of a vulnerability: those of its references to `cve`, else those in its name.
    pub fn cves(&self) -> Vec<CveId> {
        let Content::Vulnerability(vulnerability) = &self.content else { return Vec::new() };
        let references = self.common.external_references.iter();
        let named = references.filter(|reference| reference.source_name.eq_ignore_ascii_case("cve"));
        let named: Vec<&str> = named.filter_map(|reference| reference.external_id.as_deref()).collect();
        let cves = CveId::find_in(&named.join(" "));
        if cves.is_empty() { CveId::find_in(&vulnerability.name) } else { cves }
    }

    /// The indicators that stand in it: those that an indicator's pattern compares, those that an
    /// observable or an observation shows. Ask [`pattern`](Self::pattern) what of a pattern they leave out.
    pub fn indicators(&self) -> Vec<Indicator> {
        match &self.content {
            Content::Indicator(_) => self.pattern().map(|extract| extract.indicators).unwrap_or_default(),
            Content::Observable(observable) => observable.indicators(self.id.kind()),
            Content::ObservedData(observation) => observation.indicators(),
            _ => Vec::new(),
        }
    }

    /// What was taken out of an indicator's pattern; none for other objects.
    pub fn pattern(&self) -> Option<Extract> {
        let Content::Indicator(indicator) = &self.content else { return None };
        Some(Extract::of(&indicator.pattern, indicator.pattern_type.as_deref()))
    }
}

/// Reads a bundle, a TAXII envelope or a single object.
pub fn read<R: Read>(input: R) -> StixObjects<R> {
    StixObjects {
        pieces: JsonItems::new(Source::new(input), "objects").taking(LONGEST_OBJECT),
        header: BundleHeader::default(),
        objects: 0,
        listed: false,
        refused: false,
        ended: false,
    }
}

/// An iterator over the objects of a bundle.
pub struct StixObjects<R> {
    pieces: JsonItems<Source<R>>,
    header: BundleHeader,
    objects: u64,
    listed: bool,
    refused: bool,
    ended: bool,
}

impl<R: Read> StixObjects<R> {
    /// What the bundle says about itself, as far as it was read.
    pub fn header(&self) -> &BundleHeader {
        &self.header
    }

    /// How many objects stood in what was read, refused ones included.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// What is odd about the bundle though every object was read; to be asked at its end.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.objects == 0 && !self.refused {
            warnings.push("The file has no objects; is it a STIX bundle?".to_owned());
        }
        match self.header.kind.as_deref() {
            Some(kind) if self.listed && kind != "bundle" => warnings.push(format!(
                "The file lists objects, but calls itself {}, not a bundle.",
                crate::refusal::excerpt(kind)
            )),
            _ => {}
        }
        warnings
    }

    /// Takes a field of the bundle; one that is not known is passed over.
    fn take(&mut self, name: &str, value: &Text) -> Result<(), Refusal> {
        match name {
            "type" => self.header.kind = value.parse().map(Some)?,
            "id" => self.header.id = value.parse().map(Some)?,
            "spec_version" => self.header.spec_version = value.parse().map(Some)?,
            // An observation of STIX 2.0 that stands alone has a dictionary of this name.
            "objects" if self.header.kind.as_deref() == Some("bundle") => {
                return Err(value.refuse("The objects are not a list."));
            }
            _ => {}
        }
        Ok(())
    }

    /// The object that the document is, where it is no bundle.
    fn single(&mut self) -> Option<Result<StixObject, Refusal>> {
        let alone = !self.listed && !self.refused;
        if !alone || matches!(self.header.kind.as_deref(), None | Some("bundle")) {
            return None;
        }
        self.objects = 1;
        Some(self.pieces.source_mut().whole().and_then(object))
    }
}

impl<R: Read> Iterator for StixObjects<R> {
    type Item = Result<StixObject, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.pieces.next() {
                Some(Ok(Piece::Item(text))) => {
                    self.listed = true;
                    self.pieces.source_mut().forget();
                    self.objects += 1;
                    return Some(object(text));
                }
                Some(Ok(Piece::Field { name, value })) => {
                    if let Err(refusal) = self.take(&name, &value) {
                        self.refused = true;
                        return Some(Err(refusal));
                    }
                }
                Some(Err(refusal)) => {
                    self.refused = true;
                    self.objects += u64::from(self.pieces.in_list());
                    return Some(Err(refusal));
                }
                None => {
                    self.ended = true;
                    return self.single();
                }
            }
        }
        None
    }
}

/// What says what an object is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    id: StixId,
}

fn object(text: Text) -> Result<StixObject, Refusal> {
    let Head { kind, id } = text.parse()?;
    if kind != id.kind() {
        return Err(text.refuse(format!(
            "The object is of type {}, but its id is {}.",
            crate::refusal::excerpt(&kind),
            crate::refusal::excerpt(&id.to_string())
        )));
    }
    if kind == "bundle" {
        return Err(text.refuse("A bundle within a bundle is not read."));
    }
    // PostgreSQL stores no NUL in a text, and no name has one.
    if text.text.contains("\\u0000") {
        return Err(text.refuse("The object holds a NUL character."));
    }
    let properties: Properties = text.parse()?;
    let mut tolerant = Tolerant::of(&text, &kind);
    let common: Common = tolerant.parse()?;
    let content = Content::read(&kind, &mut tolerant)?;
    let unread = tolerant.unread();
    let missing = match content {
        Content::Observable(_) | Content::Custom => None,
        _ if common.created.is_none() => Some("created"),
        Content::MarkingDefinition(_) => None,
        _ if common.modified.is_none() => Some("modified"),
        _ => None,
    };
    if let Some(missing) = missing {
        return Err(text.refuse(format!("The field “{missing}” is missing.")));
    }
    let references = properties.references();
    let of_the_type = Content::properties(&kind);
    let further = properties.further(|name| COMMON.contains(name) || of_the_type.contains(&name));
    Ok(StixObject { line: text.line, id, common, content, references, further, unread, verbatim: text.text })
}

/// The properties that are read of every object.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| names_of::<Head>().iter().chain(names_of::<Common>()).copied().collect());

#[cfg(test)]
mod tests;
