//! The page on which a case is looked through.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use platform::{
    access::Rule,
    web::{
        Error, Route, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};

use super::{Found, Place, search};
use crate::{
    access::READERS,
    case::{Head, sight},
    incident::IncidentId,
    observable::defanged,
};

/// The row of pages.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/incidents/{id}/search", Rule::Roles(READERS), show)
            .sample("/incidents/{incident}/search?q=wallaby"),
    ]
}

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[derive(Template)]
#[template(path = "case/search.html")]
struct SearchPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    q: String,
    page: Page<Found>,
    next: String,
    marks_zones: bool,
    /// Whether the case is larger than is looked through at once.
    is_cut: bool,
}

impl SearchPage {
    fn href(&self, found: &Found) -> String {
        found.place.page(self.head.incident.id, found.id)
    }

    /// The line, so that nobody opens an address by mistake.
    fn line(&self, found: &Found) -> String {
        if found.place == Place::Observable { defanged_whatever(&found.line) } else { found.line.clone() }
    }
}

/// An observable of which the kind is not told: every kind that could be opened is written so that it is not.
fn defanged_whatever(value: &str) -> String {
    defanged(formats::ObservableKind::Url.code(), value)
}

/// `GET /incidents/{id}/search`
async fn show(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let (rows, is_whole) = search(&mut snapshot, &sight, &asked.q, cursor::read(&asked.after)).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.at, row.id));
    let next = page.next_asking(&format!("/incidents/{id}/search"), |after| Asked { after, ..asked.clone() });
    let page = SearchPage {
        head: Head::of(&sight, "/search"),
        problems: Problems::none(),
        is_cut: !is_whole && page.next.is_none(),
        next,
        marks_zones: sight.marks_zones(),
        q: asked.q,
        page,
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}
