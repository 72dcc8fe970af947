//! UK time, in which people name days: a link "from 1 June" begins at midnight here, one "until 30
//! June" ends when that day is over here.

use std::sync::LazyLock;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
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

/// The last minute of a day, for what is due by its end: "9 June 2026, 23:59" is read as that day, midnight as the next.
pub fn last_minute(day: Date) -> Option<Timestamp> {
    moment(day.at(23, 59, 0, 0))
}

/// The bank holiday in England and Wales that a day is, by the standing rules; days that are proclaimed
/// for one year, as for a jubilee, are not known here.
pub fn bank_holiday(day: Date) -> Option<&'static str> {
    let easter = easter(day.year())?;
    let monday = day.weekday() == Weekday::Monday;
    let after = |days: i32| easter.checked_add(days.days()).ok() == Some(day);
    let (month, number) = (day.month(), day.day());
    match (month, number) {
        _ if after(-2) => Some("Good Friday"),
        _ if after(1) => Some("Easter Monday"),
        (5, 1..=7) if monday => Some("the early May bank holiday"),
        (5, 25..=31) if monday => Some("the spring bank holiday"),
        (8, 25..=31) if monday => Some("the summer bank holiday"),
        (1, 1) if !is_weekend(day) => Some("New Year's Day"),
        (1, 2 | 3) if monday => Some("the bank holiday for New Year's Day"),
        (12, 25 | 26) if !is_weekend(day) => Some("Christmas"),
        // What falls on a weekend is made up for on Monday and Tuesday.
        (12, 27 | 28) if monday || day.weekday() == Weekday::Tuesday => {
            Some("the bank holiday for Christmas")
        }
        _ => None,
    }
}

/// Whether a day is a Saturday or a Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Easter Sunday of the Gregorian calendar, after Meeus, Jones and Butcher.
#[expect(clippy::many_single_char_names, reason = "as the rule was published")]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, g) = (b / 4, b % 4, (8 * b + 13) / 25);
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
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

    #[test]
    fn bank_holidays_are_those_that_gov_uk_lists() {
        // www.gov.uk/bank-holidays, England and Wales.
        let listed = [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-04",
            "2026-05-25",
            "2026-08-31",
            "2026-12-25",
            "2026-12-28",
            "2027-01-01",
            "2027-03-26",
            "2027-03-29",
            "2027-05-03",
            "2027-05-31",
            "2027-08-30",
            "2027-12-27",
            "2027-12-28",
            "2028-01-03",
            "2028-04-14",
            "2028-04-17",
            "2028-05-01",
            "2028-05-29",
            "2028-08-28",
            "2028-12-25",
            "2028-12-26",
        ];
        let mut day = date(2026, 1, 1);
        let mut found = Vec::new();
        while day.year() < 2029 {
            if bank_holiday(day).is_some() {
                found.push(day.to_string());
            }
            day = day.tomorrow().unwrap();
        }
        assert_eq!(found, listed);
    }
}
