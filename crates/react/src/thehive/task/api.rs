//! Writing tasks down, moving them on, and withdrawing them.

use axum::extract::{Path, State};
use db::{DbError, Snapshot, params, sql};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App, Tx,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::NOUN;
use crate::{
    case::{
        LONGEST, Zones, sight,
        task::{
            Event, Owner, State as Where, TaskId, Wanted, actions,
            store::{self, Task},
        },
    },
    incident::IncidentId,
    thehive::{
        Caller,
        bulk::Change,
        case::api::{seen, titled},
        words::{bounded, moment, task_status},
    },
};

/// A task as a client makes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Create {
    title: String,
    #[serde(default)]
    description: String,
    due_date: Option<i64>,
    assignee: Option<String>,
    status: Option<String>,
    group: Option<String>,
    flag: Option<bool>,
    order: Option<i64>,
    mandatory: Option<bool>,
}

/// What a client changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Update {
    due_date: Option<i64>,
    assignee: Option<String>,
    status: Option<String>,
}

/// The owner that a client names: an ODS code, or `CERT`. Of people no machine is told, and it names none.
async fn owner(tx: &mut Tx, assignee: &str) -> Result<Owner, Error> {
    if assignee.is_empty() {
        return Ok(Owner::Nobody);
    }
    if assignee == "CERT" {
        return Ok(Owner::Cert);
    }
    let code = assignee.trim().to_uppercase();
    let found = platform::organisation::store::id_of(tx, &code).await?;
    let wrong =
        || Error::Invalid("assignee: Send an ODS code, or CERT. People choose among people.".to_owned());
    Ok(Owner::Organisation(found.ok_or_else(wrong)?))
}

/// `POST /api/v1/case/{case}/task`
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(body): Body<Create>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let kept = [
        ("group", body.group.as_deref().is_none_or(|group| group == "default")),
        ("flag", body.flag != Some(true)),
        ("order", body.order.unwrap_or_default() == 0),
        ("mandatory", body.mandatory != Some(true)),
    ];
    if let Some((name, _)) = kept.iter().find(|(_, kept)| !kept) {
        return Err(Error::Invalid(format!("{name}: This is not kept.")));
    }
    bounded("description", &body.description, LONGEST)?;
    let title = titled(&body.title)?.to_owned();
    let due_at = body.due_date.map(|at| moment("dueDate", at)).transpose()?;
    let mut tx = app.write().await?;
    let sight = seen(&mut tx, &caller, &case).await?;
    let zone = caller.zone(&sight)?;
    let owner = owner(&mut tx, body.assignee.as_deref().unwrap_or_default()).await?;
    let wanted = Wanted { title, text: body.description, owner, due_at };
    let (id, form) = (sight.incident.id, tx.id());
    let task = actions::add(&mut tx, &caller.actor, id, (zone, form), &wanted).await?;
    if let Some(status) = body.status.as_deref() {
        let made = store::task(&mut tx, id, sight.reads, task).await?.ok_or(Error::NotFound)?;
        moved(&mut tx, &caller, made, sight.reads, status).await?;
    }
    let body = NOUN.one(&mut tx, &app, &caller.actor, task.0).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `GET /api/v1/task/{task}`
pub(in crate::thehive) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let task: TaskId = task.parse().map_err(|()| Error::NotFound)?;
    let mut snapshot = app.db.read_long().await?;
    let body = NOUN.one(&mut snapshot, &app, &caller.actor, task.0).await?.ok_or(Error::NotFound)?;
    Ok(axum::Json(body))
}

impl Change for Update {
    async fn change(&self, tx: &mut Tx, caller: &Caller, id: &str) -> Result<(), Error> {
        change(tx, caller, id, self).await
    }
}

