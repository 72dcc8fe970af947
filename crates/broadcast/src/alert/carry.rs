//! The SQL that carries answers over from an alert to its update: what was answered, all that was
//! said and when, its clocks and its deadlines, for every organisation of which both ask an answer.
//!
//! A nation's answers take seconds, and nobody else writes meanwhile. So most are carried some at a
//! time before the update comes into force, while nobody sees it yet; what changed since follows in
//! the moment that it does.

use db::{DbError, params, sql};
use platform::{Tx, organisation::OrganisationId};

use super::AlertId;

/// Carries over the answers of the organisations from `first` to `last`, both included; again does
/// no harm. Index: organisation's primary key, then those of the rest for each.
pub(super) async fn some(
    tx: &mut Tx,
    (before, after): (AlertId, AlertId),
    (first, last): (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    // The position at a moment, a history and what waits for an executive are read from these.
    let said = sql!(
        "INSERT INTO response_event (organisation_id, alert_id, id, at, actor_kind, actor_id, through_id,
                                     event, was, stage, version, said)
         SELECT e.organisation_id, n.alert_id, e.id, e.at, e.actor_kind, e.actor_id, e.through_id,
                e.event, e.was, e.stage, e.version, e.said
         FROM organisation o CROSS JOIN response n CROSS JOIN response_event e
         WHERE o.id BETWEEN ?3 AND ?4 AND n.organisation_id = o.id AND n.alert_id = ?2
           AND n.stage <> 'for_information' AND e.organisation_id = o.id AND e.alert_id = ?1
         ON CONFLICT DO NOTHING"
    );
    let new_clocks = sql!(
        "DELETE FROM clock
         WHERE about_id = ?2 AND organisation_id IN (
             SELECT b.organisation_id FROM organisation o CROSS JOIN response b
             WHERE o.id BETWEEN ?3 AND ?4 AND b.organisation_id = o.id AND b.alert_id = ?1
               AND b.stage <> 'for_information')"
    );
    let clocks = sql!(
        "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung,
                            next_due_at, stopped_at)
         SELECT n.alert_id, k.organisation_id, k.name, k.kind, k.started_at, k.due_at, k.zone, k.policy, k.rung,
                k.next_due_at, k.stopped_at
         FROM organisation o CROSS JOIN response n CROSS JOIN clock k
         WHERE o.id BETWEEN ?3 AND ?4 AND n.organisation_id = o.id AND n.alert_id = ?2
           AND n.stage <> 'for_information' AND k.about_id = ?1 AND k.organisation_id = o.id"
    );
    let answers = sql!(
        "UPDATE response AS n
         SET stage = b.stage, applies = b.applies, applies_reason = b.applies_reason,
             acknowledged_at = b.acknowledged_at, acknowledged_by = b.acknowledged_by,
             answered_through = b.answered_through, done = b.done, systems = b.systems,
             planned_on = b.planned_on, blockers = b.blockers, mitigation = b.mitigation,
             next_update_at = b.next_update_at, outcome = b.outcome, closed_at = b.closed_at,
             version = b.version, asked_at = coalesce(b.asked_at, a.issued_at)
         FROM response b CROSS JOIN alert a
         WHERE n.organisation_id IN (SELECT o.id FROM organisation o WHERE o.id BETWEEN ?3 AND ?4)
           AND n.alert_id = ?2 AND b.organisation_id = n.organisation_id AND b.alert_id = ?1
           AND a.id = b.alert_id AND n.stage <> 'for_information' AND b.stage <> 'for_information'"
    );
    for statement in [said, new_clocks, clocks, answers] {
        tx.run_later(statement, params![before, after, first, last]).await?;
    }
    Ok(())
}

/// Carries over what [`some`] has not met or what changed since, and says for how many organisations
/// answers were carried over in all. Call it before the clocks of `before` are stopped.
pub(super) async fn rest(tx: &mut Tx, before: AlertId, after: AlertId) -> Result<i64, DbError> {
    // Index: response_alert, then the primary key.
    let changed = sql!(
        "SELECT n.organisation_id FROM response n
         JOIN response b ON b.organisation_id = n.organisation_id AND b.alert_id = ?1
         WHERE n.alert_id = ?2 AND n.stage <> 'for_information' AND b.stage <> 'for_information'
           AND (n.asked_at IS NULL OR n.version <> b.version)
         ORDER BY n.organisation_id"
    );
    let changed: Vec<(OrganisationId,)> = tx.all(changed, params![before, after]).await?;
    for (organisation,) in changed {
        some(tx, (before, after), (organisation, organisation)).await?;
    }
    // A clock that reached a rung meanwhile, without a word of the organisation.
    let rungs = sql!(
        "UPDATE clock AS n SET rung = k.rung, next_due_at = k.next_due_at, stopped_at = k.stopped_at
         FROM clock k
         WHERE n.about_id = ?2 AND k.about_id = ?1 AND k.organisation_id = n.organisation_id AND k.name = n.name
           AND k.started_at = n.started_at
           AND (k.rung <> n.rung OR k.next_due_at IS DISTINCT FROM n.next_due_at
                OR k.stopped_at IS DISTINCT FROM n.stopped_at)"
    );
    tx.run(rungs, params![before, after]).await?;
    let carried = sql!("SELECT count(*) FROM response WHERE alert_id = ?1 AND asked_at IS NOT NULL");
    let (carried,): (i64,) = tx.one(carried, params![after]).await?;
    Ok(carried)
}
