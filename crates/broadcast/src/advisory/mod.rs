//! An advisory: what the CERT writes about a threat, in versions, each approved by somebody who
//! wrote nothing of it.
//!
//! An update is a new version that walks through the same states while the old one stands. What
//! organisations read is an alert, which is made of a published version.

pub mod actions;
pub mod api;
pub mod beside;
pub mod changes;
pub mod content;
mod number;
pub(crate) mod pages;
pub mod publication;
pub mod rota;
pub mod sent_back;
mod state;
pub mod store;
pub(crate) mod typed;
pub mod view;
pub(crate) mod vocabulary;

pub use content::{Content, Link, Platform, Proposed, Step, Update, Wording};
pub use number::{AdvisoryNumber, NotANumber};
pub use state::{Event, Refused, State};
pub use store::Version;
pub use vocabulary::{Category, Severity, StepKind, ThreatType, Vector};

use platform::{access::Forbidden, web};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes
}

db::id! {
    /// Names an advisory.
    pub AdvisoryId
}
db::id! {
    /// Names one version of an advisory.
    pub VersionId
}

/// Why something could not be done to an advisory.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryError {
    /// There is none such, or not for this actor.
    #[error("There is no such advisory.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something is missing.
    #[error("It cannot be submitted yet. Add {}.", .0.join(", "))]
    Incomplete(Vec<&'static str>),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this advisory after you opened it, so nothing of yours was saved. Open it again to \
         see what stands there now."
    )]
    Overtaken,
    /// The approver is an editor.
    #[error("You edited this version, so somebody else has to approve it.")]
    OwnWork,
    /// One person alone may not release here.
    #[error("Here nobody releases an advisory alone: a second person has to approve it.")]
    NeverAlone,
    /// The afterwards reviewer is the one who released, or an editor.
    #[error("You released or edited this version yourself, so somebody else has to review it.")]
    OwnRelease,
    /// There is nothing to review afterwards.
    #[error("This version was not released alone, or was already reviewed.")]
    NothingToReview,
    /// A reason is needed and none was given.
    #[error("Give a reason, so that others can follow the decision.")]
    NoReason,
    /// There are enough comments.
    #[error(
        "There are {} comments on this version already. Send it back, or ring each other.",
        store::comment::MOST
    )]
    EnoughComments,
    /// It was dealt with before.
    #[error("This comment was dealt with already, or was taken from another version.")]
    CommentSettled,
    /// Another version is on its way.
    #[error("Version {0} of this advisory is already being written. Edit that one.")]
    AlreadyOpen(i64),
    /// No version is on its way.
    #[error("No version of this advisory is being written. Go to its page and start an update.")]
    NothingOpen,
    /// Nothing of it is published.
    #[error("Only a published advisory can be updated or withdrawn.")]
    NotStanding,
    /// It was withdrawn.
    #[error("This advisory was withdrawn. Write a new one instead.")]
    Withdrawn,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl AdvisoryError {
    /// Whether it says that the version has moved on while somebody wrote, rather than what is wrong
    /// with what they wrote.
    pub(crate) const fn is_overtaken(&self) -> bool {
        matches!(self, Self::Overtaken | Self::Refused(_) | Self::NothingOpen | Self::Withdrawn)
    }
}

impl From<AdvisoryError> for web::Error {
    fn from(error: AdvisoryError) -> Self {
        let sentence = error.to_string();
        match error {
            AdvisoryError::NotFound => Self::NotFound,
            AdvisoryError::Forbidden(_)
            | AdvisoryError::OwnWork
            | AdvisoryError::NeverAlone
            | AdvisoryError::OwnRelease => Self::Forbidden(sentence),
            AdvisoryError::NoReason => Self::Invalid(sentence),
            AdvisoryError::Refused(_)
            | AdvisoryError::Incomplete(_)
            | AdvisoryError::Overtaken
            | AdvisoryError::NothingToReview
            | AdvisoryError::EnoughComments
            | AdvisoryError::CommentSettled
            | AdvisoryError::AlreadyOpen(_)
            | AdvisoryError::NothingOpen
            | AdvisoryError::NotStanding
            | AdvisoryError::Withdrawn => Self::Conflict(sentence),
            AdvisoryError::Database(error) => error.into(),
        }
    }
}
