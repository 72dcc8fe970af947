//! The same stream for machines.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route, news},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Begun, begin};
use crate::case::api::opened;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (own, cert) = (Rule::Scope(Scope::ReadCases.code()), Rule::CertScope(Scope::ReadCases.code()));
    vec![
        Route::get("/api/v1/incidents/{number}/live", own, follow)
            .sample("/api/v1/incidents/{incident_number}/live")
            .endless(),
        Route::get("/api/v1/cert/incidents/{number}/live", cert, cert_follow)
            .sample("/api/v1/cert/incidents/{incident_number}/live")
            .endless(),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(follow, cert_follow))]
    struct Live;
    Live::openapi()
}

/// From where it is taken up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Behind {
    /// The number behind which the stream begins, where no `Last-Event-ID` is sent; with neither it begins now
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Follows a case: an event for each change in the zones that the key reads.
///
/// The first event is `ready`, with the number from which the stream goes on. Each `change` has a number too, and tells the
/// kind of thing, its zone and its id. A stream lasts a quarter of an hour; take it up again with `Last-Event-ID`.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/live", tag = "cases", operation_id = "follow_case",
    params(Behind, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
           ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event")),
    responses((status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
              (status = 404, description = "There is no such incident"))
)]
async fn follow(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(behind): Query<Behind>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    sent(app, &actor, &number, &behind, &headers).await
}

/// Follows a case, whoever's it is.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents/{number}/live", tag = "cert: cases", operation_id = "cert_follow_case",
    params(Behind, ("number" = String, Path, description = "The incident's number", example = "I-7K3Q-X2MB"),
           ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event")),
    responses((status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
              (status = 404, description = "There is no such incident"))
)]
async fn cert_follow(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(behind): Query<Behind>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    sent(app, &actor, &number, &behind, &headers).await
}

async fn sent(
    app: App,
    actor: &Actor,
    number: &str,
    behind: &Behind,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let sight = opened(&mut app.read().await?, actor, app.env.now(), number).await?;
    let behind = news::taken_up(headers, behind.after);
    let Begun { following, missed } = begin(&app, actor, sight.incident.id, behind).await?;
    Ok(news::stream(app, following, &missed, None).into_response())
}
