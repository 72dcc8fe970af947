//! When those that do not answer are reminded: data, `content/policies/outage.toml`, in dated versions.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    read(include_str!("../../../../content/policies/outage.toml")).expect("a test reads the shipped policy")
});

/// The most reminders that a policy may ask for.
const MOST: usize = 5;
/// The least and the most of the time to answer after which somebody is reminded, in per cent.
const PARTS: (i32, i32) = (10, 500);

/// One version of the policy.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    version: u32,
    from: Timestamp,
    reminders: Vec<i32>,
}

impl Policy {
    /// The policy of an outage that was declared at `declared_at`; before the first one, that one.
    pub(super) fn of(declared_at: Timestamp) -> &'static Self {
        let policies = &*POLICIES;
        policies.iter().rev().find(|policy| policy.from <= declared_at).unwrap_or(&policies[0])
    }

    /// How clocks name it: `outage/1`.
    pub(super) fn id(&self) -> String {
        format!("outage/{}", self.version)
    }

    /// When those are reminded who were asked at one moment to answer by another.
    pub(super) fn moments(&self, declared_at: Timestamp, answer_by: Timestamp) -> Vec<Timestamp> {
        let given = answer_by.duration_since(declared_at);
        self.reminders.iter().map(|part| declared_at + given / 100 * *part).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    policy: Vec<WrittenPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPolicy {
    version: u32,
    from: toml::value::Datetime,
    reminders: Vec<i32>,
}

fn read(text: &str) -> Result<Vec<Policy>, String> {
    let Written { policy } = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for WrittenPolicy { version, from, reminders } in policy {
        let day: Date = from.to_string().parse().map_err(|error| format!("{from}: {error}"))?;
        let from = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| error.to_string())?;
        let within = reminders.iter().all(|part| (PARTS.0..=PARTS.1).contains(part));
        let rising = reminders.windows(2).all(|two| two[0] < two[1]);
        if !(1..=MOST).contains(&reminders.len()) || !within || !rising {
            return Err(format!("version {version}: its reminders are too many, too early or not in order"));
        }
        policies.push(Policy { version, from, reminders });
    }
    if policies.is_empty() || !policies.is_sorted_by_key(|policy| (policy.from, policy.version)) {
        return Err("there must be one policy or more, the oldest first".to_owned());
    }
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policy_reminds_halfway_at_the_end_and_once_more() {
        let policy = Policy::of(Timestamp::UNIX_EPOCH);
        assert_eq!(policy.id(), "outage/1");
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let moments = policy.moments(at("2026-06-01T08:00:00Z"), at("2026-06-01T12:00:00Z"));
        let expected = ["2026-06-01T10:00:00Z", "2026-06-01T12:00:00Z", "2026-06-01T16:00:00Z"].map(at);
        assert_eq!(moments, expected);
    }

    #[test]
    fn reminders_without_end_too_early_or_in_disorder_are_refused() {
        let shipped = include_str!("../../../../content/policies/outage.toml");
        for to in ["[]", "[5, 100]", "[50, 600]", "[100, 50]", "[50, 50]", "[10, 20, 30, 40, 50, 60]"] {
            assert!(read(&shipped.replace("[50, 100, 200]", to)).is_err(), "{to}");
        }
        assert!(read(shipped).is_ok());
    }
}
