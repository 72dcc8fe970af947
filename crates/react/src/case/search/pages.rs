//! The page on which a case is looked through.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Route,
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
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = app.db.read_long().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
    let (rows, is_whole) = search(&mut snapshot, &sight, &asked.q, cursor::read(&asked.after)).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.at, row.id));
    let next = page.next.as_ref().and_then(|after| {
        let asked = Asked { after: after.clone(), ..asked.clone() };
        Some(format!("/incidents/{id}/search?{}", serde_html_form::to_string(asked).ok()?))
    });
    let page = SearchPage {
        head: Head::of(&sight, "/search"),
        problems: Problems::none(),
        is_cut: !is_whole && page.next.is_none(),
        next: next.unwrap_or_default(),
        marks_zones: sight.marks_zones(),
        q: asked.q,
        page,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}
