//! Dates as feeds write them: by RFC 3339, by RFC 822, and by neither.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// The longest text that is taken for a date.
const LONGEST: usize = 64;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The zones of RFC 822, and those that feeds of Europe name, in hours from UTC.
const ZONES: [(&str, i32); 17] = [
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("wet", 0),
    ("bst", 1),
    ("ist", 1),
    ("cet", 1),
    ("cest", 2),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// The instant that a text means. A day without a time is its beginning; without a zone it is UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    iso(text).or_else(|| mail(text))
}

/// `2026-06-03T14:05:00Z` and what resembles it.
fn iso(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(10)?;
    let date: Date = day.parse().ok().filter(|_| day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-')?;
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let end =
        rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    instant(date, clock, zone.trim())
}

/// `Wed, 03 Jun 2026 14:05:00 +0100` and what resembles it. The name of the weekday is passed over,
/// since it is often wrong.
fn mail(text: &str) -> Option<Timestamp> {
    let (mut day, mut month, mut year) = (None, None, None);
    let (mut clock, mut zone) = ("", "");
    for word in text.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        let known_month = || {
            let start = word.get(..3)?.to_ascii_lowercase();
            MONTHS.iter().position(|name| *name == start).and_then(|at| i8::try_from(at + 1).ok())
        };
        if word.bytes().all(|b| b.is_ascii_digit()) {
            let number: i16 = word.parse().ok()?;
            if day.is_none() && (1..=31).contains(&number) {
                day = i8::try_from(number).ok();
            } else if year.is_none() {
                // RFC 822 had two digits for the year.
                year = Some(match (word.len(), number) {
                    (2, 0..70) => 2000 + number,
                    (2, _) => 1900 + number,
                    _ => number,
                });
            } else {
                return None;
            }
        } else if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(':') {
            clock = word;
        } else if clock.is_empty() {
            month = month.or_else(known_month);
        } else if zone.is_empty() {
            zone = word;
        }
    }
    instant(Date::new(year?, month?, day?).ok()?, clock, zone)
}

fn instant(date: Date, clock: &str, zone: &str) -> Option<Timestamp> {
    let time = if clock.is_empty() { Time::midnight() } else { time(clock)? };
    offset(zone)?.to_timestamp(DateTime::from_parts(date, time)).ok()
}

/// `14:05`, `9:05:07` or `14:05:00.123`.
fn time(clock: &str) -> Option<Time> {
    let whole = clock.split(['.', ',']).next()?;
    let mut parts = whole.split(':').map(|part| part.parse::<i8>().ok().filter(|_| part.len() <= 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    // 24:00 is written for the midnight of the day itself, and a leap second is the last of its minute.
    Time::new(if hour == 24 { 0 } else { hour }, minute, second.min(59), 0).ok()
}

fn offset(zone: &str) -> Option<Offset> {
    let (sign, digits) = match zone.as_bytes().first() {
        None => return Some(Offset::UTC),
        Some(b'+') => (1, &zone[1..]),
        Some(b'-') => (-1, &zone[1..]),
        Some(_) => {
            let mut known = ZONES.iter();
            let (_, hours) = known.find(|(name, _)| zone.eq_ignore_ascii_case(name))?;
            return Offset::from_seconds(hours * 3600).ok();
        }
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let number: i32 = digits.parse().ok().filter(|number| *number >= 0)?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    (digits.len() <= 4 && minutes < 60)
        .then(|| Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_feeds_write() {
        let instant = "2026-06-03T14:05:00Z";
        for text in [
            "2026-06-03T14:05:00Z",
            "2026-06-03T15:05:00+01:00",
            "2026-06-03T15:05:00.123+0100",
            "2026-06-03T14:05Z",
            "2026-06-03 14:05:00",
            "2026-06-03 14:05:00 UTC",
            "Wed, 03 Jun 2026 14:05:00 GMT",
            "Wed, 3 Jun 2026 15:05:00 +0100",
            "Tues, 03 June 2026 14:05:00 Z",
            "03 Jun 26 14:05 UT",
            "Wed, Jun 3 2026 15:05:00 BST",
            " Wed, 03 Jun 2026 09:05:00 EST\n",
            "Wed,03 Jun 2026 14:05:00 -0000",
        ] {
            assert_eq!(read(text).unwrap().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), instant, "{text}");
        }
        assert_eq!(read("2026-06-03").unwrap().to_string(), "2026-06-03T00:00:00Z");
        assert_eq!(read("3 June 2026").unwrap().to_string(), "2026-06-03T00:00:00Z");
        assert_eq!(read("Wed, 03 Jun 2026 24:05:00 GMT").unwrap().to_string(), "2026-06-03T00:05:00Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-13-03",
            "2026-06-03T25:00:00Z",
            "2026-06-03T14:05:00 Mars",
            "32 Jun 2026 14:05:00 GMT",
            "03 Quintilis 2026",
            "Wed, 03 Jun 2026 14:05:00 +99999",
            "03/06/2026",
            "２０２６-06-03",
            "3 3 3 3 Jun",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([0-9]{1,4}|[-+:., TZ]|Jun|GMT|é){0,16}", other: String) {
            read(&text);
            read(&other);
        }
    }
}
