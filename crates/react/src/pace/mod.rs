//! How long the steps of an incident took: until somebody looked at it, until it was contained, until care was as before.
//!
//! The CERT says from when until when it waits for the organisation; that time is left out of every figure, since nobody
//! could have gone on. What a step is measured from and to stands here alone.

pub mod actions;
mod pages;
pub mod sector;
pub mod store;

use jiff::Timestamp;

pub(crate) use pages::routes;

use crate::incident::store::Incident;
use store::{Pace, Wait};

db::id! {
    /// Names a time of waiting.
    pub WaitId
}

/// The most times of waiting of one case.
pub const MOST: i64 = 100;

platform::vocabulary! {
    /// A step of an incident, each measured from when it was reported.
    pub enum Step {
        Acknowledged = "acknowledged", "Acknowledged";
        Contained = "contained", "Contained";
        Recovered = "recovered", "Recovered or closed";
    }
}

platform::vocabulary! {
    /// A step that people say was reached.
    pub enum Mark {
        Contained = "contained", "It is contained: the attacker does no more";
        Recovered = "recovered", "Care is as it was before";
    }
}

impl Step {
    /// What its mean time is called.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Acknowledged => "MTTA",
            Self::Contained => "MTTC",
            Self::Recovered => "MTTR",
        }
    }

    /// What it means, in a sentence.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Acknowledged => {
                "From the report until somebody at the CERT first took it on, or said that they look at it."
            }
            Self::Contained => {
                "From the report until the attacker did no more, as the organisation or the CERT said."
            }
            Self::Recovered => {
                "From the report until care was as before, as somebody said; else until it was closed."
            }
        }
    }
}

/// How far an incident has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Took {
    /// Which step.
    pub step: Step,
    /// When it was reached; none where it was not yet.
    pub at: Option<Timestamp>,
    /// How long that took in microseconds, without the time of waiting.
    pub micros: Option<i64>,
    /// How much of the time before it was waiting.
    pub waited: i64,
}

/// How long each step took of this incident, whose times of waiting do not overlap.
pub fn took(incident: &Incident, pace: &Pace, waits: &[Wait]) -> Vec<Took> {
    let at = |step: Step| match step {
        Step::Acknowledged => pace.acknowledged_at,
        Step::Contained => pace.contained_at,
        Step::Recovered => pace.recovered_at.or(incident.closed_at),
    };
    let of = |&step: &Step| {
        let Some(end) = at(step) else { return Took { step, at: None, micros: None, waited: 0 } };
        let (begin, end_micros) = (incident.opened_at.as_microsecond(), end.as_microsecond());
        let waited = waits.iter().map(|wait| {
            let until = wait.until_at.map_or(i64::MAX, Timestamp::as_microsecond);
            (until.min(end_micros) - wait.since_at.as_microsecond().max(begin)).max(0)
        });
        let waited: i64 = waited.sum();
        Took { step, at: Some(end), micros: Some((end_micros - begin - waited).max(0)), waited }
    };
    Step::ALL.iter().map(of).collect()
}
