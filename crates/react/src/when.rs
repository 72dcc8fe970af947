//! A moment as people type it: a day, and a time of day in the UK.

use jiff::Timestamp;
use platform::{uk, web::form::Problems};

use crate::report::time_of_day;

/// The fields of a moment, and what was typed in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    /// The field of the day.
    pub day: &'static str,
    /// Day, month and year.
    pub on: [&'a str; 3],
    /// The field of the time.
    pub time: &'static str,
    /// The time.
    pub at: &'a str,
}

/// Reads a moment that is not later than `now`; `what` names it: "when you became aware".
pub(crate) fn past(
    problems: &mut Problems,
    typed: &Typed<'_>,
    now: Timestamp,
    what: &str,
) -> Option<Timestamp> {
    let day = problems.date(typed.day, typed.on, &format!("the day {what}"));
    let time = if typed.at.trim().is_empty() { None } else { time_of_day(typed.at) };
    if time.is_none() {
        problems.push(typed.time, format!("Enter the time {what}, like 02:10"));
    }
    let read = uk::moment(day?.to_datetime(time?)).filter(|at| *at <= now);
    if read.is_none() {
        problems.push(typed.day, format!("The day and time {what} must be in the past"));
    }
    read
}

/// Day, month, year and time of a moment, as a form shows them.
pub(crate) fn shown(at: Timestamp) -> [String; 4] {
    let local = uk::local(at);
    [
        local.day().to_string(),
        local.month().to_string(),
        local.year().to_string(),
        format!("{:02}:{:02}", local.hour(), local.minute()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_one_that_has_been() {
        let now: Timestamp = "2026-11-27T09:00:00Z".parse().unwrap();
        let read = |on, at| {
            let mut problems = Problems::none();
            let read = past(&mut problems, &Typed { day: "on", on, time: "time", at }, now, "when it was");
            read.map(|at| at.to_string())
                .ok_or_else(|| problems.iter().map(|problem| problem.field.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(read(["1", "6", "2026"], "2.10"), Ok("2026-06-01T01:10:00Z".to_owned()));
        assert_eq!(read(["27", "11", "2026"], "9:01"), Err(vec!["on".to_owned()]));
        assert_eq!(read(["", "", ""], ""), Err(vec!["on".to_owned(), "time".to_owned()]));
        assert_eq!(shown("2026-06-01T01:10:00Z".parse().unwrap()), ["1", "6", "2026", "02:10"]);
    }
}
