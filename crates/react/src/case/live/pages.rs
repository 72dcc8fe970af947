//! The stream of pages: `GET /incidents/{id}/live`.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use platform::{
    Actor, App,
    access::Rule,
    web::{Error, Route, news},
};
use serde::Deserialize;

use super::{Begun, begin, taken_up};
use crate::{access::READERS, incident::IncidentId};

/// The row of pages.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/incidents/{id}/live", Rule::Roles(READERS), follow)
            .sample("/incidents/{incident}/live")
            .endless(),
    ]
}

/// From where it is taken up.
#[derive(Debug, Deserialize)]
struct Behind {
    after: Option<String>,
}

/// `GET /incidents/{id}/live`: an event for each change that others make, in the zones that the reader has.
async fn follow(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(behind): Query<Behind>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let behind = taken_up(&app, &actor, &headers, behind.after.as_deref()).await?;
    let Begun { following, missed } = begin(&app, &actor, id, behind).await?;
    // What somebody did themselves is no news to them.
    Ok(news::stream(app, following, &missed, actor.holder()).into_response())
}
