//! Tasks for machines: listed, made and moved on.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{Event, Owner, TaskId, Wanted, actions, store};
use crate::case::{
    LONGEST, LONGEST_LINE, Zone,
    api::{
        After, Answer, Caller, MadeBody, OfCase, Opened, both, described, done, made, moment, optional, text,
        whole,
    },
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let sent = r#"{"zone": "shared", "title": "Change the password of the domain"}"#;
    let moved = r#"{"event": "start", "version": 1}"#;
    let all = [
        both!(get "tasks", ReadCases, list),
        both!(post "tasks", WriteCases, add).map(|route| route.json(sent)),
        both!(post "tasks/{task}", WriteCases, advance, "tasks/{case_task}").map(|route| route.json(moved)),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, advance))]
    struct Tasks;
    described(Tasks::openapi())
}

platform::vocabulary! {
    /// The side to which a task is given.
    pub enum ToSide {
        Nobody = "nobody", "Nobody yet";
        Organisation = "organisation", "The organisation of the incident";
        Cert = "cert", "The CERT";
    }
}

/// A task.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseTaskBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What is to be done; empty where it is no longer kept.
    title: String,
    /// Why, and how.
    text: String,
    /// Whose it is: nobody, person, organisation or cert.
    owner: String,
    /// The organisation whose it is, or through which the person comes.
    organisation: Option<String>,
    /// Until when: RFC 3339, UTC.
    due_at: Option<String>,
    /// Where it stands.
    state: &'static str,
    /// What came of it.
    outcome: String,
    /// When it was written down.
    made_at: String,
    /// When it last moved.
    moved_at: String,
    /// Grows with every change; a move names it.
    version: i64,
}

/// A page of tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseTasksBody {
    /// Up to 50, the first written down first.
    tasks: Vec<CaseTaskBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseTask {
    /// Who is to read it.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// What is to be done, up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Change the password of the domain")]
    title: String,
    /// Why, and how, up to 4,000 characters.
    #[serde(default)]
    #[schema(max_length = 4000)]
    text: String,
    /// To which side it is given; people give tasks to people.
    #[serde(default)]
    #[schema(inline)]
    owner: Option<ToSide>,
    /// Until when, RFC 3339.
    #[serde(default)]
    #[schema(format = DateTime)]
    due_at: Option<String>,
}

/// What happened to a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseTaskMove {
    /// What.
    #[schema(value_type = String, pattern = "^(start|finish|give_up|withdraw|reopen)$", example = "start")]
    event: Event,
    /// The version that was read.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// What came of it, up to 4,000 characters; needed where it cannot be done.
    #[serde(default)]
    #[schema(max_length = 4000)]
    outcome: String,
}

/// Reads the tasks of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/tasks", tag = "cases", operation_id = "read_case_tasks",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseTasksBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseTasksBody> {
    let from = after.or(TaskId(Uuid::nil()))?;
    let rows = store::after(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |task: store::Task| CaseTaskBody {
        id: task.id.0,
        zone: task.zone.code(),
        title: task.title,
        text: task.text,
        owner: task.owner,
        organisation: task.organisation,
        due_at: task.due_at.map(|at| at.to_string()),
        state: task.state.code(),
        outcome: task.outcome,
        made_at: task.made_at.to_string(),
        moved_at: task.moved_at.to_string(),
        version: task.version,
    };
    Ok(axum::Json(CaseTasksBody { tasks: rows.into_iter().map(body).collect(), next }))
}

/// Writes down what is to be done in a case.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/tasks", tag = "cases", operation_id = "add_case_task",
    params(OfCase), request_body = NewCaseTask,
    responses((status = 201, description = "It was taken", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseTask>) -> Result<Response, Error> {
    let title = text("title", &sent.title, LONGEST_LINE)?;
    let text = optional("text", &sent.text, LONGEST)?;
    let due_at = moment("due_at", sent.due_at.as_deref())?;
    let (mut tx, sight) = case.begin().await?;
    let organisation = sight.incident.organisation_id;
    let owner = match (sent.owner, organisation) {
        (None | Some(ToSide::Nobody), _) => Owner::Nobody,
        (Some(ToSide::Cert), _) => Owner::Cert,
        (Some(ToSide::Organisation), Some(id)) => Owner::Organisation(id),
        (Some(ToSide::Organisation), None) => {
            return Err(Error::Unprocessable("owner: Nobody knows of which organisation this is.".into()));
        }
    };
    let form = tx.id();
    let wanted = Wanted { title, text, owner, due_at };
    let id = actions::add(&mut tx, &case.actor, sight.incident.id, (sent.zone, form), &wanted).await?;
    made(tx, id.0).await
}

/// Says what happened to a task.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/tasks/{task}", tag = "cases", operation_id = "move_case_task",
    params(OfCase, ("task" = String, Path, format = "uuid", description = "The task")),
    request_body = CaseTaskMove,
    responses((status = 204, description = "It was moved on"),
              (status = 404, description = "There is no such task in the zones of the key"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn advance(
    case: Caller,
    Path((_, task)): Path<(String, TaskId)>,
    Json(sent): Json<CaseTaskMove>,
) -> Result<StatusCode, Error> {
    let outcome = optional("outcome", &sent.outcome, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let which = (sight.incident.id, task, sent.version);
    actions::advance(&mut tx, &case.actor, which, sent.event, &outcome).await?;
    done(tx).await
}
