//! What one organisation has told the CERT about one alert.
//!
//! Stages only move forward; a correction is a new entry, never an edit. Whoever answers for many
//! says one thing for all of them, or for all but some, in one transaction.

mod actions;
mod api;
mod choose;
mod chosen;
mod clocks;
mod decisions;
mod draft;
mod event;
mod home;
mod ladder;
pub(crate) mod line;
mod messages;
mod pace;
mod pages;
mod panel;
mod question;
mod questions;
mod recipients;
mod said;
mod store;
mod waiting;

use std::{fmt, str::FromStr};

use db::DbError;
use jiff::Timestamp;
use platform::{
    access::{Forbidden, Role},
    web,
};

pub use crate::alert::AlertId;
pub use actions::{Decision, Moved, acknowledge, answer, correct, decide};
pub use api::openapi;
pub use chosen::Chosen;
pub use clocks::KIND as CLOCK;
pub use event::Event;
pub use messages::KINDS as MESSAGES;
pub(crate) use messages::{REGIONAL, REMINDER, waits_behind_mobile};
pub(crate) use pages::routes;
pub use panel::PANEL;
pub use said::{Applies, Outcome, Said};
pub use store::{AlertHead, choices::DRAFTS, head};
pub(crate) use store::{mine, mine_of};
pub use waiting::WAITING;

db::id! {
    /// Names something that was said, for one organisation or for many at once.
    pub EventId
}

/// Where an organisation stands with an alert. The executive who decides is never the one who asked.
///
/// | from                               | event            | to              | who may   |
/// |------------------------------------|------------------|-----------------|-----------|
/// | Unacknowledged                     | Acknowledge      | InProgress      | responder |
/// | InProgress, AwaitsExecutive        | Update           | the same        | responder |
/// | InProgress                         | NotApplicable    | NotApplicable   | responder |
/// | InProgress                         | Remediate        | Closed          | responder |
/// | InProgress                         | Mitigate         | Closed          | responder |
/// | InProgress                         | AskToAccept      | AwaitsExecutive | responder |
/// | AwaitsExecutive                    | Accept           | Closed          | executive |
/// | AwaitsExecutive                    | SendBack         | InProgress      | executive |
/// | NotApplicable, AwaitsExecutive, Closed | Correct      | InProgress      | responder |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Nobody has said that they have it in hand.
    Unacknowledged,
    /// Somebody has it in hand.
    InProgress,
    /// The executive is asked to accept the risk.
    AwaitsExecutive,
    /// It does not concern the organisation.
    NotApplicable,
    /// It is dealt with.
    Closed,
    /// The organisation is only informed: no answer is awaited.
    ForInformation,
}

