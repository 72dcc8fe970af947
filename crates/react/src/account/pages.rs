//! The account as a page to print, and as a PDF file.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use formats::paper::{Block, Paper, write};
use http::{StatusCode, header};
use platform::{
    access::Rule,
    web::{
        Error, Route, Visit,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{Scope, account};
use crate::{
    access::READERS,
    case::{Head, Zone, sight},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let read = Rule::Roles(READERS);
    vec![
        Route::get("/incidents/{id}/report", read, show).sample("/incidents/{incident}/report"),
        Route::get("/incidents/{id}/report.pdf", read, pdf)
            .sample("/incidents/{incident}/report.pdf?zone=shared"),
    ]
}

/// What goes into it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `shared` for what is shared alone.
    zone: String,
}

impl Asked {
    fn scope(&self) -> Scope {
        if self.zone == Zone::Shared.code() { Scope::Shared } else { Scope::Mine }
    }
}

#[derive(Template)]
#[template(path = "account/show.html")]
struct AccountPage {
    shell: Shell,
    head: Head,
    paper: Paper,
    /// Whether it can be made narrower: its reader reads more than what is shared.
    may_narrow: bool,
    only_shared: bool,
    /// Where the file is.
    file: String,
}

/// `GET /incidents/{id}/report`
async fn show(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let head = Head::of(&sight, "/report");
    let may_narrow = sight.marks_zones() && sight.reads.contains(Zone::Shared);
    let sight = asked.scope().narrow(sight);
    let paper = account(&mut snapshot, &visit.shell, &sight).await?;
    drop(snapshot);
    let only_shared = may_narrow && asked.scope() == Scope::Shared;
    let file = format!("/incidents/{id}/report.pdf{}", if only_shared { "?zone=shared" } else { "" });
    Ok(render(
        StatusCode::OK,
        &AccountPage { shell: visit.shell, head, paper, may_narrow, only_shared, file },
    ))
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "the report of an incident was not written as a file");
    Error::Internal
}

/// `GET /incidents/{id}/report.pdf`
async fn pdf(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let sight = asked.scope().narrow(sight);
    let paper = account(&mut snapshot, &visit.shell, &sight).await?;
    drop(snapshot);
    // Setting hundreds of pages takes a while: not where others wait for their answers.
    let written = tokio::task::spawn_blocking(move || write(&paper)).await;
    let bytes = written.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    let name = format!("attachment; filename=\"{}.pdf\"", sight.incident.receipt);
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}
