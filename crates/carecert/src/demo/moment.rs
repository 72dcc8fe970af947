//! The steps of the story: when each happened, and the page where it can still be seen.

use std::{fmt, str::FromStr};

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::Tx;

/// A step of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Two sources name the same vulnerability.
    Merged,
    /// Whom an advisory would reach.
    Previewed,
    /// An analyst hands it to whoever approves.
    Drafted,
    /// A second person approves and publishes it.
    Published,
    /// One person alone acknowledges, from a shared mailbox.
    Lone,
    /// One answer for many practices.
    Icb,
    /// The deadline of the acknowledgements.
    Deadline,
    /// A region is warned of what its trusts saw.
    Warned,
    /// An executive bears a risk.
    Accepted,
    /// A trust is attacked at night, and reports it with a code.
    Reported,
    /// What it means for care decides how urgent it is.
    Urgent,
    /// Another trust has the same traces.
    Correlated,
    /// How the case stands is said to everybody who works on it.
    Situation,
    /// What both sides learned from the attack, and what follows.
    Learned,
    /// A supplier is down for many.
    Outage,
    /// The last answer comes in.
    Closed,
    /// The log is proved whole.
    Verified,
    /// An alert that waits for the visitor.
    Yours,
}

impl Moment {
    /// Every step, in the order in which they happened.
    pub const ALL: [Self; 18] = [
        Self::Merged,
        Self::Previewed,
        Self::Drafted,
        Self::Published,
        Self::Lone,
        Self::Icb,
        Self::Deadline,
        Self::Warned,
        Self::Accepted,
        Self::Reported,
        Self::Urgent,
        Self::Correlated,
        Self::Situation,
        Self::Learned,
        Self::Outage,
        Self::Closed,
        Self::Verified,
        Self::Yours,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Drafted => "drafted",
            Self::Previewed => "previewed",
            Self::Published => "published",
            Self::Lone => "lone",
            Self::Icb => "icb",
            Self::Deadline => "deadline",
            Self::Warned => "warned",
            Self::Accepted => "accepted",
            Self::Reported => "reported",
            Self::Urgent => "urgent",
            Self::Correlated => "correlated",
            Self::Situation => "situation",
            Self::Learned => "learned",
            Self::Outage => "outage",
            Self::Closed => "closed",
            Self::Verified => "verified",
            Self::Yours => "yours",
        }
    }
}

impl FromStr for Moment {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|moment| moment.code() == text).ok_or(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

db::text_column!(Moment);

db::record! {
    /// A step that was played.
    pub struct Played {
        /// Which.
        pub name: Moment,
        /// When.
        pub happened_at: Timestamp,
        /// The page that shows it.
        pub path: String,
    }
}

/// Notes that a step happens now, and where it can be seen.
pub(super) async fn note(tx: &mut Tx, moment: Moment, path: &str) -> Result<(), DbError> {
    let statement = sql!("INSERT INTO demo_moment (name, happened_at, path) VALUES (?1, ?2, ?3)");
    let now = tx.now;
    tx.run(statement, params![moment, now, path]).await?;
    Ok(())
}

/// Says where a step can be seen from now on.
pub(super) async fn seen_at(tx: &mut Tx, moment: Moment, path: &str) -> Result<(), DbError> {
    tx.run(sql!("UPDATE demo_moment SET path = ?2 WHERE name = ?1"), params![moment, path]).await?;
    Ok(())
}

/// The steps in their order; none in a demonstration of an older version.
pub async fn moments(snapshot: &mut Snapshot) -> Result<Vec<Played>, DbError> {
    let statement = sql!("SELECT name, happened_at, path FROM demo_moment");
    let mut played: Vec<Played> = snapshot.all(statement, params![]).await?;
    played.sort_by_key(|played| Moment::ALL.iter().position(|each| *each == played.name));
    Ok(played)
}
