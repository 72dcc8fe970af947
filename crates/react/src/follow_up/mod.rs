//! What is to be done so that a lesson is learned: by whom, until when, and what came of it. People call it an action.
//!
//! It outlives its incident: a closed case is still open for it, and whoever has it is reminded when it is due.

pub mod actions;
pub mod clocks;
mod mine;
mod pages;
pub mod store;
mod waiting;

use std::fmt;

use jiff::Timestamp;
use platform::{
    access::{PersonId, Role},
    organisation::OrganisationId,
};

pub(crate) use pages::{routes, whose};
pub use waiting::WAITING;

db::id! {
    /// Names an action.
    pub FollowUpId
}

/// The most actions of one zone of a case.
pub const MOST: i64 = 200;

/// The roles at an organisation that can have an action.
pub const ROLES: [Role; 3] = [Role::Lead, Role::Executive, Role::Responder];
/// Those at the CERT.
pub const ROLES_AT_CERT: [Role; 2] = [Role::DutyManager, Role::Analyst];

platform::vocabulary! {
    /// Where an action stands.
    ///
    /// | from          | event    | to      |
    /// |---------------|----------|---------|
    /// | Open          | `Finish` | Done    |
    /// | Open          | `Drop`   | Dropped |
    /// | Done, Dropped | `Reopen` | Open    |
    pub enum State {
        Open = "open", "Open";
        Done = "done", "Done";
        Dropped = "dropped", "Dropped";
    }
}

platform::vocabulary! {
    /// What can happen to an action.
    pub enum Event {
        Finish = "finish", "It is done";
        Drop = "drop", "It will not be done";
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
        write!(f, "The action stands at “{}” now. Reload the page to see it as it is.", self.state.label())
    }
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub const fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Open, Event::Finish) => Ok(Self::Done),
            (Self::Open, Event::Drop) => Ok(Self::Dropped),
            (Self::Done | Self::Dropped, Event::Reopen) => Ok(Self::Open),
            (state, _) => Err(Refused { state }),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "blue",
            Self::Done => "green",
            Self::Dropped => "grey",
        }
    }
}

/// Whose an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's any more: whose it was were let out of the case.
    Nobody,
    /// A person's, who comes through an organisation or is at the CERT.
    Person(PersonId),
    /// Of whoever has this role at an organisation, or at the CERT.
    Role(Role, Option<OrganisationId>),
}

impl Owner {
    /// The word of its kind in the database.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Person(_) => "person",
            Self::Role(..) => "role",
        }
    }

    /// The word that a form sends for it.
    pub fn code(self) -> String {
        match self {
            Self::Nobody => String::new(),
            Self::Person(id) => format!("person-{id}"),
            Self::Role(role, None) => role.code().to_owned(),
            Self::Role(role, Some(organisation)) => format!("{}-{organisation}", role.code()),
        }
    }
}

impl std::str::FromStr for Owner {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('-') {
            Some(("person", id)) => id.parse().map(Self::Person).map_err(drop),
            Some((role, id)) => Ok(Self::Role(role.parse()?, Some(id.parse().map_err(drop)?))),
            None => Ok(Self::Role(text.parse()?, None)),
        }
    }
}

/// An action as it is written down.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is to be done, in a line.
    pub title: String,
    /// Why, and how.
    pub text: String,
    /// By whom.
    pub owner: Owner,
    /// Until when.
    pub due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Owner, PersonId, Role, State, State::*};

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        let table =
            [(Open, Finish, Done), (Open, Drop, Dropped), (Done, Reopen, Open), (Dropped, Reopen, Open)];
        for &from in State::ALL {
            for &event in super::Event::ALL {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }

    #[test]
    fn an_owner_comes_back_as_it_was_sent() {
        let organisation = platform::organisation::OrganisationId(uuid::Uuid::max());
        let owners = [
            Owner::Person(PersonId(uuid::Uuid::max())),
            Owner::Role(Role::DutyManager, None),
            Owner::Role(Role::Lead, Some(organisation)),
        ];
        for owner in owners {
            assert_eq!(owner.code().parse(), Ok(owner));
        }
        for wrong in ["", "whoever", "person-x", "lead-x", "king-"] {
            assert_eq!(wrong.parse::<Owner>(), Err(()), "{wrong}");
        }
    }
}
