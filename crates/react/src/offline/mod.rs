//! The offline form: a page that is kept beforehand, opened from a file without a network, and seals a report
//! for the CERT; and the files that come of it.
//!
//! Whoever carries a file cannot read it, and whoever sends one is nobody that we know: a file is believed as
//! far as the code in it is right, and called back otherwise. See docs/decisions/0026-the-offline-form.md.

pub mod actions;
mod pages;
mod store;
mod welsh;

use formats::age::{AgeError, LARGEST};
use platform::{
    access::Rule,
    account::AccountError,
    web::{self, Route},
};

use crate::report::{ReportError, facts::NotWritten};
pub use actions::{Keys, Taken};

/// The most that is taken of a form with a file, in bytes. What is larger than a report is told so on the page,
/// rather than by a connection that breaks: it passes by and is not held.
const MOST_SENT: usize = 16 * 1024 * 1024;

/// Why a file was not taken. Each sentence stands beside the field; what to do next stands on the page.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// Nothing was chosen.
    #[error("Choose the file, or paste its text")]
    Nothing,
    /// It cannot be opened.
    #[error(transparent)]
    Age(#[from] AgeError),
    /// What is in it is no report.
    #[error("The file holds no report that this service can read")]
    NotAReport,
    /// Too many came from this network.
    #[error("Many files were sent from your network. Try again in {0} seconds")]
    Wait(u64),
    /// The keys of the installation cannot be read.
    #[error("This service cannot open reports at the moment")]
    Keys(String),
    /// The report was not taken.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<NotWritten> for OfflineError {
    fn from(_: NotWritten) -> Self {
        Self::NotAReport
    }
}

impl From<AccountError> for OfflineError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Wait(seconds) => Self::Wait(seconds),
            AccountError::Db(error) => Self::Database(error),
            _ => Self::NotAReport,
        }
    }
}

impl From<OfflineError> for web::Error {
    fn from(error: OfflineError) -> Self {
        let sentence = error.to_string();
        match error {
            OfflineError::Wait(seconds) => Self::TooMany(seconds),
            OfflineError::Report(error) => error.into(),
            OfflineError::Database(error) => error.into(),
            OfflineError::Keys(reason) => {
                tracing::error!(reason, "the keys of the offline form cannot be read");
                Self::Internal
            }
            OfflineError::Nothing | OfflineError::Age(_) | OfflineError::NotAReport => {
                Self::Unprocessable(sentence)
            }
        }
    }
}

/// The routes of this noun.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/report/offline", Rule::Anyone, pages::about),
        Route::get("/report/offline/file", Rule::Anyone, pages::form)
            .sample("/report/offline/file?language=cy"),
        Route::get("/report/upload", Rule::Anyone, pages::ask),
        Route::post("/report/upload", Rule::Anyone, pages::take).file("{sealed}").up_to(MOST_SENT),
    ]
}

const _: () = assert!(LARGEST < MOST_SENT, "a file that is opened arrives");
