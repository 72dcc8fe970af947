//! CSAF 2.0 (OASIS, November 2022): security advisories that machines read.
//!
//! Real documents keep to the standard in most fields and break it in some. So each field is read
//! for itself: a wrong one is left out and told with its path, and never costs the document.

// Two crates were weighed. `csaf` 0.5 panics on 609 of 2,383 real documents. `csaf-rs` 0.6 is a
// validator, and good for whoever writes CSAF: its types are made from the JSON Schema, so that one
// wrong word refuses the whole document; its loose view lies over a `serde_json::Value`, whose
// memory the document decides, and says that a field is wrong, not which; and it brings a schema
// compiler, a spell checker, a list of licences and chrono, and changes serde_json's maps for the
// whole program (`preserve_order`).

pub mod feed;
mod header;
mod identity;
mod lenient;
mod medical;
mod prose;
mod remark;
mod remedy;
mod score;
mod standing;
mod tree;
mod vendor;
mod vulnerability;
mod words;

use std::io::Read;

use serde::Serialize;

use crate::Refusal;
use lenient::{Cx, Fields, Limits, Object};

pub use header::{AggregateSeverity, Distribution, Generator, Marking, Publisher, Revision, Tracking};
pub use identity::{FileHash, FileHashes, GenericUri, Identity};
pub use medical::{Device, Evidence, Medical, Reason, UseArea};
pub use prose::{Acknowledgment, Note, Reference};
pub use remark::{MOST_KEPT, Reading, Remark, RemarkKind, Remarks};
pub use remedy::{Concerns, Flag, Remediation, Restart, Threat};
pub use score::{Cvss, Score};
pub use standing::{Standing, Standings, Status, StatusLists, Verdict};
pub use tree::{
    Branch, Combination, Described, GroupId, MOST_LEVELS, Product, ProductGroup, ProductId, ProductTree,
};
pub use vendor::folded_vendor;
pub use vulnerability::{Cwe, ForeignId, Involvement, MOST_VULNERABILITIES, Vulnerability};
pub use words::{
    BranchCategory, DocumentStatus, FlagLabel, InvolvementStatus, NoteCategory, Party, Profile,
    ReferenceCategory, RelationshipCategory, RemediationCategory, RestartCategory, Severity, ThreatCategory,
};

/// The largest document, in MiB: CISA's largest has 0.1, and vendors who list every package come to
/// some ten.
pub const LARGEST_MEBIBYTES: u64 = 16;

const LIMITS: Limits = Limits { mebibytes: LARGEST_MEBIBYTES, named: "document" };

/// A CSAF document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// Its title.
    pub title: Option<String>,
    /// Its profile, or what its publisher calls it.
    pub category: Option<String>,
    /// The version of CSAF by which it was written.
    pub csaf_version: Option<String>,
    /// Who published it.
    pub publisher: Publisher,
    /// How it is told from others.
    pub tracking: Tracking,
    /// How far it may travel.
    pub distribution: Distribution,
    /// How severe its publisher finds the whole.
    pub aggregate_severity: Option<AggregateSeverity>,
    /// What it says in words.
    pub notes: Vec<Note>,
    /// Pages that say more.
    pub references: Vec<Reference>,
    /// Who is thanked.
    pub acknowledgments: Vec<Acknowledgment>,
    /// Its language, such as en-US.
    pub lang: Option<String>,
    /// The language from which it was translated.
    pub source_lang: Option<String>,
    /// The products of which it speaks.
    pub tree: ProductTree,
    /// The vulnerabilities of which it speaks.
    pub vulnerabilities: Vec<Vulnerability>,
    /// The document as it was handed in, byte for byte.
    pub verbatim: String,
}

const ROOT: Fields = Fields { required: &["document"], optional: &["product_tree", "vulnerabilities"] };
const DOCUMENT: Fields = Fields {
    required: &["category", "csaf_version", "publisher", "title", "tracking"],
    optional: &[
        "acknowledgments",
        "aggregate_severity",
        "distribution",
        "lang",
        "notes",
        "references",
        "source_lang",
    ],
};

/// Reads a document. It is refused where it is too large, too deep, not JSON, or has neither an id
/// nor a title; whatever else is wrong with it is told in the remarks.
pub fn read<R: Read>(input: R) -> Result<Reading<Document>, Refusal> {
    let text = lenient::whole(input, LIMITS)?;
    let raw = lenient::json(&text, LIMITS)?;
    let cx = Cx::new(&text);
    let document = cx.root(raw).object(ROOT).and_then(|root| document(&root));
    let remarks = cx.remarks();
    let mut document = document
        .ok_or_else(|| Refusal::at(1, "The file has neither a title nor an id; is it a CSAF document?"))?;
    document.verbatim = text;
    Ok(Reading { document, remarks })
}

/// The document without its text; nothing where it has neither an id nor a title.
fn document(root: &Object<'_>) -> Option<Document> {
    let object = root.get("document").and_then(|node| node.object(DOCUMENT))?;
    let title = object.text("title");
    let tracking = header::tracking(&object);
    if title.is_none() && tracking.id.is_none() {
        return None;
    }
    let csaf_version = object.text("csaf_version");
    if csaf_version.as_deref().is_some_and(|version| version != "2.0") {
        object
            .node()
            .remark(RemarkKind::Odd, || "It is read as CSAF 2.0, which it says it is not.".to_owned());
    }
    let tree = tree::tree(root);
    let vulnerabilities = vulnerability::vulnerabilities(root, &tree);
    Some(Document {
        title,
        category: object.text("category"),
        csaf_version,
        publisher: header::publisher(&object),
        tracking,
        distribution: header::distribution(&object),
        aggregate_severity: header::aggregate_severity(&object),
        notes: prose::notes(&object),
        references: prose::references(&object),
        acknowledgments: prose::acknowledgments(&object),
        lang: object.text("lang"),
        source_lang: object.text("source_lang"),
        tree,
        vulnerabilities,
        verbatim: String::new(),
    })
}

impl Document {
    /// By what to call it: its title, else its id.
    pub fn name(&self) -> &str {
        self.title.as_deref().or(self.tracking.id.as_deref()).unwrap_or_default()
    }

    /// Its profile; what its publisher calls it where that is none of CSAF's.
    pub fn profile(&self) -> Option<Profile> {
        self.category.as_deref().map(words::Word::of)
    }

    /// A vulnerability of this document, made ready to answer how each product stands with it.
    pub fn standings<'a>(&'a self, vulnerability: &'a Vulnerability) -> Standings<'a> {
        Standings::new(&self.tree, vulnerability)
    }

    /// The text of a vulnerability as it stood in the document.
    pub fn verbatim_of(&self, vulnerability: &Vulnerability) -> &str {
        self.verbatim.get(vulnerability.span.clone()).unwrap_or_default()
    }

    /// The pages that the document gives as its own.
    pub fn own_pages(&self) -> impl Iterator<Item = &str> {
        let own = self.references.iter().filter(|each| each.category == ReferenceCategory::Itself);
        own.filter_map(|reference| reference.url.as_deref())
    }
}

#[cfg(test)]
mod tests;
