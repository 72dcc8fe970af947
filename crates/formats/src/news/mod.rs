//! News feeds: RSS 0.9x, 1.0 and 2.0, Atom 1.0 and 0.3, and JSON Feed.
//!
//! A feed is written by strangers and often broken: what can be read is taken, and nothing of its
//! markup is let through. Titles and summaries come as plain text, links lead to web pages alone.
//!
//! The crate feed-rs was weighed. Its version 3.0 panics on an author written as
//! "José—jose@example.org" and on a long duration of a podcast, gives up the whole feed for one
//! title of an odd type, takes 1.1 GB for 480 KB of nested `xml:base`, and makes up random
//! identifiers. So the XML is read here, on quick-xml.

mod date;
mod encoding;
mod entity;
mod json;
mod raw;
pub(crate) mod text;
mod xml;

use std::collections::HashMap;
use std::fmt::Write;
use std::io::Read;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{CveId, Refusal};
use raw::{Prose, RawEntry, RawFeed};

/// The largest feed, in bytes; held in memory once.
pub const LARGEST: usize = 8 * 1024 * 1024;
/// The most entries that are read of a feed: its newest, since feeds begin with those.
pub const MOST_ENTRIES: usize = 1000;
/// The longest identifier that is kept as it is; a longer one is replaced by its hash.
const LONGEST_ID: usize = 512;

/// The format of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// RSS 0.91 to 2.0.
    #[default]
    Rss,
    /// RSS 0.90 or 1.0, which are RDF.
    Rdf,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
}

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Its format.
    pub format: Format,
    /// Its title, in one line; empty where it has none.
    pub title: String,
    /// The page that it belongs to.
    pub link: Option<String>,
    /// When it last changed, as it says.
    pub updated: Option<Timestamp>,
    /// Its entries, in its order.
    pub entries: Vec<NewsEntry>,
    /// What was not taken in.
    pub refusals: Vec<Refusal>,
    /// What is odd about the feed though it was read.
    pub warnings: Vec<String>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsEntry {
    /// The line on which it begins.
    pub line: u64,
    /// What it is called, so that it is known again: its own identifier, else its link, else a hash of
    /// what it says. No other entry of the feed has the same.
    pub id: String,
    /// Its title, in one line; where it has none, the beginning of its summary.
    pub title: String,
    /// The page that it belongs to: http or https.
    pub link: Option<String>,
    /// What it says, in plain text: its summary, else its content.
    pub summary: String,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// What it is about, in the words of the feed.
    pub categories: Vec<String>,
    /// The CVE numbers in its title, summary, content and link.
    pub cves: Vec<CveId>,
}

/// What a format's reader hands over.
#[derive(Debug, Default)]
struct Parts {
    format: Format,
    feed: RawFeed,
    entries: Vec<RawEntry>,
    refusals: Vec<Refusal>,
    left_out: u64,
    bad_links: u64,
}

/// Reads a feed. `address` is where it was found, by which its relative links are completed.
///
/// A document that is no feed gives one refusal and no entry.
pub fn read<R: Read>(input: R, address: Option<&Url>) -> Feed {
    let refused = |refusal| Feed { refusals: vec![refusal], ..Feed::default() };
    let mut bytes = Vec::new();
    let limit = LARGEST as u64 + 1;
    if let Err(error) = input.take(limit).read_to_end(&mut bytes) {
        return refused(Refusal::at(1, format!("The file cannot be read further: {error}.")).at_the_end());
    }
    if bytes.len() > LARGEST {
        let reason = format!("The feed is larger than the {} MB that are read.", LARGEST / 1024 / 1024);
        return refused(Refusal::at(1, reason));
    }
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte));
    let parts = if first == Some(&b'{') {
        let mut parts = json::read(&bytes[..]);
        parts.format = Format::Json;
        parts.feed.base = address.cloned();
        parts
    } else {
        match encoding::decode(&bytes) {
            Ok(text) => xml::read(&text, address),
            Err(refusal) => return refused(refusal),
        }
    };
    put_together(parts)
}

/// Makes a feed of its parts: texts become plain, links are completed, identifiers made unique.
fn put_together(parts: Parts) -> Feed {
    let Parts { format, feed: raw, entries, refusals, left_out, bad_links } = parts;
    let mut feed = Feed { format, refusals, ..Feed::default() };
    feed.title = raw.title.map(|title| text::line(&plain(&title, None))).unwrap_or_default();
    feed.link = raw.link.and_then(|link| text::link(&link, raw.base.as_ref()));
    let mut odd = Oddities { left_out, links: bad_links, ..Oddities::default() };
    feed.updated = odd.date(raw.updated.as_deref());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for mut raw_entry in entries {
        if raw_entry.authors.is_empty() {
            raw_entry.authors.clone_from(&raw.authors);
        }
        if raw_entry.base.is_none() {
            raw_entry.base.clone_from(&raw.base);
        }
        let Some(mut entry) = entry(raw_entry, &mut odd, &mut feed.refusals) else { continue };
        if let Some(&place) = seen.get(&entry.id) {
            let first: &NewsEntry = &feed.entries[place];
            odd.repeated += 1;
            if (&first.title, &first.link, &first.summary) == (&entry.title, &entry.link, &entry.summary) {
                continue;
            }
            // Another entry under the same identifier: both are kept, each always under its own.
            entry.id = format!("{}#{}", entry.id, hash_of(&entry));
            if seen.contains_key(&entry.id) {
                continue;
            }
        }
        seen.insert(entry.id.clone(), feed.entries.len());
        feed.entries.push(entry);
    }
    feed.warnings = odd.told(feed.entries.is_empty() && feed.refusals.is_empty());
    feed
}

