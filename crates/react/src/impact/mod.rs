//! The clinical impact board: which services of an organisation are hit, what each relies on, how care goes on
//! without it, where patients are diverted to, and how much was postponed.
//!
//! It stands in the shared zone: who helps has to see it. Every way in which a service has stood is kept. It holds
//! no patient's name, and what is said of harm is a flag for those who help, not a finding.

pub mod actions;
pub mod api;
mod pages;
pub mod store;

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::access::Role::{self, Analyst, DutyManager, Executive, Lead, Responder};

use crate::{
    case::{Sight, Zone},
    triage::Question,
};

pub use store::{Change, Count, Service};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a service on a board.
    pub ServiceId
}

/// Writes on a board.
pub const WRITERS: &[Role] = &[Responder, Lead, Executive, Analyst, DutyManager];
/// The most services of one board.
pub const MOST_SERVICES: i64 = 100;
/// The most changes and counts of one board.
pub const MOST_CHANGES: i64 = 2_000;
/// The longest name of a service, and of where it is diverted to, in characters.
pub const LONGEST_NAME: usize = 200;
/// The longest of what is said of systems or of harm.
pub const LONGEST: usize = 1_000;
/// The most that is counted: more appointments than a nation has.
pub const MOST_COUNTED: i64 = 100_000_000;

platform::vocabulary! {
    /// How a service goes on.
    pub enum State {
        Normal = "normal", "Normal";
        Degraded = "degraded", "Degraded";
        Stopped = "stopped", "Stopped";
    }
}

platform::vocabulary! {
    /// Whether the procedure for work without the systems carries the service.
    pub enum Downtime {
        Working = "working", "Working";
        NotWorking = "not_working", "Not working";
        Absent = "none", "There is none";
        NotKnown = "not_known", "Not known";
    }
}

platform::vocabulary! {
    /// Whether patients come to harm.
    pub enum Harm {
        Absent = "none", "None";
        Possible = "possible", "Possible";
        Likely = "likely", "Likely";
        Actual = "actual", "Actual";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Normal => "green",
            Self::Degraded => "orange",
            Self::Stopped => "red",
        }
    }
}

impl Downtime {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Working => "green",
            Self::NotWorking | Self::Absent => "red",
            Self::NotKnown => "yellow",
        }
    }

    /// Whether it carries the service.
    pub const fn carries(self) -> bool {
        matches!(self, Self::Working)
    }
}

impl Harm {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Absent => "grey",
            Self::Possible => "yellow",
            Self::Likely => "orange",
            Self::Actual => "red",
        }
    }

    /// The graver of two.
    #[must_use]
    pub const fn graver(self, other: Self) -> Self {
        if (other as u8) > self as u8 { other } else { self }
    }
}

/// What is said of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is called.
    pub name: String,
    /// The systems that it relies on.
    pub systems: String,
    /// How it goes on.
    pub state: State,
    /// Whether the procedure for work without them carries it.
    pub downtime: Downtime,
    /// Where patients are diverted to; empty where they are not.
    pub diverted_to: String,
    /// Since when.
    pub diverted_since: Option<Timestamp>,
    /// Whether patients come to harm.
    pub harm: Harm,
    /// What is known of that.
    pub harm_note: String,
}

impl Said {
    /// What it answers of the questions that decide how urgent an incident is: with yes alone, since one service says
    /// nothing of the others.
    pub fn is_a_reason(&self) -> Vec<Question> {
        let carried = self.downtime.carries();
        [
            (Question::Harm, matches!(self.harm, Harm::Likely | Harm::Actual)),
            (Question::Diverted, !self.diverted_to.is_empty()),
            (Question::NoDowntime, self.state == State::Stopped && !carried),
            (Question::Degraded, self.state != State::Normal && carried),
        ]
        .into_iter()
        .filter_map(|(question, yes)| yes.then_some(question))
        .collect()
    }
}

/// A board in one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many services it has.
    pub services: usize,
    /// Those that have stopped.
    pub stopped: usize,
    /// Those that are degraded.
    pub degraded: usize,
    /// Whether patients are diverted from any.
    pub diverted: bool,
    /// The gravest that is said of harm; `None` while the board is empty.
    pub harm: Option<Harm>,
    /// Whether one has stopped that no downtime procedure carries.
    pub lost_without_downtime: bool,
    /// Whether one is degraded, or has stopped, that a downtime procedure carries.
    pub degraded_with_downtime: bool,
    /// What was postponed so far; `None` while nobody has counted.
    pub postponed: Option<Postponed>,
}

/// What was postponed because of an incident, all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Postponed {
    /// Appointments.
    pub appointments: i64,
    /// Procedures and operations.
    pub procedures: i64,
    /// Up to when.
    pub counted_at: Timestamp,
}

impl Summary {
    /// Of these services and this count, the latest.
    pub fn of(services: &[Service], latest: Option<&Count>) -> Self {
        let mut summary = Self { services: services.len(), ..Self::default() };
        for service in services {
            let carried = service.downtime.carries();
            match service.state {
                State::Normal => {}
                State::Degraded => {
                    summary.degraded += 1;
                    summary.degraded_with_downtime |= carried;
                }
                State::Stopped => {
                    summary.stopped += 1;
                    summary.lost_without_downtime |= !carried;
                    summary.degraded_with_downtime |= carried;
                }
            }
            summary.diverted |= !service.diverted_to.is_empty();
            summary.harm = Some(summary.harm.unwrap_or(Harm::Absent).graver(service.harm));
        }
        summary.postponed = latest.map(|count| Postponed {
            appointments: count.appointments,
            procedures: count.procedures,
            counted_at: count.counted_at,
        });
        summary
    }
}

/// The board of a case in one look, for whoever has it in `sight`: for triage, reports and drafts.
pub async fn summary(snapshot: &mut Snapshot, sight: &Sight) -> Result<Summary, DbError> {
    if !sight.reads.contains(Zone::Shared) {
        return Ok(Summary::default());
    }
    let services = store::services(snapshot, sight.incident.id, sight.reads).await?;
    let counts = store::counts(snapshot, sight.incident.id, sight.reads).await?;
    Ok(Summary::of(&services, counts.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(state: State, downtime: Downtime, diverted_to: &str, harm: Harm) -> Service {
        Service {
            id: ServiceId(uuid::Uuid::nil()),
            zone: Zone::Shared,
            name: "Maternity".to_owned(),
            systems: String::new(),
            state,
            downtime,
            diverted_to: diverted_to.to_owned(),
            diverted_since: None,
            harm,
            harm_note: String::new(),
            changed_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn a_board_in_one_look_says_what_counts_for_care() {
        let of = |services: &[Service]| Summary::of(services, None);
        assert_eq!(of(&[]).harm, None);
        let carried = of(&[service(State::Stopped, Downtime::Working, "", Harm::Possible)]);
        assert!(!carried.lost_without_downtime && carried.degraded_with_downtime && !carried.diverted);
        for downtime in [Downtime::NotWorking, Downtime::Absent, Downtime::NotKnown] {
            let lost = of(&[service(State::Stopped, downtime, "RAB", Harm::Absent)]);
            assert!(lost.lost_without_downtime && lost.diverted, "{downtime:?}");
            assert!(!of(&[service(State::Degraded, downtime, "", Harm::Absent)]).lost_without_downtime);
        }
        let both = [
            service(State::Normal, Downtime::NotKnown, "", Harm::Likely),
            service(State::Degraded, Downtime::Working, "", Harm::Possible),
        ];
        assert_eq!((of(&both).harm, of(&both).degraded, of(&both).stopped), (Some(Harm::Likely), 1, 0));
    }
}
