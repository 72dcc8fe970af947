//! Playbooks: what to do about an attack, in steps that a frightened, tired person can follow.
//!
//! Those of the program itself are public, and read without a sign-in: whoever needs one may not be able to
//! sign in. Those that the CERT imports are read as far as they are marked. Each version is named by the hash
//! of what it says, so that a run stays with the one that it began with. Nothing in a playbook is ever
//! executed. See docs/decisions/0028-playbooks.md.

pub mod actions;
mod built_in;
pub(crate) mod by_seen;
pub(crate) mod diagram;
pub mod draft;
pub mod guidance;
pub mod import;
mod pages;
pub mod reading;
pub mod review;
pub mod shelf;
pub mod store;
pub mod welsh;

use formats::cacao::{Playbook, canonical};
use platform::{
    access::{
        Forbidden,
        Role::{self, Analyst, DutyManager},
    },
    web,
};
use sha2::{Digest, Sha256};

pub use built_in::{BuiltIn, built_in, built_ins};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(draft::routes());
    routes.extend(review::routes());
    routes
}

db::id! {
    /// Names a playbook that was imported.
    pub PlaybookId
}

/// Imports playbooks, writes and withdraws them.
pub const KEEP_PLAYBOOKS: &[Role] = &[Analyst, DutyManager];
/// Publishes what somebody else wrote, and enters who has reviewed it.
pub const APPROVE_PLAYBOOKS: &[Role] = &[DutyManager];
/// The longest reason for a withdrawal, in characters.
pub const LONGEST_REASON: usize = 1_000;

platform::vocabulary! {
    /// Whether an imported playbook is read.
    pub enum State {
        Current = "current", "Current";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// What names one version of a playbook: the SHA-256 of its canonical JSON.
pub fn hash(playbook: &Playbook) -> [u8; 32] {
    Sha256::digest(canonical(&playbook.document)).into()
}

/// Why something could not be done to a playbook.
#[derive(Debug, thiserror::Error)]
pub enum PlaybookError {
    /// There is none such.
    #[error("There is no such playbook.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is one of the program's own.
    #[error(
        "This is one of CareCERT's own playbooks, which come with the program. Give yours an id of its own."
    )]
    BuiltIn,
    /// Whoever made it has revoked it.
    #[error("Whoever made this playbook has revoked it. Take in a version that is valid.")]
    Revoked,
    /// A newer version is here.
    #[error(
        "A newer version of this playbook is here, of {0}. Give yours a later \"modified\" if it is to be read."
    )]
    Older(jiff::Timestamp),
    /// Another version says the same time.
    #[error(
        "This says that it was modified at {0}, as the one here, and yet says something else. Give it a later \
         \"modified\"."
    )]
    SameTime(jiff::Timestamp),
    /// There is nothing that a translator could have passed.
    #[error("Nothing of this playbook is in Welsh yet.")]
    NoWelsh,
    /// It is read no more.
    #[error("This playbook was withdrawn already.")]
    Withdrawn,
    /// Somebody else was faster.
    #[error("Somebody changed this playbook after you opened it. Look at it again, then decide.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<PlaybookError> for web::Error {
    fn from(error: PlaybookError) -> Self {
        let sentence = error.to_string();
        match error {
            PlaybookError::NotFound => Self::NotFound,
            PlaybookError::Forbidden(forbidden) => forbidden.into(),
            PlaybookError::BuiltIn
            | PlaybookError::Revoked
            | PlaybookError::NoWelsh
            | PlaybookError::Older(_)
            | PlaybookError::SameTime(_) => Self::Unprocessable(sentence),
            PlaybookError::Withdrawn | PlaybookError::Overtaken => Self::Conflict(sentence),
            PlaybookError::Database(error) => error.into(),
        }
    }
}
