//! One sighting at the CERT: what was reported, by whom, and what is made of it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    organisation::region_name,
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::report::in_words;
use crate::{
    access::WRITE_ADVISORIES,
    sighting::{
        SightingId, Status, actions,
        store::{self, Sighting},
    },
    threat::{
        Kind, Said, ThreatId,
        list::{self, Filter, Listed},
    },
};

/// So many threats are offered to link to: whoever seeks another searches more narrowly.
const OFFERED: usize = 10;

/// What is typed on the page, whichever of its forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The search; where nobody searched yet, what the organisation thinks it was.
    q: Option<String>,
    version: i64,
    threat: Option<ThreatId>,
    kind: String,
    title: String,
    summary: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "sighting/judge.html")]
struct JudgePage {
    shell: Shell,
    problems: Problems,
    sighting: Sighting,
    region: String,
    rows: Vec<(&'static str, String)>,
    search: String,
    found: Vec<Listed>,
    kinds: Vec<Choice>,
    typed: Typed,
    may_write: bool,
}

impl JudgePage {
    fn threats(&self) -> Vec<Choice> {
        let choice = |row: &Listed| Choice::new(row.id.to_string(), row.title.clone()).hint(row.kind.label());
        self.found.iter().map(choice).collect()
    }
}

/// `GET /threats/sightings/{id}`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    page(visit, sighting_id(&id)?, typed, Problems::none()).await
}

async fn page(visit: Visit, id: SightingId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sighting = store::sighting(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let search = typed.q.clone().unwrap_or_else(|| sighting.report.called.clone());
    let mut found = Vec::new();
    if !search.trim().is_empty() {
        let filter = Filter { search: search.clone(), ..Filter::default() };
        found = list::list(&mut snapshot, &filter, None).await?;
        found.truncate(OFFERED);
    }
    drop(snapshot);
    let kinds = Kind::ALL.iter().filter(|kind| kind.is_active_somewhere());
    let page = JudgePage {
        region: sighting
            .region
            .as_deref()
            .map_or_else(|| "Not known".to_owned(), |code| region_name(code).to_owned()),
        rows: in_words(&sighting.report),
        kinds: kinds
            .map(|kind| Choice::new(kind.code(), kind.label()).hint(kind.hint()).chosen_in(&[&typed.kind]))
            .collect(),
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        search,
        found,
        typed,
        sighting,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

fn sighting_id(text: &str) -> Result<SightingId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

fn to(id: SightingId) -> Response {
    Redirect::to(&format!("/threats/sightings/{id}")).into_response()
}

/// `POST /threats/sightings/{id}/link`
pub(super) async fn link(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (id, mut problems) = (sighting_id(&id)?, Problems::none());
    let Some(threat) = typed.threat else {
        problems.push("threat", "Select the threat that it is");
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::link(&mut tx, &visit.actor, id, typed.version, threat).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/sightings/{id}/threat`
pub(super) async fn make_threat(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (id, mut problems) = (sighting_id(&id)?, Problems::none());
    let kind = typed.kind.parse().ok().filter(|kind: &Kind| kind.is_active_somewhere());
    if kind.is_none() {
        problems.push("kind", "Select what kind of threat it is");
    }
    let title = problems.text("title", &typed.title, 200, "a name for it");
    let summary = problems.text("summary", &typed.summary, 4_000, "what it is");
    let (Some(kind), Some(title), Some(summary)) = (kind, title, summary) else {
        return page(visit, id, typed, problems).await;
    };
    let said = Said { summary, ..Said::new(kind, title, uk::day(visit.shell.now)) };
    let mut tx = visit.app.write().await?;
    let threat = actions::make_threat(&mut tx, &visit.actor, id, typed.version, &said).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/threats/{threat}")).into_response())
}

/// `POST /threats/sightings/{id}/dismiss`
pub(super) async fn dismiss(
    visit: Visit,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (id, mut problems) = (sighting_id(&id)?, Problems::none());
    let Some(reason) = problems.text("reason", &typed.reason, 2_000, "why it is not followed up") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::dismiss(&mut tx, &visit.actor, id, typed.version, &reason).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/sightings/{id}/take-up`
pub(super) async fn take_up(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id = sighting_id(&id)?;
    let mut tx = app.write().await?;
    actions::take_up(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}
