//! The SQL of saying something: first the rows that say it, then whatever follows from them.
//!
//! The number of statements does not depend on how many organisations it is said for.

use db::{DbError, Value, params, sql};
use jiff::Timestamp;
use platform::{Actor, Tx, organisation::OrganisationId};
use uuid::Uuid;

use super::{
    choices, chosen,
    decisions::{own, request},
    mine, mine_of,
};
use crate::response::{AlertHead, AlertId, Event, EventId, Said, Stage, hour};

/// Something about to be said.
pub(in crate::response) struct Move<'a> {
    pub id: EventId,
    pub alert: &'a AlertHead,
    pub event: Event,
    pub said: &'a Said,
    /// `all`, `all_but` or `only`.
    pub mode: &'a str,
    pub list: Uuid,
    /// When the next update is due, where this sets it.
    pub next_update_at: Option<Timestamp>,
}

impl Move<'_> {
    fn values(&self, actor: &Actor, now: Timestamp, rest: Vec<Value>) -> Vec<Value> {
        let mut values = params![self.alert.id, self.mode, self.list];
        values.extend(rest);
        mine_of(actor, now, self.event.roles(), values)
    }
}

/// How many of the chosen stand at which stage. Index: the primary key of `response`.
pub(in crate::response) async fn standing(
    tx: &mut Tx,
    actor: &Actor,
    step: &Move<'_>,
) -> Result<Vec<(Stage, i64)>, DbError> {
    let statement = sql!(mine!(), "SELECT r.stage, count(*)", chosen!(), "GROUP BY r.stage ORDER BY r.stage");
    let values = step.values(actor, tx.now, vec![]);
    tx.all(statement, values).await
}

/// Writes down what is said for each of the chosen whose stage allows it, in key order; says for
/// how many. Nobody decides on their own request.
pub(in crate::response) async fn say(tx: &mut Tx, actor: &Actor, step: &Move<'_>) -> Result<u64, DbError> {
    let statement = sql!(
        mine!(),
        "INSERT INTO response_event (organisation_id, alert_id, id, at, actor_kind, actor_id, through_id,
                                     event, was, stage, version, said)
         SELECT r.organisation_id, r.alert_id, ?10, ?2, ?11, ?1, m.through_id,
                ?12, r.stage, coalesce(?13, r.stage), r.version + 1, ?14",
        chosen!(),
        "AND r.stage IN (?15, ?16, ?17)
         AND (?12 NOT IN ('accept', 'send_back') OR NOT EXISTS (SELECT 1 FROM response_event q WHERE ",
        request!(),
        " AND ",
        own!(),
        ")) ORDER BY r.organisation_id"
    );
    let from: Vec<Stage> = step.event.from().collect();
    let place = |place: usize| from.get(place).or(from.last()).copied();
    let values = step.values(
        actor,
        tx.now,
        params![
            step.id,
            actor.kind(),
            step.event,
            step.event.to(),
            choices::written(step.said)?,
            place(0),
            place(1),
            place(2)
        ],
    );
    tx.run(statement, values).await
}

/// Moves the responses for which it was said, unless a colleague was faster; says how many moved.
pub(in crate::response) async fn settle(tx: &mut Tx, step: &Move<'_>) -> Result<u64, DbError> {
    let statement = sql!(
        "UPDATE response
         SET stage = e.stage, version = e.version, changed_at = e.at,
             acknowledged_at = coalesce(acknowledged_at, e.at),
             acknowledged_by = coalesce(acknowledged_by, e.actor_id),
             answered_through = CASE WHEN e.through_id <> e.organisation_id THEN e.through_id END,
             applies = coalesce(?3, applies), applies_reason = coalesce(?4, applies_reason),
             done = coalesce(?5, done), systems = coalesce(?6, systems),
             planned_on = coalesce(?7, planned_on), blockers = coalesce(?8, blockers),
             mitigation = coalesce(?9, mitigation), next_update_at = coalesce(?10, next_update_at),
             outcome = CASE WHEN e.stage IN ('closed', 'awaits_executive') THEN coalesce(?11, outcome) END,
             closed_at = CASE WHEN e.stage IN ('closed', 'not_applicable') THEN e.at END
         FROM response_event e
         WHERE e.alert_id = ?1 AND e.id = ?2
           AND response.alert_id = e.alert_id AND response.organisation_id = e.organisation_id
           AND response.version = e.version - 1"
    );
    let said = step.said;
    let outcome = step.event.outcome();
    // Whoever ends it as remedied, or asks to bear the risk, says that it applies.
    let applies = said.applies.or(outcome.map(|_| super::super::Applies::Yes));
    let reason = said.reason.as_deref().filter(|_| step.event == Event::NotApplicable);
    let values = params![
        step.alert.id,
        step.id,
        applies,
        reason,
        said.done.as_deref(),
        said.systems,
        said.planned_on.map(|day| day.to_string()),
        said.blockers.as_deref(),
        said.mitigation.as_deref(),
        step.next_update_at,
        outcome
    ];
    tx.run(statement, values).await
}

/// How many of a region and kind came to a stage by something that was said, and how many left it.
macro_rules! moved {
    () => {
        " FROM (
             SELECT e.alert_id, r.region, r.kind, e.stage, 1 AS change
             FROM response_event e
             JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
             WHERE e.alert_id = ?1 AND e.id = ?2
             UNION ALL
             SELECT e.alert_id, r.region, r.kind, e.was, -1
             FROM response_event e
             JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
             WHERE e.alert_id = ?1 AND e.id = ?2
         ) moved
         GROUP BY alert_id, region, kind, stage HAVING sum(change) <> 0
         ORDER BY alert_id, region, kind, stage "
    };
}

