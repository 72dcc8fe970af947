//! An incident at one organisation: what was reported of it, once or several times, and where it stands.
//!
//! Its organisation, those who answer for it and the CERT see it, and nobody else learns that there is one.
//! What nobody has vouched for is kept apart, and not even its organisation sees it: or anybody could tell a
//! hospital of an attack. See docs/decisions/0024-call-back.md.

pub mod actions;
pub mod api;
pub mod call_back;
pub mod list;
pub mod messages;
mod pages;
mod panel;
pub mod store;
mod waiting;

use std::fmt;

use platform::{access::Forbidden, web};

use crate::case::CaseError;
pub use panel::PANEL;
pub use waiting::WAITING;
pub(crate) use waiting::to_hand_over;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names an incident.
    pub IncidentId
}

/// The number that people quote when they speak of an incident.
pub type Receipt = platform::receipt::Receipt<'I'>;

/// The most that is added to one incident by the organisation's people and the CERT's.
pub const MOST_ADDITIONS: i64 = 100;
/// The most that is added to one report by the holder of its code, or by mail.
pub const MOST_ADDITIONS_TO_A_REPORT: i64 = 20;
/// The longest that is written at once, in characters.
pub const LONGEST: usize = 4_000;

platform::vocabulary! {
    /// How far an incident is believed.
    ///
    /// | from                       | call back   | to         |
    /// |----------------------------|-------------|------------|
    /// | Session                    | confirmed   | Session    |
    /// | Code, Unverified, Refuted  | confirmed   | `CalledBack` |
    /// | any                        | refuted     | Refuted    |
    /// | any                        | not reached | as it was  |
    pub enum Standing {
        Session = "session", "Reported by somebody who was signed in, or by one of their systems";
        Code = "code", "Reported with a code, not yet called back";
        Unverified = "unverified", "Not verified";
        CalledBack = "called_back", "Called back and confirmed";
        Refuted = "refuted", "Called back: it is not theirs";
    }
}

platform::vocabulary! {
    /// Where an incident stands.
    ///
    /// | from           | event  | to     |
    /// |----------------|--------|--------|
    /// | Reported, Open | `TakeOn` | Open   |
    /// | Reported, Open | Close  | Closed |
    /// | Reported, Open | Join   | Joined |
    /// | Closed         | `TakeOn` | Open   |
    pub enum State {
        Reported = "reported", "Reported";
        Open = "open", "In hand";
        Closed = "closed", "Closed";
        Joined = "joined", "Part of another";
    }
}

platform::vocabulary! {
    /// What came of a call back.
    pub enum Outcome {
        Confirmed = "confirmed", "They confirmed that they reported it";
        NotReached = "not_reached", "Nobody was reached";
        Refuted = "refuted", "They say that it is not theirs";
    }
}

platform::vocabulary! {
    /// Who added something.
    pub enum Side {
        Organisation = "organisation", "The organisation";
        Holder = "holder", "The holder of a code";
        Cert = "cert", "The CERT";
        Mail = "mail", "Somebody who answered our email";
    }
}

/// What can happen to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody at the CERT takes it on.
    TakeOn,
    /// It is over, or was none.
    Close,
    /// It is the same as another one.
    Join,
}

/// The answer to an event that does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This incident stands at “{}”, so that it cannot be {} now. Reload the page to see it as it is.", .state.label(), .event)]
pub struct Refused {
    /// Where it stands.
    pub state: State,
    /// What was tried.
    pub event: Event,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TakeOn => "taken on",
            Self::Close => "closed",
            Self::Join => "joined to another",
        })
    }
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Reported | Self::Open | Self::Closed, Event::TakeOn) => Ok(Self::Open),
            (Self::Reported | Self::Open, Event::Close) => Ok(Self::Closed),
            (Self::Reported | Self::Open, Event::Join) => Ok(Self::Joined),
            (state, event) => Err(Refused { state, event }),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Reported => "red",
            Self::Open => "blue",
            Self::Closed | Self::Joined => "grey",
        }
    }

    /// Whether somebody is, or should be, at work on it.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Reported | Self::Open)
    }
}

impl Standing {
    /// How far it is believed after a call back.
    #[must_use]
    pub const fn after(self, outcome: Outcome) -> Self {
        match (self, outcome) {
            (Self::Session, Outcome::Confirmed) => Self::Session,
            (_, Outcome::Confirmed) => Self::CalledBack,
            (_, Outcome::Refuted) => Self::Refuted,
            (standing, Outcome::NotReached) => standing,
        }
    }

    /// Whether it is kept apart from those that are known to be real.
    pub const fn is_apart(self) -> bool {
        matches!(self, Self::Unverified | Self::Refuted)
    }

    /// Whether it still has to be called back.
    pub const fn awaits_call_back(self) -> bool {
        matches!(self, Self::Code | Self::Unverified)
    }

