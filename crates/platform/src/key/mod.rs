//! API keys: how an organisation's or a supplier's machine reads alerts and answers them, and how the CERT's
//! own machines read what the CERT knows.
//!
//! A key is 256 random bits, shown once; its hash is kept, and no slow one is needed, since nobody
//! can try 2^256: an API call never hashes a password. A key stands for organisations as a person
//! does, through memberships, dated like its own expiry. One of the CERT's stands for none, and neither
//! kind opens what is for the other (decision 0020).

pub mod actions;
pub(crate) mod idempotency;
mod pages;
mod rate;
mod store;

use db::DbError;
use jiff::{SignedDuration, Timestamp};

use crate::{
    access::{Forbidden, Role},
    organisation::OrganisationId,
    web::Error,
};
pub use idempotency::mark_of;
pub(crate) use pages::routes;
pub use rate::Rates;
pub use store::Listed;

/// Who gives and revokes keys: a lead those of their organisation, an administrator any, and alone those of
/// the CERT.
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
    /// Of the CERT: reads threats, and where they are active.
    ReadThreats,
    /// Of the CERT: adds threats by hand.
    WriteThreats,
    /// Of the CERT: takes in documents of sources.
    WriteIntake,
    /// Of the CERT: reads feeds and what came of asking them.
    ReadFeeds,
    /// Of the CERT: reads advisories that were published.
    ReadAdvisories,
    /// Of the CERT: reads those that are not published yet, too.
    ReadDrafts,
    /// Of the CERT: reads every alert with its figures and responses.
    ReadSector,
    /// Of the CERT: reads what all organisations reported that they saw.
    ReadReceived,
    /// Reads the incidents of its organisations.
    ReadIncidents,
    /// Reports incidents at them, and adds to them.
    ReportIncidents,
    /// Of the CERT: reads the incidents that were reported.
    ReadReported,
    /// Of the CERT: reads how its own webhooks fare.
    ReadWebhooks,
    /// Reads the cases of the incidents that it sees: each in the zones of those whose key it is.
    ReadCases,
    /// Writes in them.
    WriteCases,
    /// Lets others in to them.
    ShareCases,
    /// Of the CERT: closes and joins what somebody at the CERT took on.
    CloseCases,
}

impl Scope {
    /// What an organisation's key may be used for.
    pub const OF_ORGANISATIONS: &[Self] = &[
        Self::ReadAlerts,
        Self::WriteResponses,
        Self::ReadOrganisations,
        Self::ReadSightings,
        Self::WriteSightings,
        Self::ReadIncidents,
        Self::ReportIncidents,
        Self::ReadCases,
        Self::WriteCases,
        Self::ShareCases,
    ];
    /// What a key of the CERT's may be used for.
    pub const OF_CERT: &[Self] = &[
        Self::ReadThreats,
        Self::WriteThreats,
        Self::WriteIntake,
        Self::ReadFeeds,
        Self::ReadAdvisories,
        Self::ReadDrafts,
        Self::ReadSector,
        Self::ReadReceived,
        Self::ReadReported,
        Self::ReadWebhooks,
        Self::ReadCases,
        Self::WriteCases,
        Self::ShareCases,
        Self::CloseCases,
    ];

    /// What a key of this organisation, or of the CERT, may be used for.
    pub const fn of(organisation: Option<OrganisationId>) -> &'static [Self] {
        if organisation.is_some() { Self::OF_ORGANISATIONS } else { Self::OF_CERT }
    }

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadAlerts => "alerts:read",
            Self::WriteResponses => "responses:write",
            Self::ReadOrganisations => "organisations:read",
            Self::ReadSightings => "sightings:read",
            Self::WriteSightings => "sightings:write",
            Self::ReadThreats => "threats:read",
            Self::WriteThreats => "threats:write",
            Self::WriteIntake => "intake:write",
            Self::ReadFeeds => "feeds:read",
            Self::ReadAdvisories => "advisories:read",
            Self::ReadDrafts => "drafts:read",
            Self::ReadSector => "sector:read",
            Self::ReadReceived => "received:read",
            Self::ReadIncidents => "incidents:read",
            Self::ReportIncidents => "incidents:report",
            Self::ReadReported => "reported:read",
            Self::ReadWebhooks => "webhooks:read",
            Self::ReadCases => "cases:read",
            Self::WriteCases => "cases:write",
            Self::ShareCases => "cases:share",
            Self::CloseCases => "cases:close",
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
            Self::ReadThreats => "Read threats, and where they are active",
            Self::WriteThreats => "Add threats by hand",
            Self::WriteIntake => "Take in documents of sources",
            Self::ReadFeeds => "Read feeds, and what came of asking them",
            Self::ReadAdvisories => "Read advisories that were published",
            Self::ReadDrafts => "With these, read advisories that are not published yet",
            Self::ReadSector => "Read every alert, with its figures and responses",
            Self::ReadReceived => "Read the sightings that organisations reported",
            Self::ReadIncidents => "Read the incidents that they reported",
            Self::ReportIncidents => "Report incidents, and add to them",
            Self::ReadReported => "Read the incidents that organisations reported",
            Self::ReadWebhooks => "Read how the CERT's webhooks fare",
            Self::ReadCases => "Read the cases of incidents, with what only your side reads of them",
            Self::WriteCases => "Write in the cases of incidents, take their evidence, and raise alerts",
            Self::ShareCases => "Let organisations in to cases",
            Self::CloseCases => "Close and join incidents that somebody took on",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = Self::OF_ORGANISATIONS.iter().chain(Self::OF_CERT);
        all.copied().find(|scope| scope.code() == text).ok_or(())
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
    /// It is for the CERT's keys, or for an organisation's, and this is one of the others.
    #[error("This key cannot be used for that. Select what is listed")]
    NotItsScope,
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
