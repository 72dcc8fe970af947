//! What one source says about one threat, and the picture that all sources together give.

use std::cmp::Reverse;

use formats::{
    CveId, Tlp,
    cve_record::{Automatable, Exploitation, TechnicalImpact},
    epss::Fraction,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Kind, Looks, Rated, Scored, score, words};
use crate::{
    advisory::content::is_link,
    source::Source,
    triage::{self, Beside, Facts, Policy},
};

platform::vocabulary! {
    /// What was noticed on reading a statement: it was kept as it is.
    pub enum Flag {
        DueBeforeAdded = "due_before_added", "It was due before it was added to the list";
        ScoreContradicted = "score_contradicted", "A score and its vector contradict each other";
        Rejected = "rejected", "The number was rejected, and stands for no vulnerability";
        Contradicted = "contradicted", "Of one product it says both that it is and that it is not affected";
        Unsettled = "unsettled",
            "Of one product it says two things: that it is under investigation, and that it is settled";
        Unread = "unread", "A part of the document could not be read";
        Undated = "undated",
            "No date of it can be read: the day is that on which its feed changed, or on which it was read";
        Draft = "draft", "Its publisher calls it a draft, which may change and is not for everybody yet";
        Interim = "interim", "Its publisher calls it preliminary, and expects to change it";
        Revoked = "revoked", "Its maker has taken it back";
        Deprecated = "deprecated", "Its maker no longer keeps it up";
        UnknownMarking = "unknown_marking",
            "A marking of it cannot be read, so that it is treated as TLP:AMBER+STRICT at least";
    }
}

/// A statement as it was read. What a source does not say stays empty: unknown, never harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// About which vulnerabilities.
    pub cves: Vec<CveId>,
    /// Vulnerabilities that it speaks of without being about one of them alone.
    #[serde(default)]
    pub mentions: Vec<CveId>,
    /// What kind of threat it is.
    pub kind: Kind,
    /// Its name.
    pub title: String,
    /// What it is, in plain text.
    pub summary: String,
    /// Who says it, where the source has several publishers.
    #[serde(default)]
    pub by: String,
    /// What they call it, such as ICSMA-24-249-01.
    #[serde(default)]
    pub number: String,
    /// What else it is called.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The steps of an attack in which it is used.
    #[serde(default)]
    pub tactics: Vec<String>,
    /// How far it may travel, where that is told.
    #[serde(default)]
    pub marking: Option<Tlp>,
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
    /// When the source last changed it, where the newer of two is told by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
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
    /// How severe it is, by each who says so.
    #[serde(default)]
    pub scores: Vec<Scored>,
    /// How it was assessed by SSVC.
    #[serde(default)]
    pub assessed: Option<Assessed>,
    /// What it tells of exploitation in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<ToldOfExploitation>,
    /// Which products it concerns, and how.
    #[serde(default)]
    pub products: Vec<Product>,
    /// How many more of them the document names than are kept.
    #[serde(default, skip_serializing_if = "is_none")]
    pub products_left: usize,
    /// What helps until it is remedied.
    #[serde(default)]
    pub mitigations: Vec<String>,
    /// The medical device that it concerns.
    #[serde(default)]
    pub device: Option<Device>,
    /// What was noticed on reading it.
    pub flags: Vec<Flag>,
}

/// What was decided by SSVC about one vulnerability; what was not decided is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessed {
    /// Whether it is exploited.
    pub exploitation: Option<Exploitation>,
    /// Whether the first steps of an attack can be automated.
    pub automatable: Option<Automatable>,
    /// How much of the component an attacker gains.
    pub technical_impact: Option<TechnicalImpact>,
    /// Who decided.
    pub by: String,
    /// When.
    pub on: Option<Date>,
}

/// What a source tells of exploitation in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldOfExploitation {
    /// The words.
    pub words: String,
    /// The value that they mean; none where that is not plain.
    pub value: Option<Exploitation>,
}

/// A product, and whether it is affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name, with vendor and version as the source writes them.
    pub name: String,
    /// How it is affected.
    pub status: ProductStatus,
}

platform::vocabulary! {
    /// How a product is affected, as a source says. Silence is unknown.
    pub enum ProductStatus {
        Affected = "affected", "Affected";
        UnderInvestigation = "under_investigation", "Under investigation";
        Fixed = "fixed", "Fixed";
        NotAffected = "not_affected", "Not affected";
        Recommended = "recommended", "Recommended";
        Unknown = "unknown", "Unknown";
    }
}

/// A medical device, as far as a source tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its vendor.
    pub vendor: String,
    /// Its model.
    pub model: String,
    /// What it is used for.
    pub clinical_use: String,
    /// Why it is taken for one.
    pub because: String,
}

/// Products that one statement keeps; the document has them all.
pub(super) const PRODUCTS: usize = 500;

impl Said {
    /// A statement that says no more than this.
    pub fn new(kind: Kind, title: impl Into<String>, dated: Date) -> Self {
        Self {
            cves: Vec::new(),
            mentions: Vec::new(),
            kind,
            title: title.into(),
            summary: String::new(),
            by: String::new(),
            number: String::new(),
            aliases: Vec::new(),
            tactics: Vec::new(),
            marking: None,
            vendor: String::new(),
            product: String::new(),
            known_exploited: false,
            ransomware: false,
            dated,
            updated: None,
            required_action: String::new(),
            due: None,
            notes: String::new(),
            weaknesses: Vec::new(),
            links: Vec::new(),
            scores: Vec::new(),
            assessed: None,
            exploitation: None,
            products: Vec::new(),
            products_left: 0,
            mitigations: Vec::new(),
            device: None,
            flags: Vec::new(),
        }
    }

