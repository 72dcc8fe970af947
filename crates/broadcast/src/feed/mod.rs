//! Feeds: addresses that are asked on a schedule for what a source publishes.
//!
//! A feed is one document that grows, or, for security advisories, a list that leads to documents. It
//! is asked whether it has changed before it is read, never in a hurry, and never beyond bounds; a feed
//! that fails or falls silent is told to people, since nobody misses a warning that never came.

pub mod actions;
mod alarm;
pub mod api;
mod ask;
mod follow;
mod jobs;
mod pages;
mod pause;
pub mod store;
mod suggested;

use jiff::{SignedDuration, Timestamp};
use platform::{access::Forbidden, web};

use crate::source::Source;
pub use alarm::MESSAGE;
pub use jobs::Follow;
pub use store::{Feed, RUNS};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes
}

db::id! {
    /// Names a feed.
    pub FeedId
}

/// The most feeds; each is a row of a page and a job.
pub const MOST: i64 = 200;

/// The sources that publish what can be followed.
pub const FOLLOWED: &[Source] =
    &[Source::Kev, Source::Cve, Source::Csaf, Source::Epss, Source::Stix, Source::News];

/// How often a feed may be asked, in minutes, and in words.
pub const EVERY: &[(i64, &str)] = &[
    (15, "Every 15 minutes"),
    (60, "Every hour"),
    (6 * 60, "Every 6 hours"),
    (24 * 60, "Every day"),
    (7 * 24 * 60, "Every week"),
];

/// After how long without anything new a feed has fallen silent, in hours, and in words.
pub const SILENT_AFTER: &[(i64, &str)] = &[
    (24, "1 day"),
    (3 * 24, "3 days"),
    (7 * 24, "7 days"),
    (14 * 24, "14 days"),
    (31 * 24, "31 days"),
    (92 * 24, "92 days"),
    (366 * 24, "1 year"),
];

platform::vocabulary! {
    /// What came of asking a feed.
    pub enum Outcome {
        Heard = "heard", "Something new";
        Same = "same", "Nothing new";
        Failed = "failed", "Failed";
    }
}

impl Outcome {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Heard => "green",
            Self::Same => "grey",
            Self::Failed => "red",
        }
    }
}

platform::vocabulary! {
    /// How a feed fares.
    pub enum Fares {
        Paused = "paused", "Paused";
        Overdue = "overdue", "Overdue";
        Failing = "failing", "Failing";
        Silent = "silent", "Silent";
        NotAsked = "not_asked", "Not asked yet";
        Well = "well", "Well";
    }
}

impl Fares {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Paused => "grey",
            Self::Overdue | Self::Failing => "red",
            Self::Silent => "orange",
            Self::NotAsked => "blue",
            Self::Well => "green",
        }
    }
}

/// After so long a feed that no worker has asked is not merely waiting for its turn.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);

/// What is followed, and how: all that people decide about a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// By what people call it.
    pub name: String,
    /// What is published there.
    pub source: Source,
    /// Where.
    pub url: url::Url,
    /// How often it is asked, in minutes: one of [`EVERY`].
    pub every_minutes: i64,
    /// After how many hours without anything new it has fallen silent: one of [`SILENT_AFTER`].
    pub silent_hours: i64,
    /// Public keys, armoured, by which signatures of its documents count.
    pub keys: Option<String>,
}

/// What is wrong with a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It could not be read, since then.
    Failing(Timestamp),
    /// It has told nothing new since then.
    Silent(Timestamp),
}

impl Feed {
    /// The pause between two askings.
    fn every(&self) -> SignedDuration {
        SignedDuration::from_mins(self.every_minutes)
    }

    /// How it fares at a moment.
    pub fn fares(&self, now: Timestamp) -> Fares {
        let Some(next) = self.next_at else { return Fares::Paused };
        if now.duration_since(next) > OVERDUE {
            Fares::Overdue
        } else if self.failures > 0 {
            Fares::Failing
        } else if matches!(self.trouble(now), Some(Trouble::Silent(_))) {
            Fares::Silent
        } else if self.asked_at.is_none() {
            Fares::NotAsked
        } else {
            Fares::Well
        }
    }

    /// Where it lies, without the query, in which a token may stand.
    pub fn bare_url(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.into()
    }

    /// What is wrong with it at a moment, so that somebody should know: it has failed for a day and three
    /// times at least, or it told nothing new for too long while it was followed.
    pub fn trouble(&self, now: Timestamp) -> Option<Trouble> {
        self.next_at?;
        let lasts = |since: &Timestamp| now.duration_since(*since) >= SignedDuration::from_hours(24);
        if let Some(since) = self.failing_since.filter(lasts).filter(|_| self.failures >= 3) {
            return Some(Trouble::Failing(since));
        }
        let heard = self.heard_at.max(Some(self.followed_since.unwrap_or(self.created_at)))?;
        let silent = now.duration_since(heard) >= SignedDuration::from_hours(self.silent_hours);
        silent.then_some(Trouble::Silent(heard))
    }
}

/// Why something could not be done to a feed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// There is none such.
    #[error("There is no such feed.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this feed after you opened it. Go back and reload the page to see what they did."
    )]
    Overtaken,
    /// The address is followed already.
    #[error("This address is followed already.")]
    Twice,
    /// There are enough.
    #[error("There are {MOST} feeds already. Remove one that is not needed.")]
    TooMany,
    /// It is paused.
    #[error("This feed is paused. Resume it first.")]
    Paused,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<FeedError> for web::Error {
    fn from(error: FeedError) -> Self {
        let sentence = error.to_string();
        match error {
            FeedError::NotFound => Self::NotFound,
            FeedError::Forbidden(_) => Self::Forbidden(sentence),
            FeedError::Overtaken | FeedError::Twice | FeedError::TooMany | FeedError::Paused => {
                Self::Conflict(sentence)
            }
            FeedError::Database(error) => error.into(),
        }
    }
}
