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

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Constraint(error.to_string()),
            _ => Self::Engine(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        // Class 23 is "integrity constraint violation" (PostgreSQL, appendix A).
        match error.as_db_error() {
            // The message alone: the detail beside it quotes the row, which may name a person.
            Some(told) if told.code().code().starts_with("23") => Self::Constraint(told.message().to_owned()),
            // "character not in repertoire" and "untranslatable character": NUL, as itself or in JSON.
            Some(told) if ["22021", "22P05"].contains(&told.code().code()) => Self::Text,
            Some(told) => Self::Engine(told.message().to_owned()),
            None => Self::Engine(error.to_string()),
        }
    }
}
