//! The response policy: what an alert asks, by when, and what happens as time runs out.
//!
//! It is data, `content/policies/response.toml`, in dated versions. An alert keeps the version that
//! it was issued under, so that a deadline can be explained years later.

use std::{collections::BTreeMap, str::FromStr, sync::LazyLock};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error as _};

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    read(include_str!("../../../content/policies/response.toml")).expect("a test reads the embedded policy")
});

/// One version of the response policy.
#[derive(Clone, Debug)]
pub struct Policy {
    version: u32,
    from: Timestamp,
    asked: BTreeMap<String, Asked>,
}

/// What alerts of one severity ask of those who must respond.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Say that somebody has it in hand.
    pub acknowledge: Ladder,
    /// Say how it goes, from then on again and again; the organisation may set another date.
    pub update: Ladder,
    /// Close it.
    pub remediate: Ladder,
}

/// A deadline and what happens on the way to it and behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// How long after the clock's start the deadline is.
    #[serde(deserialize_with = "length")]
    pub within: SignedDuration,
    /// What happens when, in order.
    pub rungs: Vec<Rung>,
}

/// One thing that happens while a clock runs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// When it happens.
    pub when: When,
    /// Who is told.
    pub tell: Tell,
}

/// A moment counted from a clock's start or its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// That long after the start.
    Start(SignedDuration),
    /// That long after the deadline; before it where negative.
    Due(SignedDuration),
}

/// Who is told at a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// Those who were told of the alert: a reminder.
    Contacts,
    /// The deputies and the shared mailbox as well.
    Deputies,
    /// The executive's contact.
    Executive,
    /// The regional body of each organisation's region.
    Region,
    /// The CERT's people, who telephone.
    Ring,
}

impl Policy {
    /// The policy under which an alert is issued at `now`; before the first one, that one.
    pub fn current(now: Timestamp) -> &'static Self {
        let policies = &*POLICIES;
        policies.iter().rev().find(|policy| policy.from <= now).unwrap_or(&policies[0])
    }

    /// The policy that an alert was issued under, by its [`Self::id`].
    pub fn by_id(id: &str) -> Option<&'static Self> {
        POLICIES.iter().find(|policy| policy.id() == id)
    }

    /// How alerts and clocks name it: `response/1`.
    pub fn id(&self) -> String {
        format!("response/{}", self.version)
    }

    /// What alerts of this severity (its code) ask; `None` where nothing.
    pub fn asks(&self, severity: &str) -> Option<&Asked> {
        self.asked.get(severity)
    }
}

impl Asked {
    /// The ladder of the clock of this name: `acknowledge`, `update` or `remediate`.
    pub fn ladder(&self, clock: &str) -> Option<&Ladder> {
        match clock {
            "acknowledge" => Some(&self.acknowledge),
            "update" => Some(&self.update),
            "remediate" => Some(&self.remediate),
            _ => None,
        }
    }
}

impl Ladder {
    /// The rung at `place`, counted from 0 as a clock counts, and its moment; `None` behind the last.
    pub fn rung(&self, place: i64, started: Timestamp, due: Timestamp) -> Option<(Tell, Timestamp)> {
        let rung = self.rungs.get(usize::try_from(place).ok()?)?;
        Some((rung.tell, rung.when.moment(started, due)))
    }

    /// Whether the rung at `place` is the first at or behind the deadline: when it is reached, the deadline
    /// has passed.
    pub fn is_passed_at(&self, place: i64) -> bool {
        let passed = |rung: &Rung| matches!(rung.when, When::Due(after) if !after.is_negative());
        let first = self.rungs.iter().position(passed);
        first.is_some_and(|first| i64::try_from(first) == Ok(place))
    }
}

impl When {
    /// The moment for a clock that began at `started` and is due at `due`.
    pub fn moment(self, started: Timestamp, due: Timestamp) -> Timestamp {
        match self {
            Self::Start(after) => started + after,
            Self::Due(after) => due + after,
        }
    }
}

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

fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
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

/// Reads the policies, oldest first.
fn read(text: &str) -> Result<Vec<Policy>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for Written { version, from, asked } in file.policy {
        let day: Date = from.to_string().parse().map_err(|error| format!("from: {error}"))?;
        let from =
            TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| format!("from: {error}"))?;
        policies.push(Policy { version, from, asked });
    }
    if policies.is_empty() {
        return Err("there is no policy".to_owned());
    }
    policies.sort_by_key(|policy| policy.from);
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_high_alert_asks_and_the_others_ask_for_nothing() {
        let now = "2026-06-01T08:00:00Z".parse().unwrap();
        let policy = Policy::current(now);
        assert_eq!(policy.id(), "response/1");
        let high = policy.asks("high").unwrap();
        let within = [&high.acknowledge, &high.update, &high.remediate].map(|ladder| ladder.within);
        assert_eq!(within, [hours(48), hours(72), hours(14 * 24)]);
        for severity in ["medium", "low", "information"] {
            assert!(policy.asks(severity).is_none());
        }
        assert_eq!(Policy::by_id("response/1").unwrap().version, 1);
        assert!(Policy::by_id("response/99").is_none());
        assert_eq!(Policy::current(Timestamp::UNIX_EPOCH).version, 1);
        assert_eq!(Policy::current("2026-11-01T00:00:00Z".parse().unwrap()).version, 2);
    }

    #[test]
    fn rungs_of_every_ladder_are_in_the_order_in_which_they_are_reached() {
        let start = Timestamp::UNIX_EPOCH;
        for asked in POLICIES.iter().flat_map(|policy| policy.asked.values()) {
            for ladder in [&asked.acknowledge, &asked.update, &asked.remediate] {
                let moments: Vec<_> =
                    ladder.rungs.iter().map(|rung| rung.when.moment(start, start + ladder.within)).collect();
                assert!(moments.is_sorted() && !moments.is_empty(), "{moments:?}");
                let first = ladder.rung(0, start, start + ladder.within).unwrap().1;
                assert_eq!(first, moments[0]);
            }
        }
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
        let first = include_str!("../../../content/policies/response.toml");
        let versions: Vec<_> = read(first).unwrap().iter().map(|policy| policy.version).collect();
        assert_eq!(versions, [1, 2]);
        for (from, to) in [("48h", "48"), ("contacts", "everyone"), ("2026-01-01", "2026-13-01")] {
            assert!(read(&first.replace(from, to)).is_err(), "{to}");
        }
    }
}
