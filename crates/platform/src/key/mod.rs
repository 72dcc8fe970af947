//! API keys: how an organisation's or a supplier's machine reads alerts and answers them.
//!
//! A key is 256 random bits, shown once; its hash is kept, and no slow one is needed, since nobody
//! can try 2^256: an API call never hashes a password. A key stands for organisations as a person
//! does, through memberships, dated like its own expiry.

pub mod actions;
pub(crate) mod idempotency;
mod pages;
mod rate;
mod store;

use db::DbError;
use jiff::{SignedDuration, Timestamp};

use crate::{
    access::{Forbidden, Role},
    web::Error,
};
pub(crate) use pages::routes;
pub use rate::Rates;
pub use store::Listed;

/// Who gives and revokes keys.
pub const KEEPERS: &[Role] = &[Role::Lead, Role::Admin];
/// The longest time for which a key is given, in days.
pub const LONGEST: i64 = 365;

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Reads alerts, and what was answered.
    ReadAlerts,
    /// Answers them.
    WriteResponses,
    /// Reads the organisations that it stands for.
    ReadOrganisations,
    /// Reads what they reported that they saw.
    ReadSightings,
    /// Reports what they see.
    WriteSightings,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::ReadAlerts,
        Self::WriteResponses,
        Self::ReadOrganisations,
        Self::ReadSightings,
        Self::WriteSightings,
    ];

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadAlerts => "alerts:read",
            Self::WriteResponses => "responses:write",
            Self::ReadOrganisations => "organisations:read",
            Self::ReadSightings => "sightings:read",
            Self::WriteSightings => "sightings:write",
        }
    }

    /// What it lets a machine do.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ReadAlerts => "Read alerts and responses",
            Self::WriteResponses => "Answer alerts",
            Self::ReadOrganisations => "Read the organisations that it stands for",
            Self::ReadSightings => "Read the sightings that they reported",
            Self::WriteSightings => "Report sightings",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.code() == text).ok_or(())
    }
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl State {
    /// The state of a key at `now`.
    pub fn of(expires_at: Timestamp, revoked_at: Option<Timestamp>, now: Timestamp) -> Self {
        match revoked_at {
            Some(_) => Self::Revoked,
            None if expires_at <= now => Self::Expired,
            None => Self::Active,
        }
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    /// The colour of its tag, which says the same in words too.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Active => "green",
            Self::Expired => "grey",
            Self::Revoked => "red",
        }
    }
}

/// Why something about a key was not done.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Of no use.
    #[error("Select what the key may be used for")]
    NoScope,
    /// It would stand for nobody.
    #[error("Select at least one organisation")]
    NoOrganisation,
    /// Longer than a key may live.
    #[error("A key lasts between 1 and {LONGEST} days")]
    TooLong,
    /// One of the organisations is neither the actor's own nor one that it answers for.
    #[error("Your organisation does not answer for all of these organisations")]
    NotAnsweredFor,
    /// The form was sent twice.
    #[error(
        "This key was given already, and a key is shown only once. If nobody kept it, revoke it and give another."
    )]
    GivenAlready,
    /// No such key or organisation for this actor.
    #[error("There is no such key, or none that you can see.")]
    NotFound,
    /// The actor's role is not enough.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error("Something went wrong here.")]
    Db(#[from] DbError),
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotFound => Self::NotFound,
            KeyError::Forbidden(forbidden) => forbidden.into(),
            KeyError::Db(error) => error.into(),
            KeyError::GivenAlready => Self::Conflict(error.to_string()),
            _ => Self::Unprocessable(error.to_string()),
        }
    }
}

/// When a key that is given at `now` for `days` ends.
fn expiry(now: Timestamp, days: i64) -> Result<Timestamp, KeyError> {
    if (1..=LONGEST).contains(&days) {
        Ok(now + SignedDuration::from_hours(24 * days))
    } else {
        Err(KeyError::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lasts_a_year_at_most() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(expiry(now, 365).is_ok());
        assert!([0, -1, 366, i64::MAX].into_iter().all(|days| expiry(now, days).is_err()));
    }
}
