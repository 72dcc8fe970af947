//! A ROLIE feed (RFC 8322, as CSAF 2.0, 7.1.15 profiles it): what documents there are, and where their
//! hashes and signatures lie.

use std::io::Read;

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::super::lenient::{self, Cx, Fields, Limits, Node, Object};
use super::super::remark::{Reading, RemarkKind};
use super::{Hosts, NotFollowed, address};
use crate::Refusal;

/// Feeds list every document of a provider: 30,000 entries come to some 30 MiB.
const LIMITS: Limits = Limits { mebibytes: 64, named: "feed" };

/// A feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Its id.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Where it lies, and what belongs to it.
    pub links: Vec<Link>,
    /// What it is about.
    pub categories: Vec<Category>,
    /// What documents there are.
    pub entries: Vec<Entry>,
}

/// One document in a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The document's id.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// What it is about.
    pub summary: Option<String>,
    /// Where it lies.
    pub content: Option<String>,
    /// What kind of file it is, such as application/json.
    pub content_type: Option<String>,
    /// The schema by which it was written.
    pub schema: Option<String>,
    /// The version of CSAF by which it was written.
    pub format_version: Option<String>,
    /// Where it, its hash and its signature lie.
    pub links: Vec<Link>,
    /// What it is about, in words for machines.
    pub categories: Vec<Category>,
}

/// Where something lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What is there: self, hash, signature.
    pub relation: Option<String>,
    /// Its address, as it stood there.
    pub href: String,
}

/// What a feed or a document is about, in a word of some vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// The vocabulary.
    pub scheme: Option<String>,
    /// The word.
    pub term: String,
}

const ROOT: Fields = Fields { required: &["feed"], optional: &[] };
const FEED: Fields =
    Fields { required: &["id", "title", "link", "category", "updated", "entry"], optional: &[] };
const ENTRY: Fields = Fields {
    required: &["id", "title", "link", "published", "updated", "content", "format"],
    optional: &["summary", "category"],
};
// CISA writes "ref" for what the standard calls "rel".
const LINK: Fields = Fields { required: &["href"], optional: &["rel", "ref", "type", "title"] };
const CATEGORY: Fields = Fields { required: &["term"], optional: &["scheme", "label"] };
const CONTENT: Fields = Fields { required: &["src", "type"], optional: &[] };
const FORMAT: Fields = Fields { required: &["schema", "version"], optional: &[] };
const SUMMARY: Fields = Fields { required: &["content"], optional: &["type"] };

/// Reads a feed. It is refused where it is too large, too deep, not JSON or no feed; a bad entry is
/// told in the remarks.
pub fn feed<R: Read>(input: R) -> Result<Reading<Feed>, Refusal> {
    let text = lenient::whole(input, LIMITS)?;
    let raw = lenient::json(&text, LIMITS)?;
    let cx = Cx::new(&text);
    let feed = cx.root(raw).object(ROOT).and_then(|root| {
        let object = root.get("feed").and_then(|node| node.object(FEED))?;
        Some(Feed {
            id: object.text("id"),
            title: object.text("title"),
            updated: object.moment("updated"),
            links: links(&object),
            categories: categories(&object),
            entries: object.list("entry", entry),
        })
    });
    let remarks = cx.remarks();
    let document = feed.ok_or_else(|| Refusal::at(1, "The file holds no feed; is it a ROLIE feed?"))?;
    Ok(Reading { document, remarks })
}

fn entry(node: Node<'_>) -> Option<Entry> {
    let object = node.object(ENTRY)?;
    let content = object.get("content").and_then(|node| node.object(CONTENT));
    let format = object.get("format").and_then(|node| node.object(FORMAT));
    let entry = Entry {
        id: object.text("id"),
        title: object.text("title"),
        published: object.moment("published"),
        updated: object.moment("updated"),
        summary: object.part("summary", |node| node.object(SUMMARY)?.text("content")),
        content: content.as_ref().and_then(|content| content.text("src")),
        content_type: content.as_ref().and_then(|content| content.text("type")),
        schema: format.as_ref().and_then(|format| format.text("schema")),
        format_version: format.as_ref().and_then(|format| format.text("version")),
        links: links(&object),
        categories: categories(&object),
    };
    if entry.place().is_none() {
        node.remark(RemarkKind::Lost, || "This entry does not say where its document lies.".to_owned());
        return None;
    }
    Some(entry)
}

fn links(object: &Object<'_>) -> Vec<Link> {
    object.list("link", |node| {
        let link = node.object(LINK)?;
        let relation = link.text("rel").or_else(|| {
            let relation = link.text("ref");
            let reason = if relation.is_some() {
                (RemarkKind::Mended, "The field rel is missing; ref is read in its place.")
            } else {
                (RemarkKind::Missing, "The field rel is missing.")
            };
            node.remark(reason.0, || reason.1.to_owned());
            relation
        });
        Some(Link { relation, href: link.text("href")? })
    })
}

fn categories(object: &Object<'_>) -> Vec<Category> {
    object.list("category", |node| {
        let category = node.object(CATEGORY)?;
        Some(Category { scheme: category.text("scheme"), term: category.text("term")? })
    })
}

fn related<'a>(links: &'a [Link], relation: &'a str) -> impl Iterator<Item = &'a str> {
    let wanted = move |link: &&Link| {
        link.relation.as_deref().is_some_and(|told| told.trim().eq_ignore_ascii_case(relation))
    };
    links.iter().filter(wanted).map(|link| link.href.as_str())
}

impl Feed {
    /// Where the feed says it lies.
    pub fn place(&self) -> Option<&str> {
        related(&self.links, "self").next()
    }
}

impl Entry {
    /// Where the document lies, as it stood there.
    pub fn place(&self) -> Option<&str> {
        self.content.as_deref().or_else(|| related(&self.links, "self").next())
    }

    /// The address of the document.
    pub fn document(&self, hosts: Hosts<'_>) -> Option<Result<Url, NotFollowed>> {
        self.place().map(|place| address(place, hosts))
    }

    /// The addresses of its hashes, the strongest first: one that ends in `.sha512` before others.
    pub fn hashes(&self, hosts: Hosts<'_>) -> Vec<Result<Url, NotFollowed>> {
        let mut places: Vec<&str> = related(&self.links, "hash").collect();
        places.sort_by_key(|place| !place.to_ascii_lowercase().ends_with(".sha512"));
        places.into_iter().map(|place| address(place, hosts)).collect()
    }

    /// The address of its OpenPGP signature.
    pub fn signature(&self, hosts: Hosts<'_>) -> Option<Result<Url, NotFollowed>> {
        related(&self.links, "signature").next().map(|place| address(place, hosts))
    }
}
