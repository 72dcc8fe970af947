//! Tasks for machines: listed, made and moved on.

use axum::{
    extract::{Path, State as AppState},
    response::Response,
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Json, Route, cursor::Page},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{Event, Owner, TaskId, Wanted, actions, store};
use crate::case::{
    LONGEST, LONGEST_LINE, Zone,
    api::{After, MadeBody, made, makes, moment, opened, optional, reads, text, writing},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Scope::ReadCases.code(), Scope::WriteCases.code());
    let sent = r#"{"zone": "shared", "title": "Change the password of the domain"}"#;
    let moved = r#"{"event": "start", "version": 1}"#;
    vec![
        Route::get("/api/v1/incidents/{number}/tasks", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/tasks"),
        Route::post("/api/v1/incidents/{number}/tasks", Rule::Scope(write), add)
            .sample("/api/v1/incidents/{incident_number}/tasks")
            .json(sent),
        Route::post("/api/v1/incidents/{number}/tasks/{task}", Rule::Scope(write), advance)
            .sample("/api/v1/incidents/{incident_number}/tasks/{case_task}")
            .json(moved),
        Route::get("/api/v1/cert/incidents/{number}/tasks", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/tasks"),
        Route::post("/api/v1/cert/incidents/{number}/tasks", Rule::CertScope(write), cert_add)
            .sample("/api/v1/cert/incidents/{incident_number}/tasks")
            .json(sent),
        Route::post("/api/v1/cert/incidents/{number}/tasks/{task}", Rule::CertScope(write), cert_advance)
            .sample("/api/v1/cert/incidents/{incident_number}/tasks/{case_task}")
            .json(moved),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, advance, cert_list, cert_add, cert_advance))]
    struct Tasks;
    Tasks::openapi()
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

/// A whole number, also where it is written as `3.0`: to JSON Schema that is one.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    let written = number.to_string();
    let whole = written.strip_suffix(".0").unwrap_or(&written);
    whole.parse().map_err(|_| D::Error::custom("a whole number is needed"))
}

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseTasksBody, Error> {
    let from = after.or(TaskId(Uuid::nil()))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::after(&mut snapshot, sight.incident.id, sight.reads, from).await?;
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
    Ok(CaseTasksBody { tasks: rows.into_iter().map(body).collect(), next })
}

async fn written(app: &App, actor: &Actor, number: &str, sent: NewCaseTask) -> Result<Response, Error> {
    let title = text("title", &sent.title, LONGEST_LINE)?;
    let text = optional("text", &sent.text, LONGEST)?;
    let due_at = moment("due_at", sent.due_at.as_deref())?;
    let (mut tx, sight) = writing(app, actor, number).await?;
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
    let id = actions::add(&mut tx, actor, sight.incident.id, (sent.zone, form), &wanted).await?;
    made(tx, id.0).await
}

async fn moved(
    app: &App,
    actor: &Actor,
    (number, id): (String, TaskId),
    sent: CaseTaskMove,
) -> Result<StatusCode, Error> {
    let outcome = optional("outcome", &sent.outcome, LONGEST)?;
    let (mut tx, sight) = writing(app, actor, &number).await?;
    let which = (sight.incident.id, id, sent.version);
    actions::advance(&mut tx, actor, which, sent.event, &outcome).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

reads!(listed: list "/api/v1/incidents/{number}/tasks" "read_case_tasks",
       cert_list "/api/v1/cert/incidents/{number}/tasks" "cert_read_case_tasks",
       "Reads the tasks of a case.", CaseTasksBody);
makes!(written: add "/api/v1/incidents/{number}/tasks" "add_case_task",
       cert_add "/api/v1/cert/incidents/{number}/tasks" "cert_add_case_task",
       "Writes down what is to be done in a case.", NewCaseTask, MadeBody);

/// Says what happened to a task.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/tasks/{task}", tag = "cases", operation_id = "move_case_task",
    params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
           ("task" = String, Path, format = "uuid", description = "The task")),
    request_body = CaseTaskMove,
    responses((status = 204, description = "It was moved on"),
              (status = 404, description = "There is no such task in the zones of the key"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn advance(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(which): Path<(String, TaskId)>,
    Json(sent): Json<CaseTaskMove>,
) -> Result<StatusCode, Error> {
    moved(&app, &actor, which, sent).await
}

/// Says what happened to a task, whoever's the case is.
#[utoipa::path(
    post, path = "/api/v1/cert/incidents/{number}/tasks/{task}", tag = "cert: cases",
    operation_id = "cert_move_case_task",
    params(("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
           ("task" = String, Path, format = "uuid", description = "The task")),
    request_body = CaseTaskMove,
    responses((status = 204, description = "It was moved on"),
              (status = 404, description = "There is no such task in the zones of the CERT"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn cert_advance(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(which): Path<(String, TaskId)>,
    Json(sent): Json<CaseTaskMove>,
) -> Result<StatusCode, Error> {
    moved(&app, &actor, which, sent).await
}
