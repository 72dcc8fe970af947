//! The clock of a task: it reminds whoever has it, then tells those in charge. It fails nothing, whatever the
//! playbook says of a timeout.

use db::DbError;
use formats::cacao::Playbook;
use jiff::{SignedDuration, Timestamp};
use platform::{
    Tx,
    access::Role,
    clock::{self, Due, Next, Ringing, Running},
    organisation::OrganisationId,
};
use uuid::Uuid;

use super::{
    Happened, TaskId, actions, messages,
    store::{self, Late},
};
use crate::{
    case::{
        self, CaseError, Zone,
        timeline::{self, Entering},
    },
    incident::store::Incident,
};

/// The row of the table of clocks for what is late.
pub const KIND: clock::Kind = clock::Kind { name: "run_task", counts: clock::Counts::ToAMoment, ring };
/// The row for what has waited as long as the playbook says.
pub const BEGINS: clock::Kind =
    clock::Kind { name: "run_begins", counts: clock::Counts::ToAMoment, ring: begin };

const NAME: &str = "due";
const WAITS: &str = "begins";
/// The least and the most time between the reminder and those in charge: within it, as long again as the task had.
const LEAST: SignedDuration = SignedDuration::from_mins(15);
const MOST: SignedDuration = SignedDuration::from_hours(4);

/// Whom the clocks of an incident run for: of one of which nobody knows whose it is, for nobody.
fn of(incident: &Incident) -> OrganisationId {
    incident.organisation_id.unwrap_or(OrganisationId(Uuid::nil()))
}

/// Starts the clock of a task.
pub(super) async fn start(
    tx: &mut Tx,
    incident: &Incident,
    task: TaskId,
    due_at: Timestamp,
) -> Result<(), DbError> {
    let clock = Running {
        about: task.0,
        organisation: of(incident),
        name: NAME,
        kind: KIND.name,
        due_at,
        next_due_at: due_at,
        policy: "run/1".to_owned(),
    };
    clock::start(tx, &clock).await
}

/// Starts the clock of a task that waits until then.
pub(super) async fn wait(
    tx: &mut Tx,
    incident: &Incident,
    task: TaskId,
    begins_at: Timestamp,
) -> Result<(), DbError> {
    let clock = Running {
        about: task.0,
        organisation: of(incident),
        name: WAITS,
        kind: BEGINS.name,
        due_at: begins_at,
        next_due_at: begins_at,
        policy: "run/1".to_owned(),
    };
    clock::start(tx, &clock).await
}

/// Stops the clocks of a task; nothing where it has none.
pub(super) async fn stop(tx: &mut Tx, incident: &Incident, task: TaskId) -> Result<(), DbError> {
    for name in [NAME, WAITS] {
        clock::stop(tx, task.0, of(incident), name).await?;
        // The CERT may have learned whose the incident is since the clock was started.
        clock::stop(tx, task.0, OrganisationId(Uuid::nil()), name).await?;
    }
    Ok(())
}

fn begin<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(may_begin(tx, due))
}

/// Tells whoever has a task, else whoever started the run, that it has waited long enough.
async fn may_begin(tx: &mut Tx, due: &[Due]) -> Result<Vec<Next>, DbError> {
    for each in due {
        let Some(task) = store::late(tx, each.about).await? else { continue };
        for (person, address) in store::address(tx, task.owner).await? {
            messages::tell(tx, &messages::BEGINS, &task, person, address).await?;
        }
        note(tx, &task, Happened::MayBegin).await?;
    }
    Ok(due.iter().map(|_| Next::Last).collect())
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(climb(tx, due))
}

async fn climb(tx: &mut Tx, due: &[Due]) -> Result<Vec<Next>, DbError> {
    let mut next = Vec::with_capacity(due.len());
    for each in due {
        let Some(late) = store::late(tx, each.about).await? else {
            next.push(Next::Last);
            continue;
        };
        next.push(if each.rung == 0 {
            remind(tx, &late).await?;
            let had = each.due_at.duration_since(each.started_at);
            Next::At(each.due_at + had.clamp(LEAST, MOST))
        } else {
            escalate(tx, &late).await?;
            Next::Last
        });
    }
    Ok(next)
}

/// Tells whoever has it, else whoever started the run.
async fn remind(tx: &mut Tx, late: &Late) -> Result<(), DbError> {
    let now = tx.now;
    for person in [late.owner, late.started_by] {
        // Who was let out of the case, or has left, is told nothing of it.
        if !case::still_reads(tx, person, now, (late.incident_id, late.zone)).await? {
            continue;
        }
        for (person, address) in store::address(tx, person).await? {
            messages::tell(tx, &messages::DUE, late, person, address).await?;
        }
        break;
    }
    note(tx, late, Happened::Reminded).await
}

/// Tells those in charge of the zone: the organisation's leads (its executives, where it has none), the CERT's duty
/// managers, or both.
async fn escalate(tx: &mut Tx, late: &Late) -> Result<(), DbError> {
    let mut told = Vec::new();
    if let Some(organisation) = late.organisation_id.filter(|_| late.zone != Zone::Cert) {
        told.extend(store::in_role(tx, organisation, Role::Lead).await?);
        if told.is_empty() {
            told.extend(store::in_role(tx, organisation, Role::Executive).await?);
        }
    }
    if late.zone != Zone::Own {
        told.extend(store::duty_managers(tx).await?);
    }
    for (person, address) in told {
        messages::tell(tx, &messages::LATE, late, person, address).await?;
    }
    note(tx, late, Happened::Escalated).await?;
    let document = store::document(tx, &late.hash).await?;
    let what = document
        .and_then(|document| Playbook::read(&document).ok())
        .map_or_else(|| "A step".to_owned(), |playbook| actions::called(&playbook, &late.step));
    let text = format!("Late: “{what}”. Those in charge were told.");
    let entering = Entering::now(tx, late.zone, timeline::Kind::Playbook, late.id.0, &text);
    match timeline::enter_by_itself(tx, late.incident_id, &entering).await {
        Ok(_) => Ok(()),
        Err(CaseError::Database(error)) => Err(error),
        Err(other) => Err(DbError::Engine(other.to_string())),
    }
}

async fn note(tx: &mut Tx, late: &Late, kind: Happened) -> Result<(), DbError> {
    let number = store::count_event(tx, late.run_id).await?;
    let event = store::Event { kind, step: &late.step, visit: Some(late.visit), detail: "" };
    store::event(tx, (late.run_id, number), &event, None, None).await
}
