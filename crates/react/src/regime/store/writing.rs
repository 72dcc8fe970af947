//! What is written of regulatory clocks. Nothing takes the place of anything, but for how a clock stands.

use db::{DbError, params, sql};
use jiff::Timestamp;
use platform::{Tx, organisation::OrganisationId};
use uuid::Uuid;

use super::Step;
use crate::{
    case::{Sight, Zone},
    incident::IncidentId,
    regime::{AwarenessId, ClockId, Duty, Regime, Trigger, store::Clock},
};

/// A decision that is written down.
#[derive(Clone, Copy, Debug)]
pub(in crate::regime) struct Deciding<'a> {
    pub zone: Zone,
    pub trigger: Trigger,
    pub aware_at: Timestamp,
    pub decided_by: &'a str,
    pub why: &'a str,
    pub corrects: Option<AwarenessId>,
    pub form: Uuid,
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(in crate::regime) struct Writer {
    pub person: Option<Uuid>,
    pub through: Option<OrganisationId>,
}

/// Keeps a decision.
pub(in crate::regime) async fn insert_awareness(
    tx: &mut Tx,
    sight: &Sight,
    writer: Writer,
    deciding: &Deciding<'_>,
) -> Result<AwarenessId, DbError> {
    let (id, now): (AwarenessId, _) = (tx.id(), tx.now);
    let &Deciding { zone, trigger, aware_at, decided_by, why, corrects, form } = deciding;
    let statement = sql!(
        "INSERT INTO awareness (id, incident_id, zone, trigger_code, aware_at, decided_by, why, person_id,
                                through_id, recorded_at, corrects_id, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let Writer { person, through } = writer;
    let values = params![
        id,
        sight.incident.id,
        zone,
        trigger,
        aware_at,
        decided_by,
        why,
        person,
        through,
        now,
        corrects,
        form
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// A clock that begins.
#[derive(Clone, Copy, Debug)]
pub(in crate::regime) struct Beginning<'a> {
    pub organisation: OrganisationId,
    pub zone: Zone,
    pub awareness: AwarenessId,
    pub regime: &'a Regime,
    pub duty: &'a Duty,
    pub due_at: Option<Timestamp>,
}

/// Keeps a clock that begins, and its first deadline.
pub(in crate::regime) async fn insert_clock(
    tx: &mut Tx,
    incident: IncidentId,
    beginning: &Beginning<'_>,
) -> Result<ClockId, DbError> {
    let id: ClockId = tx.id();
    let &Beginning { organisation, zone, awareness, regime, duty, due_at } = beginning;
    let statement = sql!(
        "INSERT INTO duty_clock (id, incident_id, organisation_id, zone, awareness_id, regime, regime_version, duty,
                                 state, due_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', ?9, 1)"
    );
    let values = params![
        id,
        incident,
        organisation,
        zone,
        awareness,
        regime.id.as_str(),
        regime.version,
        duty.id.as_str(),
        due_at
    ];
    tx.run(statement, values).await?;
    keep_due(tx, id, zone, awareness, due_at).await?;
    Ok(id)
}

async fn keep_due(
    tx: &mut Tx,
    clock: ClockId,
    zone: Zone,
    awareness: AwarenessId,
    due_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO duty_due (id, clock_id, zone, awareness_id, due_at, set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    tx.run(statement, params![id, clock, zone, awareness, due_at, now]).await?;
    Ok(())
}

/// Moves a clock on, and keeps its deadline where that is another one; `false` where its version has moved.
pub(in crate::regime) async fn advance(tx: &mut Tx, before: &Clock, after: &Clock) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE duty_clock SET awareness_id = ?3, state = ?4, due_at = ?5, ended_at = ?6, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values =
        params![before.id, before.version, after.awareness_id, after.state, after.due_at, after.ended_at];
    if tx.run(statement, values).await? == 0 {
        return Ok(false);
    }
    if before.due_at != after.due_at || before.awareness_id != after.awareness_id {
        keep_due(tx, before.id, before.zone, after.awareness_id, after.due_at).await?;
    }
    Ok(true)
}

/// Something that is done about a clock.
#[derive(Clone, Copy, Debug)]
pub(in crate::regime) struct Doing<'a> {
    pub step: Step,
    pub happened_at: Timestamp,
    pub by_name: &'a str,
    pub reference: &'a str,
    pub text: &'a str,
    pub reason: &'a str,
    pub form: Uuid,
}

/// Keeps what was done.
pub(in crate::regime) async fn insert_step(
    tx: &mut Tx,
    clock: &Clock,
    writer: Writer,
    doing: &Doing<'_>,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO duty_step (id, clock_id, zone, step, happened_at, by_name, reference, text, reason, person_id,
                                through_id, recorded_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    );
    let &Doing { step, happened_at, by_name, reference, text, reason, form } = doing;
    let Writer { person, through } = writer;
    let values = params![
        id,
        clock.id,
        clock.zone,
        step,
        happened_at,
        by_name,
        reference,
        text,
        reason,
        person,
        through,
        now,
        form
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Keeps what somebody wrote for a fact.
pub(in crate::regime) async fn insert_fact(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    writer: Writer,
    (fact, text): (&str, &str),
) -> Result<(), DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO duty_fact (id, incident_id, zone, fact, text, person_id, through_id, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let Writer { person, through } = writer;
    tx.run(statement, params![id, incident, zone, fact, text, person, through, now]).await?;
    Ok(())
}
