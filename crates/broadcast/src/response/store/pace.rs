//! The SQL of how quickly one organisation answers, and its peers together: counters alone tell of these,
//! and only of alerts that enough different bodies have answered.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::organisation::OrganisationId;

/// The fewest other bodies behind what an organisation is told of its peers.
pub(in crate::response) const FEWEST: i64 = 10;

/// The alerts `a` that count: those that were not called back and whose place no update took that tells the same
/// answers. What was answered to a version that an update asked anew is told beside it. Index: `alert_advisory`.
macro_rules! counts {
    () => {
        "(a.state IN ('in_force', 'withdrawn')
          OR (a.state = 'superseded' AND r.acknowledged_at IS NOT NULL
              AND EXISTS (SELECT 1 FROM alert u
                          WHERE u.advisory_id = a.advisory_id AND u.supersedes_id = a.id AND NOT u.answers_stand
                            AND u.state <> 'called_back')))"
    };
}

db::record! {
    /// An alert that asked an organisation for an answer.
    pub(in crate::response) struct Own {
        pub kind: String,
        pub region: String,
        pub issued_at: Timestamp,
        pub asked_at: Timestamp,
        pub acknowledge_by: Option<Timestamp>,
        pub acknowledged_at: Option<Timestamp>,
        /// When it was closed, where it is.
        pub closed_at: Option<Timestamp>,
    }
}

/// The alerts since `from` that asked `organisation` for an answer, the newest first, 1,000 at most; one
/// that an update took the place of is told by the update, unless that asked anew and the answers to the one before
/// had been given, and one that was withdrawn before it was due and not acknowledged is nobody's fault. Index: the
/// primary keys of `response` and `alert`.
pub(in crate::response) async fn own(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    from: Timestamp,
) -> Result<Vec<Own>, DbError> {
    let statement = sql!(
        "SELECT r.kind, r.region, a.issued_at, coalesce(r.asked_at, a.issued_at) AS asked_at, a.acknowledge_by,
                r.acknowledged_at, CASE WHEN r.stage = 'closed' THEN r.closed_at END AS closed_at
         FROM response r JOIN alert a ON a.id = r.alert_id
         WHERE r.organisation_id = ?1 AND r.stage <> 'for_information'
           AND a.issued_at >= ?2 AND ",
        counts!(),
        "
           AND (r.acknowledged_at IS NOT NULL OR a.ended_at IS NULL OR a.ended_at >= a.acknowledge_by)
         ORDER BY a.issued_at DESC, a.id DESC LIMIT 1000"
    );
    snapshot.all(statement, params![organisation, from]).await
}

/// How many of the same type in the same region took so many hours for a step, in those of the same
/// alerts that more than [`FEWEST`] bodies there answered. Index: the primary key of `response`, then
/// those of `response_recount` and `response_time_by_kind`.
pub(in crate::response) async fn near(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    from: Timestamp,
) -> Result<Vec<(String, i64, i64)>, DbError> {
    let statement = sql!(
        "SELECT t.step, t.hours, CAST(sum(t.count) AS BIGINT)
         FROM response r
         JOIN alert a ON a.id = r.alert_id
         CROSS JOIN response_recount c
         CROSS JOIN response_time_by_kind t
         WHERE r.organisation_id = ?1 AND a.issued_at >= ?2 AND ",
        counts!(),
        "
           AND c.alert_id = r.alert_id AND c.region = r.region AND c.kind = r.kind
           AND t.alert_id = c.alert_id AND t.region = c.region AND t.kind = c.kind
           AND t.step IN ('acknowledged', 'closed')
           AND CASE WHEN t.step = 'closed' THEN c.closing ELSE c.acknowledging END > ?3
         GROUP BY t.step, t.hours HAVING sum(t.count) > 0"
    );
    snapshot.all(statement, params![organisation, from, FEWEST]).await
}

/// The same of all regions, in alerts that more than [`FEWEST`] bodies of one region answered: a body that
/// answers in several is not counted twice. Index: as there.
pub(in crate::response) async fn far(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    from: Timestamp,
) -> Result<Vec<(String, i64, i64)>, DbError> {
    let statement = sql!(
        "WITH answered AS MATERIALIZED (
             SELECT c.alert_id, c.kind, max(c.acknowledging) AS acknowledging, max(c.closing) AS closing
             FROM response r JOIN alert a ON a.id = r.alert_id CROSS JOIN response_recount c
             WHERE r.organisation_id = ?1 AND a.issued_at >= ?2 AND ",
        counts!(),
        "
               AND c.alert_id = r.alert_id AND c.kind = r.kind
             GROUP BY c.alert_id, c.kind
         )
         SELECT t.step, t.hours, CAST(sum(t.count) AS BIGINT)
         FROM answered n CROSS JOIN response_time_by_kind t
         WHERE t.alert_id = n.alert_id AND t.step IN ('acknowledged', 'closed') AND t.kind = n.kind
           AND CASE WHEN t.step = 'closed' THEN n.closing ELSE n.acknowledging END > ?3
         GROUP BY t.step, t.hours HAVING sum(t.count) > 0"
    );
    snapshot.all(statement, params![organisation, from, FEWEST]).await
}
