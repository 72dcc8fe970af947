//! The JSON twin: an organisation's or a supplier's ticket system reads where its organisations
//! stand, and answers for them.

mod one;

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use db::{Snapshot, Value, params, sql};
use formats::Tlp;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::{Role, Rule},
    organisation::OrganisationId,
    web::{
        Error, Json, Route,
        cursor::{self, Page},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{Ref, RefOr, Schema},
};

use super::{
    AlertHead, Applies, Chosen, Moved, Outcome, ResponseError, Said, Stage, actions,
    store::{self, lists},
};

/// The scope of a key that reads responses.
pub(super) const READ: &str = "alerts:read";
/// The scope of a key that answers.
pub(super) const WRITE: &str = "responses:write";
/// How many organisations one call may name.
const NAMED: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/alerts/{number}/responses", Rule::Scope(READ), list)
            .sample("/api/v1/alerts/{asked_number}/responses"),
        Route::post("/api/v1/alerts/{number}/acknowledge", Rule::Scope(WRITE), acknowledge)
            .sample("/api/v1/alerts/{asked_number}/acknowledge")
            .json(r#"{"organisations": "all"}"#),
        Route::post("/api/v1/alerts/{number}/responses", Rule::Scope(WRITE), respond)
            .sample("/api/v1/alerts/{acknowledged_number}/responses")
            .json(r#"{"organisations": "all", "applies": "yes"}"#),
        Route::get("/api/v1/alerts/{number}/responses/{code}", Rule::Scope(READ), one::show)
            .sample("/api/v1/alerts/{asked_number}/responses/{organisation_code}"),
        Route::post("/api/v1/alerts/{number}/responses/{code}", Rule::Scope(WRITE), one::answer)
            .sample("/api/v1/alerts/{acknowledged_number}/responses/{organisation_code}")
            .json(r#"{"applies": "yes"}"#),
    ]
}

/// The paths and schemas of this noun.
#[derive(OpenApi)]
#[openapi(
    paths(list, acknowledge, respond, one::show, one::answer),
    components(schemas(
        ResponseList,
        ResponseItem,
        Acknowledgement,
        Answer,
        For,
        Counted,
        Applies,
        Outcome,
        Said
    ))
)]
struct Document;

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    if let Some(components) = &mut document.components
        && let Some(RefOr::T(Schema::Object(said))) = components.schemas.get("Said")
    {
        // Two closed lists of fields, of which each would refuse the other's, are one list.
        let mut answer = said.clone();
        answer.description = Some("An answer for some of the key's organisations".to_owned());
        answer.properties.insert("organisations".to_owned(), Ref::from_schema_name(For::name()).into());
        answer.required.push("organisations".to_owned());
        components.schemas.insert(Answer::name().into_owned(), answer.into());
    }
    document
}

/// For which of the organisations that the key stands for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum For {
    /// `"all"`
    All(AllWord),
    /// ODS codes: only these.
    Only(Vec<String>),
    /// All but these ODS codes.
    AllBut {
        /// ODS codes.
        all_but: Vec<String>,
    },
}

/// The word `all`.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllWord {
    /// All of them.
    All,
}

/// The body of an acknowledgement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    organisations: For,
}

/// The body of an answer. What is not said stays as it was said before.
#[derive(Debug, Deserialize, ToSchema)]
struct Answer {
    organisations: For,
    #[serde(flatten)]
    said: Said,
    /// What is not understood: a misspelt field must not pass for an answer.
    #[serde(flatten)]
    #[schema(ignore)]
    rest: BTreeMap<String, serde_json::Value>,
}

impl Answer {
    /// The answer, unless part of it is not understood or it says nothing.
    fn said(&self) -> Result<&Said, Error> {
        if let Some(field) = self.rest.keys().next() {
            return Err(Error::Invalid(format!("There is no field \"{field}\" in an answer.")));
        }
        Ok(&self.said)
    }
}

/// For how many it was said.
#[derive(Debug, Serialize, ToSchema)]
struct Counted {
    /// Organisations for which it was said now.
    moved: u64,
    /// Organisations that were left as they are.
    left: u64,
}

/// A page of responses.
#[derive(Debug, Serialize, ToSchema)]
struct ResponseList {
    alert: String,
    responses: Vec<ResponseItem>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where one organisation stands.
#[derive(Debug, Serialize, ToSchema)]
struct ResponseItem {
    /// ODS code.
    organisation: String,
    /// Its name.
    name: String,
    /// `unacknowledged`, `in_progress`, `awaits_executive`, `not_applicable`, `closed` or
    /// `for_information`
    stage: &'static str,
    /// Whether the alert applies.
    applies: Applies,
    /// What was said in words; absent at TLP:RED, of which no machine is told.
    #[serde(flatten)]
    words: Option<Words>,
    /// How many systems are concerned.
    systems: Option<u32>,
    /// By which day the remedy is planned.
    planned_on: Option<String>,
    /// RFC 3339, UTC.
    next_update_at: Option<String>,
    /// How it ended, where it did.
    outcome: Option<Outcome>,
    /// How often something was said.
    version: i64,
    /// RFC 3339, UTC.
    changed_at: String,
}

/// What people wrote about an alert, and may have quoted of it.
#[derive(Debug, Serialize, ToSchema)]
struct Words {
    /// Why it does not apply.
    applies_reason: Option<String>,
    /// What was done so far.
    done: Option<String>,
    /// What stands in the way.
    blockers: Option<String>,
    /// What lowers the risk until the remedy is in place.
    mitigation: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists where the key's organisations stand with an alert.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}/responses", tag = "responses", operation_id = "list_responses",
    params(("number" = String, Path, description = "Such as CC-0001"),
           ("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of responses", body = ResponseList),
              (status = 404, description = "No such alert for this key"))
)]
async fn list(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(query): Query<After>,
) -> Result<Response, Error> {
    let now = app.env.now();
    let mut snapshot = app.db.read_long().await?;
    let alert = numbered(&mut snapshot, &number).await?;
    let after: Option<String> = cursor::given(query.after.as_deref())?;
    let wanted = lists::Wanted { after: after.as_deref(), ..lists::Wanted::default() };
    let rows = lists::organisations(&mut snapshot, &actor, now, Role::READING, alert.id, &wanted).await?;
    drop(snapshot);
    if rows.is_empty() && after.is_none() {
        return Err(Error::NotFound);
    }
    let page = Page::of(rows, |row| row.code.clone());
    let responses = page.rows.into_iter().map(|row| ResponseItem::of(row, &alert)).collect();
    let list = ResponseList { alert: alert.number.to_string(), responses, next: page.next };
    Ok(axum::Json(list).into_response())
}

