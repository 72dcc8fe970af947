//! The page of what is like an incident: for the CERT alone.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use platform::{
    access::Rule,
    web::{
        Error, Route, Visit,
        shell::{Shell, render},
    },
};

use super::Similar;
use crate::{
    access::READ_INCIDENTS,
    case::{Head, Party, opened},
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
async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    if sight.party != Party::Cert {
        return Err(Error::NotFound);
    }
    let similar = super::with_lessons(&mut snapshot, &sight.incident).await?;
    drop(snapshot);
    let head = Head::of(&sight, PART);
    Ok(render(StatusCode::OK, &ListPage { shell: visit.shell, head, similar }))
}
