//! The SQL that freezes an audience: who is in it, what is asked of each, which clocks run. Every
//! step is one statement, so that 60,000 organisations never pass through this program's memory.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::Tx;

use super::{Alert, AlertId};
use crate::{audience::store::chosen, policy::Ladder, response::hour};

/// Writes the audience of an alert as it is now, and says how many organisations it is.
///
/// Reads every open organisation once (index `organisation_kind`), each against the choices' key.
pub(super) async fn audience(tx: &mut Tx, alert: &Alert) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO response (organisation_id, alert_id, kind, region, stage, applies, version, changed_at)
         SELECT o.id, a.id, o.kind, coalesce(o.region, ''),
                CASE WHEN a.acknowledge_by IS NULL THEN 'for_information' ELSE 'unacknowledged' END,
                'unknown', 1, a.issued_at
         FROM organisation o JOIN alert a ON a.id = ?2
         WHERE ",
        chosen!()
    );
    tx.run(statement, params![alert.version_id, alert.id]).await
}

/// Counts the responses of an alert, all of them in the hour of `at`, anew.
pub(super) async fn count(tx: &mut Tx, alert: AlertId, at: Timestamp) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM response_count WHERE alert_id = ?1"), params![alert]).await?;
    let statement = sql!(
        "INSERT INTO response_count (alert_id, region, kind, stage, hour, count)
         SELECT alert_id, region, kind, stage, CAST(?2 AS BIGINT), count(*)
         FROM response WHERE alert_id = ?1 GROUP BY alert_id, region, kind, stage"
    );
    tx.run(statement, params![alert, hour(at)]).await?;
    tx.run(sql!("DELETE FROM response_total WHERE alert_id = ?1"), params![alert]).await?;
    let statement = sql!(
        "INSERT INTO response_total (alert_id, region, kind, stage, count)
         SELECT alert_id, region, kind, stage, count FROM response_count WHERE alert_id = ?1"
    );
    tx.run(statement, params![alert]).await?;
    Ok(())
}

/// How many of the alert `?1` took so many whole hours, from when they were asked, until they
/// acknowledged or closed, as the responses themselves say.
macro_rules! took {
    () => {
        "SELECT alert_id, step, region, kind, (at - asked_at) / 3600000000 AS hours, count(*) AS count FROM (
             SELECT r.alert_id, 'acknowledged' AS step, r.region, r.kind, r.acknowledged_at AS at,
                    coalesce(r.asked_at, a.issued_at) AS asked_at
             FROM response r JOIN alert a ON a.id = r.alert_id
             WHERE a.id = ?1 AND r.acknowledged_at IS NOT NULL
             UNION ALL
             SELECT r.alert_id, 'closed', r.region, r.kind, r.closed_at, coalesce(r.asked_at, a.issued_at)
             FROM response r JOIN alert a ON a.id = r.alert_id
             WHERE a.id = ?1 AND r.stage = 'closed' AND r.closed_at IS NOT NULL
         ) timed
         GROUP BY alert_id, step, region, kind, (at - asked_at) / 3600000000"
    };
}
pub(crate) use took;

/// Counts anew how long those took who have acknowledged an alert, or closed.
pub(super) async fn time(tx: &mut Tx, alert: AlertId) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM response_time_by_kind WHERE alert_id = ?1"), params![alert]).await?;
    let statement =
        sql!("INSERT INTO response_time_by_kind (alert_id, step, region, kind, hours, count) ", took!());
    tx.run(statement, params![alert]).await?;
    Ok(())
}

/// Starts the clock `name` for everybody who must answer: from the moment of issue, on the first
/// rung of its ladder.
pub(super) async fn start_clocks(
    tx: &mut Tx,
    alert: &Alert,
    name: &'static str,
    ladder: &Ladder,
    due: Timestamp,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung, next_due_at)
         SELECT a.id, r.organisation_id, CAST(?2 AS TEXT), 'response', a.issued_at, CAST(?3 AS BIGINT),
                'Europe/London', a.policy, 0, CAST(?4 AS BIGINT)
         FROM response r JOIN alert a ON a.id = r.alert_id
         WHERE a.id = ?1 AND r.stage = 'unacknowledged'"
    );
    let first = ladder.rung(0, alert.issued_at, due).map(|(_, moment)| moment);
    tx.run(statement, params![alert.id, name, due, first]).await?;
    Ok(())
}

/// Removes what was frozen: the alert was called back, so that nobody was asked anything.
pub(super) async fn undo(tx: &mut Tx, alert: AlertId) -> Result<u64, DbError> {
    tx.run(sql!("DELETE FROM clock WHERE about_id = ?1"), params![alert]).await?;
    tx.run(sql!("DELETE FROM response_event WHERE alert_id = ?1"), params![alert]).await?;
    tx.run(sql!("DELETE FROM response_count WHERE alert_id = ?1"), params![alert]).await?;
    tx.run(sql!("DELETE FROM response_total WHERE alert_id = ?1"), params![alert]).await?;
    tx.run(sql!("DELETE FROM response WHERE alert_id = ?1"), params![alert]).await
}

/// Stops every clock about an alert that has ended.
pub(super) async fn stop_clocks(tx: &mut Tx, alert: AlertId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE clock SET stopped_at = ?2, next_due_at = NULL WHERE about_id = ?1 AND stopped_at IS NULL"
    );
    let now = tx.now;
    tx.run(statement, params![alert, now]).await?;
    Ok(())
}

/// How many organisations an alert went to. Index: the key of `response_total`.
pub(super) async fn size(snapshot: &mut Snapshot, alert: AlertId) -> Result<i64, DbError> {
    let statement =
        sql!("SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM response_total WHERE alert_id = ?1");
    let (size,): (i64,) = snapshot.one(statement, params![alert]).await?;
    Ok(size)
}
