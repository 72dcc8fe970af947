//! Which incidents are like one: what was found in both, what kind they are, what was seen, which supplier is behind
//! them, and where; with how each came out and what was learned. For the CERT alone, whoever's they are.
//!
//! What stands in an organisation's own zone is not looked at. What counts how much is stated here; which incidents are
//! weighed at all is a bounded number, however many there are (`store.rs`).

pub mod api;
mod pages;
mod store;
mod weigh;

use db::{DbError, Snapshot};
use jiff::Timestamp;

use crate::{
    incident::{IncidentId, Receipt, State, store::Incident},
    observable::defanged,
    report::Seen,
    triage::{Priority, rsit},
};
use store::Basis;
pub use store::{Learned, Other};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

/// The most that are listed.
pub const MOST: usize = 10;
/// The most observables that are named of one.
const MOST_NAMED: usize = 3;

/// Why an incident is like another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The same was found in both: kind and value of each, as it was found.
    Observables(Vec<(String, String)>),
    /// They are of the same type of the RSIT, by its code.
    Type(String),
    /// They are of the same class of it, by its code.
    Class(String),
    /// The same was seen first.
    Seen(Vec<Seen>),
    /// The same supplier is behind both, by its name.
    Supplier(String),
    /// Their organisations are of the same kind, by its code.
    Kind(String),
    /// Their organisations are of the same region, by its code.
    Region(String),
    /// They were reported within so many days of each other.
    Near,
}

impl Reason {
    /// The word that machines know it by.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Observables(_) => "observables",
            Self::Type(_) => "type",
            Self::Class(_) => "class",
            Self::Seen(_) => "seen",
            Self::Supplier(_) => "supplier",
            Self::Kind(_) => "organisation_kind",
            Self::Region(_) => "region",
            Self::Near => "near",
        }
    }

    /// It in words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Observables(same) => {
                let named: Vec<_> =
                    same.iter().take(MOST_NAMED).map(|(kind, value)| defanged(kind, value)).collect();
                let more = match same.len().saturating_sub(MOST_NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("The same was found: {}{more}", named.join(", "))
            }
            Self::Type(code) => format!("The same kind of incident: {}", rsit::called(code)),
            Self::Class(code) => {
                let name = rsit::class(code).map_or(code.as_str(), |class| &class.name);
                format!("The same class of incident: {name}")
            }
            Self::Seen(seen) => {
                let seen: Vec<_> = seen.iter().map(|each| each.label()).collect();
                format!("The same was seen: {}", seen.join("; "))
            }
            Self::Supplier(name) => format!("The same supplier: {name}"),
            Self::Kind(code) => {
                format!("The same kind of organisation: {}", platform::organisation::kind_label(code))
            }
            Self::Region(code) => {
                format!("The same region: {}", platform::organisation::region_name(code))
            }
            Self::Near => format!("Reported within {} days of it", weigh::NEAR_DAYS),
        }
    }
}

/// An incident that is like another.
#[derive(Clone, Debug)]
pub struct Similar {
    /// Which.
    pub id: IncidentId,
    /// Its number.
    pub receipt: Receipt,
    /// Its organisation, where that is known.
    pub name: Option<String>,
    /// The code of that.
    pub code: Option<String>,
    /// Where it stands.
    pub state: State,
    /// How urgent it is, or was.
    pub priority: Option<Priority>,
    /// When it was reported.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Why it was closed; empty where it was not, and where that is no longer kept.
    pub outcome: String,
    /// How much speaks for it.
    pub score: i64,
    /// What speaks for it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// What was learned from it and is shared, the last first.
    pub lessons: Vec<Learned>,
}

impl Similar {
    /// What its organisation is called.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or("Not known")
    }

    /// What its tag of priority says, and its colour.
    pub fn priority_tag(&self) -> (&'static str, &'static str) {
        self.priority.map_or(("No priority yet", "white"), |priority| (priority.label(), priority.colour()))
    }
}

/// The incidents that are most like this one, [`MOST`] at most, for the CERT: the caller has asked whether the reader is
/// of it. Four statements, however many incidents there are.
pub async fn of(snapshot: &mut Snapshot, incident: &Incident) -> Result<Vec<Similar>, DbError> {
    let basis: Basis = store::basis(snapshot, incident).await?;
    let traces = store::traces(snapshot, incident.id).await?;
    let suppliers = store::of_suppliers(snapshot, incident.id).await?;
    let found = weigh::Found::of(&basis, traces, suppliers);
    let others = store::others(snapshot, &basis, &found.first()).await?;
    Ok(found.most_like(others))
}

/// The same with what was learned from each: one statement more.
pub async fn with_lessons(snapshot: &mut Snapshot, incident: &Incident) -> Result<Vec<Similar>, DbError> {
    let mut similar = of(snapshot, incident).await?;
    let ids: Vec<_> = similar.iter().map(|each| each.id).collect();
    for learned in store::lessons(snapshot, &ids).await? {
        if let Some(of) = similar.iter_mut().find(|each| each.id == learned.incident_id) {
            of.lessons.push(learned);
        }
    }
    Ok(similar)
}
