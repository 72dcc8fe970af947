//! What stands above every page of a case: whose it is, how it stands, and its other pages.

use super::{Party, Sight, Zone};
use crate::incident::store::Incident;

/// The pages of a case, in the order in which they are offered: what they are called, and their path below
/// `/incidents/{id}`.
const PARTS: &[(&str, &str)] = &[
    ("Report", ""),
    ("Priority, kind and outlook", "/triage"),
    ("Timeline", "/timeline"),
    ("Playbooks", "/runs"),
    ("Tasks", "/tasks"),
    ("Impact on care", "/impact"),
    ("Regulators", "/clocks"),
    ("Messages", "/messages"),
    ("Notes", "/notes"),
    ("Decisions", "/decisions"),
    ("Observables", "/observables"),
    ("Similar incidents", "/similar"),
    ("Evidence", "/evidence"),
    ("Situation reports", "/situation"),
    ("Times", "/times"),
    ("Lessons and actions", "/lessons"),
    ("Report of the incident", "/report"),
    ("People and shifts", "/people"),
    ("Find in this case", "/search"),
    ("Take it along", "/export"),
    ("Who is let in", "/guests"),
];

/// Those that are not for guests.
const NOT_FOR_GUESTS: &[&str] = &["", "/guests"];
/// Those that stand in the shared zone alone, and are not for a guest of another one.
const SHARED: &[&str] = &["/situation", "/triage", "/impact", "/times"];

/// Those that are for the CERT alone.
const FOR_THE_CERT: &[&str] = &["/similar"];

/// What stands above a page of a case.
#[derive(Clone, Debug)]
pub struct Head {
    /// The incident.
    pub incident: Incident,
    /// The tag of its priority, for whoever reads what is shared: its words and its colour.
    pub priority: Option<(&'static str, &'static str)>,
    /// What this page is called.
    pub title: &'static str,
    /// Whether a guest reads it, who is not told how far the report is believed.
    pub for_guest: bool,
    /// As what its reader comes to the case.
    pub party: Party,
    /// The pages: what each is called, where it is, and whether it is this one.
    pub parts: Vec<(&'static str, String, bool)>,
}

impl Head {
    /// Above the page of this path below `/incidents/{id}`, for whoever has the case in this sight.
    pub fn of(sight: &Sight, path: &str) -> Self {
        let base = format!("/incidents/{}", sight.incident.id);
        let theirs = |part: &&(&str, &str)| {
            (sight.party != Party::Guest || !NOT_FOR_GUESTS.contains(&part.1))
                && (sight.reads.contains(Zone::Shared) || !SHARED.contains(&part.1))
                && (sight.party == Party::Cert || !FOR_THE_CERT.contains(&part.1))
        };
        let shown =
            PARTS.iter().filter(theirs).map(|&(label, each)| (label, format!("{base}{each}"), each == path));
        let title = PARTS.iter().find(|part| part.1 == path).map_or("Case", |part| part.0);
        let for_guest = sight.party == Party::Guest;
        let priority = sight.reads.contains(Zone::Shared).then(|| sight.incident.priority_tag());
        let party = sight.party;
        Self { incident: sight.incident.clone(), priority, title, for_guest, party, parts: shown.collect() }
    }

    /// Who wrote something down, as the reader knows them; a machine is known by its organisation.
    pub fn writer(&self, cert: &str, by: Option<&str>, through: Option<&str>) -> String {
        match by {
            None => through.unwrap_or(cert).to_owned(),
            Some(_) => self.party.knows(cert, true, by, through),
        }
    }
}
