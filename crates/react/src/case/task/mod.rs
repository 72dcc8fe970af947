//! What is to be done in a case: by whom, until when, and what came of it. Every step enters the timeline.

pub mod actions;
pub mod api;
pub mod clocks;
mod mine;
mod pages;
pub mod store;
mod waiting;

use std::fmt;

use jiff::Timestamp;
use platform::{access::PersonId, organisation::OrganisationId};

pub use waiting::WAITING;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a task.
    pub TaskId
}

/// The most tasks of one case.
pub const MOST: i64 = 500;

platform::vocabulary! {
    /// Where a task stands.
    ///
    /// | from                    | event      | to        |
    /// |-------------------------|------------|-----------|
    /// | Open                    | `Start`    | Doing     |
    /// | Open, Doing             | `Finish`   | Done      |
    /// | Open, Doing             | `GiveUp`   | Cannot    |
    /// | Open, Doing             | `Withdraw` | Withdrawn |
    /// | Done, Cannot, Withdrawn | `Reopen`   | Open      |
    pub enum State {
        Open = "open", "Open";
        Doing = "doing", "In progress";
        Done = "done", "Done";
        Cannot = "cannot", "Cannot be done";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

platform::vocabulary! {
    /// What can happen to a task.
    pub enum Event {
        Start = "start", "I am doing it now";
        Finish = "finish", "It is done";
        GiveUp = "give_up", "It cannot be done";
        Withdraw = "withdraw", "It need not be done any more";
        Reopen = "reopen", "It is to be done after all";
    }
}

/// The answer to an event that does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands.
    pub state: State,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The task stands at “{}” now. Reload the page to see it as it is.", self.state.label())
    }
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Open, Event::Start) => Ok(Self::Doing),
            (Self::Open | Self::Doing, Event::Finish) => Ok(Self::Done),
            (Self::Open | Self::Doing, Event::GiveUp) => Ok(Self::Cannot),
            (Self::Open | Self::Doing, Event::Withdraw) => Ok(Self::Withdrawn),
            (Self::Done | Self::Cannot | Self::Withdrawn, Event::Reopen) => Ok(Self::Open),
            (state, _) => Err(Refused { state }),
        }
    }

    /// Whether there is still something to do.
    pub const fn is_to_do(self) -> bool {
        matches!(self, Self::Open | Self::Doing)
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "blue",
            Self::Doing => "yellow",
            Self::Done => "green",
            Self::Cannot => "orange",
            Self::Withdrawn => "grey",
        }
    }
}

/// Whose a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's yet.
    Nobody,
    /// A person's, who comes through an organisation or is at the CERT.
    Person(PersonId),
    /// An organisation's.
    Organisation(OrganisationId),
    /// The CERT's.
    Cert,
}

impl Owner {
    /// The word of its kind in the database.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Person(_) => "person",
            Self::Organisation(_) => "organisation",
            Self::Cert => "cert",
        }
    }

    /// The word that a form sends for it.
    pub fn code(self) -> String {
        match self {
            Self::Nobody => String::new(),
            Self::Person(id) => format!("person-{id}"),
            Self::Organisation(id) => format!("organisation-{id}"),
            Self::Cert => "cert".to_owned(),
        }
    }
}

impl std::str::FromStr for Owner {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('-') {
            _ if text.is_empty() => Ok(Self::Nobody),
            _ if text == "cert" => Ok(Self::Cert),
            Some(("person", id)) => id.parse().map(Self::Person).map_err(drop),
            Some(("organisation", id)) => id.parse().map(Self::Organisation).map_err(drop),
            _ => Err(()),
        }
    }
}

/// A task as it is written down.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is to be done, in a line.
    pub title: String,
    /// Why, and how.
    pub text: String,
    /// By whom.
    pub owner: Owner,
    /// Until when.
    pub due_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Owner, PersonId, State, State::*};

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        let table = [
            (Open, Start, Doing),
            (Open, Finish, Done),
            (Doing, Finish, Done),
            (Open, GiveUp, Cannot),
            (Doing, GiveUp, Cannot),
            (Open, Withdraw, Withdrawn),
            (Doing, Withdraw, Withdrawn),
            (Done, Reopen, Open),
            (Cannot, Reopen, Open),
            (Withdrawn, Reopen, Open),
        ];
        for &from in State::ALL {
            for &event in super::Event::ALL {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }

    #[test]
    fn an_owner_comes_back_as_it_was_sent() {
        let person = Owner::Person(PersonId(uuid::Uuid::max()));
        for owner in [Owner::Nobody, Owner::Cert, person] {
            assert_eq!(owner.code().parse(), Ok(owner));
        }
        assert_eq!("whoever".parse::<Owner>(), Err(()));
    }
}
