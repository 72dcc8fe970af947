//! News feeds: each entry is a report, which mentions the vulnerabilities that it names.

use std::io::Read;

use formats::{
    Refusal,
    news::{self, Feed, NewsEntry},
};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;

use super::Heard;
use crate::threat::{Flag, Kind, Said};

/// The entries of a feed; one of which no date is told that can be read is of the day on which the feed changed, or
/// of `today`, and says so.
pub(super) fn read(input: impl Read, today: Date) -> impl Iterator<Item = Result<Heard, Refusal>> {
    let mut feed = news::read(input, None);
    let entries = std::mem::take(&mut feed.entries);
    let refused = std::mem::take(&mut feed.refusals);
    let heard = entries.into_iter().map(move |entry| Ok(heard(&feed, entry, today)));
    refused.into_iter().map(Err).chain(heard)
}

fn heard(feed: &Feed, entry: NewsEntry, today: Date) -> Heard {
    let day = |at| TimeZone::UTC.to_datetime(at).date();
    let told = entry.published.or(entry.updated);
    let dated = told.or(feed.updated).map_or(today, day);
    // What its reader made of it: the feed as it came is kept whole.
    let verbatim = json!({
        "id": entry.id, "title": entry.title, "link": entry.link, "published": entry.published,
        "updated": entry.updated, "authors": entry.authors, "categories": entry.categories,
        "summary": entry.summary,
    });
    // Entries are told apart within their feed alone.
    let of = feed.link.as_deref().unwrap_or(&feed.title);
    let said = Said {
        mentions: entry.cves,
        summary: entry.summary,
        by: feed.title.clone(),
        notes: entry.categories.join(", "),
        links: entry.link.into_iter().collect(),
        flags: told.is_none().then_some(Flag::Undated).into_iter().collect(),
        ..Said::new(Kind::Report, entry.title, dated)
    };
    Heard { key: format!("{of} {}", entry.id), verbatim: verbatim.to_string(), said }
}
