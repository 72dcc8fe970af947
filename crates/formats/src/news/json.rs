//! JSON Feed, versions 1 and 1.1.

use std::io::Read;

use serde::Deserialize;

use super::raw::{Prose, RawEntry, RawFeed, add_name};
use super::{MOST_ENTRIES, Parts};
use crate::Refusal;
use crate::json_items::{JsonItems, Piece, Text};

/// The longest item, in bytes.
const LONGEST_ITEM: usize = 1024 * 1024;

/// An item. Its author stood alone in version 1.
#[derive(Deserialize)]
struct Item {
    id: Option<Id>,
    url: Option<String>,
    external_url: Option<String>,
    title: Option<String>,
    content_html: Option<String>,
    content_text: Option<String>,
    summary: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
    author: Option<Author>,
    authors: Option<Vec<Author>>,
    tags: Option<Vec<String>>,
}

/// An identifier is a text; publishers write numbers too, which the standard asks readers to take.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Deserialize)]
struct Author {
    name: Option<String>,
}

pub(super) fn read<R: Read>(input: R) -> Parts {
    let mut parts = Parts::default();
    let mut pieces = JsonItems::new(input, "items").taking(LONGEST_ITEM);
    let (mut version, mut items) = (None, 0);
    while let Some(piece) = pieces.next() {
        items += usize::from(pieces.in_list());
        match piece {
            // Refused ones count as well: a hostile feed has four million of them.
            Ok(Piece::Item(_)) | Err(_) if items > MOST_ENTRIES && pieces.in_list() => parts.left_out += 1,
            Ok(Piece::Item(text)) => match text.parse() {
                Ok(item) => parts.entries.push(entry(&text, item)),
                Err(refusal) => parts.refusals.push(refusal),
            },
            Ok(Piece::Field { name, value }) => match field(&mut parts.feed, &name, &value) {
                Ok(Some(found)) => version = Some(found),
                Ok(None) => {}
                Err(refusal) => parts.refusals.push(refusal),
            },
            Err(refusal) => parts.refusals.push(refusal),
        }
    }
    let known = |version: &String| {
        let address = version.strip_prefix("https").or_else(|| version.strip_prefix("http"));
        address.is_some_and(|address| address.starts_with("://jsonfeed.org/version/1"))
    };
    if !version.as_ref().is_some_and(known) && parts.refusals.is_empty() {
        parts.entries.clear();
        let reason = "The file does not say that it is a JSON Feed of version 1 or 1.1.";
        parts.refusals.push(Refusal::at(1, reason));
    }
    parts
}

/// Takes a field of the feed; tells its version where that is the field.
fn field(feed: &mut RawFeed, name: &str, value: &Text) -> Result<Option<String>, Refusal> {
    match name {
        "version" => return value.parse().map(Some),
        "title" => feed.title = value.parse::<Option<String>>()?.map(Prose::Plain),
        "home_page_url" => feed.link = value.parse()?,
        "author" => {
            let author: Author = value.parse()?;
            add_name(&mut feed.authors, &author.name.unwrap_or_default());
        }
        "authors" => {
            let authors: Vec<Author> = value.parse()?;
            authors
                .iter()
                .filter_map(|author| author.name.as_deref())
                .for_each(|name| add_name(&mut feed.authors, name));
        }
        "items" => return Err(value.refuse("The items are not a list.")),
        _ => {}
    }
    Ok(None)
}

fn entry(text: &Text, item: Item) -> RawEntry {
    let mut entry = RawEntry {
        line: text.line,
        id: item.id.map(|id| match id {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        }),
        id_may_be_link: true,
        title: item.title.map(Prose::Plain),
        link: item.url.or(item.external_url),
        summary: item.summary.map(Prose::Plain),
        content: item.content_html.map(Prose::Html).or(item.content_text.map(Prose::Plain)),
        published: item.date_published,
        updated: item.date_modified,
        ..RawEntry::default()
    };
    for author in item.author.into_iter().chain(item.authors.into_iter().flatten()) {
        add_name(&mut entry.authors, &author.name.unwrap_or_default());
    }
    item.tags.iter().flatten().for_each(|tag| add_name(&mut entry.categories, tag));
    entry
}
