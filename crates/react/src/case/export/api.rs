//! The same files for machines.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Form, pages};
use crate::case::{Zone, api::opened};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (own, cert) = (Rule::Scope(Scope::ReadCases.code()), Rule::CertScope(Scope::ReadCases.code()));
    vec![
        Route::get("/api/v1/incidents/{number}/stix", own, stix)
            .sample("/api/v1/incidents/{incident_number}/stix?zone=shared&victim=true"),
        Route::get("/api/v1/incidents/{number}/misp", own, misp)
            .sample("/api/v1/incidents/{incident_number}/misp"),
        Route::get("/api/v1/cert/incidents/{number}/stix", cert, cert_stix)
            .sample("/api/v1/cert/incidents/{incident_number}/stix"),
        Route::get("/api/v1/cert/incidents/{number}/misp", cert, cert_misp)
            .sample("/api/v1/cert/incidents/{incident_number}/misp"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(stix, misp, cert_stix, cert_misp))]
    struct Exports;
    Exports::openapi()
}

/// What is to be in the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// One zone alone; all that the key reads where this is absent
    #[param(inline)]
    zone: Option<Zone>,
    /// Whether the organisation is named, and what was written in the timeline is told
    #[serde(default)]
    victim: bool,
}

impl Asked {
    async fn answer(self, app: &App, actor: &Actor, number: &str, form: Form) -> Result<Response, Error> {
        let sight = opened(&mut app.read().await?, actor, app.env.now(), number).await?;
        let wanted = super::Wanted { zone: self.zone, victim: self.victim };
        pages::answer(app, sight, form, wanted).await
    }
}

/// Reads a case as a bundle of STIX 2.1.
///
/// What stands in a zone of one side alone is TLP:RED, what is shared TLP:AMBER+STRICT.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/stix", tag = "cases", operation_id = "read_case_as_stix",
    params(Asked, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
    responses((status = 200, description = "The bundle", body = Object, content_type = "application/stix+json;version=2.1"),
              (status = 404, description = "There is no such incident, or the key does not read that zone"))
)]
async fn stix(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    asked.answer(&app, &actor, &number, Form::Stix).await
}

/// Reads a case as an event of MISP.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/misp", tag = "cases", operation_id = "read_case_as_misp",
    params(Asked, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
    responses((status = 200, description = "The event", body = Object),
              (status = 404, description = "There is no such incident, or the key does not read that zone"))
)]
async fn misp(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    asked.answer(&app, &actor, &number, Form::Misp).await
}

/// Reads a case as a bundle of STIX 2.1, whoever's it is.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents/{number}/stix", tag = "cert: cases", operation_id = "cert_read_case_as_stix",
    params(Asked, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
    responses((status = 200, description = "The bundle", body = Object, content_type = "application/stix+json;version=2.1"),
              (status = 404, description = "There is no such incident, or the CERT does not read that zone"))
)]
async fn cert_stix(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    asked.answer(&app, &actor, &number, Form::Stix).await
}

/// Reads a case as an event of MISP, whoever's it is.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents/{number}/misp", tag = "cert: cases", operation_id = "cert_read_case_as_misp",
    params(Asked, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB")),
    responses((status = 200, description = "The event", body = Object),
              (status = 404, description = "There is no such incident, or the CERT does not read that zone"))
)]
async fn cert_misp(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    asked.answer(&app, &actor, &number, Form::Misp).await
}
