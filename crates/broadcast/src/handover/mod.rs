//! The hand-over note: what a shift at the CERT writes for the next. Every writing is kept; the newest holds.
//!
//! It is begun with the facts of the moment, so that a tired person adds what no list tells.

pub mod actions;
mod facts;
mod pages;
pub mod store;

use platform::{access::Forbidden, web};

pub(crate) use pages::routes;
pub use store::FORGOTTEN;

db::id! {
    /// Names a hand-over note.
    pub NoteId
}

/// Letters that a note holds at most.
pub const LONGEST: usize = 20_000;

/// Why a note could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is nothing in it.
    #[error("Write something first: the next shift should know where things stand.")]
    Empty,
    /// Somebody else wrote one meanwhile.
    #[error("Somebody handed over after you began to write. Read their note below, and send yours again.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<HandoverError> for web::Error {
    fn from(error: HandoverError) -> Self {
        let sentence = error.to_string();
        match error {
            HandoverError::Forbidden(_) => Self::Forbidden(sentence),
            HandoverError::Empty => Self::Invalid(sentence),
            HandoverError::Overtaken => Self::Conflict(sentence),
            HandoverError::Database(error) => error.into(),
        }
    }
}
