//! What an advisory says as a whole, and the list of its vulnerabilities, as its page shows them.

use std::collections::BTreeMap;

use formats::csaf::{self, Marking, Reading, Revision, Tracking, Vulnerability};
use jiff::Timestamp;
use platform::web::show;

use super::prose::{MOST, Page, Prose, Room};
use crate::threat::{
    ProductStatus,
    intake::csaf::{keys, products, series},
};

/// Vulnerabilities on a page.
pub(super) const ROWS: usize = 50;

/// An advisory.
pub(super) struct Advisory {
    /// What its publisher calls it through all its revisions.
    pub series: String,
    pub facts: Vec<(&'static str, String)>,
    pub released_at: Option<Timestamp>,
    pub notes: Vec<Prose>,
    pub vulnerabilities: Vec<Row>,
    /// The place of the first vulnerability of the next page.
    pub next: Option<usize>,
    pub revisions: Vec<Revised>,
    pub references: Vec<Page>,
    pub thanks: Vec<String>,
}

/// A vulnerability in the list.
pub(super) struct Row {
    pub place: usize,
    /// The key of its statement.
    pub key: String,
    pub name: String,
    pub title: String,
    pub score: String,
    /// How many products stand how.
    pub products: String,
}

/// A revision.
pub(super) struct Revised {
    pub number: String,
    pub date: Option<Timestamp>,
    pub summary: String,
}

impl Advisory {
    /// The advisory, with its vulnerabilities from the place `from` on.
    pub(super) fn of(reading: &Reading<csaf::Document>, from: usize) -> Self {
        let document = &reading.document;
        let mut room = Room::new();
        let all = document.vulnerabilities.iter().zip(keys(document)).enumerate().skip(from);
        let vulnerabilities: Vec<Row> = all
            .take(ROWS)
            .map(|(place, (vulnerability, key))| row(document, vulnerability, place + 1, key, &mut room))
            .collect();
        let next = from + vulnerabilities.len();
        Self {
            series: series(document),
            facts: facts(document, &mut room),
            released_at: document.tracking.current_release_date,
            vulnerabilities,
            next: (next < document.vulnerabilities.len()).then_some(next),
            revisions: revisions(&document.tracking, &mut room),
            references: room.pages(&document.references),
            thanks: room.thanks(&document.acknowledgments),
            // Last, since they take what room there is.
            notes: room.notes(&document.notes),
        }
    }
}

/// What it is, in pairs.
fn facts(document: &csaf::Document, room: &mut Room) -> Vec<(&'static str, String)> {
    let (publisher, tracking) = (&document.publisher, &document.tracking);
    let by = [&publisher.name, &publisher.namespace, &publisher.issuing_authority];
    let generator = tracking.generator.iter().flat_map(|by| [&by.name, &by.version]).flatten();
    let contact = publisher.contact_details.as_deref().unwrap_or_default();
    let facts = [
        ("Published by", joined(by.into_iter().flatten(), ", ")),
        ("Contact", contact.to_owned()),
        ("Number", tracking.id.clone().unwrap_or_default()),
        ("Also called", joined(&tracking.aliases, ", ")),
        ("Version", tracking.version.clone().unwrap_or_default()),
        ("Status", tracking.status.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("Marking", marking(&document.distribution.marking)),
        ("May travel", document.distribution.text.clone().unwrap_or_default()),
        ("Severity, as its publisher says", {
            document.aggregate_severity.as_ref().map(|it| it.text.clone()).unwrap_or_default()
        }),
        ("Kind", document.category.clone().unwrap_or_default()),
        ("Language", document.lang.clone().unwrap_or_default()),
        ("Products", show::count(i64::try_from(document.tree.products.len()).unwrap_or(i64::MAX))),
        ("Made with", joined(generator, " ")),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    facts.map(|(key, value)| (key, room.text(&value))).collect()
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a String>, between: &str) -> String {
    parts.into_iter().map(String::as_str).collect::<Vec<_>>().join(between)
}

fn marking(marking: &Marking) -> String {
    match marking {
        Marking::Told(tlp) => tlp.to_string(),
        Marking::Unreadable(text) => format!("“{text}”, which is no marking of the protocol"),
        Marking::NotTold => "Not told".to_owned(),
    }
}

fn row(
    document: &csaf::Document,
    vulnerability: &Vulnerability,
    place: usize,
    key: String,
    room: &mut Room,
) -> Row {
    let scores = vulnerability.scores.iter().filter_map(|score| score.newest()?.base_score);
    Row {
        place,
        key,
        name: room.text(&vulnerability.name().unwrap_or_else(|| format!("Vulnerability {place}"))),
        title: room.text(vulnerability.title.as_deref().unwrap_or_default()),
        score: scores.reduce(f64::max).map(|score| format!("{score:.1}")).unwrap_or_default(),
        products: counted(document, vulnerability),
    }
}

/// How many products stand how, such as "3 affected, 1 fixed".
fn counted(document: &csaf::Document, vulnerability: &Vulnerability) -> String {
    let standings = document.standings(vulnerability);
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for id in products::told(vulnerability) {
        let status = products::status(&standings.of(id));
        let order = ProductStatus::ALL.iter().position(|each| *each == status).unwrap_or_default();
        *counts.entry(order).or_default() += 1;
    }
    let told = counts.values().sum::<usize>();
    let unknown = document.tree.products.len().saturating_sub(told);
    let words = counts.into_iter().map(|(order, count)| (count, ProductStatus::ALL[order].label()));
    let words = words.chain((unknown > 0).then_some((unknown, ProductStatus::Unknown.label())));
    words.map(|(count, label)| format!("{count} {}", show::in_sentence(label))).collect::<Vec<_>>().join(", ")
}

fn revisions(tracking: &Tracking, room: &mut Room) -> Vec<Revised> {
    let revised = |revision: &Revision| Revised {
        number: revision.number.clone().or_else(|| revision.legacy_version.clone()).unwrap_or_default(),
        date: revision.date,
        summary: room.text(revision.summary.as_deref().unwrap_or_default()),
    };
    // The last is what a reader looks for.
    tracking.revision_history.iter().rev().take(MOST).map(revised).collect()
}
