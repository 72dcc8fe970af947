//! One function for each verb; pages and tests call these.

use jiff::Timestamp;
use platform::{Actor, Tx};
use uuid::Uuid;

use super::{Event, MOST, Owner, State, TaskId, Wanted, clocks, store};
use crate::{
    case::{
        CaseError, Sight, Zone, people, sight,
        sight::writer,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
};

const TO_DO: &str = "write tasks in this case";

/// Writes down what is to be done. The same form sent again is one task.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (zone, form): (Zone, Uuid),
    wanted: &Wanted,
) -> Result<TaskId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let by = writer(actor, TO_DO)?;
    let (count, same) = store::sent_with(tx, (incident, zone), form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} tasks in this case, which is the most.")));
    }
    let behind = behind(tx, &sight, zone, wanted.owner).await?;
    let from = (Some(by), sight.through);
    let id = store::insert(tx, (incident, zone, form), wanted, behind, from).await?;
    let text = format!("Task: {}", wanted.title.trim());
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Task, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, wanted.due_at).await?;
    write_log(tx, actor, "case.task_added", &sight.incident, id.0).await?;
    Ok(id)
}

/// Says what happened to a task: that it cannot be done only with the reason.
pub async fn advance(
    tx: &mut Tx,
    actor: &Actor,
    (incident, id, version): (IncidentId, TaskId, i64),
    event: Event,
    outcome: &str,
) -> Result<(), CaseError> {
    let (sight, task) = opened(tx, actor, incident, id, version).await?;
    let state = task.state.apply(event).map_err(|refused| CaseError::Refused(refused.to_string()))?;
    let outcome = outcome.trim();
    if state == State::Cannot && outcome.is_empty() {
        return Err(CaseError::Refused("Write why it cannot be done, so that somebody can help.".into()));
    }
    let owner = (task.owner(), (task.person_id, task.organisation_id));
    if !store::advance(tx, &task, (state, outcome), owner, task.due_at).await? {
        return Err(CaseError::Overtaken);
    }
    let why = if outcome.is_empty() { String::new() } else { format!("\n{outcome}") };
    let text = format!("Task “{}”: {}.{why}", task.title, platform::web::show::in_sentence(state.label()));
    timeline::enter(tx, actor, &sight, &Entering::now(tx, task.zone, Kind::Task, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, task.due_at.filter(|_| state.is_to_do())).await?;
    write_log(tx, actor, "case.task_moved", &sight.incident, id.0).await
}

/// Gives a task to somebody else, or another day.
pub async fn hand(
    tx: &mut Tx,
    actor: &Actor,
    (incident, id, version): (IncidentId, TaskId, i64),
    owner: Owner,
    due_at: Option<Timestamp>,
) -> Result<(), CaseError> {
    let (sight, task) = opened(tx, actor, incident, id, version).await?;
    if !task.state.is_to_do() {
        return Err(CaseError::Refused("There is nothing left to do in this task.".into()));
    }
    // Whoever has it may keep it, whoever looks at it.
    let behind = if owner == task.owner() {
        (task.person_id, task.organisation_id)
    } else {
        behind(tx, &sight, task.zone, owner).await?
    };
    if !store::advance(tx, &task, (task.state, &task.outcome), (owner, behind), due_at).await? {
        return Err(CaseError::Overtaken);
    }
    let text = format!("Task “{}”: it has another owner or day.", task.title);
    timeline::enter(tx, actor, &sight, &Entering::now(tx, task.zone, Kind::Task, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, due_at).await?;
    write_log(tx, actor, "case.task_handed", &sight.incident, id.0).await
}

/// The task that the actor has before them, and may change.
async fn opened(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: TaskId,
    version: i64,
) -> Result<(Sight, store::Task), CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let task = store::task(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    sight.write(task.zone, TO_DO)?;
    if task.version == version { Ok((sight, task)) } else { Err(CaseError::Overtaken) }
}

/// The person and the organisation behind an owner, where the actor may choose them for this zone.
async fn behind(tx: &mut Tx, sight: &Sight, zone: Zone, owner: Owner) -> Result<store::Behind, CaseError> {
    let now = tx.now;
    let refused = || CaseError::Refused("Choose somebody who writes in this part of the case.".into());
    match owner {
        Owner::Nobody => Ok((None, None)),
        Owner::Person(person) => {
            let all = people::colleagues(tx, sight, now).await?;
            let found = all.into_iter().find(|each| each.id == person).ok_or_else(refused)?;
            Ok((Some(person), found.through_id))
        }
        Owner::Organisation(_) | Owner::Cert => {
            let id = if let Owner::Organisation(id) = owner { Some(id) } else { None };
            let all = people::wholes(tx, sight, zone, "").await?;
            if all.iter().any(|whole| whole.id == id) { Ok((None, id)) } else { Err(refused()) }
        }
    }
}
