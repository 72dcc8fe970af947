//! Policies as they are written: what is read of a file, and what is refused of it.

use std::{collections::BTreeMap, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Asked, LADDERS, Policy, When, Whose};
use crate::advisory::Severity;

impl FromStr for When {
    type Err = String;

    /// Reads `start + 12h`, `due - 24h`, `due`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a moment; write start + 12h, due - 24h or due");
        let mut words = text.split(' ');
        let from = match words.next() {
            Some("start") => Self::Start,
            Some("due") => Self::Due,
            _ => return Err(wrong()),
        };
        let after = match (words.next(), words.next()) {
            (None, None) => SignedDuration::ZERO,
            (Some("+"), Some(after)) => hours_or_days(after)?,
            (Some("-"), Some(before)) => -hours_or_days(before)?,
            _ => return Err(wrong()),
        };
        if words.next().is_none() { Ok(from(after)) } else { Err(wrong()) }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

pub(super) fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    hours_or_days(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// `48h` or `14d`, below a thousand of either.
fn hours_or_days(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("\"{text}\" is not a length of time; write 48h or 14d");
    let (hours, number) = match text.strip_suffix('h') {
        Some(number) => (1, number),
        None => (24, text.strip_suffix('d').ok_or_else(wrong)?),
    };
    let number: u16 = number.parse().map_err(|_| wrong())?;
    if number < 1000 { Ok(SignedDuration::from_hours(hours * i64::from(number))) } else { Err(wrong()) }
}

/// The file as it is written.
#[derive(Deserialize)]
struct File {
    policy: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    version: u32,
    from: toml::value::Datetime,
    #[serde(flatten)]
    asked: BTreeMap<String, Asked>,
}

/// Reads policies, oldest first, and says what is wrong with the first that cannot be kept.
pub(super) fn read(text: &str, whose: Whose) -> Result<Vec<Policy>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for Written { version, from, asked } in file.policy {
        let named = |reason: String| format!("version {version}: {reason}");
        let day: Date = from.to_string().parse().map_err(|error| named(format!("from: {error}")))?;
        let from = TimeZone::UTC
            .to_timestamp(day.at(0, 0, 0, 0))
            .map_err(|error| named(format!("from: {error}")))?;
        check(&asked).map_err(named)?;
        if policies.iter().any(|policy: &Policy| policy.version == version || policy.from == from) {
            return Err(named("another one has the same number or the same first day".to_owned()));
        }
        policies.push(Policy { whose, version, from, asked });
    }
    if policies.is_empty() {
        return Err("there is no policy".to_owned());
    }
    policies.sort_by_key(|policy| policy.from);
    Ok(policies)
}

/// A severity that there is, and rungs that follow each other: what is out of order would never be reached.
fn check(asked: &BTreeMap<String, Asked>) -> Result<(), String> {
    let start = Timestamp::UNIX_EPOCH;
    for (severity, asked) in asked {
        if severity.parse::<Severity>().is_err() {
            return Err(format!("there is no severity \"{severity}\""));
        }
        for name in LADDERS {
            let Some(ladder) = asked.ladder(name) else { continue };
            let due = start + ladder.within;
            let moments: Vec<_> = ladder.rungs.iter().map(|rung| rung.when.moment(start, due)).collect();
            if moments.is_empty() || !moments.is_sorted() || moments[0] < start {
                return Err(format!(
                    "{severity}.{name}: its rungs are not in the order in which they are reached"
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    #[test]
    fn moments_are_counted_from_the_start_or_the_deadline() {
        assert_eq!("start + 12h".parse(), Ok(When::Start(hours(12))));
        assert_eq!("due - 3d".parse(), Ok(When::Due(hours(-72))));
        assert_eq!("due".parse(), Ok(When::Due(hours(0))));
        for wrong in ["", "end", "due -", "due - 3", "due - 3w", "due - -3d", "due + 3d 1h", "start + 9999d"]
        {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_later_policy_holds_from_its_day_and_mistakes_are_refused() {
        let first = include_str!("../../../../content/policies/response.toml");
        let read = |text: &str| read(text, Whose::Own);
        let versions: Vec<_> = read(first).unwrap().iter().map(|policy| policy.version).collect();
        assert_eq!(versions, [1, 2]);
        for (from, to) in [
            ("48h", "48"),
            ("contacts", "everyone"),
            ("2026-01-01", "2026-13-01"),
            ("2026-01-01", "2026-11-01"),
            ("version = 2", "version = 1"),
            ("policy.high", "policy.hihg"),
            ("due - 24h", "due - 49h"),
            ("start + 12h", "due + 12h"),
        ] {
            assert!(read(&first.replace(from, to)).is_err(), "{to}");
        }
        assert!(read("policy = []").is_err());
    }
}
