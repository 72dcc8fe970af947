//! What an advisory says: the fields of an NHS cyber alert.
//!
//! Texts are Markdown, as analysts write them; what is made of them for a page is made elsewhere.
//! Nothing here is public by itself: the TLP marking stands beside it and is asked at every door.

use formats::{CveId, Indicator, Tlp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::vocabulary::{Category, Severity, StepKind, ThreatType, Vector};

/// The longest of an advisory's Markdown texts, in characters: what [`formats::markdown`] shows.
pub const LONGEST_TEXT: usize = formats::markdown::LONGEST / 4;
/// The most rows of a list, so that a page stays a page.
pub const MOST_ROWS: usize = 500;

/// Everything that an author decides about a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The title; part of the alert's mail unless TLP forbids it.
    pub title: String,
    /// How much it asks.
    pub severity: Severity,
    /// How far it may travel.
    pub tlp: Tlp,
    /// The rest.
    pub content: Content,
}

/// The rest of what an advisory says, kept as one JSON document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// What it is about, in a few sentences of plain text.
    pub summary: String,
    /// What kind of threat it is, once decided.
    pub threat_type: Option<ThreatType>,
    /// What kinds of harmful software or attack.
    pub categories: Vec<Category>,
    /// By which ways it comes in.
    pub vectors: Vec<Vector>,
    /// What it affects.
    pub platforms: Vec<Platform>,
    /// The threat in detail, in Markdown.
    pub details: String,
    /// What became known later, the newest last.
    pub updates: Vec<Update>,
    /// What stands before the remediation steps, in Markdown.
    pub remediation: String,
    /// What is to be done.
    pub steps: Vec<Step>,
    /// Traces of the attack, shown defanged always.
    pub indicators: Vec<Indicator>,
    /// The vulnerabilities.
    pub cves: Vec<CveId>,
    /// The page that decides where others differ.
    pub source: Option<Link>,
    /// What was filled in for the authors and nobody has decided yet: none once it is submitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposed: Vec<Proposed>,
}

platform::vocabulary! {
    /// A value that is put to the authors, who decide it by saving its page.
    pub enum Proposed {
        Severity = "severity", "your decision on the proposed severity";
        Marking = "marking", "your decision on the proposed marking";
    }
}

/// A product that is affected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Vendor and product.
    pub name: String,
    /// Which versions, as people say it: "before 7.4.3".
    #[serde(default)]
    pub versions: Vec<String>,
}

/// What became known after the first publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// On which day.
    pub date: Date,
    /// Its heading.
    pub title: String,
    /// The news, in Markdown.
    pub text: String,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What kind of thing.
    pub kind: StepKind,
    /// What to do, in Markdown.
    pub text: String,
    /// Where to find it, `https://…`.
    #[serde(default)]
    pub link: Option<String>,
}

/// A page elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose page it is.
    pub name: String,
    /// Its address, `https://…`.
    pub url: String,
}

impl Content {
    /// Notes that somebody has decided what was proposed.
    pub(super) fn decide(&mut self, decided: Proposed) {
        self.proposed.retain(|proposed| *proposed != decided);
    }
}

impl Wording {
    /// An advisory of which only the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            severity: Severity::Medium,
            // The narrower circle until somebody decides otherwise.
            tlp: Tlp::Amber,
            content: Content::default(),
        }
    }

    /// What has to be written before it can be submitted, each as the end of "Add …".
    pub fn missing(&self) -> Vec<&'static str> {
        let content = &self.content;
        let needed = [
            (self.title.trim().is_empty(), "a title"),
            (content.summary.trim().is_empty(), "a summary"),
            (content.threat_type.is_none(), "the threat type"),
            (content.details.trim().is_empty(), "the threat details"),
            (
                content.steps.is_empty() && self.severity != Severity::InformationOnly,
                "at least one remediation step",
            ),
            (content.source.is_none(), "the definitive source"),
        ];
        let missing = needed.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what);
        missing.chain(content.proposed.iter().map(|proposed| proposed.label())).collect()
    }
}

/// Whether `url` is an address that may stand behind a link: readers can see where it leads, and
/// it runs nothing.
pub fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    url.len() <= 2048
        && rest.is_some_and(|rest| {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            host.contains('.')
                && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>\\".contains(c))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_advisory_says_all_that_is_missing() {
        assert_eq!(Wording::titled("").missing().len(), 6);
        let mut wording = Wording::titled("WannaCry");
        wording.severity = Severity::InformationOnly;
        assert_eq!(wording.missing().len(), 4);
    }

    #[test]
    fn content_reads_back_and_keeps_indicators_defanged() {
        let content = Content {
            indicators: vec!["http://evil.example/a".parse().unwrap()],
            cves: vec!["CVE-2017-0144".parse().unwrap()],
            threat_type: Some(ThreatType::Malware),
            ..Content::default()
        };
        let json = serde_json::to_string(&content).unwrap();
        assert!(json.contains("hxxp://evil[.]example/a"), "{json}");
        assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), content);
        assert_eq!(serde_json::from_str::<Content>("{}").unwrap(), Content::default());
    }

    #[test]
    fn a_link_leads_where_one_can_see() {
        assert!(is_link("https://learn.microsoft.com/a?b=c#d"));
        for wrong in [
            "",
            "javascript:alert(1)",
            "https://",
            "https://localhost",
            "//a.b",
            "https://a b.c",
            "ftp://a.b",
        ] {
            assert!(!is_link(wrong), "{wrong}");
        }
    }
}
