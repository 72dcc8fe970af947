//! What waits: each service's part of a person's first page, and of what a shift at the CERT hands to the next. Neither
//! knows a service.

use std::{future::Future, pin::Pin};

use db::{DbError, Snapshot};
use jiff::Timestamp;

use crate::Actor;

/// How soon something wants somebody, the soonest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Before anything else.
    Now,
    /// Today.
    Soon,
    /// When there is time.
    Open,
}

impl Urgency {
    /// The words and the colour of its tag.
    pub const fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Now => ("Now", "red"),
            Self::Soon => ("Soon", "orange"),
            Self::Open => ("Open", "blue"),
        }
    }
}

/// One thing that waits, or several of a kind.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// How soon it wants somebody.
    pub urgency: Urgency,
    /// What it is, as a link reads: "2 incidents are to be taken on".
    pub words: String,
    /// More of it, or nothing.
    pub hint: String,
    /// Where it is done.
    pub href: String,
    /// Until when, where there is a deadline; of several the first.
    pub due: Option<Timestamp>,
}

impl Waiting {
    /// Something that waits, without a deadline.
    pub fn new(urgency: Urgency, words: String, href: impl Into<String>) -> Self {
        Self { urgency, words, hint: String::new(), href: href.into(), due: None }
    }
}

/// The future of a [`Part`].
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Vec<Waiting>, DbError>> + Send + 'a>>;

/// A row of a service's table of what waits.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Reads what waits for this actor at this moment: a fixed number of statements, and at most a few lines.
    pub read: for<'a> fn(&'a mut Snapshot, &'a Actor, Timestamp) -> Reading<'a>,
}

/// A row of a service's table of what a shift hands over: all that is open at the CERT, whoever has it.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// Under which heading it stands; parts that share one stand together.
    pub heading: &'static str,
    /// Reads it for people at the CERT: a fixed number of statements, and at most a few lines.
    pub read: for<'a> fn(&'a mut Snapshot, Timestamp) -> Reading<'a>,
}

/// "1 incident", "3 incidents", or "1,000 or more incidents", which is as far as such counts go.
pub fn counted(count: i64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        0 | 2..1_000 => format!("{count} {many}"),
        _ => format!("1,000 or more {many}"),
    }
}
