//! What a provider of CSAF documents lists: where its lists are, and what stands in each.
//!
//! An address may hold any of what CSAF 2.0 describes in section 7; which, is told by what lies there.

use formats::{
    Refusal, Tlp,
    csaf::{
        Marking, Reading, Remark,
        feed::{self, Change, Entry, Feed, Hosts, NotFollowed, Provider},
    },
    json_items::in_words,
};
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};
use url::Url;

/// The most documents of a list that are looked at: more than any provider has. Lists name the newest
/// first, as the standard asks.
pub(super) const MOST: usize = 200_000;
/// The most rows of a list of which it is told why they were refused.
pub(super) const MOST_REFUSED: usize = 100;
/// The longest address, in bytes: that of an index of PostgreSQL, less what is beside it.
const LONGEST: usize = 2_048;

/// A document that a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Where it lies.
    pub url: Url,
    /// When it last changed.
    pub at: Option<Timestamp>,
    /// Where what proves it lies.
    pub proof: Proof,
}

/// Where the checksums and the signature of a document lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Beside it, each under its name and an ending (CSAF 2.0, 7.1.18 to 7.1.20).
    Beside,
    /// Where its list says.
    Told {
        /// The best first.
        checksums: Vec<Url>,
        /// The signature.
        signature: Option<Url>,
    },
}

impl Listed {
    /// A document with what proves it beside it.
    pub fn alone(url: Url, at: Option<Timestamp>) -> Self {
        Self { url, at, proof: Proof::Beside }
    }

    /// Where its checksum may lie, the best first.
    pub fn checksums(&self) -> Vec<Url> {
        match &self.proof {
            Proof::Beside => [".sha512", ".sha256"].map(|ending| self.beside(ending)).into(),
            Proof::Told { checksums, .. } => checksums.clone(),
        }
    }

    /// Where its signature may lie.
    pub fn signature(&self) -> Option<Url> {
        match &self.proof {
            Proof::Beside => Some(self.beside(".asc")),
            Proof::Told { signature, .. } => signature.clone(),
        }
    }

    fn beside(&self, ending: &str) -> Url {
        let mut beside = self.url.clone();
        beside.set_path(&format!("{}{ending}", self.url.path()));
        beside
    }
}

/// What lies at the address of a feed of advisories.
#[derive(Debug)]
pub(super) enum Lies {
    /// An advisory.
    Advisory,
    /// What leads to a provider's lists.
    Provider(Box<Provider>),
    /// A list.
    List(List),
}

/// A list, of which some rows may have been refused.
#[derive(Debug, Default)]
pub(super) struct List {
    pub documents: Vec<Listed>,
    /// Why rows were refused, the first of them.
    pub refused: Vec<Refusal>,
    /// What else there is to know of it, as sentences.
    pub remarks: Vec<String>,
    /// Where and why it was read no further.
    pub broken_off: Option<String>,
}

impl List {
    fn add(&mut self, row: Result<Listed, Refusal>) {
        if let Err(refusal) = &row
            && refusal.is_end
        {
            self.broken_off = Some(format!("line {}: {}", refusal.line, refusal.reason));
        }
        match row {
            Ok(listed) if listed.url.as_str().len() > LONGEST => {
                let reason = format!("An address in it is longer than {LONGEST} characters.");
                self.add(Err(Refusal::at(1, reason)));
            }
            Ok(listed) => self.documents.push(listed),
            Err(refusal) if self.refused.len() < MOST_REFUSED => self.refused.push(refusal),
            Err(_) => {}
        }
    }
}

/// Tells what lies at `url`.
pub(super) fn read(url: &Url, bytes: &[u8]) -> Result<Lies, Refusal> {
    #[derive(Deserialize)]
    struct Outermost {
        document: Option<IgnoredAny>,
        feed: Option<IgnoredAny>,
    }
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Lies::List(of_changes(url, bytes)));
    }
    let outermost: Outermost = serde_json::from_slice(bytes).map_err(|error| {
        let why = in_words(&error);
        Refusal::at(error.line() as u64, format!("This is not the JSON of advisories: {why}."))
    })?;
    if outermost.document.is_some() {
        return Ok(Lies::Advisory);
    }
    if outermost.feed.is_some() {
        return Ok(Lies::List(of_feed(&feed::feed(bytes)?)));
    }
    Ok(Lies::Provider(Box::new(feed::provider(bytes)?.document)))
}

/// The lists of a provider that anybody may read: its feeds where it has some, or else its folders.
/// What is marked otherwise than CLEAR asks for a key, and is a feed of its own.
pub(super) fn lists(provider: &Provider) -> Vec<Result<Url, NotFollowed>> {
    let feeds = provider.distributions.iter().flat_map(|distribution| &distribution.feeds);
    let open = feeds.filter(|feed| matches!(feed.marking, Marking::NotTold | Marking::Told(Tlp::Clear)));
    let feeds: Vec<_> = open.map(|feed| feed::address(&feed.url, Hosts::AnyNamed)).collect();
    if !feeds.is_empty() {
        return feeds;
    }
    let folders =
        provider.distributions.iter().filter_map(|distribution| distribution.directory_url.as_ref());
    let changes = |folder: &String| {
        let folder = format!("{}/changes.csv", folder.trim_end_matches('/'));
        feed::address(&folder, Hosts::AnyNamed)
    };
    folders.map(changes).collect()
}

fn of_feed(feed: &Reading<Feed>) -> List {
    let remark = |remark: &Remark| format!("{}: {}", remark.path, remark.reason);
    let remarks = feed.remarks.kept().iter().map(remark).collect();
    let mut list = List { remarks, ..List::default() };
    for (entry, place) in feed.document.entries.iter().zip(1_u64..).take(MOST) {
        let refused = |error: NotFollowed| {
            let which = entry.id.as_deref().or(entry.title.as_deref()).unwrap_or("without an id");
            Refusal::at(1, format!("Entry {place} ({which}): {error}"))
        };
        if let Some(listed) = of_entry(entry) {
            list.add(listed.map_err(refused));
        }
    }
    list
}

