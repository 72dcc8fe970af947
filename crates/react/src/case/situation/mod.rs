//! Situation reports: how a case stands, every six hours while it is in hand, for everybody who sees the shared zone.
//!
//! One is begun with what the case holds already, and frozen when it is issued.

pub mod actions;
pub mod api;
pub mod clocks;
mod facts;
mod pages;
pub mod store;

use jiff::SignedDuration;
use uuid::Uuid;

pub use crate::triage::Outlook;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a situation report.
    pub SituationId
}

/// How long after one report, or after the incident was taken on, the next one is due.
pub const EVERY: SignedDuration = SignedDuration::from_hours(6);

/// The longest part of a report, in characters.
pub const LONGEST: usize = 12_000;

/// What a report says.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// How it stands, in a few sentences.
    pub summary: String,
    /// What care is affected.
    pub impact: String,
    /// What happened since the last one.
    pub happened: String,
    /// What is to be done.
    pub tasks: String,
    /// What was decided.
    pub decisions: String,
    /// What is next.
    pub next: String,
}

/// A report to be issued.
#[derive(Clone, Debug)]
pub struct Issuing {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// The number of the last one that its writer had seen; 0 where there was none.
    pub after: i64,
    /// Where it goes.
    pub outlook: Outlook,
    /// What it says.
    pub words: Words,
}
