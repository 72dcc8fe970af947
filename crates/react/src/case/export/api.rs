//! The same files for machines.

use axum::{extract::Query, response::Response};
use platform::web::{Error, Route};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Form, Wanted, pages};
use crate::case::{
    Zone,
    api::{Caller, OfCase, both, described},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let all = [
        both!(get "stix", ReadCases, stix, "stix?zone=shared&victim=true"),
        both!(get "misp", ReadCases, misp),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(stix, misp))]
    struct Exports;
    described(Exports::openapi())
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

impl From<Asked> for Wanted {
    fn from(Asked { zone, victim }: Asked) -> Self {
        Self { zone, victim }
    }
}

/// Reads a case as a bundle of STIX 2.1.
///
/// What stands in a zone of one side alone is TLP:RED, what is shared TLP:AMBER+STRICT.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/stix", tag = "cases", operation_id = "read_case_as_stix",
    params(OfCase, Asked),
    responses((status = 200, description = "The bundle", body = Object, content_type = "application/stix+json;version=2.1"),
              (status = 404, description = "There is no such incident, or the key does not read that zone"))
)]
async fn stix(case: Caller, Query(asked): Query<Asked>) -> Result<Response, Error> {
    pages::answer(&case.app, case.sight().await?, Form::Stix, asked.into()).await
}

/// Reads a case as an event of MISP.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/misp", tag = "cases", operation_id = "read_case_as_misp",
    params(OfCase, Asked),
    responses((status = 200, description = "The event", body = Object),
              (status = 404, description = "There is no such incident, or the key does not read that zone"))
)]
async fn misp(case: Caller, Query(asked): Query<Asked>) -> Result<Response, Error> {
    pages::answer(&case.app, case.sight().await?, Form::Misp, asked.into()).await
}
