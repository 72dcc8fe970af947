//! An advisory as its readers see it, whether they write, approve or receive it.
//!
//! The template `advisory/_reading.html` shows it under the name `reading`, with the page's
//! `shell` beside it; whoever includes that template decides who may see it.

use formats::{
    Tlp,
    markdown::{SafeHtml, to_html},
};
use jiff::Timestamp;
use platform::web::{shell::Language, show};

use super::{AdvisoryNumber, Link, Platform, Severity, StepKind, Version};

/// Everything that `advisory/_reading.html` shows.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its number.
    pub number: AdvisoryNumber,
    /// Which version it is.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// How much it asks.
    pub severity: Severity,
    /// How far it may travel.
    pub tlp: Tlp,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// The severities it had, oldest first; empty where it had but one.
    pub severities: Vec<(Timestamp, Severity)>,
    /// The paragraphs of the summary.
    pub summary: Vec<String>,
    /// Threat type, categories and vectors: what, and which.
    pub classes: Vec<(&'static str, String)>,
    /// What is affected.
    pub platforms: Vec<Platform>,
    /// The threat details.
    pub details: SafeHtml,
    /// What became known later, the newest first.
    pub updates: Vec<ReadUpdate>,
    /// What stands before the steps.
    pub remediation: SafeHtml,
    /// What is to be done.
    pub steps: Vec<ReadStep>,
    /// Kind and defanged form of each indicator.
    pub indicators: Vec<(String, String)>,
    /// The vulnerabilities.
    pub cves: Vec<String>,
    /// The page that decides.
    pub source: Option<Link>,
}

/// An update as it is read.
#[derive(Clone, Debug)]
pub struct ReadUpdate {
    /// Its day.
    pub date: String,
    /// Its heading.
    pub title: String,
    /// The news.
    pub text: SafeHtml,
}

/// A remediation step as it is read.
#[derive(Clone, Debug)]
pub struct ReadStep {
    /// What kind of thing to do.
    pub kind: StepKind,
    /// What to do.
    pub text: SafeHtml,
    /// Where to find it.
    pub link: Option<String>,
}

impl Reading {
    /// How `version` reads, with the severities from [`super::store::severities`].
    pub fn of(version: &Version, severities: Vec<(Timestamp, Severity)>) -> Self {
        let (wording, content) = (&version.wording, &version.wording.content);
        let mut updates: Vec<_> = content
            .updates
            .iter()
            .map(|update| ReadUpdate {
                date: show::date(update.date, Language::English),
                title: update.title.clone(),
                text: to_html(&update.text),
            })
            .collect();
        updates.reverse();
        let steps = content.steps.iter().map(|step| ReadStep {
            kind: step.kind,
            text: to_html(&step.text),
            link: step.link.clone(),
        });
        Self {
            number: version.number,
            version: version.version,
            title: wording.title.clone(),
            severity: wording.severity,
            tlp: wording.tlp,
            published_at: version.published_at,
            severities: if severities.len() > 1 { severities } else { Vec::new() },
            summary: content.summary.split("\n\n").map(str::to_owned).collect(),
            classes: classes(content),
            platforms: content.platforms.clone(),
            details: to_html(&content.details),
            updates,
            remediation: to_html(&content.remediation),
            steps: steps.collect(),
            indicators: content
                .indicators
                .iter()
                .map(|indicator| (indicator.kind().label().to_owned(), indicator.defanged()))
                .collect(),
            cves: content.cves.iter().map(ToString::to_string).collect(),
            source: content.source.clone(),
        }
    }

    /// The colour of the marking's tag.
    pub const fn tlp_colour(&self) -> &'static str {
        tlp_colour(self.tlp)
    }
}

/// The colour of a marking's tag.
pub const fn tlp_colour(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "white",
        Tlp::Green => "green",
        Tlp::Amber | Tlp::AmberStrict => "orange",
        Tlp::Red => "red",
    }
}

/// The colour of a step's tag.
pub const fn step_colour(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Patch => "red",
        StepKind::Action => "orange",
        StepKind::Guidance => "blue",
        StepKind::Aware => "grey",
    }
}

fn classes(content: &super::Content) -> Vec<(&'static str, String)> {
    let joined = |labels: Vec<&str>| labels.join(", ");
    let rows = [
        ("Threat type", content.threat_type.map(|kind| kind.label().to_owned()).unwrap_or_default()),
        ("Category", joined(content.categories.iter().map(|category| category.label()).collect())),
        ("Threat vector", joined(content.vectors.iter().map(|vector| vector.label()).collect())),
    ];
    rows.into_iter().filter(|(_, labels)| !labels.is_empty()).collect()
}
