//! The same observables at several organisations within two weeks: a draft alert, for the CERT alone.
//!
//! It is compared by hashes under a key, and shown with the numbers of the incidents, to the CERT. What goes out is an
//! advisory that a person drafts from it and a second one approves: it holds the observables, and neither who has
//! them nor how many do.

pub mod actions;
mod messages;
mod naming;
mod pages;
pub mod store;
mod waiting;

use platform::{access::Forbidden, web};

pub(crate) use messages::FOUND;
pub use naming::names_one;
pub(crate) use pages::routes;
pub use waiting::WAITING;
pub(crate) use waiting::waiting;

db::id! {
    /// Names a correlation.
    pub CorrelationId
}

/// The number by which a correlation is spoken of.
pub type Receipt = platform::receipt::Receipt<'K'>;

platform::vocabulary! {
    /// Where a correlation stands.
    ///
    /// | from  | event   | to        |
    /// |-------|---------|-----------|
    /// | Found | Draft   | Drafted   |
    /// | Found | Dismiss | Dismissed |
    pub enum State {
        Found = "found", "To be looked at";
        Drafted = "drafted", "Drafted as an advisory";
        Dismissed = "dismissed", "Dismissed";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Found => "red",
            Self::Drafted => "blue",
            Self::Dismissed => "grey",
        }
    }
}

/// Why something could not be done to a correlation.
#[derive(Debug, thiserror::Error)]
pub enum CorrelationError {
    /// There is none such.
    #[error("There is no such correlation.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It was decided already.
    #[error("Somebody has decided about this already. Reload the page to see what.")]
    Decided,
    /// It has grown since it was read.
    #[error("More was found after you opened this. Go back and reload the page to see what.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<CorrelationError> for web::Error {
    fn from(error: CorrelationError) -> Self {
        let sentence = error.to_string();
        match error {
            CorrelationError::NotFound => Self::NotFound,
            CorrelationError::Forbidden(forbidden) => forbidden.into(),
            CorrelationError::Decided | CorrelationError::Overtaken => Self::Conflict(sentence),
            CorrelationError::Database(error) => error.into(),
        }
    }
}
