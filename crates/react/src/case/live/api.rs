//! The same stream for machines.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use platform::web::{
    Error, Route,
    news::{self, TakenUp},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Begun, begin, taken_up};
use crate::case::api::{Caller, OfCase, both, described};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    both!(get "live", ReadCases, follow).map(Route::endless).into()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(follow))]
    struct Live;
    described(Live::openapi())
}

/// From where it is taken up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Behind {
    /// The id behind which the stream begins, where no `Last-Event-ID` is sent; with neither it begins now
    after: Option<String>,
}

/// Follows a case: an event for each change in the zones that the key reads.
///
/// The first event is `ready`, with an id from which the stream goes on. Each `change` has an id too, and tells the kind of
/// thing, its zone and its own id. The ids of events are of this key alone and say nothing. A stream lasts a quarter of an
/// hour; take it up again with `Last-Event-ID`.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/live", tag = "cases", operation_id = "follow_case",
    params(OfCase, Behind,
           ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event")),
    responses((status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
              (status = 404, description = "There is no such incident"),
              (status = 422, description = "The key was never given that id, or the service was set up anew since"))
)]
async fn follow(case: Caller, Query(behind): Query<Behind>, headers: HeaderMap) -> Result<Response, Error> {
    let sight = case.sight().await?;
    let behind = taken_up(&case.app, &case.actor, &headers, behind.after.as_deref()).await?;
    if behind == TakenUp::Unknown {
        let sentence =
            "This key was never given that place in the stream. Read the case, and follow it from now on.";
        return Err(Error::Unprocessable(sentence.to_owned()));
    }
    let Begun { following, missed } = begin(&case.app, &case.actor, sight.incident.id, behind).await?;
    Ok(news::stream(case.app, following, &missed, None).into_response())
}