impl Stage {
    /// Every stage, in the order in which pages show them.
    pub const ALL: [Self; 6] = [
        Self::Unacknowledged,
        Self::InProgress,
        Self::AwaitsExecutive,
        Self::NotApplicable,
        Self::Closed,
        Self::ForInformation,
    ];

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unacknowledged => "unacknowledged",
            Self::InProgress => "in_progress",
            Self::AwaitsExecutive => "awaits_executive",
            Self::NotApplicable => "not_applicable",
            Self::Closed => "closed",
            Self::ForInformation => "for_information",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unacknowledged => "Not acknowledged",
            Self::InProgress => "In progress",
            Self::AwaitsExecutive => "Waiting for the executive",
            Self::NotApplicable => "Does not apply",
            Self::Closed => "Closed",
            Self::ForInformation => "For information",
        }
    }

    /// The colour of its tag, which always says the same in words too.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Unacknowledged => "red",
            Self::InProgress => "blue",
            Self::AwaitsExecutive => "orange",
            Self::NotApplicable | Self::ForInformation => "grey",
            Self::Closed => "green",
        }
    }

    /// Whether something is still awaited of the organisation.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unacknowledged | Self::InProgress | Self::AwaitsExecutive)
    }

    /// Whether nothing more is awaited, unless what was said is corrected.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::NotApplicable | Self::Closed)
    }

    /// The stage after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        use Event::{
            Accept, Acknowledge, AskToAccept, Correct, Mitigate, NotApplicable, Remediate, SendBack, Update,
        };
        match (self, event) {
            (Self::InProgress | Self::AwaitsExecutive, Update) => Ok(self),
            (Self::InProgress, NotApplicable) => Ok(Self::NotApplicable),
            (Self::InProgress, Remediate | Mitigate) | (Self::AwaitsExecutive, Accept) => Ok(Self::Closed),
            (Self::InProgress, AskToAccept) => Ok(Self::AwaitsExecutive),
            (Self::Unacknowledged, Acknowledge)
            | (Self::AwaitsExecutive, SendBack)
            | (Self::NotApplicable | Self::AwaitsExecutive | Self::Closed, Correct) => Ok(Self::InProgress),
            (Self::ForInformation, _) => Err(Refused::OnlyInformed),
            (_, Acknowledge) => Err(Refused::Acknowledged),
            (Self::Unacknowledged, _) => Err(Refused::AcknowledgeFirst),
            (_, Accept | SendBack) => Err(Refused::NothingToDecide),
            (Self::InProgress, Correct) => Err(Refused::StillOpen),
            (Self::AwaitsExecutive, _) => Err(Refused::WithExecutive),
            (Self::Closed | Self::NotApplicable, _) => Err(Refused::Closed),
        }
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|stage| stage.code() == text).ok_or(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

db::text_column!(Stage);

/// Why a stage does not allow what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was acknowledged before.
    #[error("The alert was already acknowledged.")]
    Acknowledged,
    /// Nothing else can be said before it is acknowledged.
    #[error("Acknowledge the alert first.")]
    AcknowledgeFirst,
    /// Nobody asked the executive.
    #[error("Nothing waits for an executive's decision here: it was decided already, or never asked.")]
    NothingToDecide,
    /// What is open needs no correction.
    #[error("The response is still open: add an update instead of a correction.")]
    StillOpen,
    /// The executive's decision is awaited.
    #[error(
        "The executive was asked to accept the risk. Wait for the decision, or take the question back with a correction."
    )]
    WithExecutive,
    /// It has ended.
    #[error("The response is closed. If that was wrong, add a correction.")]
    Closed,
    /// The alert asks nothing of this organisation.
    #[error("This alert is for information: no answer is needed.")]
    OnlyInformed,
}

