//! Counting again: how many were reached, and whether the counters still say what the rows say.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, App, Tx,
    job::{self, Failure, Job, Lane, When},
    log::{self, Entry},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{store, times};
use crate::{
    alert::{AlertId, State},
    response::Stage,
};

/// How soon an alert in force is counted again, at the soonest: while its mails leave.
const SOONEST: SignedDuration = SignedDuration::from_mins(1);
/// And at the latest: when it is weeks old and little moves.
const LATEST: SignedDuration = SignedDuration::from_hours(24);

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
        /// What the counter says.
        pub counted: i64,
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
        let reached = reached(&mut snapshot, self.alert, app.env.now()).await?;
        let before = store::reached(&mut snapshot, self.alert).await?.map(|(reached, _)| reached);
        drop(snapshot);
        let mut tx = app.write().await?;
        keep_reached(&mut tx, self.alert, reached).await?;
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
    /// Queues the next count of an alert that was issued then: after a tenth of its age, so that all
    /// alerts of years together cost little.
    pub async fn after(self, tx: &mut Tx, issued_at: Timestamp) -> Result<(), DbError> {
        let at = tx.now + (tx.now.duration_since(issued_at) / 10).clamp(SOONEST, LATEST);
        let key = format!("{}:{}:{}", Self::NAME, self.alert, at.as_second() / SOONEST.as_secs());
        job::enqueue(tx, &self, When { not_before: Some(at), key: Some(key) }).await
    }
}

/// The counters of an alert that do not say what its rows say. Reads every response of the alert.
pub(crate) async fn drift(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<Drift>, DbError> {
    let statement = sql!(
        "SELECT region, kind, stage, CAST(sum(counted) AS BIGINT) AS counted, CAST(sum(there) AS BIGINT) AS there
         FROM (
             SELECT region, kind, stage, count AS counted, 0 AS there FROM response_count WHERE alert_id = ?1
             UNION ALL
             SELECT region, kind, stage, 0, 1 FROM response WHERE alert_id = ?1
         ) both_ways
         GROUP BY region, kind, stage HAVING sum(counted) <> sum(there)
         ORDER BY region, kind, stage"
    );
    snapshot.all(statement, params![alert]).await
}

/// How many of those who must respond were told: a message to a mailbox of theirs, or of whoever
/// answers for them, was handed over. Index: `message_about`, `contact_email`, `answers_for_answering`.
async fn reached(snapshot: &mut Snapshot, alert: AlertId, now: Timestamp) -> Result<i64, DbError> {
    let statement = sql!(
        "WITH told AS (
             SELECT DISTINCT c.organisation_id FROM message m JOIN contact c ON c.email = m.address
             WHERE m.about_id = ?1 AND m.state = 'sent'
         ), behind AS (
             SELECT organisation_id FROM told
             UNION SELECT a.organisation_id FROM told t CROSS JOIN answers_for a
                   WHERE a.answering_id = t.organisation_id AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
         )
         SELECT count(*) FROM behind b CROSS JOIN response r
         WHERE r.organisation_id = b.organisation_id AND r.alert_id = ?1 AND r.stage <> 'for_information'"
    );
    let (reached,): (i64,) = snapshot.one(statement, params![alert, now]).await?;
    Ok(reached)
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
