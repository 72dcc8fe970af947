//! What the forms of a case have in common: in which zone, and when.

use jiff::Timestamp;
use platform::{
    uk,
    web::form::{Choice, Problems},
};

use super::{Sight, Zone};
use crate::report::typed::time;

/// The zones in which somebody writes, to choose from. One alone needs no question.
pub(crate) fn zones(sight: &Sight, typed: &str) -> Vec<Choice> {
    let only = sight.writes.count() == 1;
    let choice = |zone: Zone| {
        let choice = Choice::new(zone.code(), zone.label()).chosen_in(&[typed]);
        if only { Choice { chosen: true, ..choice } } else { choice }
    };
    sight.writes.iter().map(choice).collect()
}

/// The zone that was chosen.
pub(crate) fn zone(problems: &mut Problems, typed: &str) -> Option<Zone> {
    let zone = typed.parse().ok();
    if zone.is_none() {
        problems.push("zone", "Select who is to read it");
    }
    zone
}

/// A moment as it is typed: a choice of "now" or "at", a day and a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When<'a> {
    pub(crate) choice: &'a str,
    pub(crate) day: [&'a str; 3],
    pub(crate) time: &'a str,
}

/// The choices of a moment.
pub(crate) fn whens(typed: &str) -> Vec<Choice> {
    let typed = if typed.is_empty() { "now" } else { typed };
    [("now", "Now"), ("at", "Earlier, on the day and at the time below")]
        .map(|(value, label)| Choice::new(value, label).chosen_in(&[typed]))
        .into()
}

/// When something happened: now, or in the past; a day that was typed is taken whatever was selected. A time alone is
/// one of today.
pub(crate) fn happened(problems: &mut Problems, typed: When<'_>, now: Timestamp) -> Option<Timestamp> {
    let dated = typed.day.iter().any(|part| !part.trim().is_empty());
    let timed = !typed.time.trim().is_empty();
    if !dated && !timed && typed.choice != "at" {
        return Some(now);
    }
    let day = if dated || !timed {
        problems.date("happened-on", typed.day, "the day on which it happened")?
    } else {
        uk::day(now)
    };
    let Some(time) = time(typed.time) else {
        problems.push("happened-time", "Enter a time like 02:10");
        return None;
    };
    let moment = uk::moment(day.to_datetime(time)).filter(|moment| *moment <= now);
    if moment.is_none() {
        problems.push("happened-on", "When it happened must be in the past");
    }
    moment
}

/// A moment to come, which may be left out. A day alone is its last minute. An error stands among `problems`.
pub(crate) fn to_come(
    problems: &mut Problems,
    (field, time_field): (&'static str, &'static str),
    day: [&str; 3],
    typed_time: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, ()> {
    let dated = day.iter().any(|part| !part.trim().is_empty());
    if !dated && typed_time.trim().is_empty() {
        return Ok(None);
    }
    let day = if dated { problems.date(field, day, "the day").ok_or(())? } else { uk::day(now) };
    let moment = if typed_time.trim().is_empty() {
        uk::last_minute(day)
    } else {
        let Some(time) = time(typed_time) else {
            problems.push(time_field, "Enter a time like 14:10");
            return Err(());
        };
        uk::moment(day.to_datetime(time))
    };
    let moment = moment.filter(|moment| *moment > now);
    if moment.is_none() {
        problems.push(field, "This must be in the future");
    }
    moment.map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-06-03T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_happened_is_now_or_past_and_a_time_alone_is_of_today() {
        let read = |choice, day, time| {
            let mut problems = Problems::none();
            happened(&mut problems, When { choice, day, time }, now()).map(|at| at.to_string())
        };
        let (none, june) = (["", "", ""], ["3", "6", "2026"]);
        assert_eq!(read("now", none, "").as_deref(), Some("2026-06-03T09:00:00Z"));
        assert_eq!(read("now", june, "2:10").as_deref(), Some("2026-06-03T01:10:00Z"));
        assert_eq!(read("now", none, "9:15").as_deref(), Some("2026-06-03T08:15:00Z"));
        assert_eq!(read("at", none, ""), None);
        assert_eq!(read("at", ["4", "6", "2026"], "1:00"), None);
        assert_eq!(read("at", june, "soon"), None);
    }

    #[test]
    fn what_is_to_come_may_be_left_out_and_a_day_is_its_last_minute() {
        let read = |day, time| {
            let mut problems = Problems::none();
            to_come(&mut problems, ("due", "due-time"), day, time, now())
        };
        assert_eq!(read(["", "", ""], ""), Ok(None));
        let end = "2026-06-03T22:59:00Z".parse().unwrap();
        assert_eq!(read(["3", "6", "2026"], ""), Ok(Some(end)));
        assert_eq!(read(["3", "6", "2026"], "8:00"), Err(()));
    }
}