/// Why something could not be said about an alert.
#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    /// It does not exist, or the actor answers for none of those it went to.
    #[error("There is no such alert for the organisations that you answer for.")]
    NotFound,
    /// Of those whom the actor answers for none was ticked, or all were left out.
    #[error("Nobody is chosen. Choose for whom you answer.")]
    NobodyChosen,
    /// The role does not include it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The stage does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A colleague said something between reading and writing.
    #[error(
        "Somebody else answered for one of these organisations at the same moment. Look at what they said, then try again."
    )]
    Overtaken,
    /// More waits for the executive than the page showed.
    #[error(
        "What waits for your decision has changed since you opened the page. Look at it again before you decide."
    )]
    NotAsSeen,
    /// Who asked is not who decides.
    #[error(
        "You asked for this risk to be accepted yourself, so another executive has to decide. To take the \
         question back, add a correction."
    )]
    OwnRequest,
    /// An answer without a word.
    #[error("There is nothing to send. Answer at least one question.")]
    NothingSaid,
    /// A reason is needed.
    #[error("Say why.")]
    ReasonMissing,
    /// The next update is later than the policy allows without a reason.
    #[error("The next update is due by {0}. Choose an earlier date, or say why it has to be later.")]
    UpdateTooLate(String),
    /// The next update lies in the past.
    #[error("The date of the next update must be in the future.")]
    UpdateInThePast,
    /// The remedy is planned for a day that is over.
    #[error("The planned date must be today or later.")]
    PlannedInThePast,
    /// A request would wait for ever.
    #[error(
        "No executive who could decide is known for {0}. Ask a lead there to give somebody else the role of \
         executive, or to add an executive to the contacts, then ask again."
    )]
    NobodyDecides(String),
    /// More words than anybody reads.
    #[error("Each answer must be {} characters or fewer.", said::LONGEST)]
    TooLong,
    /// A newer version of the alert came into force.
    #[error("An update has taken the place of this alert. Open the update and answer there.")]
    Superseded,
    /// The alert was withdrawn or called back.
    #[error("The alert was withdrawn: no answer is needed any more.")]
    Withdrawn,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ResponseError> for web::Error {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::NotFound => Self::NotFound,
            ResponseError::Forbidden(forbidden) => forbidden.into(),
            ResponseError::OwnRequest => Self::Forbidden(error.to_string()),
            ResponseError::Db(error) => error.into(),
            ResponseError::TooLong
            | ResponseError::NobodyChosen
            | ResponseError::NothingSaid
            | ResponseError::ReasonMissing
            | ResponseError::UpdateTooLate(_)
            | ResponseError::UpdateInThePast
            | ResponseError::PlannedInThePast => Self::Unprocessable(error.to_string()),
            ResponseError::Refused(_)
            | ResponseError::Overtaken
            | ResponseError::NotAsSeen
            | ResponseError::NobodyDecides(_)
            | ResponseError::Superseded
            | ResponseError::Withdrawn => Self::Conflict(error.to_string()),
        }
    }
}

/// The hour that `at` lies in: the bucket of the counters.
pub(crate) fn hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600_000_000;
    let micros = at.as_microsecond();
    Timestamp::from_microsecond(micros - micros.rem_euclid(HOUR)).unwrap_or(at)
}

/// Who may decide for an organisation whether a risk is borne.
pub(crate) const DECIDING: &[Role] = &[Role::Executive];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_machine_is_what_the_machine_does() {
        use Event::{
            Accept, Acknowledge, AskToAccept, Correct, Mitigate, NotApplicable, Remediate, SendBack, Update,
        };
        let table = [
            (Stage::Unacknowledged, Acknowledge, Stage::InProgress),
            (Stage::InProgress, Update, Stage::InProgress),
            (Stage::AwaitsExecutive, Update, Stage::AwaitsExecutive),
            (Stage::InProgress, NotApplicable, Stage::NotApplicable),
            (Stage::InProgress, Remediate, Stage::Closed),
            (Stage::InProgress, Mitigate, Stage::Closed),
            (Stage::InProgress, AskToAccept, Stage::AwaitsExecutive),
            (Stage::AwaitsExecutive, Accept, Stage::Closed),
            (Stage::AwaitsExecutive, SendBack, Stage::InProgress),
            (Stage::NotApplicable, Correct, Stage::InProgress),
            (Stage::AwaitsExecutive, Correct, Stage::InProgress),
            (Stage::Closed, Correct, Stage::InProgress),
        ];
        for stage in Stage::ALL {
            for event in Event::ALL {
                let listed = table.iter().find(|row| (row.0, row.1) == (stage, event)).map(|row| row.2);
                assert_eq!(stage.apply(event).ok(), listed, "{stage:?} {event:?}");
            }
        }
    }

    #[test]
    fn hours_begin_on_the_hour() {
        let at: Timestamp = "2026-06-03T13:59:59.999999Z".parse().expect("an instant");
        assert_eq!(hour(at).to_string(), "2026-06-03T13:00:00Z");
    }

    #[test]
    fn what_an_event_leads_to_does_not_depend_on_where_it_came_from() {
        for event in Event::ALL {
            for from in event.from() {
                let to = from.apply(event).expect("from() says so");
                assert_eq!(to, event.to().unwrap_or(from));
            }
        }
    }
}
