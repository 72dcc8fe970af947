//! The drafts that are open, and how one begins: new, as a change of a playbook, or as a copy of one.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::playbook::{
    KEEP_PLAYBOOKS,
    draft::{
        DraftError, DraftId, LONGEST_LINE, actions,
        store::{self, Listed},
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
}

#[derive(Template)]
#[template(path = "playbook/draft/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    page: Page<Listed>,
    next: String,
    called: String,
    may_keep: bool,
}

/// `GET /playbooks/drafts`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    page(visit, &asked.after, String::new(), Problems::none()).await
}

async fn page(visit: Visit, after: &str, called: String, problems: Problems) -> Result<Response, Error> {
    let rows = store::list(&mut visit.app.read().await?, cursor::read(after)).await?;
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of("/playbooks/drafts");
    let status = problems.status();
    let may_keep = visit.actor.is_any(KEEP_PLAYBOOKS);
    Ok(render(status, &ListPage { shell: visit.shell, problems, page, next, called, may_keep }))
}

/// `POST /playbooks/drafts`: a new playbook.
pub(super) async fn begin(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(name) = problems.text("name", &typed.name, LONGEST_LINE, "the name of the playbook") else {
        return page(visit, "", typed.name, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let id = actions::begin(&mut tx, &visit.actor, &visit.app.settings.cert.name, &name).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /playbooks/{playbook}/change`
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let id = actions::change(&mut tx, &actor, &app.settings.cert.name, &named).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /playbooks/{playbook}/copy`
pub(super) async fn copy(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let id: Result<DraftId, DraftError> =
        actions::copy(&mut tx, &actor, &app.settings.cert.name, &named).await;
    let id = id?;
    tx.commit().await?;
    Ok(to(id))
}

/// To the page of a draft.
pub(super) fn to(id: DraftId) -> Response {
    Redirect::to(&format!("/playbooks/drafts/{id}")).into_response()
}