    /// How many products it names.
    pub const fn products_named(&self) -> usize {
        self.products.len() + self.products_left
    }
}

/// Whether there is nothing to be written of a number.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_none(number: &usize) -> bool {
    *number == 0
}

/// The addresses in a text, each once. Sources part them by spaces, commas and semicolons.
pub(super) fn links_in(text: &str) -> Vec<String> {
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
    pub kind: Kind,
    /// Its name.
    pub title: String,
    /// What it is.
    pub summary: String,
    /// The newest date.
    pub dated: Date,
    /// Whether it concerns a medical device.
    pub medical: bool,
    /// How urgent it looks.
    pub looks: Looks,
    /// The triage policy under which its points were judged.
    pub policy: u32,
    /// The words by which it is found.
    pub words: Vec<String>,
}

/// "94.3 %"; what rounds to nothing or to all is said to be near it.
pub fn percent(share: Fraction) -> String {
    let tenths = (share.billionths() + 500_000) / 1_000_000;
    match (tenths, share.billionths()) {
        (0, _) => "below 0.1\u{a0}%".to_owned(),
        (1000, ..1_000_000_000) => "above 99.9\u{a0}%".to_owned(),
        (tenths, _) => format!("{}.{}\u{a0}%", tenths / 10, tenths % 10),
    }
}

impl Picture {
    /// Puts statements together; the first of them, by [`Source::ALL`] and then the newest, that has words
    /// gives them. `rated` is what FIRST says of its vulnerabilities.
    pub fn of(
        statements: &[(Source, &Said)],
        rated: Rated,
        beside: &Beside,
        policy: &Policy,
    ) -> Option<Self> {
        let place = |source: Source| Source::ALL.iter().position(|each| *each == source);
        let mut sorted: Vec<_> = statements.iter().collect();
        sorted.sort_by_key(|(source, said)| (place(*source), Reverse(said.dated), &said.number));
        let all = || sorted.iter().map(|(_, said)| *said);
        let first =
            |text: fn(&Said) -> &str| all().map(text).find(|text| !text.is_empty()).unwrap_or_default();
        let kind = all().next()?.kind;
        let facts = Facts { kind, said: statements, beside };
        Some(Self {
            kind,
            title: first(|said| &said.title).to_owned(),
            summary: first(|said| &said.summary).to_owned(),
            dated: all().map(|said| said.dated).max()?,
            medical: all().any(|said| said.device.is_some()),
            looks: Looks {
                known_exploited: facts.is_exploited(),
                ransomware: all().any(|said| said.ransomware),
                score: score::tenths(all().flat_map(|said| &said.scores), rated),
                epss: rated.epss,
                points: triage::judge::points(facts, policy),
            },
            policy: policy.version,
            words: words::of(all()),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{threat::looks::LEVEL, triage::Decision};

    /// A statement about one CVE, for tests.
    pub(in crate::threat) fn said(cve: &str, title: &str, dated: &str) -> Said {
        let said = Said::new(Kind::Vulnerability, title, dated.parse().unwrap());
        Said { cves: vec![cve.parse().unwrap()], ..said }
    }

    fn pictured(statements: &[(Source, &Said)]) -> Option<Picture> {
        Picture::of(
            statements,
            Rated::default(),
            Beside::NOTHING,
            Policy::current(jiff::Timestamp::UNIX_EPOCH),
        )
    }

    #[test]
    fn sources_add_up_and_the_catalogue_gives_the_words() {
        let hand = Said { ransomware: true, ..said("CVE-2017-0144", "EternalBlue!!", "2026-06-01") };
        let kev = Said { known_exploited: true, ..said("CVE-2017-0144", "SMBv1", "2022-02-10") };
        let picture = pictured(&[(Source::Hand, &hand), (Source::Kev, &kev)]).unwrap();
        // Nobody tells whether it can be automated and what is gained: ransomware uses it, the worst is assumed.
        let act = Decision::Act.from();
        assert_eq!((picture.title.as_str(), picture.looks.rank()), ("SMBv1", act + 4 * LEVEL));
        assert_eq!(picture.looks.points, "E:A/A:Y/T:T/P:S/B:A".parse().ok());
        // Of what others exploit it is assumed that it can be automated, and no more.
        let picture = pictured(&[(Source::Kev, &kev)]).unwrap();
        assert_eq!(picture.looks.points, "E:A/A:Y/P:S/B:A".parse().ok());
        assert_eq!(picture.looks.decision(), Some(Decision::AttendOrAct));
        let picture = pictured(&[(Source::Kev, &kev), (Source::Hand, &hand)]).unwrap();
        assert_eq!(picture.dated.to_string(), "2026-06-01");
        assert_eq!(picture.words, ["0144", "2017", "cve", "eternalblue", "smbv1"]);
        assert_eq!(pictured(&[]), None);
    }

    #[test]
    fn a_source_without_words_leaves_them_to_the_next() {
        let mute = said("CVE-2017-0144", "", "2022-02-10");
        let told =
            Said { summary: "Worms use it.".to_owned(), ..said("CVE-2017-0144", "Told", "2022-02-10") };
        let picture = pictured(&[(Source::Cve, &told), (Source::Kev, &mute)]).unwrap();
        assert_eq!((picture.title.as_str(), picture.summary.as_str()), ("Told", "Worms use it."));
    }

    #[test]
    fn links_are_found_in_notes() {
        let notes = "See https://a.example/x ; https://b.example/y;https://a.example/x, javascript:x (http://c.example).";
        let links = ["https://a.example/x", "https://b.example/y", "http://c.example"];
        assert_eq!(links_in(notes), links);
        assert_eq!(links_in("As in [https://d.example/z]."), ["https://d.example/z"]);
    }
}
