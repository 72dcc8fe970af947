//! To which vocabulary an element belongs.
//!
//! Only the declarations of the feed, and of the element itself, are asked: resolving every
//! prefix through every level would let a document with a hundred thousand of each stand still.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use super::super::Format;

/// The most prefixes of which a feed is believed that it declares them.
const MOST_PREFIXES: usize = 64;

/// The vocabularies that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// That of the feed itself.
    Feed,
    /// Atom, within RSS.
    Atom,
    /// The full content of an item, within RSS.
    Content,
    /// Dublin Core: who, when, about what.
    DublinCore,
    /// Any other.
    Other,
}

/// The prefixes that a feed declares.
#[derive(Default)]
pub(super) struct Names(HashMap<String, Space>);

impl Names {
    /// Takes the declarations of an element that holds entries.
    pub fn declare(&mut self, start: &BytesStart<'_>) {
        for (prefix, address) in declarations(start) {
            if self.0.len() < MOST_PREFIXES {
                self.0.insert(prefix, vocabulary(&address));
            }
        }
    }

    /// The vocabulary of an element.
    pub fn space(&self, start: &BytesStart<'_>, format: Format) -> Space {
        let name = start.name();
        let prefix = name.prefix();
        let prefix = prefix.as_ref().map_or("", |prefix| prefix.as_ref());
        let own = declarations(start).find(|(declared, _)| declared == prefix);
        let space = match own {
            Some((_, address)) => vocabulary(&address),
            // Without a prefix an element is the feed's, whatever address its maker believed in.
            None if prefix.is_empty() => Space::Feed,
            None => self.0.get(prefix).copied().unwrap_or_else(|| customary(prefix)),
        };
        match (space, format) {
            (Space::Atom, Format::Atom) => Space::Feed,
            (space, _) => space,
        }
    }
}

/// What a prefix means to everyone, declared or not.
fn customary(prefix: &str) -> Space {
    match prefix {
        "atom" => Space::Atom,
        "content" => Space::Content,
        "dc" | "dcterms" => Space::DublinCore,
        _ => Space::Other,
    }
}

fn vocabulary(address: &str) -> Space {
    match address {
        "http://www.w3.org/2005/Atom" | "http://purl.org/atom/ns#" => Space::Atom,
        "http://purl.org/rss/1.0/modules/content/" => Space::Content,
        "http://purl.org/dc/elements/1.1/" | "http://purl.org/dc/terms/" => Space::DublinCore,
        "" | "http://purl.org/rss/1.0/" | "http://my.netscape.com/rdf/simple/0.9/" => Space::Feed,
        _ if address.contains("/rss2") || address.contains("/rss/2") => Space::Feed,
        _ => Space::Other,
    }
}

/// The declarations on an element: prefix, nothing for the vocabulary of what has none, and address.
fn declarations<'a>(start: &'a BytesStart<'_>) -> impl Iterator<Item = (String, String)> + 'a {
    let mut attributes = start.html_attributes();
    attributes.with_checks(false);
    attributes.flatten().filter_map(|attribute| {
        let prefix = attribute.key.as_ref().strip_prefix("xmlns")?;
        let prefix = if prefix.is_empty() { prefix } else { prefix.strip_prefix(':')? };
        Some((prefix.to_owned(), attribute.value.trim().to_owned()))
    })
}
