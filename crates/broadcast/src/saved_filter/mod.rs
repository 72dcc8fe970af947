//! A filter of the list of threats, kept under a name: one's own, or shared with all at the CERT.
//!
//! One's own is seen by nobody else; a shared one belongs to the team, and whoever may judge threats may
//! change it.

pub mod actions;
mod pages;
pub mod store;

use platform::{access::Forbidden, web};

pub(crate) use pages::routes;

db::id! {
    /// Names a saved filter.
    pub SavedFilterId
}

/// So many one person keeps: the list of them stays one that is read.
pub const MOST: usize = 50;

/// Why a filter could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SavedFilterError {
    /// There is none such, or it is somebody else's own.
    #[error("There is no such saved filter.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The person has one of this name.
    #[error("You have a filter of this name already. Give it another name.")]
    Taken,
    /// The person has as many as can be kept.
    #[error("You have {MOST} filters. Delete one that you no longer need.")]
    TooMany,
    /// Somebody else was faster.
    #[error(
        "Somebody changed this filter after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<SavedFilterError> for web::Error {
    fn from(error: SavedFilterError) -> Self {
        let sentence = error.to_string();
        match error {
            SavedFilterError::NotFound => Self::NotFound,
            SavedFilterError::Forbidden(_) => Self::Forbidden(sentence),
            SavedFilterError::Taken | SavedFilterError::TooMany | SavedFilterError::Overtaken => {
                Self::Conflict(sentence)
            }
            SavedFilterError::Database(error) => error.into(),
        }
    }
}
