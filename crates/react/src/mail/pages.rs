//! The mails of an incident, as the CERT reads them.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    web::{
        Error,
        shell::{Shell, render},
    },
};

use super::store::{self, Listed};
use crate::incident::{self, IncidentId, Receipt};

#[derive(Template)]
#[template(path = "mail/list.html")]
struct ListPage {
    shell: Shell,
    incident: IncidentId,
    receipt: Receipt,
    mails: Vec<Listed>,
}

/// `GET /incidents/{id}/mails`
pub(super) async fn of_incident(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let found = incident::store::incident(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let mails = store::of_incident(&mut snapshot, id).await?;
    Ok(render(StatusCode::OK, &ListPage { shell, incident: id, receipt: found.receipt, mails }))
}
