//! What somebody reports of an attack, in two minutes and by any way that still works.
//!
//! A report can be saved with whatever is there, and sent with no more than what is seen; the rest can
//! follow. What was sent is never changed: additions append. See docs/decisions/0023-codes.md for who may
//! report without signing in, and 0024-call-back.md for how far a report is believed.

pub mod actions;
pub mod facts;
pub mod first_steps;
mod pages;
pub mod store;
pub(crate) mod typed;
pub(crate) mod words;

use platform::{access::Forbidden, web};

use crate::incident::IncidentError;
pub use facts::{Facts, Ring};
pub(crate) use pages::routes;
pub(crate) use typed::time as time_of_day;

db::id! {
    /// Names a report, sent or not.
    pub ReportId
}

platform::vocabulary! {
    /// What is seen, in the words of somebody who is no specialist.
    pub enum Seen {
        FilesLocked = "files_locked", "Files are locked, or a ransom is demanded";
        MailOpened = "mail_opened", "A suspicious email, link or attachment was opened";
        DataGone = "data_gone", "Data was taken, is offered elsewhere, or is gone";
        SystemDown = "system_down", "A system of ours is down";
        SupplierDown = "supplier_down", "A supplier’s service is down, or the supplier was attacked";
        DeviceMisbehaves = "device_misbehaves", "A medical or other device misbehaves";
        DeviceLost = "device_lost", "A device is lost or stolen";
        SomethingElse = "something_else", "Something else";
    }
}

platform::vocabulary! {
    /// By which way a report comes.
    pub enum Way {
        Session = "session", "Signed in";
        Code = "code", "With a one-time code";
        Phone = "phone", "By telephone";
        Mail = "mail", "By email";
        Offline = "offline", "With the offline form";
        Api = "api", "By one of its systems";
    }
}

platform::vocabulary! {
    /// What care is affected, in the words of a ward.
    pub enum Care {
        Emergency = "emergency", "Emergency care";
        Theatres = "theatres", "Operations and theatres";
        Wards = "wards", "Wards and intensive care";
        Maternity = "maternity", "Maternity";
        Outpatients = "outpatients", "Outpatients and clinics";
        Diagnostics = "diagnostics", "Laboratories and imaging";
        Medicines = "medicines", "Prescribing and medicines";
        Appointments = "appointments", "Appointments and referrals";
        Community = "community", "Care at home, in care homes or in the community";
        NotYet = "none", "None so far";
    }
}

impl Care {
    /// What is named, without "None so far" where anything else is.
    pub(crate) fn agreeing(mut named: Vec<Self>) -> Vec<Self> {
        if named.iter().any(|care| *care != Self::NotYet) {
            named.retain(|care| *care != Self::NotYet);
        }
        named
    }
}

/// Why something could not be done to a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is none such, or not for this actor.
    #[error("There is no such report.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor does not answer for an organisation of this code.
    #[error("You do not report for an organisation {0}. Enter the code of one that you answer for.")]
    NotYours(String),
    /// It is not said for whom.
    #[error("Enter the code of the organisation that you report for")]
    NoOrganisation,
    /// Nothing is ticked.
    #[error("Select what you see: one is enough, and “Something else” is one")]
    NothingSeen,
    /// It was sent, and is changed no more.
    #[error("This was sent already. What is new can be added to it.")]
    SentAlready,
    /// It was saved from elsewhere.
    #[error("This was saved in another window after you opened it. Reload the page to see what was saved.")]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Reload the page to see it.")]
    Twice,
    /// The incident does not allow it.
    #[error(transparent)]
    Incident(#[from] IncidentError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for ReportError {
    fn field(&self, _: &'static str) -> Option<&'static str> {
        match self {
            Self::NotYours(_) | Self::NoOrganisation => Some("organisation"),
            Self::NothingSeen => Some("seen"),
            Self::SentAlready | Self::Overtaken => Some(""),
            _ => None,
        }
    }
}

impl From<ReportError> for web::Error {
    fn from(error: ReportError) -> Self {
        let sentence = error.to_string();
        match error {
            ReportError::NotFound => Self::NotFound,
            ReportError::Forbidden(forbidden) => forbidden.into(),
            ReportError::NotYours(_) | ReportError::NoOrganisation | ReportError::NothingSeen => {
                Self::Unprocessable(sentence)
            }
            ReportError::SentAlready | ReportError::Overtaken | ReportError::Twice => {
                Self::Conflict(sentence)
            }
            ReportError::Incident(error) => error.into(),
            ReportError::Database(error) => error.into(),
        }
    }
}