/// Moves the counters by what changed, net, in key order.
pub(in crate::response) async fn count(tx: &mut Tx, step: &Move<'_>) -> Result<(), DbError> {
    let by_hour = sql!(
        "INSERT INTO response_count (alert_id, region, kind, stage, hour, count)
         SELECT alert_id, region, kind, stage, CAST(?3 AS BIGINT), CAST(sum(change) AS BIGINT)",
        moved!(),
        "ON CONFLICT (alert_id, region, kind, stage, hour)
         DO UPDATE SET count = response_count.count + excluded.count"
    );
    let hour = hour(tx.now);
    tx.run_later(by_hour, params![step.alert.id, step.id, hour]).await?;
    let total = sql!(
        "INSERT INTO response_total (alert_id, region, kind, stage, count)
         SELECT alert_id, region, kind, stage, CAST(sum(change) AS BIGINT)",
        moved!(),
        "ON CONFLICT (alert_id, region, kind, stage)
         DO UPDATE SET count = response_total.count + excluded.count"
    );
    tx.run_later(total, params![step.alert.id, step.id]).await
}

/// Counts how long it took those who acknowledge or close by this, and takes back the time of those
/// whose closing it corrects. Call it while the responses still say when they were closed.
pub(in crate::response) async fn time(tx: &mut Tx, step: &Move<'_>) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO response_time_by_kind (alert_id, step, region, kind, hours, count)
         SELECT alert_id, step, region, kind, hours, CAST(sum(change) AS BIGINT) FROM (
             SELECT e.alert_id, 'acknowledged' AS step, r.region, r.kind,
                    (e.at - coalesce(r.asked_at, ?3)) / 3600000000 AS hours,
                    1 AS change
             FROM response_event e
             JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
             WHERE e.alert_id = ?1 AND e.id = ?2 AND e.was = 'unacknowledged'
             UNION ALL
             SELECT e.alert_id, 'closed', r.region, r.kind, (e.at - coalesce(r.asked_at, ?3)) / 3600000000, 1
             FROM response_event e
             JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
             WHERE e.alert_id = ?1 AND e.id = ?2 AND e.stage = 'closed'
             UNION ALL
             SELECT e.alert_id, 'closed', r.region, r.kind, (r.closed_at - coalesce(r.asked_at, ?3)) / 3600000000, -1
             FROM response_event e
             JOIN response r ON r.organisation_id = e.organisation_id AND r.alert_id = e.alert_id
             WHERE e.alert_id = ?1 AND e.id = ?2 AND e.was = 'closed' AND r.closed_at IS NOT NULL
         ) timed
         GROUP BY alert_id, step, region, kind, hours
         ORDER BY alert_id, step, region, kind, hours
         ON CONFLICT (alert_id, step, region, kind, hours)
         DO UPDATE SET count = response_time_by_kind.count + excluded.count"
    );
    tx.run(statement, params![step.alert.id, step.id, step.alert.issued_at]).await?;
    Ok(())
}

/// Notes that somebody was there at the organisations that said it, for themselves or for others.
pub(in crate::response) async fn reached(tx: &mut Tx, step: &Move<'_>) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE organisation SET reached_at = ?3
         WHERE id IN (SELECT through_id FROM response_event WHERE alert_id = ?1 AND id = ?2)"
    );
    let now = tx.now;
    tx.run_later(statement, params![step.alert.id, step.id, now]).await
}

/// Stops the clocks of these names for those for whom it was said.
pub(in crate::response) async fn stop_clocks(
    tx: &mut Tx,
    step: &Move<'_>,
    names: [&str; 3],
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE clock SET stopped_at = ?3, next_due_at = NULL
         WHERE about_id = ?1 AND name IN (?4, ?5, ?6) AND stopped_at IS NULL AND organisation_id IN (
             SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2)"
    );
    let now = tx.now;
    tx.run_later(statement, params![step.alert.id, step.id, now, names[0], names[1], names[2]]).await
}

/// A clock as it is started for many.
pub(in crate::response) struct Started<'a> {
    pub name: &'a str,
    pub due_at: Timestamp,
    pub rung: i64,
    pub next_due_at: Option<Timestamp>,
}

/// Starts a clock, or sets it anew, for those for whom it was said: what `platform::clock::start`
/// does for one.
pub(in crate::response) async fn start_clock(
    tx: &mut Tx,
    step: &Move<'_>,
    clock: &Started<'_>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung, next_due_at)
         SELECT alert_id, organisation_id, ?3, 'response', CAST(?4 AS BIGINT), CAST(?5 AS BIGINT),
                'Europe/London', ?6, CAST(?7 AS BIGINT), CAST(?8 AS BIGINT)
         FROM response_event WHERE alert_id = ?1 AND id = ?2
         ORDER BY organisation_id
         ON CONFLICT (about_id, organisation_id, name) DO UPDATE
         SET started_at = excluded.started_at, due_at = excluded.due_at, policy = excluded.policy,
             rung = excluded.rung, next_due_at = excluded.next_due_at, stopped_at = NULL"
    );
    let now = tx.now;
    let values = params![
        step.alert.id,
        step.id,
        clock.name,
        now,
        clock.due_at,
        step.alert.policy.as_str(),
        clock.rung,
        clock.next_due_at
    ];
    tx.run_later(statement, values).await
}

/// The organisation for which it was said, where it is one.
pub(in crate::response) async fn only_one(
    tx: &mut Tx,
    alert: AlertId,
    event: EventId,
) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!(
        "SELECT organisation_id FROM response_event WHERE alert_id = ?1 AND id = ?2
         ORDER BY organisation_id LIMIT 2"
    );
    let found: Vec<(OrganisationId,)> = tx.all(statement, params![alert, event]).await?;
    Ok(if let [(one,)] = found.as_slice() { Some(*one) } else { None })
}