/// Acknowledges an alert. What was acknowledged before is left as it is and counted.
#[utoipa::path(
    post, path = "/api/v1/alerts/{number}/acknowledge", tag = "responses", operation_id = "acknowledge",
    params(("number" = String, Path, description = "Such as CC-0001")),
    request_body = Acknowledgement,
    responses((status = 200, description = "For how many it was said", body = Counted),
              (status = 404, description = "No such alert for this key"),
              (status = 409, description = "The stage does not allow it"))
)]
async fn acknowledge(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Json(body): Json<Acknowledgement>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let alert = numbered(&mut tx, &number).await?;
    let chosen = chosen(&mut tx, &actor, app.env.now(), body.organisations).await?;
    let moved = actions::acknowledge(&mut tx, &actor, alert.id, &chosen).await?;
    tx.commit().await?;
    Ok(counted(moved))
}

/// Says whether an alert applies, what is done, or how it ends.
#[utoipa::path(
    post, path = "/api/v1/alerts/{number}/responses", tag = "responses", operation_id = "answer",
    params(("number" = String, Path, description = "Such as CC-0001")),
    request_body = Answer,
    responses((status = 200, description = "For how many it was said", body = Counted),
              (status = 404, description = "No such alert for this key"),
              (status = 409, description = "The stage does not allow it"))
)]
async fn respond(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Json(body): Json<Answer>,
) -> Result<Response, Error> {
    let said = body.said()?.clone();
    let mut tx = app.write().await?;
    let alert = numbered(&mut tx, &number).await?;
    let chosen = chosen(&mut tx, &actor, app.env.now(), body.organisations).await?;
    let moved = actions::answer(&mut tx, &actor, alert.id, &chosen, &said).await?;
    tx.commit().await?;
    Ok(counted(moved))
}

fn counted(Moved { moved, left }: Moved) -> Response {
    (StatusCode::OK, axum::Json(Counted { moved, left })).into_response()
}

async fn numbered(snapshot: &mut Snapshot, number: &str) -> Result<AlertHead, Error> {
    let number = number.parse().map_err(|_| Error::NotFound)?;
    Ok(store::numbered(snapshot, number).await?.ok_or(ResponseError::NotFound)?)
}

async fn chosen(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp, named: For) -> Result<Chosen, Error> {
    Ok(match named {
        For::All(_) => Chosen::All,
        For::Only(codes) => Chosen::Only(coded(snapshot, actor, now, &codes).await?),
        For::AllBut { all_but } => Chosen::AllBut(coded(snapshot, actor, now, &all_but).await?),
    })
}

/// The organisations of these codes that the key stands for; one that it does not is refused, since
/// leaving it out in silence would look like an answer. Index: `organisation`'s unique code.
async fn coded(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    codes: &[String],
) -> Result<Vec<OrganisationId>, Error> {
    if codes.len() > NAMED {
        return Err(Error::Unprocessable(format!("Name {NAMED} organisations at most, or say \"all\".")));
    }
    let statement = sql!(
        store::mine!(),
        "SELECT o.code, o.id FROM organisation o
         WHERE o.code IN (?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
           AND o.id IN (SELECT organisation_id FROM mine)"
    );
    let mut found = Vec::with_capacity(codes.len());
    for batch in codes.chunks(10) {
        let batch_of = (0..10).map(|place| Value::from(batch.get(place).unwrap_or(&batch[0])));
        let mut values = params![];
        values.extend(batch_of);
        let values = store::mine_of(actor, now, Role::ANSWERING, values);
        let rows: Vec<(String, OrganisationId)> = snapshot.all(statement, values).await?;
        if let Some(unknown) = batch.iter().find(|code| rows.iter().all(|(known, _)| known != *code)) {
            return Err(Error::Unprocessable(format!(
                "This key does not stand for an organisation {unknown}."
            )));
        }
        found.extend(rows.into_iter().map(|(_, id)| id));
    }
    Ok(found)
}

impl ResponseItem {
    fn of(row: lists::Shown, alert: &AlertHead) -> Self {
        let words = Words {
            applies_reason: row.applies_reason,
            done: row.done,
            blockers: row.blockers,
            mitigation: row.mitigation,
        };
        let stage: Stage = row.stage;
        Self {
            organisation: row.code,
            name: row.name,
            stage: stage.code(),
            applies: row.applies,
            words: (alert.tlp.0 < Tlp::Red).then_some(words),
            systems: row.systems,
            planned_on: row.planned_on,
            next_update_at: row.next_update_at.map(|at| at.to_string()),
            outcome: row.outcome,
            version: row.version,
            changed_at: row.changed_at.to_string(),
        }
    }
}
