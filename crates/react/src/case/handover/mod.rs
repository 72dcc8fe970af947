//! Who is at work on a case, as what and until when, and what one shift writes for the next.

pub mod actions;
mod pages;
pub mod store;

use jiff::Timestamp;
use platform::access::PersonId;
use uuid::Uuid;

pub(crate) use pages::routes;

db::id! {
    /// Names that somebody is at work on a case.
    pub ShiftId
}
db::id! {
    /// Names a hand-over note of a case.
    pub HandoverId
}

platform::vocabulary! {
    /// As what somebody is at work on a case.
    pub enum Duty {
        IncidentLead = "incident_lead", "Incident lead";
        TechnicalLead = "technical_lead", "Technical lead";
        ClinicalLead = "clinical_lead", "Clinical lead";
        Communications = "communications", "Communications";
        Loggist = "loggist", "Loggist";
        Liaison = "liaison", "Liaison";
        Other = "other", "Something else";
    }
}

/// The most shifts of one case.
pub const MOST: i64 = 500;
/// The longest hand-over note, in characters.
pub const LONGEST: usize = 20_000;

/// A shift as it is written down.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// As what.
    pub duty: Duty,
    /// Who.
    pub person: PersonId,
    /// From when; from now on where `None`.
    pub from_at: Option<Timestamp>,
    /// Until when.
    pub until_at: Option<Timestamp>,
}
