//! The page of what is like an incident: for the CERT alone.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Route,
        shell::{Shell, render},
    },
};

use super::Similar;
use crate::{
    access::READ_INCIDENTS,
    case::{Head, Party, sight},
    incident::IncidentId,
};

/// The path of the page below `/incidents/{id}`.
const PART: &str = "/similar";

/// This noun's row of the route table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/incidents/{id}/similar", Rule::Roles(READ_INCIDENTS), show)
            .sample("/incidents/{incident}/similar"),
    ]
}

#[derive(Template)]
#[template(path = "similar/list.html")]
struct ListPage {
    shell: Shell,
    head: Head,
    similar: Vec<Similar>,
}

/// `GET /incidents/{id}/similar`
async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
    if sight.party != Party::Cert {
        return Err(Error::NotFound);
    }
    let similar = super::with_lessons(&mut snapshot, &sight.incident).await?;
    drop(snapshot);
    let head = Head::of(&sight, PART);
    Ok(render(StatusCode::OK, &ListPage { shell, head, similar }))
}
