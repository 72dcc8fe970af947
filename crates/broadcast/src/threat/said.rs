//! What one source says about one threat, and the picture that all sources together give.

use formats::{
    CveId,
    kev::{KevEntry, RansomwareUse},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    advisory::{ThreatType, content::is_link, vocabulary::vocabulary},
    source::Source,
};

vocabulary! {
    /// What was noticed on reading a statement: it was kept as it is.
    pub enum Flag {
        DueBeforeAdded = "due_before_added", "It was due before it was added to the list";
    }
}

/// A statement as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// About which vulnerabilities.
    pub cves: Vec<CveId>,
    /// What kind of threat it is.
    pub kind: ThreatType,
    /// Its name.
    pub title: String,
    /// What it is, in plain text.
    pub summary: String,
    /// The vendor or project.
    pub vendor: String,
    /// The product.
    pub product: String,
    /// Whether it is known to be exploited.
    pub known_exploited: bool,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// The day that the source dates it.
    pub dated: Date,
    /// What the source asks for.
    pub required_action: String,
    /// By when.
    pub due: Option<Date>,
    /// Notes, in the source's words.
    pub notes: String,
    /// Weaknesses, such as CWE-59.
    pub weaknesses: Vec<String>,
    /// Pages that say more, in the source's order.
    pub links: Vec<String>,
    /// What was noticed on reading it.
    pub flags: Vec<Flag>,
}

impl Said {
    /// What an entry of CISA's catalogue says.
    pub fn of_kev(entry: &KevEntry) -> Self {
        Self {
            cves: vec![entry.cve],
            kind: ThreatType::Vulnerability,
            title: entry.vulnerability_name.trim().to_owned(),
            summary: entry.short_description.trim().to_owned(),
            vendor: entry.vendor_project.trim().to_owned(),
            product: entry.product.trim().to_owned(),
            known_exploited: true,
            ransomware: entry.ransomware == RansomwareUse::Known,
            dated: entry.date_added,
            required_action: entry.required_action.trim().to_owned(),
            due: Some(entry.due_date),
            notes: entry.notes.trim().to_owned(),
            weaknesses: entry.cwes.clone(),
            // What is asked for names pages too, and says "listed below in Notes" of others.
            links: links_in(&format!("{} {}", entry.notes, entry.required_action)),
            flags: entry.due_before_added().then_some(Flag::DueBeforeAdded).into_iter().collect(),
        }
    }

    /// Everything by which it is found.
    fn searchable(&self) -> impl Iterator<Item = String> {
        let cves = self.cves.iter().map(ToString::to_string);
        cves.chain([self.title.clone(), self.vendor.clone(), self.product.clone()])
    }
}

/// The addresses in a text, each once. Sources part them by spaces, commas and semicolons.
fn links_in(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ';' || c == ',') {
        let word = word.trim_start_matches(['(', '[']).trim_end_matches(['.', ')', ']']);
        if is_link(word) && !links.iter().any(|link| link == word) {
            links.push(word.to_owned());
        }
    }
    links
}

/// What all sources together say about a threat: what its row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The kind, title and summary of the source that comes first.
    pub kind: ThreatType,
    /// Its name.
    pub title: String,
    /// What it is.
    pub summary: String,
    /// Whether any source knows it to be exploited.
    pub known_exploited: bool,
    /// Whether any source knows ransomware to use it.
    pub ransomware: bool,
    /// The newest date.
    pub dated: Date,
    /// The words by which it is found.
    pub words: Vec<String>,
}

impl Picture {
    /// Puts statements together; the first of them, by [`Source::ALL`], gives the words.
    pub fn of(statements: &[(Source, Said)]) -> Option<Self> {
        let place = |source: Source| Source::ALL.iter().position(|each| *each == source);
        let (_, first) = statements.iter().min_by_key(|(source, _)| place(*source))?;
        let all = || statements.iter().map(|(_, said)| said);
        let text: Vec<String> = all().flat_map(Said::searchable).collect();
        Some(Self {
            kind: first.kind,
            title: first.title.clone(),
            summary: first.summary.clone(),
            known_exploited: all().any(|said| said.known_exploited),
            ransomware: all().any(|said| said.ransomware),
            dated: all().map(|said| said.dated).max()?,
            words: platform::fold::words(&text.join(" ")),
        })
    }

    /// The list's first sort key: what is exploited before what ransomware uses before the rest.
    pub fn rank(&self) -> i64 {
        2 * i64::from(self.known_exploited) + i64::from(self.ransomware)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A statement about one CVE, for tests.
    pub(in crate::threat) fn said(cve: &str, title: &str, dated: &str) -> Said {
        Said {
            cves: vec![cve.parse().unwrap()],
            kind: ThreatType::Vulnerability,
            title: title.to_owned(),
            summary: String::new(),
            vendor: String::new(),
            product: String::new(),
            known_exploited: false,
            ransomware: false,
            dated: dated.parse().unwrap(),
            required_action: String::new(),
            due: None,
            notes: String::new(),
            weaknesses: vec![],
            links: vec![],
            flags: vec![],
        }
    }

    #[test]
    fn sources_add_up_and_the_catalogue_gives_the_words() {
        let hand = Said { ransomware: true, ..said("CVE-2017-0144", "EternalBlue!!", "2026-06-01") };
        let kev = Said { known_exploited: true, ..said("CVE-2017-0144", "SMBv1", "2022-02-10") };
        let picture = Picture::of(&[(Source::Hand, hand), (Source::Kev, kev)]).unwrap();
        assert_eq!((picture.title.as_str(), picture.rank()), ("SMBv1", 3));
        assert_eq!(picture.dated.to_string(), "2026-06-01");
        assert_eq!(picture.words, ["0144", "2017", "cve", "eternalblue", "smbv1"]);
        assert_eq!(Picture::of(&[]), None);
    }

    #[test]
    fn links_are_found_in_notes() {
        let notes = "See https://a.example/x ; https://b.example/y;https://a.example/x, javascript:x (http://c.example).";
        let links = ["https://a.example/x", "https://b.example/y", "http://c.example"];
        assert_eq!(links_in(notes), links);
        assert_eq!(links_in("As in [https://d.example/z]."), ["https://d.example/z"]);
    }
}
