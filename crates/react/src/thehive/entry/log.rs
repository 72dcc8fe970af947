//! Logs of tasks: what somebody writes of a task is an entry of the timeline that tells of it.

use axum::extract::{Path, State};
use http::StatusCode;
use platform::{
    App,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    LOGS,
    api::{WITHDRAWN, correct, theirs},
};
use crate::{
    case::{
        CaseError, LONGEST, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    thehive::{
        Caller, task,
        words::{bounded, moment},
    },
};

/// A log as a client writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Create {
    message: String,
    start_date: Option<i64>,
}

/// What is right about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::thehive) struct Update {
    message: String,
}

fn message(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    bounded("message", text, LONGEST)?;
    if text.is_empty() { Err(Error::Invalid("message: Write what happened.".to_owned())) } else { Ok(text) }
}

/// `POST /api/v1/task/{task}/log`
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<String>,
    Body(body): Body<Create>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let text = message(&body.message)?;
    let happened_at = body.start_date.map(|at| moment("startDate", at)).transpose()?;
    let mut tx = app.write().await?;
    let (task, _) = task::api::theirs(&mut tx, &caller, &task).await?;
    let now = tx.now;
    let sight = sight(&mut tx, &caller.actor, now, task.incident_id).await?;
    sight.write(task.zone, "write in this case")?;
    let happened_at = happened_at.unwrap_or(now);
    if happened_at > now {
        return Err(CaseError::Refused("When it happened must be in the past.".into()).into());
    }
    let (about, form) = (Some(task.id.0), Some(tx.id()));
    let entering =
        Entering { zone: task.zone, kind: Kind::Task, happened_at, about, text, corrects: None, form };
    let id = timeline::enter(&mut tx, &caller.actor, &sight, &entering).await?;
    write_log(&mut tx, &caller.actor, "case.entered", &sight.incident, id.0).await?;
    let body = LOGS.one(&mut tx, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `PATCH /api/v1/log/{entry}`: appends what is right.
pub(in crate::thehive) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(entry): Path<String>,
    Body(body): Body<Update>,
) -> Result<StatusCode, Error> {
    let text = message(&body.message)?;
    let mut tx = app.write().await?;
    let found = theirs(&mut tx, &caller, &entry, Kind::Task).await?;
    correct(&mut tx, &caller, &found, None, text).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/log/{entry}`: appends that it is withdrawn.
pub(in crate::thehive) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(entry): Path<String>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    let found = theirs(&mut tx, &caller, &entry, Kind::Task).await?;
    correct(&mut tx, &caller, &found, None, WITHDRAWN).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
