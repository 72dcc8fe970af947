//! Observables for machines: listed, and entered as a text in which they are found.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{LONGEST, ObservableId, actions, store};
use crate::case::{
    Zone,
    api::{After, Answer, Caller, OfCase, Opened, both, described, text},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let sent = r#"{"zone": "shared", "text": "198.51.100.7 and hxxp://evil[.]example/a"}"#;
    let add = both!(post "observables", WriteCases, add).map(|route| route.json(sent));
    [both!(get "observables", ReadCases, list), add].into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add))]
    struct Observables;
    described(Observables::openapi())
}

/// An observable.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseObservableBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What it is.
    kind: String,
    /// Its value, as machines compare it: live.
    value: String,
    /// Where it was found.
    origin: &'static str,
    /// Why it is not compared with what others have; empty where it is.
    left_out: String,
    /// RFC 3339, UTC.
    added_at: String,
}

/// A page of observables.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseObservablesBody {
    /// Up to 50, the first entered first.
    observables: Vec<CaseObservableBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A text in which observables are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseObservables {
    /// Who is to read them.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// A mail, lines of a log, or one observable a line: defanged or not, up to 200,000 characters. It is not kept.
    #[schema(min_length = 1, max_length = 200_000, example = "198.51.100.7 and hxxp://evil[.]example/a")]
    text: String,
}

/// What was found in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseObservablesFound {
    /// How many there are in it.
    found: usize,
    /// How many of them the case did not have.
    new: usize,
    /// How many patients' numbers were met; none is kept.
    patients: usize,
    /// How many more there were than are kept of one text.
    beyond: usize,
}

/// Reads the observables of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/observables", tag = "cases", operation_id = "read_case_observables",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseObservablesBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseObservablesBody> {
    let from = after.or(ObservableId(Uuid::nil()))?;
    let rows = store::of_case(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |kept: store::Kept| CaseObservableBody {
        id: kept.id.0,
        zone: kept.zone.code(),
        kind: kept.kind,
        value: kept.value,
        origin: kept.origin.code(),
        left_out: kept.left_out,
        added_at: kept.added_at.to_string(),
    };
    Ok(axum::Json(CaseObservablesBody { observables: rows.into_iter().map(body).collect(), next }))
}

/// Keeps the observables that stand in a text.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/observables", tag = "cases", operation_id = "enter_case_observables",
    params(OfCase), request_body = NewCaseObservables,
    responses((status = 201, description = "It was taken", body = CaseObservablesFound),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseObservables>) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let entered = actions::enter(&mut tx, &case.actor, sight.incident.id, sent.zone, &text).await?;
    tx.commit().await?;
    let actions::Entered { found, new, patients, beyond } = entered;
    let body = CaseObservablesFound { found, new, patients, beyond };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
