//! Where a clock stands.

use super::ClockId;

platform::vocabulary! {
    /// Where the duty of a clock stands.
    ///
    /// | from                | event                                | to                   |
    /// |---------------------|--------------------------------------|----------------------|
    /// | Running             | `Report`, in time                    | Met                  |
    /// | Running             | `Report`, too late, with reasons     | Late                 |
    /// | Running             | `NotRequire`, with a reason          | `NotRequired`        |
    /// | `NotRequired`       | `Require`, with a reason             | Running              |
    /// | Met, Late           | `Report`: a further part             | as it was            |
    /// | Late                | `Explain`: reasons, or more of them  | Late                 |
    /// | Met, Late           | `Recount`: the deadline has moved    | Met or Late, anew    |
    /// | Running, `NotRequired` | `Recount`                         | as it was            |
    pub enum State {
        Running = "running", "Running";
        Met = "met", "Reported in time";
        Late = "late", "Reported late";
        NotRequired = "not_required", "Not required";
    }
}

/// What can happen to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was reported: whether later than it was due, and whether reasons are given.
    Report {
        /// It was due before.
        late: bool,
        /// Reasons are given.
        reasons: bool,
    },
    /// Somebody decided that no report is required.
    NotRequire,
    /// Somebody decided that one is, after all.
    Require,
    /// The reasons for being late are given afterwards.
    Explain,
    /// When it became known was corrected: whether what was reported is late now.
    Recount {
        /// It was due before.
        late: bool,
    },
}

/// Why an event does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A late report goes with its reasons.
    #[error("This was reported after it was due. Say why: the reasons go with the report.")]
    NeedsReasons,
    /// Nothing is to be reported.
    #[error("This was decided not to be required. Say first that it is required after all.")]
    NotRequired,
    /// It is done.
    #[error("This was reported already. Reload the page to see when, and by whom.")]
    Reported,
    /// It is not late.
    #[error("This is not late. Reload the page to see how it stands.")]
    NotLate,
    /// It was never said not to be required.
    #[error("This is required already. Reload the page to see how it stands.")]
    Required,
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub const fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Running, Event::Report { late: true, reasons: false }) => Err(Refused::NeedsReasons),
            (Self::Running, Event::Report { late, .. }) => Ok(if late { Self::Late } else { Self::Met }),
            (Self::Running, Event::NotRequire) => Ok(Self::NotRequired),
            (Self::NotRequired, Event::Require) => Ok(Self::Running),
            (Self::Met | Self::Late, Event::Recount { late }) => {
                Ok(if late { Self::Late } else { Self::Met })
            }
            (
                Self::Met | Self::Late | Self::Running | Self::NotRequired,
                Event::Report { .. } | Event::Explain | Event::Recount { .. },
            ) => self.kept(event),
            (Self::Met | Self::Late, Event::NotRequire) => Err(Refused::Reported),
            (Self::NotRequired, Event::NotRequire) => Err(Refused::NotRequired),
            (Self::Running | Self::Met | Self::Late, Event::Require) => Err(Refused::Required),
        }
    }

    /// What leaves the state as it is, where it does.
    const fn kept(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::NotRequired, Event::Report { .. }) => Err(Refused::NotRequired),
            (Self::Running | Self::Met | Self::NotRequired, Event::Explain) => Err(Refused::NotLate),
            _ => Ok(self),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Running => "blue",
            Self::Met => "green",
            Self::Late => "orange",
            Self::NotRequired => "grey",
        }
    }
}

/// A clock's own place among the pages of its case.
pub(super) fn path(clock: ClockId) -> String {
    format!("/clocks/{clock}")
}

#[cfg(test)]
mod tests {
    use super::{Event::*, Refused, State, State::*};

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        let (on_time, late, explained) = (
            Report { late: false, reasons: false },
            Report { late: true, reasons: false },
            Report { late: true, reasons: true },
        );
        let table = [
            (Running, on_time, Ok(Met)),
            (Running, late, Err(Refused::NeedsReasons)),
            (Running, explained, Ok(Late)),
            (Running, NotRequire, Ok(NotRequired)),
            (Running, Require, Err(Refused::Required)),
            (Running, Explain, Err(Refused::NotLate)),
            (Running, Recount { late: true }, Ok(Running)),
            (Met, late, Ok(Met)),
            (Met, NotRequire, Err(Refused::Reported)),
            (Met, Require, Err(Refused::Required)),
            (Met, Explain, Err(Refused::NotLate)),
            (Met, Recount { late: true }, Ok(Late)),
            (Met, Recount { late: false }, Ok(Met)),
            (Late, on_time, Ok(Late)),
            (Late, NotRequire, Err(Refused::Reported)),
            (Late, Require, Err(Refused::Required)),
            (Late, Explain, Ok(Late)),
            (Late, Recount { late: false }, Ok(Met)),
            (NotRequired, on_time, Err(Refused::NotRequired)),
            (NotRequired, NotRequire, Err(Refused::NotRequired)),
            (NotRequired, Require, Ok(Running)),
            (NotRequired, Explain, Err(Refused::NotLate)),
            (NotRequired, Recount { late: true }, Ok(NotRequired)),
        ];
        for (from, event, expected) in table {
            assert_eq!(State::apply(from, event), expected, "{from:?} {event:?}");
        }
    }
}
