//! Counting again: how many were reached, and whether the counters still say what the rows say.

use std::collections::BTreeMap;

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, App, Tx,
    job::{self, Failure, Job, Lane, When},
    log::{self, Entry},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    store,
    times::{self, Times},
    unreached::{self, behind},
};
use crate::{
    alert::{AlertId, State},
    response::Stage,
};

/// How soon an alert in force is counted again, at the soonest: while its mails leave.
const SOONEST: SignedDuration = SignedDuration::from_mins(1);
/// And at the latest, while its deadlines run: whoever mends a contact sees it move.
const LATEST: SignedDuration = SignedDuration::from_mins(15);
/// Behind this age, and then a day at the latest: little moves.
const OLD: SignedDuration = SignedDuration::from_hours(24 * 30);
const LATEST_WHEN_OLD: SignedDuration = SignedDuration::from_hours(24);

/// Counts an alert again, ever more seldom while it is in force.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recount {
    /// Which.
    pub alert: AlertId,
}

db::record! {
    /// A counter that does not say what the rows say.
    pub struct Drift {
        /// The region.
        pub region: String,
        /// The kind of organisation.
        pub kind: String,
        /// The stage.
        pub stage: Stage,
        /// What the counter of hours says.
        pub counted: i64,
        /// What the counter of where everybody stands now says.
        pub total: i64,
        /// How many rows there are.
        pub there: i64,
    }
}

