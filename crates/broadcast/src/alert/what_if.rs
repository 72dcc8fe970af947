//! What would follow if an alert were published now: at what time its deadlines fall, and how many would
//! be late, as alerts like it went in the last 12 months.
//!
//! An estimate says what it rests on, and there is none where that is too little.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    uk,
    web::{shell::Language, show},
};

use crate::advisory::Severity;

/// How far back alerts are looked at.
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);
/// The fewest alerts that something is concluded from.
const FEWEST: i64 = 3;

/// How alerts of one severity went.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// How many alerts.
    alerts: i64,
    /// By kind: how many were asked, and how many had acknowledged in time.
    kinds: HashMap<String, (i64, i64)>,
}

/// How many would be late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Estimate {
    pub late: i64,
    pub of: i64,
    /// On how many alerts it rests, and on how many organisations that were asked in them.
    pub alerts: i64,
    pub asked: i64,
}

/// How alerts of `severity` went whose deadline is over, against one of so many hours. An update under
/// which answers stood tells of no other than the alert before it. Index: `alert_issued`, then the keys
/// of `response_total` and `response_time_by_kind`.
pub(super) async fn past(
    snapshot: &mut Snapshot,
    severity: Severity,
    within: SignedDuration,
    now: Timestamp,
) -> Result<Past, DbError> {
    let from = now - YEAR;
    let alerts = sql!(
        "SELECT count(*) FROM alert a
         WHERE a.issued_at >= ?2 AND a.severity = ?1 AND a.acknowledge_by <= ?3 AND NOT a.answers_stand
           AND a.state <> 'called_back' AND (a.ended_at IS NULL OR a.ended_at >= a.acknowledge_by)"
    );
    let (alerts,): (i64,) = snapshot.one(alerts, params![severity, from, now]).await?;
    let statement = sql!(
        "WITH past AS (
             SELECT a.id FROM alert a
             WHERE a.issued_at >= ?2 AND a.severity = ?1 AND a.acknowledge_by <= ?3 AND NOT a.answers_stand
               AND a.state <> 'called_back' AND (a.ended_at IS NULL OR a.ended_at >= a.acknowledge_by)
         )
         SELECT kind, CAST(sum(asked) AS BIGINT), CAST(sum(in_time) AS BIGINT) FROM (
             SELECT c.kind, c.count AS asked, 0 AS in_time
             FROM past p CROSS JOIN response_total c WHERE c.alert_id = p.id AND c.stage <> 'for_information'
             UNION ALL
             SELECT t.kind, 0, t.count
             FROM past p CROSS JOIN response_time_by_kind t
             WHERE t.alert_id = p.id AND t.step = 'acknowledged' AND t.hours < CAST(?4 AS BIGINT)
         ) each GROUP BY kind"
    );
    let rows: Vec<(String, i64, i64)> =
        snapshot.all(statement, params![severity, from, now, within.as_hours()]).await?;
    let kinds = rows.into_iter().map(|(kind, asked, in_time)| (kind, (asked, in_time))).collect();
    Ok(Past { alerts, kinds })
}

impl Past {
    /// How many of an audience would be late, by how organisations of each kind were; a kind that was
    /// never asked is taken to be as all were. `None` where too few alerts are over.
    pub(super) fn estimate(&self, audience: &[(String, String, i64)]) -> Option<Estimate> {
        let (asked, in_time) = self
            .kinds
            .values()
            .fold((0, 0), |(asked, in_time), (of_kind, of_those)| (asked + of_kind, in_time + of_those));
        if self.alerts < FEWEST || asked == 0 {
            return None;
        }
        let mut kinds: HashMap<&str, i64> = HashMap::new();
        for (kind, _, count) in audience {
            *kinds.entry(kind).or_default() += count;
        }
        let late = kinds.iter().map(|(kind, count)| {
            let seen = self.kinds.get(*kind).copied().filter(|(asked, _)| *asked > 0);
            let (asked, in_time) = seen.unwrap_or((asked, in_time));
            // In thousandths, so that many small types are not each rounded to nobody.
            count * 1000 * (asked - in_time).clamp(0, asked) / asked
        });
        let late = (late.sum::<i64>() + 500) / 1000;
        Some(Estimate { late, of: kinds.values().sum(), alerts: self.alerts, asked })
    }
}

/// What is awkward about a moment by which people are to act, in words: "Sunday at 03:10". `None` for
/// a working day between 8 and 18.
pub(super) fn awkward(at: Timestamp) -> Option<String> {
    let local = uk::local(at);
    let (day, hour) = (local.date(), local.hour());
    let time = format!("{:02}:{:02}", hour, local.minute());
    let weekday = day.strftime("%A").to_string();
    if let Some(holiday) = uk::bank_holiday(day) {
        return Some(format!("{weekday} at {time}, {holiday}"));
    }
    let night = !(8..18).contains(&hour);
    (night || uk::is_weekend(day)).then(|| format!("{weekday} at {time}"))
}

impl Estimate {
    /// In a plain sentence, with what it rests on.
    pub(super) fn in_words(self, acknowledge_by: Timestamp) -> String {
        let [late, of, alerts, asked] = [self.late, self.of, self.alerts, self.asked].map(show::count);
        let by = show::instant(acknowledge_by.as_microsecond(), Language::English);
        format!(
            "About {late} of {of} organisations would not have acknowledged by {by}, if they answer as \
             organisations of their types did: from {alerts} alerts of this severity in the last 12 months, \
             which asked {asked} times for an answer."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(alerts: i64, kinds: &[(&str, i64, i64)]) -> Past {
        let kinds = kinds.iter().map(|(kind, asked, in_time)| ((*kind).to_owned(), (*asked, *in_time)));
        Past { alerts, kinds: kinds.collect() }
    }

    fn audience(kinds: &[(&str, i64)]) -> Vec<(String, String, i64)> {
        kinds.iter().map(|(kind, count)| ((*kind).to_owned(), "Y60".to_owned(), *count)).collect()
    }

    #[test]
    fn each_kind_is_expected_to_be_as_it_was() {
        let past = past(5, &[("trust", 100, 90), ("gp_practice", 900, 450)]);
        let estimate = past.estimate(&audience(&[("trust", 50), ("gp_practice", 200)])).unwrap();
        assert_eq!(estimate, Estimate { late: 105, of: 250, alerts: 5, asked: 1_000 });
        let strange = past.estimate(&audience(&[("hospice", 100)])).unwrap();
        assert_eq!(strange.late, 46, "a kind that was never asked is as all were");
    }

    #[test]
    fn too_little_says_nothing() {
        let audience = audience(&[("trust", 50)]);
        assert_eq!(past(2, &[("trust", 100, 90)]).estimate(&audience), None);
        assert_eq!(past(5, &[]).estimate(&audience), None);
    }

    #[test]
    fn nights_weekends_and_bank_holidays_are_named() {
        let said = |at: &str| awkward(at.parse().expect("an instant"));
        assert_eq!(said("2026-06-03T09:00:00Z"), None);
        assert_eq!(said("2026-06-07T02:10:00Z").as_deref(), Some("Sunday at 03:10"));
        assert_eq!(said("2026-06-03T17:30:00Z").as_deref(), Some("Wednesday at 18:30"));
        let easter = said("2026-04-03T09:00:00Z");
        assert_eq!(easter.as_deref(), Some("Friday at 10:00, Good Friday"));
    }
}
