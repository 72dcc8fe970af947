//! The response policy: what an alert asks, by when, and what happens as time runs out.
//!
//! It is data, in dated versions: those of `content/policies/response.toml`, which are shipped, and those of the
//! file that an installation names, which hold from their day on in place of the shipped ones. An alert keeps the
//! version that it was issued under, so that a deadline can be explained years later.

mod about;
mod written;

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

pub(crate) use about::routes;

static SHIPPED: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    written::read(include_str!("../../../../content/policies/response.toml"), Whose::Shipped)
        .expect("a test reads the shipped policies")
});

/// The installation's own, which a process reads once, as it starts.
static OWN: OnceLock<Vec<Policy>> = OnceLock::new();

/// Who wrote a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// It is part of the program.
    Shipped,
    /// It is the installation's.
    Own,
}

/// One version of the response policy.
#[derive(Clone, Debug)]
pub struct Policy {
    whose: Whose,
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
    #[serde(deserialize_with = "written::length")]
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
        chosen(&SHIPPED, own(), now)
    }

    /// The policy that an alert was issued under, by its [`Self::id`].
    pub fn by_id(id: &str) -> Option<&'static Self> {
        SHIPPED.iter().chain(own()).find(|policy| policy.id() == id)
    }

    /// How alerts and clocks name it: `response/1`, or `own/1` where it is the installation's.
    pub fn id(&self) -> String {
        let set = match self.whose {
            Whose::Shipped => "response",
            Whose::Own => "own",
        };
        format!("{set}/{}", self.version)
    }

    /// From when on alerts are issued under it.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// What alerts of this severity (its code) ask; `None` where nothing.
    pub fn asks(&self, severity: &str) -> Option<&Asked> {
        self.asked.get(severity)
    }
}

/// The policies of the installation, in order; none where it names no file.
fn own() -> &'static [Policy] {
    OWN.get().map_or(&[], Vec::as_slice)
}

/// Takes in the policies of an installation's own, in the form of `content/policies/response.toml`. Call it once,
/// before anything is served.
pub fn take_own(text: &str) -> Result<(), String> {
    let policies = written::read(text, Whose::Own)?;
    OWN.set(policies).map_err(|_| "they were taken in already".to_owned())
}

/// The policy of `now`: once one of the installation's own holds, the shipped ones no longer do.
fn chosen<'a>(shipped: &'a [Policy], own: &'a [Policy], now: Timestamp) -> &'a Policy {
    let holds = |policy: &&Policy| policy.from <= now;
    own.iter().rev().find(holds).or_else(|| shipped.iter().rev().find(holds)).unwrap_or(&shipped[0])
}

/// The policies that alerts in force were issued under and that this program does not know: nobody is told of their
/// deadlines. Index: `alert_in_force`.
pub async fn unknown(snapshot: &mut Snapshot) -> Result<Vec<String>, DbError> {
    let statement = sql!("SELECT DISTINCT policy FROM alert WHERE state = 'in_force' ORDER BY policy");
    let held: Vec<(String,)> = snapshot.all(statement, params![]).await?;
    Ok(held.into_iter().map(|(id,)| id).filter(|id| Policy::by_id(id).is_none()).collect())
}

/// The clocks of a response, in the order in which they begin.
const LADDERS: [&str; 3] = ["acknowledge", "update", "remediate"];

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
        for asked in SHIPPED.iter().flat_map(|policy| policy.asked.values()) {
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
    fn an_installations_own_hold_from_their_day_on() {
        let own = include_str!("../../../../content/policies/response.toml").replace("48h", "40h");
        let own = own.replace("2026-11-01", "2026-12-01").replace("2026-01-01", "2026-07-01");
        let own = written::read(&own, Whose::Own).unwrap();
        let of = |now: &str| chosen(&SHIPPED, &own, now.parse().unwrap()).id();
        assert_eq!(of("2026-06-30T23:59:59Z"), "response/1");
        assert_eq!(of("2026-07-01T00:00:00Z"), "own/1");
        // A shipped one of a later day takes nothing back.
        assert_eq!(of("2026-11-02T00:00:00Z"), "own/1");
        assert_eq!(of("2026-12-01T00:00:00Z"), "own/2");
        assert_eq!(chosen(&SHIPPED, &[], "2026-11-02T00:00:00Z".parse().unwrap()).id(), "response/2");
        assert_eq!(own[0].asks("high").unwrap().acknowledge.within, hours(40));
    }
}
