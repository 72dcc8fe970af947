//! The weekly bulletin: what was published in the last seven days, for each mailbox that receives
//! alerts.
//!
//! It tells what concerns the organisations of the mailbox and what of it waits for them, and what is
//! for everybody. A mailbox gets one for a week, none in a week in which there is nothing to tell, and
//! none where that was chosen. Above TLP:GREEN a line is the number and the link, and RED is not told.

mod jobs;
mod letter;
mod store;

use jiff::{Timestamp, ToSpan};
use platform::{settings::Weekly, uk};

pub use jobs::{Issue, keep_up};
pub use letter::MESSAGE;

/// The week that a bulletin is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Week {
    /// Its name, such as `2026-W23`: a mailbox has one bulletin under it.
    year: i16,
    week: i8,
    /// What was issued from this moment …
    from: Timestamp,
    /// … until this one is told.
    until: Timestamp,
}

/// What was issued this shortly before a bulletin is told in the next: its delivery may not have begun.
const SETTLED: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

impl Week {
    /// The week of the bulletin of this moment; `None` beyond the years that a calendar knows.
    fn of(at: Timestamp) -> Option<Self> {
        let day = uk::local(at);
        let before = uk::moment(day.checked_sub(7.days()).ok()?)?;
        let iso = day.date().iso_week_date();
        Some(Self { year: iso.year(), week: iso.week(), from: before - SETTLED, until: at - SETTLED })
    }

    fn name(&self) -> String {
        format!("{}-W{:02}", self.year, self.week)
    }
}

/// The first moment behind `now` at which a bulletin is due.
fn next(weekly: Weekly, now: Timestamp) -> Option<Timestamp> {
    let today = uk::day(now);
    let days = (0..8).filter_map(|days| today.checked_add(days.days()).ok());
    let due = days.filter(|day| day.weekday() == weekly.day);
    due.filter_map(|day| uk::moment(day.at(weekly.hour, 0, 0, 0))).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    #[test]
    fn it_comes_at_its_hour_in_summer_and_winter_and_no_day_is_told_twice() {
        let monday = Weekly { day: Weekday::Monday, hour: 9 };
        let mut now: Timestamp = "2026-10-12T08:00:00Z".parse().unwrap();
        let mut told = Vec::new();
        for _ in 0..4 {
            now = next(monday, now).unwrap();
            let week = Week::of(now).unwrap();
            told.push((now.to_string(), week.name(), week.from.to_string()));
        }
        let row = |at: &str, week: &str, from: &str| (at.to_owned(), week.to_owned(), from.to_owned());
        assert_eq!(
            told,
            [
                row("2026-10-19T08:00:00Z", "2026-W43", "2026-10-12T07:55:00Z"),
                // The clocks went back: one week is an hour longer.
                row("2026-10-26T09:00:00Z", "2026-W44", "2026-10-19T07:55:00Z"),
                row("2026-11-02T09:00:00Z", "2026-W45", "2026-10-26T08:55:00Z"),
                row("2026-11-09T09:00:00Z", "2026-W46", "2026-11-02T08:55:00Z"),
            ]
        );
    }
}
