//! How far a sign-in has come: what somebody has shown, and what is still asked of them.
//!
//! A session exists from the first proof on, so that each step is bound to the browser that took
//! the one before. Only a full one makes an [`Actor`](super::Actor); the steps in between are
//! reached under [`Rule::AtStage`](super::Rule).

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::PersonId;

/// What a session is still waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A one-time link was used: a password is to be chosen.
    Password,
    /// The password was right: a code is to be shown.
    SecondFactor,
    /// The password was right, and a second factor is to be set up.
    Enrol,
    /// Nothing: the person is signed in.
    Full,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Password, Self::SecondFactor, Self::Enrol, Self::Full];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
            Self::Enrol => "enrol",
            Self::Full => "full",
        }
    }

    /// The page where somebody at this stage goes on.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Password => "/choose-password",
            Self::SecondFactor => "/sign-in/code",
            Self::Enrol => "/account/second-factor",
            Self::Full => "/",
        }
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|stage| stage.code() == text).ok_or(())
    }
}

db::text_column!(Stage);

db::record! {
    /// A session that has neither ended nor been idle for too long.
    pub struct Session {
        /// Which; the cookie's token is not kept.
        pub id: Uuid,
        /// Whose.
        pub person_id: PersonId,
        /// The person's name.
        pub name: String,
        /// How far it has come.
        pub stage: Stage,
        /// When it was last used, to five minutes.
        pub seen_at: Timestamp,
    }
}