impl Job for Recount {
    const NAME: &'static str = "sector.recount";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let mut snapshot = app.db.read_long().await?;
        let alert = crate::alert::store::alert(&mut snapshot, self.alert).await?;
        let drifted = drift(&mut snapshot, self.alert).await?.len()
            + times::drift(&mut snapshot, self.alert).await?.len();
        let parts = parts(&mut snapshot, self.alert, app.env.now()).await?;
        let reached = parts.values().map(|part| part.reached).sum();
        let times = Times::of_all(times::by_region(&mut snapshot, self.alert).await?.values());
        let asked = store::counted(&mut snapshot, self.alert).await?;
        let asked = asked.iter().filter(|row| row.stage != Stage::ForInformation).map(|row| row.count).sum();
        let before = store::reached(&mut snapshot, self.alert).await?.map(|(reached, _)| reached);
        let unreached = match &alert {
            Some(alert) => unreached::now(&mut snapshot, alert, app.env.now()).await?,
            None => unreached::Change::default(),
        };
        drop(snapshot);
        let mut tx = app.write().await?;
        unreached::keep(&mut tx, self.alert, &unreached).await?;
        keep_reached(&mut tx, self.alert, reached).await?;
        keep_parts(&mut tx, self.alert, &parts).await?;
        keep_pace(&mut tx, self.alert, asked, &times).await?;
        if before.unwrap_or_default() != reached {
            // What moves the pages that show it.
            let entry = Entry::new("sector.reached_counted")
                .about_a("alert", self.alert.0)
                .with(json!({ "reached": reached }));
            log::write(&mut tx, &Actor::Job(Self::NAME), entry).await?;
        }
        if drifted > 0 {
            tracing::error!(alert = %self.alert, counters = drifted, "counters have drifted");
            let entry = Entry::new("sector.drift_found")
                .about_a("alert", self.alert.0)
                .with(json!({ "counters": drifted }));
            log::write(&mut tx, &Actor::Job(Self::NAME), entry).await?;
        }
        if let Some(alert) = alert.filter(|alert| matches!(alert.state, State::Issued | State::InForce)) {
            self.after(&mut tx, alert.issued_at).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Recount {
    /// Queues the next count of an alert that was issued then: after a tenth of its age, and once a
    /// day when it is old, so that all alerts of years together cost little.
    pub async fn after(self, tx: &mut Tx, issued_at: Timestamp) -> Result<(), DbError> {
        let age = tx.now.duration_since(issued_at);
        let latest = if age < OLD { LATEST } else { LATEST_WHEN_OLD };
        let at = tx.now + (age / 10).clamp(SOONEST, latest);
        let key = format!("{}:{}:{}", Self::NAME, self.alert, at.as_second() / SOONEST.as_secs());
        job::enqueue(tx, &self, When { not_before: Some(at), key: Some(key) }).await
    }
}

/// The counters of an alert that do not say what its rows say. Reads every response of the alert.
pub(crate) async fn drift(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<Drift>, DbError> {
    let statement = sql!(
        "SELECT region, kind, stage, CAST(sum(counted) AS BIGINT) AS counted, CAST(sum(total) AS BIGINT) AS total,
                CAST(sum(there) AS BIGINT) AS there
         FROM (
             SELECT region, kind, stage, count AS counted, 0 AS total, 0 AS there FROM response_count
             WHERE alert_id = ?1
             UNION ALL
             SELECT region, kind, stage, 0, count, 0 FROM response_total WHERE alert_id = ?1
             UNION ALL
             SELECT region, kind, stage, 0, 0, 1 FROM response WHERE alert_id = ?1
         ) three_ways
         GROUP BY region, kind, stage HAVING sum(counted) <> sum(there) OR sum(total) <> sum(there)
         ORDER BY region, kind, stage"
    );
    snapshot.all(statement, params![alert]).await
}

/// What is counted again of a region and a kind.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    reached: i64,
    late: i64,
    /// Different bodies, each once for all whom it answers for.
    acknowledging: i64,
    closing: i64,
}

/// By region and kind.
type Parts = BTreeMap<(String, String), Part>;

async fn parts(snapshot: &mut Snapshot, alert: AlertId, now: Timestamp) -> Result<Parts, DbError> {
    let mut parts = Parts::new();
    for (region, kind, count) in reached(snapshot, alert, now).await? {
        parts.entry((region, kind)).or_default().reached = count;
    }
    for (region, kind, count) in late(snapshot, alert, now).await? {
        parts.entry((region, kind)).or_default().late = count;
    }
    for (region, kind, acknowledging, closing) in answering(snapshot, alert).await? {
        let part = parts.entry((region, kind)).or_default();
        (part.acknowledging, part.closing) = (acknowledging, closing);
    }
    Ok(parts)
}

/// How many different bodies acknowledged, and closed. Reads every response of the alert.
async fn answering(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Vec<(String, String, i64, i64)>, DbError> {
    let statement = sql!(
        "SELECT region, kind, count(DISTINCT coalesce(answered_through, organisation_id)),
                count(DISTINCT CASE WHEN stage = 'closed' THEN coalesce(answered_through, organisation_id) END)
         FROM response WHERE alert_id = ?1 AND acknowledged_at IS NOT NULL GROUP BY region, kind"
    );
    snapshot.all(statement, params![alert]).await
}

/// How many have a deadline behind them, each once. Index: `clock_response_late`, then the primary key
/// of `response`.
async fn late(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
) -> Result<Vec<(String, String, i64)>, DbError> {
    let statement = sql!(
        "SELECT r.region, r.kind, count(DISTINCT k.organisation_id)
         FROM clock k CROSS JOIN response r
         WHERE k.about_id = ?1 AND k.stopped_at IS NULL AND k.kind = 'response' AND k.due_at <= ?2
           AND r.organisation_id = k.organisation_id AND r.alert_id = ?1
         GROUP BY r.region, r.kind"
    );
    snapshot.all(statement, params![alert, now]).await
}

/// How many of those who must respond were told, or have acknowledged whoever told them. Indexes: as of [`behind!`],
/// then the primary key of `response`; `response_alert`.
async fn reached(
    snapshot: &mut Snapshot,
    alert: AlertId,
    now: Timestamp,
) -> Result<Vec<(String, String, i64)>, DbError> {
    let statement = sql!(
        behind!("'sent'"),
        "SELECT r.region, r.kind, count(*) FROM (
             SELECT organisation_id FROM behind
             UNION SELECT organisation_id FROM response WHERE alert_id = ?1 AND acknowledged_at IS NOT NULL
         ) b CROSS JOIN response r
         WHERE r.organisation_id = b.organisation_id AND r.alert_id = ?1 AND r.stage <> 'for_information'
         GROUP BY r.region, r.kind"
    );
    snapshot.all(statement, params![alert, now]).await
}

async fn keep_reached(tx: &mut Tx, alert: AlertId, reached: i64) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO response_reach (alert_id, reached, counted_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (alert_id) DO UPDATE SET reached = excluded.reached, counted_at = excluded.counted_at"
    );
    let now = tx.now;
    tx.run(statement, params![alert, reached, now]).await?;
    Ok(())
}

async fn keep_parts(tx: &mut Tx, alert: AlertId, parts: &Parts) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM response_recount WHERE alert_id = ?1"), params![alert]).await?;
    let statement = sql!(
        "INSERT INTO response_recount (alert_id, region, kind, reached, late, acknowledging, closing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    // As many as there are types in regions, some dozens: not as there are organisations.
    for ((region, kind), part) in parts {
        let Part { reached, late, acknowledging, closing } = *part;
        let values = params![alert, region.as_str(), kind.as_str(), reached, late, acknowledging, closing];
        tx.run_later(statement, values).await?;
    }
    Ok(())
}

/// The median of a step counts for the alert once half of those asked have taken it: before, it is that of the quickest.
async fn keep_pace(tx: &mut Tx, alert: AlertId, asked: i64, times: &Times) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM response_pace WHERE alert_id = ?1"), params![alert]).await?;
    let statement =
        sql!("INSERT INTO response_pace (alert_id, step, median_hours, count) VALUES (?1, ?2, ?3, ?4)");
    for (step, hours) in [("acknowledged", &times.acknowledged), ("closed", &times.closed)] {
        if let Some(median) = hours.median().filter(|median| median.of * 2 >= asked) {
            tx.run_later(statement, params![alert, step, median.hours, median.of]).await?;
        }
    }
    Ok(())
}
