//! The CERT's pages about advisories: the list, one advisory with its versions, how one is begun,
//! updated and withdrawn.
//!
//! Only people at the CERT come here; organisations read what was published to them as alerts.

mod approve;
mod comments;
mod compare;
mod edit;
mod list;
pub(crate) mod not_saved;
mod rota;

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::{PersonId, Rule},
    log,
    web::{
        Error, Form, Route, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{AdvisoryNumber, State as Stage, Version, VersionId, actions, store, view::Reading};
use crate::{
    access::{APPROVE, READ_SECTOR, WRITE_ADVISORIES},
    alert::{self, State as AlertState},
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write, decide) =
        (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES), Rule::Roles(APPROVE));
    vec![
        Route::get("/advisories", read, list::list),
        Route::get("/advisories/to-review", read, list::to_review),
        Route::get("/advisories/rota", read, rota::show),
        Route::post("/advisories/rota", decide, rota::set).form("place-0=1&person-0={approver}"),
        Route::get("/advisories/new", write, edit::new),
        Route::post("/advisories/new", write, edit::create).form("title=Test"),
        Route::get("/advisories/comments/{version}", read, comments::show)
            .sample("/advisories/comments/{draft_version}"),
        Route::post("/advisories/comments/{version}", write, comments::add)
            .sample("/advisories/comments/{draft_version}")
            .form("topic=about&comment=Shorter"),
        Route::post("/advisories/comments/{version}/{comment}/settle", write, comments::settle)
            .sample("/advisories/comments/{draft_version}/{comment}/settle"),
        Route::get("/advisories/{number}", read, show).sample("/advisories/{draft}"),
        Route::get("/advisories/{number}/compare", read, compare::show).sample("/advisories/{draft}/compare"),
        Route::get("/advisories/{number}/versions/{version}", read, show_version)
            .sample("/advisories/{draft}/versions/1"),
        Route::get("/advisories/{number}/edit", write, edit::tasks).sample("/advisories/{draft}/edit"),
        Route::get("/advisories/{number}/edit/check", write, edit::check)
            .sample("/advisories/{draft}/edit/check"),
        Route::get("/advisories/{number}/edit/{topic}", write, edit::topic)
            .sample("/advisories/{draft}/edit/about"),
        Route::post("/advisories/{number}/edit/{topic}", write, edit::save)
            .sample("/advisories/{draft}/edit/about")
            .form("edition={draft_edition}&title=A&summary=B&severity=low&do=save"),
        Route::post("/advisories/{number}/submit", write, edit::submit)
            .sample("/advisories/{draft}/submit")
            .form("edition={draft_edition}"),
        Route::post("/advisories/{number}/update", write, start_update)
            .sample("/advisories/{advisory}/update"),
        Route::get("/advisories/{number}/withdraw", decide, ask_withdraw)
            .sample("/advisories/{advisory}/withdraw"),
        Route::post("/advisories/{number}/withdraw", decide, withdraw)
            .sample("/advisories/{advisory}/withdraw")
            .form("reason=Wrong"),
        Route::get("/approvals/{version}", decide, approve::show).sample("/approvals/{in_review}"),
        Route::post("/approvals/{version}/take-on", decide, approve::take_on)
            .sample("/approvals/{in_review}/take-on"),
        Route::post("/approvals/{version}/approve", decide, approve::approve)
            .sample("/approvals/{in_review}/approve")
            .form("edition={in_review_edition}"),
        Route::post("/approvals/{version}/send-back", decide, approve::send_back)
            .sample("/approvals/{in_review}/send-back")
            .form("edition={in_review_edition}&reason=Shorter"),
        Route::post("/approvals/{version}/release-alone", decide, approve::release_alone)
            .sample("/approvals/{in_review}/release-alone")
            .form("edition={in_review_edition}&reason=Night"),
        Route::post("/approvals/{version}/review", decide, approve::review)
            .sample("/approvals/{released_alone}/review")
            .form("finding=Fine"),
    ]
}

/// The number in an address.
fn number(text: &str) -> Result<AdvisoryNumber, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// One version's row of an advisory's page.
struct VersionRow {
    version: i64,
    state: Stage,
    severity: super::Severity,
    begun: String,
    decided: String,
}

#[derive(Template)]
#[template(path = "advisory/show.html")]
struct ShowPage {
    shell: Shell,
    title: String,
    number: AdvisoryNumber,
    shown: Version,
    reading: Reading,
    versions: Vec<VersionRow>,
    /// The version on its way, where there is one.
    open: Option<Version>,
    stands: bool,
    may_write: bool,
    may_decide: bool,
    /// Where its log is read, by those who may.
    log: Option<String>,
    editors: Vec<String>,
    submitted_by: String,
    reviewed_by: String,
    /// What was said about what is shown.
    comments: comments::Comments,
    /// Its newest alert, where it was published.
    alert: Option<alert::Alert>,
    /// Who reads it.
    reader: Option<PersonId>,
}

