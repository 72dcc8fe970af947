//! The SQL of the sector as a whole: counters of the alerts in force, and the pace of a year's.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use crate::{
    advisory::Severity,
    alert::AlertId,
    response::Stage,
    sector::store::{Counted, Listed, Recounted},
};

/// Where everybody stands with all alerts in force together. Index: `alert_in_force`, then the key of
/// `response_total`.
pub(super) async fn counted(snapshot: &mut Snapshot) -> Result<Vec<Counted>, DbError> {
    let statement = sql!(
        "SELECT c.region, c.kind, c.stage, CAST(sum(c.count) AS BIGINT) AS count
         FROM alert a CROSS JOIN response_total c
         WHERE a.state = 'in_force' AND c.alert_id = a.id
         GROUP BY c.region, c.kind, c.stage HAVING sum(c.count) <> 0"
    );
    snapshot.all(statement, params![]).await
}

/// How many were reached by the alerts in force and are late with them. Index: `alert_in_force`, then
/// the key of `response_recount`.
pub(super) async fn recounted(snapshot: &mut Snapshot) -> Result<Vec<Recounted>, DbError> {
    let statement = sql!(
        "SELECT c.region, c.kind, CAST(sum(c.reached) AS BIGINT) AS reached, CAST(sum(c.late) AS BIGINT) AS late
         FROM alert a CROSS JOIN response_recount c
         WHERE a.state = 'in_force' AND c.alert_id = a.id
         GROUP BY c.region, c.kind"
    );
    snapshot.all(statement, params![]).await
}

/// How many alerts are in force, and when the one that was counted longest ago was. Index:
/// `alert_in_force`, then the key of `response_reach`.
pub(super) async fn in_force(snapshot: &mut Snapshot) -> Result<(i64, Option<Timestamp>), DbError> {
    let statement = sql!(
        "SELECT count(*), min(c.counted_at)
         FROM alert a LEFT JOIN response_reach c ON c.alert_id = a.id WHERE a.state = 'in_force'"
    );
    snapshot.one(statement, params![]).await
}

/// Alerts in force, the newest first, 51 at most. Index: `alert_in_force`.
pub(super) async fn listed(snapshot: &mut Snapshot, before: (i64, AlertId)) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity, tlp, state, issued_at, remediate_by FROM alert
         WHERE (issued_at, id) < (?1, ?2) AND state = 'in_force'
         ORDER BY issued_at DESC, id DESC LIMIT 51"
    );
    snapshot.all(statement, params![before.0, before.1]).await
}

/// For the same page of alerts: how many of a region and a kind, where these are named, stand where.
/// Index: `alert_in_force`, then the key of `response_total`.
pub(super) async fn stages(
    snapshot: &mut Snapshot,
    before: (i64, AlertId),
    (region, kind): (&str, &str),
) -> Result<Vec<(AlertId, Stage, i64)>, DbError> {
    let statement = sql!(
        "SELECT c.alert_id, c.stage, CAST(sum(c.count) AS BIGINT)
         FROM (SELECT id FROM alert WHERE (issued_at, id) < (?1, ?2) AND state = 'in_force'
               ORDER BY issued_at DESC, id DESC LIMIT 51) a
         CROSS JOIN response_total c
         WHERE c.alert_id = a.id AND (?3 = '' OR c.region = ?3) AND (?4 = '' OR c.kind = ?4)
         GROUP BY c.alert_id, c.stage HAVING sum(c.count) <> 0"
    );
    snapshot.all(statement, params![before.0, before.1, region, kind]).await
}

/// For the same page of alerts: how many of them are late. Index: `alert_in_force`, then the key of
/// `response_recount`.
pub(super) async fn late(
    snapshot: &mut Snapshot,
    before: (i64, AlertId),
    (region, kind): (&str, &str),
) -> Result<Vec<(AlertId, i64)>, DbError> {
    let statement = sql!(
        "SELECT c.alert_id, CAST(sum(c.late) AS BIGINT)
         FROM (SELECT id FROM alert WHERE (issued_at, id) < (?1, ?2) AND state = 'in_force'
               ORDER BY issued_at DESC, id DESC LIMIT 51) a
         CROSS JOIN response_recount c
         WHERE c.alert_id = a.id AND (?3 = '' OR c.region = ?3) AND (?4 = '' OR c.kind = ?4)
         GROUP BY c.alert_id"
    );
    snapshot.all(statement, params![before.0, before.1, region, kind]).await
}

db::record! {
    /// An alert of the year, and how quickly it was answered.
    pub(super) struct Paced {
        pub severity: Severity,
        pub issued_at: Timestamp,
        /// Whether it updates an earlier one.
        pub is_update: i64,
        /// Whether an update took its place: that one tells its times too.
        pub is_superseded: i64,
        /// Median hours until it was acknowledged, and closed, as last counted.
        pub acknowledged: Option<i64>,
        pub closed: Option<i64>,
    }
}

/// The alerts that were issued since `from`: hundreds in a year. Index: `alert_issued`, then the key of
/// `response_pace`.
pub(super) async fn paced(snapshot: &mut Snapshot, from: Timestamp) -> Result<Vec<Paced>, DbError> {
    let statement = sql!(
        "SELECT a.severity, a.issued_at,
                CASE WHEN a.supersedes_id IS NULL THEN 0 ELSE 1 END AS is_update,
                CASE WHEN a.state = 'superseded' THEN 1 ELSE 0 END AS is_superseded,
                p.median_hours AS acknowledged, c.median_hours AS closed
         FROM alert a
         LEFT JOIN response_pace p ON p.alert_id = a.id AND p.step = 'acknowledged'
         LEFT JOIN response_pace c ON c.alert_id = a.id AND c.step = 'closed'
         WHERE a.issued_at >= ?1 AND a.state NOT IN ('issued', 'called_back')
         ORDER BY a.issued_at DESC, a.id DESC LIMIT 5000"
    );
    snapshot.all(statement, params![from]).await
}
