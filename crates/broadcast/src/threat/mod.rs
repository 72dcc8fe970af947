//! A threat: a weakness or an attack that may concern the sector, made of what sources say of it.
//!
//! Statements of several sources about one CVE are one threat. Somebody claims it, judges it, and
//! dismisses it with a reason or makes an advisory of it.

pub mod actions;
pub(crate) mod advise;
pub mod api;
pub mod duplicates;
pub mod intake;
mod kind;
pub mod list;
mod looks;
pub(crate) mod pages;
pub mod relation;
mod said;
mod score;
pub mod store;
mod straight;
pub mod together;
mod words;

pub use kind::Kind;
pub use looks::{LIKELY, Looks};
pub(crate) use pages::list::Asked;
pub use said::{Assessed, Device, Flag, Picture, Product, ProductStatus, Said, ToldOfExploitation, percent};
pub(crate) use score::by_nearness;
pub(crate) use score::tenths;
pub use score::{Rated, Scored, Scorer, headline};

use formats::CveId;
use platform::{access::Forbidden, web};

use crate::advisory::AdvisoryError;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes.extend(intake::api::routes());
    routes
}

db::id! {
    /// Names a threat.
    pub ThreatId
}
db::id! {
    /// Names what one source said about a threat.
    pub StatementId
}

platform::vocabulary! {
    /// Where a threat stands.
    ///
    /// | from                   | event   | to        |
    /// |------------------------|---------|-----------|
    /// | New, Claimed           | Claim   | Claimed   |
    /// | Claimed                | Release | New       |
    /// | New, Claimed           | Dismiss | Dismissed |
    /// | Dismissed              | TakeUp  | New       |
    /// | New, Claimed, Advised  | Advise  | Advised   |
    pub enum Status {
        New = "new", "New";
        Claimed = "claimed", "Claimed";
        Dismissed = "dismissed", "Dismissed";
        Advised = "advised", "Advisory written";
    }
}

/// What can happen to a threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody looks into it.
    Claim,
    /// Whoever looked into it no longer does.
    Release,
    /// It does not concern the sector.
    Dismiss,
    /// It does after all.
    TakeUp,
    /// An advisory is begun.
    Advise,
}

/// The answer to an event that does not fit the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This threat stands at “{}”, so that it cannot be {} now. Reload the page to see it as it is.", .status.label(), .event.done())]
pub struct Refused {
    /// Where the threat stands.
    pub status: Status,
    /// What was tried.
    pub event: Event,
}

impl Status {
    /// The status after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::New | Self::Claimed, Event::Claim) => Ok(Self::Claimed),
            (Self::New | Self::Claimed, Event::Dismiss) => Ok(Self::Dismissed),
            (Self::Claimed, Event::Release) | (Self::Dismissed, Event::TakeUp) => Ok(Self::New),
            (Self::New | Self::Claimed | Self::Advised, Event::Advise) => Ok(Self::Advised),
            (status, event) => Err(Refused { status, event }),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::New => "blue",
            Self::Claimed => "yellow",
            Self::Dismissed => "grey",
            Self::Advised => "green",
        }
    }
}

impl Event {
    /// What was done, as a sentence has it.
    const fn done(self) -> &'static str {
        match self {
            Self::Claim => "claimed",
            Self::Release => "released",
            Self::Dismiss => "dismissed",
            Self::TakeUp => "taken up again",
            Self::Advise => "made into an advisory",
        }
    }
}

/// Why something could not be done to a threat.
#[derive(Debug, thiserror::Error)]
pub enum ThreatError {
    /// There is none such.
    #[error("There is no such threat.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The status does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this threat after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// A reason or a comment is needed and none was given.
    #[error("Write something first: others should be able to follow it.")]
    Empty,
    /// The other one is itself a duplicate, or this one; or this one has some.
    #[error(
        "A threat that has no duplicates of its own can be one of a threat that is none itself. Open that one \
         and choose again."
    )]
    DuplicateOfItself,
    /// It is of a kind that nobody decides about, or nothing is said of it any more.
    #[error("There is nothing to decide about this threat.")]
    NothingToDecide,
    /// CVEs of one statement are different threats already.
    #[error("{0} and {1} are already two different threats. Write about one of them.")]
    TwoThreats(CveId, CveId),
    /// The advisory could not be begun.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<ThreatError> for web::Error {
    fn from(error: ThreatError) -> Self {
        let sentence = error.to_string();
        match error {
            ThreatError::NotFound => Self::NotFound,
            ThreatError::Forbidden(_) => Self::Forbidden(sentence),
            ThreatError::Empty => Self::Invalid(sentence),
            ThreatError::Refused(_)
            | ThreatError::Overtaken
            | ThreatError::NothingToDecide
            | ThreatError::DuplicateOfItself
            | ThreatError::TwoThreats(..) => Self::Conflict(sentence),
            ThreatError::Advisory(error) => error.into(),
            ThreatError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Status, Status::*};

    #[test]
    fn every_event_in_every_status_does_what_the_table_says() {
        let table = [
            (New, Claim, Claimed),
            (Claimed, Claim, Claimed),
            (Claimed, Release, New),
            (New, Dismiss, Dismissed),
            (Claimed, Dismiss, Dismissed),
            (Dismissed, TakeUp, New),
            (New, Advise, Advised),
            (Claimed, Advise, Advised),
            (Advised, Advise, Advised),
        ];
        for &from in Status::ALL {
            for event in [Claim, Release, Dismiss, TakeUp, Advise] {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }
}
