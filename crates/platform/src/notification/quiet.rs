//! Quiet hours: when a mailbox is not disturbed. They are hours of the wall's clock in the UK, so
//! that a night stays a night when the clocks change.

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::uk;

/// The most edges that are looked at for an end: more than the longest run of days off has.
const EDGES: usize = 40;

/// When a mailbox is not disturbed; never where nothing was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quiet {
    /// From and until, in minutes of the day; over midnight where the end is before the beginning.
    pub hours: Option<(i16, i16)>,
    /// All of Saturdays and Sundays.
    pub weekends: bool,
    /// All of bank holidays in England and Wales.
    pub holidays: bool,
}

impl Quiet {
    /// Whether it is quiet while the clocks on the wall show `local`.
    pub fn holds(&self, local: DateTime) -> bool {
        let day = local.date();
        let minute = minute(local);
        self.hours.is_some_and(|(from, until)| {
            if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
        }) || (self.weekends && uk::is_weekend(day))
            || (self.holidays && uk::bank_holiday(day).is_some())
    }

    /// When the quiet that holds at `now` is over; `None` where none holds.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let mut local = uk::local(now);
        if !self.holds(local) {
            return None;
        }
        for _ in 0..EDGES {
            local = self.edge(local)?;
            if !self.holds(local) {
                let end = uk::moment(local)?;
                // In October the hour comes twice, and the second time is meant.
                return Some(if end > now { end } else { end + SignedDuration::from_hours(1) });
            }
        }
        None
    }

    /// The next moment behind `local` at which quiet may end: where the hours do, or midnight.
    fn edge(&self, local: DateTime) -> Option<DateTime> {
        let until = self.hours.map(|(_, until)| until).filter(|until| *until > minute(local));
        let Some(until) = until else { return Some(local.date().tomorrow().ok()?.at(0, 0, 0, 0)) };
        let (hour, minute) = (i8::try_from(until / 60).ok()?, i8::try_from(until % 60).ok()?);
        (hour < 24).then(|| local.date().at(hour, minute, 0, 0))
    }
}

/// The minute of the day.
fn minute(local: DateTime) -> i16 {
    i16::from(local.hour()) * 60 + i16::from(local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(quiet: Quiet, now: &str) -> Option<String> {
        quiet.end(now.parse().unwrap()).map(|end| end.to_string())
    }

    #[expect(clippy::unnecessary_wraps, reason = "reads beside `None`")]
    fn said(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_night_ends_in_the_morning_in_summer_and_in_winter() {
        let nights = Quiet { hours: Some((22 * 60, 7 * 60)), ..Quiet::default() };
        assert_eq!(ends(nights, "2026-06-01T20:59:59Z"), None);
        assert_eq!(ends(nights, "2026-06-01T21:00:00Z"), said("2026-06-02T06:00:00Z"));
        assert_eq!(ends(nights, "2026-06-02T05:59:59Z"), said("2026-06-02T06:00:00Z"));
        assert_eq!(ends(nights, "2026-06-02T06:00:00Z"), None);
        assert_eq!(ends(nights, "2026-12-01T22:00:00Z"), said("2026-12-02T07:00:00Z"));
        // The nights in which the clocks change.
        assert_eq!(ends(nights, "2026-03-28T23:00:00Z"), said("2026-03-29T06:00:00Z"));
        assert_eq!(ends(nights, "2026-10-24T22:00:00Z"), said("2026-10-25T07:00:00Z"));
    }

    #[test]
    fn an_end_in_the_hour_that_is_left_out_or_comes_twice_still_comes() {
        let until = Quiet { hours: Some((22 * 60, 90)), ..Quiet::default() };
        // 01:30 does not exist on 29 March: it is over when the clocks show 02:30.
        assert_eq!(ends(until, "2026-03-29T00:59:00Z"), said("2026-03-29T01:30:00Z"));
        // It comes twice on 25 October.
        assert_eq!(ends(until, "2026-10-25T00:10:00Z"), said("2026-10-25T00:30:00Z"));
        assert_eq!(ends(until, "2026-10-25T01:10:00Z"), said("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn days_off_join_the_nights_beside_them() {
        let nights = Quiet { hours: Some((22 * 60, 7 * 60)), weekends: true, holidays: true };
        // Friday night to Monday morning; Christmas 2026 falls on a Friday, and Monday makes up for Boxing Day.
        assert_eq!(ends(nights, "2026-06-05T21:30:00Z"), said("2026-06-08T06:00:00Z"));
        assert_eq!(ends(nights, "2026-12-24T22:00:00Z"), said("2026-12-29T07:00:00Z"));
        let weekends = Quiet { weekends: true, ..Quiet::default() };
        assert_eq!(ends(weekends, "2026-06-06T12:00:00Z"), said("2026-06-07T23:00:00Z"));
        assert_eq!(ends(Quiet::default(), "2026-06-06T12:00:00Z"), None);
    }

    #[test]
    fn what_is_always_quiet_holds_nothing_back() {
        let always = Quiet { hours: Some((0, 24 * 60)), ..Quiet::default() };
        assert_eq!(ends(always, "2026-06-06T12:00:00Z"), None);
    }
}
