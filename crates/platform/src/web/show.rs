//! How values are shown to people: instants, days, how long is left, counts, sizes.
//!
//! Times are in the database in microseconds UTC and on the page in UK time, whatever the zone of
//! the machine. Nothing here asks what time it is: `now` is an argument.

use jiff::Timestamp;
use jiff::civil::Date;

use super::shell::Language;
use crate::uk;

/// The months' names, from January, as (English, Welsh).
pub(super) const MONTHS: [(&str, &str); 12] = [
    ("January", "Ionawr"),
    ("February", "Chwefror"),
    ("March", "Mawrth"),
    ("April", "Ebrill"),
    ("May", "Mai"),
    ("June", "Mehefin"),
    ("July", "Gorffennaf"),
    ("August", "Awst"),
    ("September", "Medi"),
    ("October", "Hydref"),
    ("November", "Tachwedd"),
    ("December", "Rhagfyr"),
];

const MINUTE: i64 = 60 * 1_000_000;
/// An hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The instant `at` as "3 June 2026, 14:05".
pub fn instant(at: i64, language: Language) -> String {
    let Ok(timestamp) = Timestamp::from_microsecond(at) else {
        return language.pick("unknown", "anhysbys").to_owned();
    };
    let local = uk::local(timestamp);
    let day = date(local.date(), language);
    format!("{day}, {:02}:{:02}", local.hour(), local.minute())
}

/// The UK day of the instant `at` as "3 June 2026".
pub fn day(at: i64, language: Language) -> String {
    match Timestamp::from_microsecond(at) {
        Ok(timestamp) => date(uk::day(timestamp), language),
        Err(_) => language.pick("unknown", "anhysbys").to_owned(),
    }
}

/// A day as "3 June 2026".
pub fn date(date: Date, language: Language) -> String {
    let index = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let (english, welsh) = MONTHS[index.min(11)];
    format!("{} {} {}", date.day(), language.pick(english, welsh), date.year())
}

/// How long is left until `due`, in its two greatest units: "2 days 4 hours left", "5 hours
/// overdue".
///
/// A day is 24 hours here: what is left is time, not a difference of dates, so the two nights on
/// which the clocks change do not make anybody late.
pub fn left(due: i64, now: i64, language: Language) -> String {
    let (amount, overdue) = (due.abs_diff(now), due < now);
    let words = length(i64::try_from(amount).unwrap_or(i64::MAX), language);
    match (language, overdue) {
        (Language::English, false) => format!("{words} left"),
        (Language::English, true) => format!("{words} overdue"),
        (Language::Welsh, false) => format!("{words} ar ôl"),
        (Language::Welsh, true) => format!("{words} yn hwyr"),
    }
}

/// A length of time in words, in its two greatest units, rounded down.
pub fn length(micros: i64, language: Language) -> String {
    let (days, hours, minutes) = (micros / DAY, micros % DAY / HOUR, micros % HOUR / MINUTE);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => return language.pick("less than a minute", "llai na munud").to_owned(),
        (0, 0, _) => [(0, Unit::Hour), (minutes, Unit::Minute)],
        (0, _, _) => [(hours, Unit::Hour), (minutes, Unit::Minute)],
        _ => [(days, Unit::Day), (hours, Unit::Hour)],
    };
    let words: Vec<_> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{} {}", count(number), unit.name(number, language)))
        .collect();
    words.join(" ")
}

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Hour,
    Minute,
}

impl Unit {
    /// The unit after `number`. A Welsh noun stays singular, and softens after two.
    fn name(self, number: i64, language: Language) -> &'static str {
        match (language, self, number) {
            (Language::English, Self::Day, 1) => "day",
            (Language::English, Self::Day, _) => "days",
            (Language::English, Self::Hour, 1) => "hour",
            (Language::English, Self::Hour, _) => "hours",
            (Language::English, Self::Minute, 1) => "minute",
            (Language::English, Self::Minute, _) => "minutes",
            (Language::Welsh, Self::Day, 2) => "ddiwrnod",
            (Language::Welsh, Self::Day, _) => "diwrnod",
            (Language::Welsh, Self::Hour, _) => "awr",
            (Language::Welsh, Self::Minute, 2) => "funud",
            (Language::Welsh, Self::Minute, _) => "munud",
        }
    }
}

/// How pressing a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It has passed.
    Overdue,
    /// Less than a day is left.
    Soon,
    /// A day or more is left.
    Later,
}

