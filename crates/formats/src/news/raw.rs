//! What the formats have in common before their texts are made plain.

use url::Url;

/// The most names of authors, or of categories, that are kept of one entry.
const MOST_NAMES: usize = 64;

/// A text, and how it is written.
#[derive(Clone, Debug)]
pub(super) enum Prose {
    Plain(String),
    Html(String),
}

/// A feed as its format gives it.
#[derive(Debug, Default)]
pub(super) struct RawFeed {
    pub title: Option<Prose>,
    pub link: Option<String>,
    pub base: Option<Url>,
    pub updated: Option<String>,
    /// Those who wrote every entry that names nobody.
    pub authors: Vec<String>,
}

/// An entry as its format gives it.
#[derive(Debug, Default)]
pub(super) struct RawEntry {
    pub line: u64,
    pub id: Option<String>,
    /// An identifier that may be an address as well.
    pub id_may_be_link: bool,
    pub title: Option<Prose>,
    pub link: Option<String>,
    pub base: Option<Url>,
    pub summary: Option<Prose>,
    pub content: Option<Prose>,
    pub published: Option<String>,
    pub updated: Option<String>,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
}

/// Adds a name, unless it is there already or there are very many.
pub(super) fn add_name(names: &mut Vec<String>, name: &str) {
    let name = super::text::line(&super::text::of_plain(name));
    if !name.is_empty() && names.len() < MOST_NAMES && !names.contains(&name) {
        names.push(name);
    }
}
