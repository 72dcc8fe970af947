//! Where and when a threat is active: in which region, against which types of organisations, from
//! when until when, and how sure the CERT is of it.
//!
//! An analyst enters it, corrects it and ends it; what was believed before stays. What sources tell of
//! targets and places is shown beside it, and never turned into an entry by itself.

pub mod actions;
pub mod api;
mod area;
mod counts;
mod pages;
pub(crate) mod panel;
pub mod store;
mod warning;

use formats::{Tlp, ods::OrganisationKind};
use jiff::civil::Date;
use platform::{access::Forbidden, web};

pub use area::Area;
pub use warning::{Decided, House};

use crate::{
    advisory::AdvisoryError,
    audience::AudienceError,
    threat::{self, Kind, ThreatError},
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes
}

db::id! {
    /// Names an entry, through all its corrections.
    pub ActivityId
}
db::id! {
    /// Names one state of an entry.
    pub StateId
}

platform::vocabulary! {
    /// Where it is known from.
    pub enum Basis {
        Sightings = "sightings", "Sightings that organisations reported";
        Incidents = "incidents", "Incidents that we handled";
        Partner = "partner", "A partner told us";
        Published = "published", "A published report";
    }
}

platform::vocabulary! {
    /// How sure the CERT is, in the words of STIX.
    pub enum Confidence {
        High = "high", "High";
        Medium = "medium", "Medium";
        Low = "low", "Low";
    }
}

impl Confidence {
    /// What the word means.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::High => "Confirmed by several who know it for themselves",
            Self::Medium => "Likely, and nothing contradicts it",
            Self::Low => "Possible, and not confirmed",
        }
    }
}

platform::vocabulary! {
    /// What made a state of an entry.
    pub enum Change {
        Entered = "entered", "Entered";
        Corrected = "corrected", "Corrected";
        Ended = "ended", "Ended";
    }
}

/// What an entry says beside its area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Against which types of organisations; none where that is not known.
    pub kinds: Vec<OrganisationKind>,
    /// The first day.
    pub from: Date,
    /// The last day; none while it goes on.
    pub until: Option<Date>,
    /// Where it is known from.
    pub basis: Basis,
    /// How sure that is.
    pub confidence: Confidence,
    /// What else is to be known of it, in plain text.
    pub note: String,
}

impl Kind {
    /// Whether a threat of this kind is active somewhere: somebody, or what somebody does. A weakness
    /// or a technique is everywhere or nowhere.
    pub const fn is_active_somewhere(self) -> bool {
        matches!(self, Self::ThreatActor | Self::Campaign | Self::Malware | Self::Fraud)
    }
}

/// Why something could not be noted, or a warning not begun.
#[derive(Debug, thiserror::Error)]
pub enum ActivityError {
    /// There is none such.
    #[error("There is no such entry.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A kind of threat that is nowhere.
    #[error(
        "Only a threat actor, a campaign, malware or a fraud is active somewhere; this is of another kind."
    )]
    Nowhere,
    /// It ends before it begins.
    #[error("The last day must be the first day or later.")]
    EndsFirst,
    /// Somebody else was faster.
    #[error(
        "Somebody changed this entry after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// The marking is wider than that of what the warning rests on.
    #[error("The warning rests on what organisations reported at {0}. Choose {0} or a narrower marking.")]
    TooWide(Tlp),
    /// The threat does not allow it.
    #[error(transparent)]
    Threat(#[from] ThreatError),
    /// The advisory could not be begun.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    /// The audience could not be chosen.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<ActivityError> for web::Error {
    fn from(error: ActivityError) -> Self {
        let sentence = error.to_string();
        match error {
            ActivityError::NotFound => Self::NotFound,
            ActivityError::Forbidden(forbidden) => forbidden.into(),
            ActivityError::Nowhere | ActivityError::EndsFirst | ActivityError::TooWide(_) => {
                Self::Invalid(sentence)
            }
            ActivityError::Overtaken => Self::Conflict(sentence),
            ActivityError::Threat(error) => error.into(),
            ActivityError::Advisory(error) => error.into(),
            ActivityError::Audience(error) => error.into(),
            ActivityError::Database(error) => error.into(),
        }
    }
}

/// The threat of this id, where it can be active somewhere.
async fn threat_of(
    snapshot: &mut db::Snapshot,
    id: threat::ThreatId,
) -> Result<threat::store::Threat, ActivityError> {
    let threat = threat::store::threat(snapshot, id).await?.ok_or(ActivityError::NotFound)?;
    if threat.kind.is_active_somewhere() { Ok(threat) } else { Err(ActivityError::Nowhere) }
}