impl Urgency {
    /// How pressing the deadline `due` is at `now`.
    pub fn of(due: i64, now: i64) -> Self {
        match due.saturating_sub(now) {
            left if left < 0 => Self::Overdue,
            left if left < DAY => Self::Soon,
            _ => Self::Later,
        }
    }

    /// The colour of its tag, which always says the same in words too.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Overdue => "red",
            Self::Soon => "orange",
            Self::Later => "grey",
        }
    }
}

/// A number with thousands separators: "1,404".
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut shown = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// The size of a file in decimal units: "812 bytes", "1.4 MB".
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}

/// A telephone number as a `tel:` link holds it: without the spaces that eyes need.
pub fn dial(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// A label as it stands inside a sentence: "indicators and CVEs". What begins in capitals keeps them.
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(_), Some(second)) if second.is_uppercase() => label.to_owned(),
        (Some(first), _) => format!("{}{}", first.to_lowercase(), &label[first.len_utf8()..]),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Welsh};

    fn micros(utc: &str) -> i64 {
        utc.parse::<Timestamp>().expect("a timestamp").as_microsecond()
    }

    #[test]
    fn instants_are_shown_in_uk_time() {
        assert_eq!(instant(micros("2026-06-03T13:05:59Z"), English), "3 June 2026, 14:05");
        assert_eq!(instant(micros("2026-01-03T13:05:00Z"), Welsh), "3 Ionawr 2026, 13:05");
        assert_eq!(day(micros("2026-06-03T23:30:00Z"), English), "4 June 2026");
        assert_eq!(instant(i64::MAX, English), "unknown");
    }

    #[test]
    fn the_clocks_go_forward_and_back() {
        assert_eq!(instant(micros("2026-03-29T00:59:00Z"), English), "29 March 2026, 00:59");
        assert_eq!(instant(micros("2026-03-29T01:00:00Z"), English), "29 March 2026, 02:00");
        assert_eq!(instant(micros("2026-10-25T00:59:00Z"), English), "25 October 2026, 01:59");
        assert_eq!(instant(micros("2026-10-25T01:00:00Z"), English), "25 October 2026, 01:00");
        for (from, to) in [
            ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ] {
            assert_eq!(left(micros(to), micros(from), English), "2 days left");
        }
    }

    #[test]
    fn what_is_left_is_said_in_two_units() {
        for (due, english, welsh) in [
            (2 * DAY + 4 * HOUR + 59 * MINUTE, "2 days 4 hours left", "2 ddiwrnod 4 awr ar ôl"),
            (DAY + MINUTE, "1 day left", "1 diwrnod ar ôl"),
            (HOUR + 2 * MINUTE, "1 hour 2 minutes left", "1 awr 2 funud ar ôl"),
            (59 * 1_000_000, "less than a minute left", "llai na munud ar ôl"),
            (-5 * HOUR, "5 hours overdue", "5 awr yn hwyr"),
            (-1_200 * DAY, "1,200 days overdue", "1,200 diwrnod yn hwyr"),
        ] {
            assert_eq!(left(due, 0, English), english);
            assert_eq!(left(due, 0, Welsh), welsh);
        }
        assert!(left(i64::MIN, i64::MAX, English).ends_with("overdue"));
    }

    #[test]
    fn a_deadline_is_soon_on_its_last_day() {
        assert_eq!(Urgency::of(DAY, 0), Urgency::Later);
        assert_eq!(Urgency::of(DAY - 1, 0), Urgency::Soon);
        assert_eq!(Urgency::of(-1, 0), Urgency::Overdue);
    }

    #[test]
    fn words_keep_their_capitals_inside_a_sentence() {
        let shown = ["Indicators and CVEs", "CVEs", "Title", ""].map(in_sentence);
        assert_eq!(shown, ["indicators and CVEs", "CVEs", "title", ""]);
    }

    #[test]
    fn numbers_are_grouped_and_sizes_have_units() {
        let shown: Vec<_> = [0, 999, 1_404, -60_000, 3_000_000].map(count).into();
        assert_eq!(shown, ["0", "999", "1,404", "-60,000", "3,000,000"]);
        let shown: Vec<_> = [1, 812, 1_440_000, 120_000_000].map(size).into();
        assert_eq!(shown, ["1 byte", "812 bytes", "1.4 MB", "120.0 MB"]);
    }
}