/// Moves one on, and hands it to whom it is for.
async fn change(tx: &mut Tx, caller: &Caller, task: &str, body: &Update) -> Result<(), Error> {
    let due_at = body.due_date.map(|at| moment("dueDate", at)).transpose()?;
    let (mut task, reads) = theirs(tx, caller, task).await?;
    if let Some(status) = body.status.as_deref() {
        task = moved(tx, caller, task, reads, status).await?;
    }
    if body.assignee.is_some() || due_at.is_some() {
        let owner = match body.assignee.as_deref() {
            Some(assignee) => owner(tx, assignee).await?,
            None => task.owner(),
        };
        let which = (task.incident_id, task.id, task.version);
        actions::hand(tx, &caller.actor, which, owner, due_at.or(task.due_at)).await?;
    }
    Ok(())
}

/// `DELETE /api/v1/task/{task}`: it is withdrawn, and stays to be read.
pub(in crate::thehive) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<String>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    let (task, reads) = theirs(&mut tx, &caller, &task).await?;
    moved(&mut tx, &caller, task, reads, "Cancel").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The incident of a task, whoever asks. Index: the key.
async fn case_of(snapshot: &mut Snapshot, task: TaskId) -> Result<Option<IncidentId>, DbError> {
    let statement = sql!("SELECT incident_id FROM case_task WHERE id = ?1");
    Ok(snapshot.maybe::<(IncidentId,)>(statement, params![task]).await?.map(|(id,)| id))
}

/// The task that a path names, where the caller sees it, and the zones that they read in its case.
pub(in crate::thehive) async fn theirs(
    tx: &mut Tx,
    caller: &Caller,
    task: &str,
) -> Result<(Task, Zones), Error> {
    let task: TaskId = task.parse().map_err(|()| Error::NotFound)?;
    let incident = case_of(tx, task).await?.ok_or(Error::NotFound)?;
    let now: Timestamp = tx.now;
    let reads = sight(tx, &caller.actor, now, incident).await?.reads;
    let task = store::task(tx, incident, reads, task).await?.ok_or(Error::NotFound)?;
    Ok((task, reads))
}

/// Moves a task on to what a status says, step by step; the task as it is then.
async fn moved(
    tx: &mut Tx,
    caller: &Caller,
    mut task: Task,
    reads: Zones,
    status: &str,
) -> Result<Task, Error> {
    let wanted = match status {
        "Waiting" => Where::Open,
        "InProgress" => Where::Doing,
        "Completed" => Where::Done,
        "Cancel" => Where::Withdrawn,
        _ => {
            let sentence = "status: Send Waiting, InProgress, Completed or Cancel.";
            return Err(Error::Invalid(sentence.to_owned()));
        }
    };
    for event in ways(task.state, wanted) {
        if task_status(task.state) == status {
            break;
        }
        let which = (task.incident_id, task.id, task.version);
        actions::advance(tx, &caller.actor, which, *event, "").await?;
        task = store::task(tx, task.incident_id, reads, task.id).await?.ok_or(Error::NotFound)?;
    }
    Ok(task)
}

/// The events by which a task comes from one state to another.
const fn ways(from: Where, to: Where) -> &'static [Event] {
    match (from.is_to_do(), to) {
        (true, Where::Doing) => &[Event::Start],
        (true, Where::Done) => &[Event::Finish],
        (true, Where::Withdrawn) => &[Event::Withdraw],
        // Who began and waits again has done nothing yet.
        (true, _) => &[Event::Withdraw, Event::Reopen],
        (false, Where::Doing) => &[Event::Reopen, Event::Start],
        (false, Where::Done) => &[Event::Reopen, Event::Finish],
        (false, Where::Withdrawn) => &[Event::Reopen, Event::Withdraw],
        (false, _) => &[Event::Reopen],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_reached_from_every_other() {
        for from in Where::ALL {
            for to in [Where::Open, Where::Doing, Where::Done, Where::Withdrawn] {
                let mut state = *from;
                for event in ways(*from, to) {
                    if task_status(state) == task_status(to) {
                        break;
                    }
                    state = state.apply(*event).unwrap();
                }
                assert_eq!(task_status(state), task_status(to), "{from:?} {to:?}");
            }
        }
    }
}
