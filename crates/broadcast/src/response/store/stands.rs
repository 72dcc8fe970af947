//! The SQL of what stands for those whom somebody answers for: what they said last, what is due next,
//! and who else may speak for them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Actor, access::Role};

use super::{mine, mine_of};
use crate::response::{AlertId, Applies, Outcome};

db::record! {
    /// What was answered so far. Where all say the same, the least and the most are the same.
    pub(in crate::response) struct Stands {
        pub organisations: i64,
        /// Those for which anything was sent.
        pub answered: i64,
        pub sent_at: Option<Timestamp>,
        pub applies_least: Option<Applies>,
        pub applies_most: Option<Applies>,
        /// Those that say what is done.
        pub acted: i64,
        /// Those that are closed, or are to be.
        pub ended: i64,
        pub outcome_least: Option<Outcome>,
        pub outcome_most: Option<Outcome>,
    }
}

/// What was answered about an alert for those whom the actor answers for. Index: the primary keys of
/// `response` and, for when it was sent, `response_event`.
pub(in crate::response) async fn stands(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Stands, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT count(*) AS organisations, count(sent_at) AS answered, max(sent_at) AS sent_at,
                min(CASE WHEN sent_at IS NOT NULL THEN applies END) AS applies_least,
                max(CASE WHEN sent_at IS NOT NULL THEN applies END) AS applies_most,
                count(acted) AS acted,
                count(outcome) AS ended, min(outcome) AS outcome_least, max(outcome) AS outcome_most
         FROM (
             SELECT r.applies, r.outcome,
                    CASE WHEN r.systems IS NOT NULL
                           OR coalesce(r.done, r.planned_on, r.blockers, r.mitigation) IS NOT NULL
                         THEN 1 END AS acted,
                    (SELECT max(e.at) FROM response_event e
                     WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id
                       AND e.event IN ('update', 'not_applicable', 'remediate', 'mitigate', 'ask_to_accept')
                    ) AS sent_at
             FROM mine m CROSS JOIN response r
             WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
         ) each"
    );
    snapshot.one(statement, mine_of(actor, now, Role::ANSWERING, params![alert])).await
}

/// Which of the clocks of those whom the actor stands for is due first, and when. Index: the primary
/// key of `clock`.
pub(in crate::response) async fn next_deadline(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Option<(String, Timestamp)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT k.name, min(k.due_at) AS due_at FROM mine m CROSS JOIN clock k
         WHERE k.about_id = ?7 AND k.organisation_id = m.organisation_id AND k.stopped_at IS NULL
         GROUP BY k.name ORDER BY min(k.due_at), k.name LIMIT 1"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::READING, params![alert])).await
}

/// Those who may answer at the organisations where the actor has a role themselves, by name, one more
/// than are named. Who has not yet accepted their role is not named. Index: `membership_organisation`.
pub(in crate::response) async fn who_can(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    alert: AlertId,
) -> Result<Vec<(String,)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT DISTINCT p.name FROM (
             SELECT DISTINCT m.through_id FROM mine m CROSS JOIN response r
             WHERE r.organisation_id = m.organisation_id AND r.alert_id = ?7
         ) own
         JOIN membership s ON s.organisation_id = own.through_id AND s.role IN ('responder', 'lead')
         JOIN person p ON p.id = s.holder_id
         WHERE s.from_at <= ?2 AND (s.until_at IS NULL OR s.until_at > ?2) AND NOT s.awaits_acceptance
           AND p.erased_at IS NULL
         ORDER BY p.name LIMIT 6"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![alert])).await
}
