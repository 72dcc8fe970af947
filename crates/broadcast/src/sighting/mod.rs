//! What an organisation reports that it saw of an attack, and what became of it at the CERT.
//!
//! An organisation sees its own sightings and nobody else's. Others learn of one only in an advisory,
//! without the organisation's name and only where it allowed that, and in counts by region that hold
//! [`FEWEST`] organisations or more. See docs/decisions/0010-sightings.md.

pub mod actions;
pub mod api;
pub mod cert_api;
mod pages;
pub mod store;
pub(crate) mod told;
mod typed;

use formats::{Indicator, Tlp};
use jiff::civil::Date;
use platform::{access::Forbidden, web};
use uuid::Uuid;

pub(crate) use pages::routes;
pub use store::FORGOTTEN;

use crate::threat::ThreatError;

db::id! {
    /// Names a sighting.
    pub SightingId
}

/// The number that an organisation quotes when it speaks of a sighting.
pub type Receipt = platform::receipt::Receipt<'S'>;

/// The fewest organisations behind a count that others are shown: with two, each of them would know of
/// the other.
pub const FEWEST: i64 = 3;
/// The most indicators that one sighting holds.
pub const MOST_INDICATORS: usize = 200;

platform::vocabulary! {
    /// What somebody saw, in the words of somebody who is no specialist.
    pub enum Seen {
        Email = "email", "An email that tried to trick somebody";
        Message = "message", "A telephone call or message that tried to trick somebody";
        SignIn = "sign_in", "A sign-in that was not one of ours";
        HarmfulSoftware = "harmful_software", "Harmful software on a computer";
        Locked = "locked", "Locked files, or a demand for ransom";
        Probing = "probing", "Somebody trying our systems from outside";
        Money = "money", "A false invoice, or changed bank details";
        Data = "data", "Data that left, or is offered elsewhere";
        Other = "other", "Something else";
    }
}

platform::vocabulary! {
    /// Whether it did harm.
    pub enum Harm {
        Yes = "yes", "Yes";
        No = "no", "No";
        Unknown = "unknown", "We do not know yet";
    }
}

platform::vocabulary! {
    /// Whether the CERT may use it in what others read.
    pub enum Telling {
        WithoutName = "without_name", "Yes, without our name";
        Nobody = "nobody", "No, it is for the CERT alone";
    }
}

platform::vocabulary! {
    /// Where a sighting stands at the CERT.
    ///
    /// | from                | event   | to        |
    /// |---------------------|---------|-----------|
    /// | New, Linked         | Link    | Linked    |
    /// | New, Linked         | Dismiss | Dismissed |
    /// | Dismissed           | TakeUp  | New       |
    pub enum Status {
        New = "new", "New";
        Linked = "linked", "Linked to a threat";
        Dismissed = "dismissed", "Not followed up";
    }
}

/// What can happen to a sighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is of a threat.
    Link,
    /// It is of none.
    Dismiss,
    /// It may be after all.
    TakeUp,
}

/// The answer to an event that does not fit the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This sighting stands at “{}”, so that it cannot be {} now. Reload the page to see it as it is.", .status.label(), .event.done())]
pub struct Refused {
    /// Where it stands.
    pub status: Status,
    /// What was tried.
    pub event: Event,
}

impl Status {
    /// The status after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::New | Self::Linked, Event::Link) => Ok(Self::Linked),
            (Self::New | Self::Linked, Event::Dismiss) => Ok(Self::Dismissed),
            (Self::Dismissed, Event::TakeUp) => Ok(Self::New),
            (status, event) => Err(Refused { status, event }),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::New => "blue",
            Self::Linked => "green",
            Self::Dismissed => "grey",
        }
    }

    /// What became of it, in words for those who reported it.
    pub const fn became(self) -> &'static str {
        match self {
            Self::New => "Received",
            Self::Linked => "Matched to a known threat",
            Self::Dismissed => "Read, and not followed up",
        }
    }
}

impl Event {
    /// What was done, as a sentence has it.
    const fn done(self) -> &'static str {
        match self {
            Self::Link => "linked to a threat",
            Self::Dismiss => "dismissed",
            Self::TakeUp => "taken up again",
        }
    }
}

/// What an organisation reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The form that it comes with, so that it is taken once.
    pub form: Option<Uuid>,
    /// What was seen.
    pub seen: Seen,
    /// On which day.
    pub seen_on: Date,
    /// Whether it did harm.
    pub harm: Harm,
    /// What happened, in their words; may be empty.
    pub words: String,
    /// Where in the organisation; may be empty.
    pub place: String,
    /// Which threat they think it was; may be empty.
    pub called: String,
    /// Traces of it.
    pub indicators: Vec<Indicator>,
    /// Whether others may be told.
    pub telling: Telling,
    /// How far it may travel: never RED, which is for the ears of one person.
    pub tlp: Tlp,
}

/// The markings that a sighting can have, the usual one first.
pub const MARKINGS: [Tlp; 4] = [Tlp::Amber, Tlp::AmberStrict, Tlp::Green, Tlp::Clear];

/// Why something could not be done to a sighting.
#[derive(Debug, thiserror::Error)]
pub enum SightingError {
    /// There is none such, or not for this actor.
    #[error("There is no such sighting.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor does not answer for an organisation of this code.
    #[error("You do not report for an organisation {0}. Enter the code of one that you answer for.")]
    NotYours(String),
    /// The status does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this sighting after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Open the list of what you reported to see it.")]
    Twice,
    /// A reason is needed and none was given.
    #[error("Write why it is not followed up: the organisation should be able to follow it.")]
    Empty,
    /// The threat does not allow it.
    #[error(transparent)]
    Threat(#[from] ThreatError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<SightingError> for web::Error {
    fn from(error: SightingError) -> Self {
        let sentence = error.to_string();
        match error {
            SightingError::NotFound => Self::NotFound,
            SightingError::Forbidden(forbidden) => forbidden.into(),
            SightingError::NotYours(_) | SightingError::Empty => Self::Unprocessable(sentence),
            SightingError::Refused(_) | SightingError::Overtaken | SightingError::Twice => {
                Self::Conflict(sentence)
            }
            SightingError::Threat(error) => error.into(),
            SightingError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Status, Status::*};

    #[test]
    fn every_event_in_every_status_does_what_the_table_says() {
        let table = [
            (New, Link, Linked),
            (Linked, Link, Linked),
            (New, Dismiss, Dismissed),
            (Linked, Dismiss, Dismissed),
            (Dismissed, TakeUp, New),
        ];
        for &from in Status::ALL {
            for event in [Link, Dismiss, TakeUp] {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }
}
