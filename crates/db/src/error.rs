//! What can go wrong between the program and its database, in words for whoever reads the log.

use std::time::Duration;

/// A failure of the database, never of a rule of the domain.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The `database.url` setting is neither `sqlite:PATH` nor `postgres://…`.
    #[error(
        "The database address \"{0}\" is not understood. Write sqlite:PATH or postgres://USER@HOST/NAME."
    )]
    Address(String),
    /// The database cannot be opened or reached.
    #[error("The database cannot be opened: {0}")]
    Unreachable(String),
    /// The database was there and does not answer now: its server has gone or starts anew, its disk is full, or its
    /// file is held by somebody else.
    #[error("The database does not answer at the moment: {0}")]
    Away(String),
    /// Another process held the write lock for longer than we wait.
    #[error("The database was busy for {} seconds. Try again.", .0.as_secs())]
    Busy(Duration),
    /// A read on a request's path took longer than it may.
    #[error("The query was stopped after {0:?}: {1}")]
    TooSlow(Duration, &'static str),
    /// An earlier statement of this transaction failed, so that nothing more may be done in it.
    #[error("The transaction was already broken by an earlier error.")]
    Broken,
    /// A row that must exist does not.
    #[error("No row where one was expected: {0}")]
    NoRow(&'static str),
    /// A unique, foreign-key or check constraint refused the change.
    #[error("The database refused the change: {0}")]
    Constraint(String),
    /// A text that no engine of ours may be given: PostgreSQL cannot store the character NUL.
    #[error("A text holds the character NUL, which cannot be stored. Leave it out.")]
    Text,
    /// A column does not hold what the program expects there.
    #[error("Column {column}: {reason}")]
    Column {
        /// The column's name.
        column: String,
        /// What was found instead.
        reason: String,
    },
    /// A migration cannot be applied.
    #[error("Migration {set}/{number:04}: {reason}")]
    Migration {
        /// The crate the migration belongs to.
        set: &'static str,
        /// Its number within that crate.
        number: u32,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Anything else an engine reports.
    #[error("{0}")]
    Engine(String),
}

impl DbError {
    /// Whether the same may well work in a minute, without anybody changing what was asked.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Unreachable(_) | Self::Busy(_))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly,
            SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(ConstraintViolation) => Self::Constraint(error.to_string()),
            Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly | SystemIoFailure) => {
                Self::Away(error.to_string())
            }
            _ => Self::Engine(error.to_string()),
        }
    }
}

/// The classes of PostgreSQL's errors (appendix A) that tell of the server rather than of what was asked: connections,
/// means that ran out, an operator who stops it, and its disk.
const OF_THE_SERVER: [&str; 4] = ["08", "53", "57P", "58"];
/// A server that was made a copy of another one takes no change.
const READ_ONLY: &str = "25006";

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        // Class 23 is "integrity constraint violation" (PostgreSQL, appendix A).
        match error.as_db_error() {
            // The message alone: the detail beside it quotes the row, which may name a person.
            Some(told) if told.code().code().starts_with("23") => Self::Constraint(told.message().to_owned()),
            // "character not in repertoire" and "untranslatable character": NUL, as itself or in JSON.
            Some(told) if ["22021", "22P05"].contains(&told.code().code()) => Self::Text,
            Some(told)
                if told.code().code() == READ_ONLY
                    || OF_THE_SERVER.iter().any(|class| told.code().code().starts_with(class)) =>
            {
                Self::Away(told.message().to_owned())
            }
            Some(told) => Self::Engine(told.message().to_owned()),
            None if error.is_closed() || is_of_the_network(&error) => Self::Away(error.to_string()),
            None => Self::Engine(error.to_string()),
        }
    }
}

/// Whether the connection broke, whatever was asked over it.
fn is_of_the_network(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}
