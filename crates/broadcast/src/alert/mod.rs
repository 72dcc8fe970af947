//! An alert: one publication of one version of an advisory, to an audience that is frozen with it.
//!
//! Publishing is one transaction; nobody sees or is sent anything for [`CALL_BACK`], and until then
//! it can be taken back. An update of an advisory makes a new alert under the same number, which
//! takes the older one's place when it comes into force.

pub mod actions;
pub mod api;
mod carry;
pub(crate) mod freeze;
mod jobs;
pub mod mailbox;
pub mod messages;
mod news;
mod pages;
mod state;
pub mod store;
mod syndication;
pub(crate) mod text;
mod what_if;

use jiff::SignedDuration;
use platform::{access::Forbidden, web};

pub use api::openapi;
pub use jobs::{FanOut, TellWithdrawn};
pub(crate) use pages::routes;
pub use state::{Event, Refused, State};
pub use store::Alert;

use crate::advisory::AdvisoryError;

db::id! {
    /// Names an alert.
    pub AlertId
}

/// How long after it was issued an alert begins to be delivered.
pub const CALL_BACK: SignedDuration = SignedDuration::from_secs(60);

/// What becomes of the answers that were given to the alert of the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// They stand, with their deadlines: the update asks for nothing that was not asked before.
    Stand,
    /// Everybody answers anew.
    Anew,
}

/// Why something could not be done with an alert.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// There is none such, or not for this actor.
    #[error("There is no such alert, or it did not go to an organisation that you act for.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The alert's state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The version's state does not allow it.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    /// Nobody has said whether they must respond.
    #[error("Nobody has said yet whether those who are told must respond. Choose that first.")]
    NoMode,
    /// The audience is empty.
    #[error("No open organisation is in the audience. Change the audience first.")]
    Nobody,
    /// The previous version's alert is still in its minute.
    #[error("The alert of the version before has not begun to be delivered. Wait a minute, or call it back.")]
    StillIssuing,
    /// A reason is needed and none was given.
    #[error("Give a reason, so that others can follow the decision.")]
    NoReason,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<AlertError> for web::Error {
    fn from(error: AlertError) -> Self {
        match error {
            AlertError::NotFound => Self::NotFound,
            AlertError::Forbidden(forbidden) => forbidden.into(),
            AlertError::Advisory(error) => error.into(),
            AlertError::NoReason => Self::Invalid(error.to_string()),
            AlertError::Refused(_) | AlertError::NoMode | AlertError::Nobody | AlertError::StillIssuing => {
                Self::Conflict(error.to_string())
            }
            AlertError::Database(error) => error.into(),
        }
    }
}