impl ShowPage {
    /// Whether the reader approved what is shown, which still waits to be published.
    fn approved_by_you(&self) -> bool {
        self.shown.state == Stage::Approved && self.reader.is_some() && self.shown.approved_by == self.reader
    }
}

/// `GET /advisories/{number}`
async fn show(visit: Visit, Path(text): Path<String>) -> Result<Response, Error> {
    show_one(visit, number(&text)?, None).await
}

/// `GET /advisories/{number}/versions/{version}`
async fn show_version(
    visit: Visit,
    Path((text, version)): Path<(String, String)>,
) -> Result<Response, Error> {
    let version = version.parse().map_err(|_| Error::NotFound)?;
    show_one(visit, number(&text)?, Some(version)).await
}

/// The page of an advisory: the version asked for, or the one that stands, or the newest.
async fn show_one(visit: Visit, number: AdvisoryNumber, asked: Option<i64>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let versions = store::versions(&mut snapshot, number).await?;
    let shown = match asked {
        Some(asked) => versions.iter().find(|version| version.version == asked),
        None => versions.iter().find(|version| version.state == Stage::Published).or(versions.first()),
    };
    let shown = shown.ok_or(Error::NotFound)?.clone();
    let names = store::names(&mut snapshot, shown.advisory).await?;
    let severities = store::severities(&mut snapshot, shown.advisory).await?;
    let editors = store::editors(&mut snapshot, shown.id).await?;
    let alert = alert::store::newest(&mut snapshot, shown.advisory).await?;
    let comments = comments::on(&mut snapshot, &visit.shell, &shown).await?;
    let rows = versions.iter().map(|version| row(&visit.shell, version, &names)).collect();
    let page = ShowPage {
        title: format!("{}: {}", shown.number, shown.wording.title),
        number,
        reading: Reading::of(&shown, severities),
        open: versions.iter().find(|version| version.state.is_open()).cloned(),
        stands: versions.iter().any(|version| version.state == Stage::Published),
        versions: rows,
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        may_decide: visit.actor.is_any(APPROVE),
        log: log::link_about(&visit.actor, number),
        editors: editors.iter().map(|person| name_of(&names, Some(*person))).collect(),
        comments,
        alert,
        reader: visit.actor.person().map(|person| person.id),
        submitted_by: name_of(&names, shown.submitted_by),
        reviewed_by: name_of(&names, shown.reviewed_by),
        shown,
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(shell: &Shell, version: &Version, names: &HashMap<PersonId, String>) -> VersionRow {
    let at = |by: &str, at| format!("{by}, {}", shell.instant(at));
    let decided = version.approved_at.map(|approved| at(&name_of(names, version.approved_by), approved));
    VersionRow {
        version: version.version,
        state: version.state,
        severity: version.wording.severity,
        begun: at(&name_of(names, Some(version.created_by)), version.created_at),
        decided: decided.unwrap_or_default(),
    }
}

/// A person's name; somebody whose account was erased has none.
fn name_of(names: &HashMap<PersonId, String>, person: Option<PersonId>) -> String {
    let known = person.and_then(|person| names.get(&person).cloned());
    known.unwrap_or_else(|| "somebody who has left".to_owned())
}

/// `POST /advisories/{number}/update`
async fn start_update(
    State(app): State<App>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<Redirect, Error> {
    let number = number(&text)?;
    let mut tx = app.write().await?;
    actions::start_update(&mut tx, &actor, number).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{number}/edit")))
}

/// A form with one text.
#[derive(Debug, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "advisory/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    problems: Problems,
    number: AdvisoryNumber,
    reason: String,
}

/// `GET /advisories/{number}/withdraw`
async fn ask_withdraw(shell: Shell, Path(text): Path<String>) -> Result<Response, Error> {
    let page =
        WithdrawPage { shell, problems: Problems::none(), number: number(&text)?, reason: String::new() };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /advisories/{number}/withdraw`
async fn withdraw(
    visit: Visit,
    Path(text): Path<String>,
    Form(typed): Form<Reason>,
) -> Result<Response, Error> {
    let (number, mut problems) = (number(&text)?, Problems::none());
    let Some(reason) = problems.text("reason", &typed.reason, 2_000, "why it is withdrawn") else {
        let page = WithdrawPage { shell: visit.shell, problems, number, reason: typed.reason };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let mut tx = visit.app.write().await?;
    // With its alert, so that whoever was told of it is told of this.
    alert::actions::withdraw(&mut tx, &visit.actor, number, &reason).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{number}")).into_response())
}

/// The version in an address.
fn version_id(text: &str) -> Result<VersionId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}
