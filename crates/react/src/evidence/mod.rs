//! Evidence of an incident: files of any size, kept as they came and never opened here.
//!
//! Whatever comes may be what the attacker left. Its bytes are hashed on the way in, handed out in archives that need
//! a password, and nothing of them is read, shown or believed. Everything that is done with a piece is an entry of its
//! custody. See docs/decisions/0036-evidence.md.

pub mod actions;
pub mod api;
mod archive;
mod file_name;
pub mod forget;
pub mod log_proof;
mod pages;
mod password;
mod sent;
pub mod stamps;
pub mod store;

use platform::{
    access::Forbidden,
    blob::BlobError,
    web::{self, show},
};

use crate::case::CaseError;
pub use file_name::FileName;
pub use password::Password;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a piece of evidence.
    pub EvidenceId
}

/// The most pieces that one case holds.
pub const MOST_PIECES: i64 = 500;
/// The longest that is written about a piece at once, in characters.
pub const LONGEST: usize = 2_000;
/// The longest name of a person or a body, in characters.
pub const LONGEST_NAME: usize = 200;

platform::vocabulary! {
    /// What was done with a piece of evidence.
    pub enum Deed {
        Kept = "kept", "Received and hashed";
        Read = "read", "Handed out to be read";
        Checked = "checked", "Hash computed again: the same";
        Damaged = "damaged", "Hash computed again: NOT the same";
        HandedOver = "handed_over", "Handed over";
        Stamped = "stamped", "Time stamp received";
        Withdrawn = "withdrawn", "Withdrawn";
        Forgotten = "forgotten", "Deleted when its time was over";
    }
}

impl Deed {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Kept | Self::Stamped => "blue",
            Self::Read => "yellow",
            Self::Checked => "green",
            Self::Damaged => "red",
            Self::HandedOver => "purple",
            Self::Withdrawn | Self::Forgotten => "grey",
        }
    }
}

/// Why something could not be done with evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The case does not allow it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Nothing was chosen.
    #[error("Choose the file")]
    Nothing,
    /// There is nothing in it.
    #[error("The file is empty: there is nothing to keep. Choose it again")]
    Empty,
    /// It is too large.
    #[error("The file is larger than {}, the most that is taken. Nothing of it was kept. Ring the CERT, who will say how to bring it", show::size(*.0))]
    TooLarge(u64),
    /// It did not come to its end.
    #[error("The file did not arrive whole, and nothing of it was kept. Send it again")]
    Cut,
    /// It is another one than its sender has.
    #[error(
        "What arrived has the hash {0}, which is not the one that you gave. Nothing of it was kept. Check the hash, and send the file again"
    )]
    NotTheSame(String),
    /// The disk is full.
    #[error("The service has no room for the file. Nothing of it was kept. Ring the CERT")]
    NoRoom,
    /// There are too many.
    #[error(
        "This case holds {MOST_PIECES} pieces, the most that one does. Put what belongs together into one archive"
    )]
    Enough,
    /// It was withdrawn.
    #[error("This piece was withdrawn, and is not handed out any more.")]
    Withdrawn,
    /// It is no longer kept.
    #[error("This piece is no longer kept. Its hash and who had it stay.")]
    Forgotten,
    /// The file's store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for EvidenceError {
    fn field(&self, about: &'static str) -> Option<&'static str> {
        match self {
            Self::Case(error) => error.field(about),
            Self::Blob(_) | Self::Database(_) => None,
            _ => Some(about),
        }
    }
}

impl From<Forbidden> for EvidenceError {
    fn from(forbidden: Forbidden) -> Self {
        Self::Case(forbidden.into())
    }
}

impl From<EvidenceError> for web::Error {
    fn from(error: EvidenceError) -> Self {
        let sentence = error.to_string();
        match error {
            EvidenceError::Case(error) => error.into(),
            EvidenceError::Database(error) | EvidenceError::Blob(BlobError::Database(error)) => error.into(),
            EvidenceError::Blob(error) => {
                tracing::error!(%error, "a piece of evidence cannot be kept or read");
                Self::Internal
            }
            EvidenceError::Withdrawn | EvidenceError::Forgotten => Self::Conflict(sentence),
            _ => Self::Unprocessable(sentence),
        }
    }
}
