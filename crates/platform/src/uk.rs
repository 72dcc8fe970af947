//! UK time, in which people name days: a link "from 1 June" begins at midnight here, one "until 30
//! June" ends when that day is over here.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

static ZONE: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/London").expect("the time zone database is compiled in"));

/// What the clocks on the wall show at `at`.
pub fn local(at: Timestamp) -> DateTime {
    at.to_zoned_datetime(ZONE.clone()).datetime()
}

/// The day that `at` lies in.
pub fn day(at: Timestamp) -> Date {
    local(at).date()
}

/// The moment at which the clocks on the wall show `local`; `None` beyond the years that a calendar
/// knows. The hour that comes twice in October is its first, the one left out in March the next.
pub fn moment(local: DateTime) -> Option<Timestamp> {
    ZONE.to_timestamp(local).ok()
}

/// The first moment of a day.
pub fn begins(day: Date) -> Option<Timestamp> {
    moment(day.at(0, 0, 0, 0))
}

/// The moment at which a day is over.
pub fn is_over(day: Date) -> Option<Timestamp> {
    begins(day.tomorrow().ok()?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_days_in_the_uk() {
        let june = date(2026, 6, 1);
        assert_eq!(begins(june).unwrap().to_string(), "2026-05-31T23:00:00Z");
        assert_eq!(is_over(june).unwrap().to_string(), "2026-06-01T23:00:00Z");
        assert_eq!(day("2026-05-31T23:30:00Z".parse().unwrap()), june);
        assert_eq!(is_over(Date::MAX), None);
    }

    #[test]
    fn clocks_change_twice_a_year() {
        let at = |month, day, hour| moment(date(2026, month, day).at(hour, 30, 0, 0)).unwrap().to_string();
        assert_eq!(at(10, 25, 1), "2026-10-25T00:30:00Z", "the first of two");
        assert_eq!(at(3, 29, 1), "2026-03-29T01:30:00Z", "there is no half past one");
    }
}
