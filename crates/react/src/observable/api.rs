//! Observables for machines: listed, and entered as a text in which they are found.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route, cursor::Page},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{LONGEST, ObservableId, actions, store};
use crate::case::{
    Zone,
    api::{After, makes, opened, reads, text, writing},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Scope::ReadCases.code(), Scope::WriteCases.code());
    let sent = r#"{"zone": "shared", "text": "198.51.100.7 and hxxp://evil[.]example/a"}"#;
    vec![
        Route::get("/api/v1/incidents/{number}/observables", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/observables"),
        Route::post("/api/v1/incidents/{number}/observables", Rule::Scope(write), add)
            .sample("/api/v1/incidents/{incident_number}/observables")
            .json(sent),
        Route::get("/api/v1/cert/incidents/{number}/observables", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/observables"),
        Route::post("/api/v1/cert/incidents/{number}/observables", Rule::CertScope(write), cert_add)
            .sample("/api/v1/cert/incidents/{incident_number}/observables")
            .json(sent),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, cert_list, cert_add))]
    struct Observables;
    Observables::openapi()
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

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseObservablesBody, Error> {
    let from = after.or(ObservableId(Uuid::nil()))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::of_case(&mut snapshot, sight.incident.id, sight.reads, from).await?;
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
    Ok(CaseObservablesBody { observables: rows.into_iter().map(body).collect(), next })
}

async fn written(
    app: &App,
    actor: &Actor,
    number: &str,
    sent: NewCaseObservables,
) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = writing(app, actor, number).await?;
    let entered = actions::enter(&mut tx, actor, sight.incident.id, sent.zone, &text).await?;
    tx.commit().await?;
    let actions::Entered { found, new, patients, beyond } = entered;
    let body = CaseObservablesFound { found, new, patients, beyond };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

reads!(listed: list "/api/v1/incidents/{number}/observables" "read_case_observables",
       cert_list "/api/v1/cert/incidents/{number}/observables" "cert_read_case_observables",
       "Reads the observables of a case.", CaseObservablesBody);
makes!(written: add "/api/v1/incidents/{number}/observables" "enter_case_observables",
       cert_add "/api/v1/cert/incidents/{number}/observables" "cert_enter_case_observables",
       "Keeps the observables that stand in a text.", NewCaseObservables, CaseObservablesFound);
