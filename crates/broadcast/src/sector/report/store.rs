//! The SQL of an alert's report. Some of it reads every response of the alert, as a report may: take a
//! snapshot of [`db::Db::read_long`].

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId};

use crate::{alert::AlertId, response, sector::Outcome};

/// How many responses ended in which way. Index: `response_alert`.
pub(super) async fn outcomes(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Vec<(response::Outcome, i64)>, DbError> {
    let statement = sql!(
        "SELECT outcome, count(*) FROM response
         WHERE alert_id = ?1 AND stage = 'closed' AND outcome IS NOT NULL GROUP BY outcome"
    );
    snapshot.all(statement, params![alert]).await
}

/// How many messages of each kind were handed over; those that were forgotten are in no kind. Index:
/// `message_about`.
pub(super) async fn sent(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT kind, count(*) FROM message WHERE about_id = ?1 AND state = 'sent' GROUP BY kind ORDER BY kind"
    );
    snapshot.all(statement, params![alert]).await
}

/// How many calls had which outcome. Index: `ring_alert`.
pub(super) async fn calls(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<(Outcome, i64)>, DbError> {
    let statement = sql!("SELECT outcome, count(*) FROM ring WHERE alert_id = ?1 GROUP BY outcome");
    snapshot.all(statement, params![alert]).await
}

db::record! {
    /// What organisations name as being in the way, in their own words.
    pub(super) struct Blocker {
        pub words: String,
        /// How many said just this.
        pub organisations: i64,
        /// One of them.
        pub code: String,
    }
}

/// Where a list of blockers goes on: behind one that so many named, the first of them by code.
pub(super) type Behind = (i64, String);

/// A page of what is in the way, what most name first, 51 at most. Index: `response_blocked`.
pub(super) async fn blockers(
    snapshot: &mut Snapshot,
    alert: AlertId,
    after: &Behind,
) -> Result<Vec<Blocker>, DbError> {
    let statement = sql!(
        "SELECT words, organisations, code FROM (
             SELECT r.blockers AS words, count(*) AS organisations, min(o.code) AS code
             FROM response r JOIN organisation o ON o.id = r.organisation_id
             WHERE r.alert_id = ?1 AND r.blockers <> ''
             GROUP BY r.blockers
         ) named
         WHERE (-organisations, code) > (-CAST(?2 AS BIGINT), ?3)
         ORDER BY organisations DESC, code LIMIT 51"
    );
    snapshot.all(statement, params![alert, after.0, after.1.as_str()]).await
}

/// How many organisations name anything that is in the way. Index: `response_blocked`.
pub(super) async fn blocked(snapshot: &mut Snapshot, alert: AlertId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM response WHERE alert_id = ?1 AND blockers <> ''");
    let (count,): (i64,) = snapshot.one(statement, params![alert]).await?;
    Ok(count)
}

db::record! {
    /// One version of what was learned.
    pub(super) struct Lesson {
        pub version: i64,
        /// Markdown.
        pub words: String,
        pub by: Option<String>,
        pub written_at: Timestamp,
    }
}

/// The versions of what was learned from an alert, the newest first, 20 at most. Index: the key of
/// `alert_lesson`.
pub(super) async fn lessons(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<Lesson>, DbError> {
    let statement = sql!(
        "SELECT l.version, l.words, p.name AS by, l.written_at
         FROM alert_lesson l LEFT JOIN person p ON p.id = l.written_by AND p.erased_at IS NULL
         WHERE l.alert_id = ?1 ORDER BY l.version DESC LIMIT 20"
    );
    snapshot.all(statement, params![alert]).await
}

/// The number of the newest version; 0 before the first.
pub(super) async fn newest(snapshot: &mut Snapshot, alert: AlertId) -> Result<i64, DbError> {
    let statement = sql!("SELECT coalesce(max(version), 0) FROM alert_lesson WHERE alert_id = ?1");
    let (version,): (i64,) = snapshot.one(statement, params![alert]).await?;
    Ok(version)
}

/// Keeps a version.
pub(super) async fn keep(
    tx: &mut Tx,
    alert: AlertId,
    version: i64,
    words: &str,
    by: PersonId,
) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO alert_lesson (alert_id, version, words, written_by, written_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    tx.run(statement, params![alert, version, words, by, now]).await?;
    Ok(())
}
