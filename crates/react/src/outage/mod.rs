//! A supplier is down, and with it everybody who uses it: one incident fans out to all whom it concerns.
//!
//! Each organisation is told the same, reads nothing of the incident, and says for itself how it stands; what it says is
//! read by itself, by who answers for it and by the CERT. Nobody learns who else is concerned, nor how many are.

pub mod actions;
pub mod audience;
mod jobs;
pub(crate) mod messages;
mod pages;
pub mod panel;
mod policy;
pub mod reminders;
pub mod store;
pub(crate) mod texts;
mod waiting;

use jiff::Timestamp;
use platform::{access::Forbidden, web};

use crate::impact::Downtime;
pub(crate) use jobs::Tell;
pub(crate) use pages::routes;
pub use store::{Outage, Reply};
pub use waiting::WAITING;

db::id! {
    /// Names an outage.
    pub OutageId
}

/// The number by which an outage is spoken of.
pub type Receipt = platform::receipt::Receipt<'U'>;

/// The longest of what is told, noted or added, in characters.
pub const LONGEST: usize = 2_000;
/// The most that is told of one outage after it was declared.
pub const MOST_UPDATES: i64 = 100;
/// How many hours those concerned are given to answer: at least, at most, and unless somebody says otherwise.
pub const HOURS: (i64, i64, i64) = (1, 72, 4);

platform::vocabulary! {
    /// Where an outage stands.
    ///
    /// | from     | event    | to        |
    /// |----------|----------|-----------|
    /// | Declared | Restore  | Restored  |
    /// | Declared | Withdraw | Withdrawn |
    pub enum State {
        Declared = "declared", "Down";
        Restored = "restored", "Restored";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

platform::vocabulary! {
    /// How an organisation stands with it.
    pub enum Stands {
        Waiting = "waiting", "No answer yet";
        Affected = "affected", "Affected";
        NotAffected = "not_affected", "Not affected";
        Recovered = "recovered", "Works again";
    }
}

platform::vocabulary! {
    /// Whether patients are affected.
    pub enum Patients {
        Yes = "yes", "Yes";
        No = "no", "No";
        NotKnown = "not_known", "Not known yet";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Declared => "red",
            Self::Restored => "green",
            Self::Withdrawn => "grey",
        }
    }

    /// Whether those concerned may still say how they stand: not of one that was none.
    pub const fn takes_answers(self) -> bool {
        !matches!(self, Self::Withdrawn)
    }
}

impl Stands {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Waiting => "yellow",
            Self::Affected => "red",
            Self::NotAffected => "grey",
            Self::Recovered => "green",
        }
    }
}

impl Patients {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Yes => "red",
            Self::No => "green",
            Self::NotKnown => "yellow",
        }
    }
}

/// What an organisation says of an outage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// How it stands; never [`Stands::Waiting`].
    pub stands: Stands,
    /// Whether the procedure for work without the system carries it.
    pub downtime: Downtime,
    /// Whether patients are affected.
    pub patients: Patients,
    /// What else it says.
    pub note: String,
}

/// What is declared.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The form that it is sent with: sent twice, it is one.
    pub form: uuid::Uuid,
    /// Whose systems are down, as typed: an ODS code or a name.
    pub supplier: String,
    /// Which system; empty for all of the supplier's.
    pub system: String,
    /// What those concerned are told.
    pub told: String,
    /// Since when it is down.
    pub since: Timestamp,
    /// Within how many hours they are asked to answer.
    pub hours: i64,
}

/// Why something could not be done to an outage.
#[derive(Debug, thiserror::Error)]
pub enum OutageError {
    /// There is none such, or not for this actor.
    #[error("There is no such outage.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nobody uses it.
    #[error(
        "Nobody is known to use this. Look at the list of suppliers: it may stand there by another name."
    )]
    Nobody,
    /// It is over.
    #[error("This outage was withdrawn, or is over. Reload the page to see what was said.")]
    Over,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Reload the page to see it.")]
    Twice,
    /// Somebody else was faster.
    #[error("Somebody changed this after you opened it. Go back and reload the page to see what they did.")]
    Overtaken,
    /// What was written cannot be kept as it is; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The case or the report does not allow it.
    #[error("{0}")]
    Elsewhere(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for OutageError {
    fn field(&self, about: &'static str) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Forbidden(_) | Self::Database(_) => None,
            _ => Some(about),
        }
    }
}

impl From<crate::case::CaseError> for OutageError {
    fn from(error: crate::case::CaseError) -> Self {
        use crate::case::CaseError;
        match error {
            CaseError::NotFound => Self::NotFound,
            CaseError::Forbidden(forbidden) => forbidden.into(),
            CaseError::Database(error) => error.into(),
            other => Self::Elsewhere(other.to_string()),
        }
    }
}

impl From<crate::supplier::SupplierError> for OutageError {
    fn from(error: crate::supplier::SupplierError) -> Self {
        use crate::supplier::SupplierError;
        match error {
            SupplierError::Forbidden(forbidden) => forbidden.into(),
            SupplierError::Database(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<crate::report::ReportError> for OutageError {
    fn from(error: crate::report::ReportError) -> Self {
        use crate::report::ReportError;
        match error {
            ReportError::Forbidden(forbidden) => forbidden.into(),
            ReportError::Database(error) => error.into(),
            other => Self::Elsewhere(other.to_string()),
        }
    }
}

impl From<OutageError> for web::Error {
    fn from(error: OutageError) -> Self {
        let sentence = error.to_string();
        match error {
            OutageError::NotFound => Self::NotFound,
            OutageError::Forbidden(forbidden) => forbidden.into(),
            OutageError::Database(error) => error.into(),
            OutageError::Nobody | OutageError::Refused(_) => Self::Unprocessable(sentence),
            _ => Self::Conflict(sentence),
        }
    }
}