fn entry(raw: RawEntry, odd: &mut Oddities, refusals: &mut Vec<Refusal>) -> Option<NewsEntry> {
    let base = raw.base.as_ref();
    let made_plain = |prose: Option<Prose>| prose.map(|prose| plain(&prose, base)).unwrap_or_default();
    let title = text::line(&made_plain(raw.title));
    let (summary, content) = (made_plain(raw.summary), made_plain(raw.content));
    let id = raw.id.map(|id| text::line(&text::of_plain(&id))).filter(|id| !id.is_empty());
    let asked = raw.link.is_some();
    let mut link = raw.link.and_then(|link| text::link(&link, base));
    odd.links += u64::from(asked && link.is_none());
    if link.is_none() && raw.id_may_be_link {
        link = id.as_deref().and_then(|id| text::link(id, None));
    }
    if title.is_empty() && summary.is_empty() && content.is_empty() {
        refusals.push(Refusal::at(raw.line, "The entry has neither a title nor a text."));
        return None;
    }
    let mut cves = CveId::find_in(&format!("{title}\n{summary}\n{content}"));
    for cve in link.iter().flat_map(|link| CveId::find_in(link)) {
        if !cves.contains(&cve) {
            cves.push(cve);
        }
    }
    let summary = if summary.is_empty() { content } else { summary };
    let title = if title.is_empty() { beginning(&summary) } else { title };
    let mut entry = NewsEntry {
        line: raw.line,
        id: String::new(),
        title,
        link,
        summary,
        published: odd.date(raw.published.as_deref()),
        updated: odd.date(raw.updated.as_deref()),
        authors: raw.authors,
        categories: raw.categories,
        cves,
    };
    entry.id = match id.or_else(|| entry.link.clone()) {
        Some(id) if id.len() <= LONGEST_ID => id,
        Some(id) => format!("sha256:{}", hash(&[&id])),
        None => format!("sha256:{}", hash(&[&entry.title, &entry.summary])),
    };
    Some(entry)
}

fn plain(prose: &Prose, base: Option<&Url>) -> String {
    match prose {
        Prose::Plain(text) => text::of_plain(text),
        Prose::Html(html) => text::of_html(html, base),
    }
}

/// The beginning of a text, in one line.
fn beginning(text: &str) -> String {
    const LONGEST: usize = 100;
    let line = text::line(&text[..text.floor_char_boundary(LONGEST * 4)]);
    let mut start: String = line.chars().take(LONGEST).collect();
    if start.len() < line.len() {
        start.push('…');
    }
    start
}

fn hash_of(entry: &NewsEntry) -> String {
    hash(&[&entry.title, entry.link.as_deref().unwrap_or_default(), &entry.summary])
}

/// The first 128 bits of a hash over texts, each with its length so that none runs into the next.
fn hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().take(16).fold(String::new(), |mut shown, byte| {
        // Writing to a String does not fail.
        let _ = write!(shown, "{byte:02x}");
        shown
    })
}

/// What was odd, counted over the feed.
#[derive(Default)]
struct Oddities {
    dates: u64,
    links: u64,
    repeated: u64,
    left_out: u64,
}

impl Oddities {
    fn date(&mut self, text: Option<&str>) -> Option<Timestamp> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let date = date::read(text);
        self.dates += u64::from(date.is_none());
        date
    }

    fn told(&self, empty: bool) -> Vec<String> {
        let mut told = Vec::new();
        let mut tell = |count: u64, one: &str, several: &str| match count {
            0 => {}
            1 => told.push(format!("1 {one}")),
            _ => told.push(format!("{count} {several}")),
        };
        tell(self.dates, "date cannot be read and is left out.", "dates cannot be read and are left out.");
        tell(
            self.links,
            "link leads to no web page and is left out.",
            "links lead to no web page and are left out.",
        );
        tell(
            self.repeated,
            "entry repeats the identifier of another.",
            "entries repeat the identifiers of others.",
        );
        let more = format!("more than the {MOST_ENTRIES} entries that are read.");
        tell(self.left_out, &more, &more);
        if empty {
            told.push("The feed has no entries.".to_owned());
        }
        told
    }
}

#[cfg(test)]
mod tests;
