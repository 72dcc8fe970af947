//! JSON Feed, version 1.1, as it is written.

use jiff::Timestamp;
use serde::Serialize;

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    description: &'a str,
    home_page_url: &'a str,
    feed_url: String,
    language: &'static str,
    authors: [Author<'a>; 1],
    items: Vec<Item<'a>>,
}

#[derive(Debug, Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    id: String,
    url: &'a str,
    title: &'a str,
    content_html: &'a str,
    date_published: Timestamp,
    date_modified: Timestamp,
    tags: &'a [String],
}

impl<'a> Feed<'a> {
    /// How `feed` is written.
    pub(super) fn of(feed: &'a super::Feed) -> Self {
        let item = |entry: &'a super::Entry| Item {
            id: format!("urn:uuid:{}", entry.id),
            url: &entry.link,
            title: &entry.title,
            content_html: &entry.content,
            date_published: entry.published,
            date_modified: entry.updated,
            tags: &entry.labels,
        };
        Self {
            version: "https://jsonfeed.org/version/1.1",
            title: &feed.title,
            description: &feed.about,
            home_page_url: &feed.home,
            feed_url: format!("{}.json", feed.at),
            language: "en-GB",
            authors: [Author { name: &feed.author }],
            items: feed.entries.iter().map(item).collect(),
        }
    }
}
