//! What a document, and each vulnerability in it, says in words: notes, references, thanks.

use serde::Serialize;

use super::lenient::{Fields, Node, Object};
use super::words::{NoteCategory, ReferenceCategory};

/// A note (CSAF 2.0, 3.1.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it holds, where it says so.
    pub category: Option<NoteCategory>,
    /// Its heading.
    pub title: Option<String>,
    /// For whom it is meant.
    pub audience: Option<String>,
    /// What it says.
    pub text: String,
}

/// A page that says more (3.1.10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Whether it leads to this document itself; the standard takes it to lead elsewhere where it
    /// says nothing.
    pub category: ReferenceCategory,
    /// What is there.
    pub summary: Option<String>,
    /// Its address, as it stood there; no promise that it is one.
    pub url: Option<String>,
}

/// Who is thanked (3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledgment {
    /// People.
    pub names: Vec<String>,
    /// Where they work.
    pub organization: Option<String>,
    /// For what.
    pub summary: Option<String>,
    /// Their pages.
    pub urls: Vec<String>,
}

const NOTE: Fields = Fields { required: &["category", "text"], optional: &["title", "audience"] };
const REFERENCE: Fields = Fields { required: &["summary", "url"], optional: &["category"] };
const ACKNOWLEDGMENT: Fields =
    Fields { required: &[], optional: &["names", "organization", "summary", "urls"] };

/// The notes of a document or a vulnerability.
pub(super) fn notes(object: &Object<'_>) -> Vec<Note> {
    object.list("notes", |node| {
        let note = node.object(NOTE)?;
        Some(Note {
            category: note.word("category"),
            title: note.text("title"),
            audience: note.text("audience"),
            text: note.text("text")?,
        })
    })
}

/// The references of a document or a vulnerability.
pub(super) fn references(object: &Object<'_>) -> Vec<Reference> {
    object.list("references", reference)
}

fn reference(node: Node<'_>) -> Option<Reference> {
    let reference = node.object(REFERENCE)?;
    let category = reference.word("category").unwrap_or(ReferenceCategory::External);
    let (summary, url) = (reference.text("summary"), reference.text("url"));
    (summary.is_some() || url.is_some()).then_some(Reference { category, summary, url })
}

/// Those whom a document or a vulnerability thanks.
pub(super) fn acknowledgments(object: &Object<'_>) -> Vec<Acknowledgment> {
    object.list("acknowledgments", |node| {
        let thanks = node.object(ACKNOWLEDGMENT)?;
        let thanks = Acknowledgment {
            names: thanks.texts("names"),
            organization: thanks.text("organization"),
            summary: thanks.text("summary"),
            urls: thanks.texts("urls"),
        };
        let empty = thanks.names.is_empty()
            && thanks.organization.is_none()
            && thanks.summary.is_none()
            && thanks.urls.is_empty();
        (!empty).then_some(thanks)
    })
}
