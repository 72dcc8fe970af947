//! How people on call are rung: data, `content/policies/paging.toml`, in dated versions.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use platform::message::Channel;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::Priority;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    read(include_str!("../../../../content/policies/paging.toml")).expect("a test reads the shipped policy")
});

/// One version of the policy.
#[derive(Clone, Debug)]
pub struct Policy {
    version: u32,
    from: Timestamp,
    rung: BTreeMap<String, Ladder>,
}

/// How people are rung for one priority.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// How long each has before the next is rung.
    #[serde(deserialize_with = "length")]
    pub each: SignedDuration,
    /// How long everybody has, once all were rung, before all are rung again.
    #[serde(deserialize_with = "length")]
    pub again: SignedDuration,
    /// How often everybody is rung.
    pub everybody: usize,
    /// By what.
    #[serde(deserialize_with = "channels")]
    pub by: Vec<Channel>,
}

impl Policy {
    /// The policy that holds at `now`; before the first one, that one.
    pub fn current(now: Timestamp) -> &'static Self {
        let policies = &*POLICIES;
        policies.iter().rev().find(|policy| policy.from <= now).unwrap_or(&policies[0])
    }

    /// How clocks name it: `paging/1`.
    pub fn id(&self) -> String {
        format!("paging/{}", self.version)
    }

    /// How people are rung for incidents of this priority; `None` where nobody is.
    pub fn ladder(&self, priority: Priority) -> Option<&Ladder> {
        self.rung.get(priority.code())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    policy: Vec<WrittenPolicy>,
}

#[derive(Deserialize)]
struct WrittenPolicy {
    version: u32,
    from: toml::value::Datetime,
    #[serde(flatten)]
    rung: BTreeMap<String, Ladder>,
}

fn read(text: &str) -> Result<Vec<Policy>, String> {
    let Written { policy } = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for WrittenPolicy { version, from, rung } in policy {
        let day: Date = from.to_string().parse().map_err(|error| format!("{from}: {error}"))?;
        let from = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| error.to_string())?;
        if let Some(wrong) = rung.keys().find(|name| name.parse::<Priority>().is_err()) {
            return Err(format!("{wrong} is no priority"));
        }
        policies.push(Policy { version, from, rung });
    }
    if policies.is_empty() || !policies.is_sorted_by_key(|policy| (policy.from, policy.version)) {
        return Err("there must be one policy or more, the oldest first".to_owned());
    }
    Ok(policies)
}

/// A length such as "10m".
fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let length: SignedDuration = text.parse().map_err(D::Error::custom)?;
    if length.is_positive() { Ok(length) } else { Err(D::Error::custom("a length is more than nothing")) }
}

fn channels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Channel>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let read = |name: &String| name.parse().map_err(|()| D::Error::custom(format!("{name} is no channel")));
    names.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policy_rings_for_what_is_urgent_and_for_nothing_else() {
        let policy = Policy::current(Timestamp::UNIX_EPOCH);
        assert_eq!(policy.id(), "paging/1");
        let first = policy.ladder(Priority::P1).unwrap();
        assert_eq!((first.each, first.by.len()), (SignedDuration::from_mins(10), 2));
        assert!(policy.ladder(Priority::P2).is_some_and(|ladder| ladder.each > first.each));
        assert!(policy.ladder(Priority::P3).is_none() && policy.ladder(Priority::P4).is_none());
    }

    #[test]
    fn mistakes_are_refused() {
        let shipped = include_str!("../../../../content/policies/paging.toml");
        for (from, to) in [
            ("\"10m\"", "\"10\""),
            ("\"10m\"", "\"-10m\""),
            ("\"sms\"", "\"pigeon\""),
            ("policy.p1", "policy.p9"),
        ] {
            assert!(read(&shipped.replace(from, to)).is_err(), "{to}");
        }
    }
}