    /// What one incident is believed of which two were reported: the stronger of both.
    #[must_use]
    pub fn together(self, other: Self) -> Self {
        let rank = |standing| match standing {
            Self::Refuted => 0,
            Self::Unverified => 1,
            Self::Code => 2,
            Self::Session => 3,
            Self::CalledBack => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Session | Self::CalledBack => "green",
            Self::Code => "yellow",
            Self::Unverified => "orange",
            Self::Refuted => "grey",
        }
    }

    /// The words of its tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Session => "Signed in",
            Self::Code => "Code, to be called back",
            Self::Unverified => "Not verified",
            Self::CalledBack => "Called back",
            Self::Refuted => "Not theirs",
        }
    }
}

/// Why something could not be done to an incident.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// There is none such, or not for this actor.
    #[error("There is no such incident.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this incident after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Reload the page to see it.")]
    Twice,
    /// A reason or a text is needed and none was given.
    #[error("Write something first.")]
    Empty,
    /// Enough was added.
    #[error("A great deal was added to this incident. Ring the CERT to add more.")]
    Enough,
    /// The number was not held before the incident.
    #[error(
        "This number proves nothing: it was added or changed within 14 days before the report, or after it. Choose another one."
    )]
    NoProof,
    /// No organisation of this code.
    #[error("There is no organisation of the code {0}.")]
    NoOrganisation(String),
    /// A duty to report runs in it.
    #[error(
        "A clock of a regulator runs in this incident, and could not be stopped in the other one. Keep the report or say why it is not required, then join them; or join the other one to this."
    )]
    ClocksRun,
    /// No incident has this number.
    #[error("No incident has this number. Look at the list of incidents, and copy it from there.")]
    NoSuchNumber,
    /// It would be joined to itself.
    #[error("This is the number of the incident before you. Enter that of the other one.")]
    Itself,
    /// It cannot be joined to that one.
    #[error(
        "These two cannot be joined: they are of different organisations, the other one is over, or one of them was denied by telephone."
    )]
    Apart,
    /// No organisation can be entered.
    #[error(
        "The organisation of this incident stands: one is entered only where the report is not verified."
    )]
    NotTheSame,
    /// It was not said what kind of incident it was.
    #[error(
        "Say first what kind of incident it was: “Priority, kind and outlook”, then “Kind of incident”. It is for the figures of the sector, and takes two clicks."
    )]
    NotClassified,
    /// Nobody has taken it on, and a machine would end it.
    #[error(
        "Nobody at the CERT has taken this incident on. A person does that first: until then people are rung for it."
    )]
    NotTakenOn,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<CaseError> for IncidentError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::NotFound => Self::NotFound,
            CaseError::Forbidden(forbidden) => forbidden.into(),
            CaseError::Twice => Self::Twice,
            CaseError::Database(error) => error.into(),
            CaseError::Joined
            | CaseError::Overtaken
            | CaseError::NoOrganisation(_)
            | CaseError::Refused(_) => Self::Overtaken,
        }
    }
}

impl web::Refusal for IncidentError {
    fn field(&self, about: &'static str) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Forbidden(_) | Self::Database(_) => None,
            _ => Some(about),
        }
    }
}

impl From<IncidentError> for web::Error {
    fn from(error: IncidentError) -> Self {
        let sentence = error.to_string();
        match error {
            IncidentError::NotFound => Self::NotFound,
            IncidentError::Forbidden(forbidden) => forbidden.into(),
            IncidentError::Empty | IncidentError::NoProof | IncidentError::NoOrganisation(_) => {
                Self::Unprocessable(sentence)
            }
            IncidentError::Refused(_)
            | IncidentError::Overtaken
            | IncidentError::Twice
            | IncidentError::Enough
            | IncidentError::NotClassified
            | IncidentError::NotTakenOn
            | IncidentError::ClocksRun
            | IncidentError::NoSuchNumber
            | IncidentError::Itself
            | IncidentError::Apart
            | IncidentError::NotTheSame => Self::Conflict(sentence),
            IncidentError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Outcome, Standing, State, State::*};

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        let table = [
            (Reported, TakeOn, Open),
            (Open, TakeOn, Open),
            (Closed, TakeOn, Open),
            (Reported, Close, Closed),
            (Open, Close, Closed),
            (Reported, Join, Joined),
            (Open, Join, Joined),
        ];
        for &from in State::ALL {
            for event in [TakeOn, Close, Join] {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_call_back_decides_what_is_believed() {
        assert_eq!(Standing::Unverified.after(Outcome::Confirmed), Standing::CalledBack);
        assert_eq!(Standing::Session.after(Outcome::Confirmed), Standing::Session);
        assert_eq!(Standing::Session.after(Outcome::Refuted), Standing::Refuted);
        assert_eq!(Standing::Code.after(Outcome::NotReached), Standing::Code);
        assert!(Standing::Unverified.is_apart() && !Standing::Code.is_apart());
        assert_eq!(Standing::Unverified.together(Standing::Session), Standing::Session);
    }
}