fn of_entry(entry: &Entry) -> Option<Result<Listed, NotFollowed>> {
    let url = match entry.document(Hosts::AnyNamed)? {
        Ok(url) => url,
        Err(error) => return Some(Err(error)),
    };
    let checksums = entry.hashes(Hosts::AnyNamed).into_iter().filter_map(Result::ok).collect();
    let signature = entry.signature(Hosts::AnyNamed).and_then(Result::ok);
    let proof = Proof::Told { checksums, signature };
    Some(Ok(Listed { url, at: entry.updated.or(entry.published), proof }))
}

/// The documents of a `changes.csv`.
fn of_changes(url: &Url, bytes: &[u8]) -> List {
    let mut list = List::default();
    for row in feed::changes(bytes) {
        if list.documents.len() == MOST {
            list.remarks.push(format!("The list is longer than {MOST} documents, and was read so far."));
            break;
        }
        list.add(row.and_then(|Change { line, path, date }| {
            let document = path.listed_in(url);
            let document = document.map_err(|error| Refusal::at(line, error.to_string()).in_column(1_u32))?;
            Ok(Listed::alone(document, Some(date)))
        }));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &[u8] =
        include_bytes!("../../../../../data/broadcast/csaf-it/cisa-csaf-it-feed-tlp-white.json");
    const CHANGES: &[u8] = include_bytes!("../../../../../data/broadcast/csaf-it/changes.csv");
    const FOLDER: &str = "https://raw.githubusercontent.com/cisagov/CSAF/develop/csaf_files/IT/white/";

    fn at(name: &str) -> Url {
        format!("{FOLDER}{name}").parse().unwrap()
    }

    fn listed(url: &Url, bytes: &[u8]) -> List {
        match read(url, bytes).unwrap() {
            Lies::List(list) => list,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_lists_of_cisa_name_the_same_documents_and_what_lies_beside_them() {
        let feed = listed(&at("cisa-csaf-it-feed-tlp-white.json"), FEED);
        let changes = listed(&at("changes.csv"), CHANGES);
        assert!(feed.refused.is_empty() && changes.refused.is_empty());
        let sorted = |list: List| {
            let mut all: Vec<_> = list
                .documents
                .into_iter()
                .map(|each| (each.checksums()[0].clone(), each.signature(), each.url))
                .collect();
            all.sort();
            all
        };
        let (feed, changes) = (sorted(feed), sorted(changes));
        assert_eq!(feed.len(), 4);
        assert_eq!(feed, changes);
        assert_eq!(changes[0].0.as_str(), format!("{FOLDER}2024/va-24-201-01.json.sha512"));
    }

    #[test]
    fn what_is_not_followed_is_told_and_the_rest_is_read() {
        let text = "2024/a.json,2024-01-01T00:00:00Z\n../b.json,2024-01-01T00:00:00Z\n<html>\n";
        let list = listed(&at("changes.csv"), text.as_bytes());
        assert_eq!((list.documents.len(), list.refused.len()), (1, 2));
        // Longer as an address than as a path.
        let text = format!("{}.json,2024-01-01T00:00:00Z\n", "a b".repeat(600));
        let list = listed(&at("changes.csv"), text.as_bytes());
        assert_eq!(list.documents.len(), 0);
        assert!(list.refused[0].reason.contains("longer than 2048"), "{:?}", list.refused);
        let text = String::from_utf8(FEED.to_vec()).unwrap().replacen("https://raw", "http://raw", 2);
        let list = listed(&at("white.json"), text.as_bytes());
        assert_eq!(list.documents.len() + list.refused.len(), 4);
        assert!(!list.refused.is_empty());
    }

    #[test]
    fn a_provider_leads_to_its_open_feeds_or_else_to_its_folders() {
        let provider = |distributions: &str| {
            let text = format!(
                r#"{{"canonical_url": "https://p.example/provider-metadata.json", "distributions": {distributions}}}"#
            );
            match read(&at("provider-metadata.json"), text.as_bytes()).unwrap() {
                Lies::Provider(provider) => {
                    lists(&provider).into_iter().map(|list| list.map(String::from)).collect::<Vec<_>>()
                }
                other => panic!("{other:?}"),
            }
        };
        let feeds = r#"[{"directory_url": "https://p.example/white/"}, {"rolie": {"feeds": [
            {"tlp_label": "WHITE", "url": "https://p.example/white.json"},
            {"tlp_label": "AMBER", "url": "https://p.example/amber.json"},
            {"tlp_label": "UNLABELED", "url": "https://p.example/all.json"}]}}]"#;
        let told = ["https://p.example/white.json", "https://p.example/all.json"];
        assert_eq!(provider(feeds), told.map(|url| Ok(url.to_owned())));
        let folder = r#"[{"directory_url": "https://p.example/white"}]"#;
        assert_eq!(provider(folder), [Ok("https://p.example/white/changes.csv".to_owned())]);
        let within = r#"[{"directory_url": "https://127.0.0.1/white"}]"#;
        assert!(provider(within)[0].is_err());
    }

    #[test]
    fn an_advisory_and_what_is_none_are_told_apart() {
        assert!(matches!(read(&at("a.json"), br#"{"document": {}}"#), Ok(Lies::Advisory)));
        assert!(read(&at("a.json"), b"{}").is_err());
        assert!(read(&at("a.json"), b"{ nonsense").is_err());
    }
}
