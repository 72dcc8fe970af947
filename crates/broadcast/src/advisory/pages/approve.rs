//! The approver's page: what is asked, by whom, the whole advisory, and the decision. It is what a
//! telephone shows at night.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::Tlp;
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{
    comments::{self, Comments},
    edit::Edition,
    name_of, version_id,
};
use crate::{
    advisory::{
        Severity, State as Stage, Version, VersionId, actions,
        changes::{self, Changes},
        rota, store,
        view::Reading,
    },
    audience::preview,
};

#[derive(Template)]
#[template(path = "advisory/approve.html")]
struct ApprovePage {
    shell: Shell,
    problems: Problems,
    version: Version,
    reading: Reading,
    /// Against the version that stands, where there is one.
    changes: Option<Changes>,
    /// How many would be told; empty where nothing is to be decided.
    told: String,
    submitted_by: String,
    editors: String,
    /// Who took it on, and when.
    taken_on: String,
    own_work: bool,
    alone: bool,
    typed: Decided,
    /// What was said about it.
    comments: Comments,
}

/// The form of a decision that is explained.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Decided {
    #[serde(default)]
    edition: i64,
    #[serde(default)]
    reason: String,
}

/// The form of a review.
#[derive(Debug, Deserialize)]
pub(super) struct Reviewed {
    #[serde(default)]
    finding: String,
}

/// `GET /approvals/{version}`
pub(super) async fn show(visit: Visit, Path(text): Path<String>) -> Result<Response, Error> {
    page(visit, version_id(&text)?, Problems::none(), Decided::default()).await
}

async fn page(
    visit: Visit,
    version: VersionId,
    problems: Problems,
    typed: Decided,
) -> Result<Response, Error> {
    // Whom it goes to is counted over all organisations, which may take longer than a page's own read.
    let mut snapshot = visit.app.db.read_long().await?;
    let version = store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let told = match version.state {
        Stage::InReview => told(&mut snapshot, &version, visit.shell.now).await?,
        _ => String::new(),
    };
    let names = store::names(&mut snapshot, version.advisory).await?;
    let editors = store::editors(&mut snapshot, version.id).await?;
    let taken_on = rota::accepted(&mut snapshot, version.id, visit.shell.now).await?;
    let me = visit.actor.person().map(|person| person.id);
    let names_of_editors: Vec<_> = editors.iter().map(|editor| name_of(&names, Some(*editor))).collect();
    let page = ApprovePage {
        problems,
        reading: Reading::of(&version, Vec::new()),
        changes: changes::of(&mut snapshot, &version).await?,
        told,
        submitted_by: name_of(&names, version.submitted_by),
        editors: names_of_editors.join(", "),
        taken_on: taken_on
            .map(|(person, at)| format!("{}, {}", name_of(&names, Some(person)), visit.shell.instant(at)))
            .unwrap_or_default(),
        own_work: me.is_some_and(|me| editors.contains(&me)),
        alone: visit.app.settings.single_person_release,
        typed,
        comments: comments::on(&mut snapshot, &visit.shell, &version).await?,
        version,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// Whom a version would be told to, in one line.
async fn told(
    snapshot: &mut db::Snapshot,
    version: &Version,
    now: jiff::Timestamp,
) -> Result<String, db::DbError> {
    let figures = preview::figures(snapshot, version.id, now).await?;
    let counted = |count: i64, one: &str, many: &str| {
        format!("{} {}", show::count(count), if count == 1 { one } else { many })
    };
    Ok(format!(
        "{}, {}, {} cannot be reached",
        counted(figures.organisations, "organisation", "organisations"),
        match version.wording.tlp {
            Tlp::Red => "no email at TLP:RED".to_owned(),
            _ => counted(figures.mailboxes, "email", "emails"),
        },
        show::count(figures.unreachable)
    ))
}

/// `POST /approvals/{version}/take-on`
pub(super) async fn take_on(
    State(app): State<App>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<Redirect, Error> {
    let version = version_id(&text)?;
    let mut tx = app.write().await?;
    rota::accept(&mut tx, &actor, version).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/approvals/{version}")))
}

/// `POST /approvals/{version}/approve`
pub(super) async fn approve(
    State(app): State<App>,
    actor: Actor,
    Path(text): Path<String>,
    Form(Edition { edition }): Form<Edition>,
) -> Result<Redirect, Error> {
    let version = version_id(&text)?;
    let mut tx = app.write().await?;
    actions::approve(&mut tx, &actor, version, edition).await?;
    let to = decided(&mut tx, version).await?;
    tx.commit().await?;
    Ok(to)
}

/// To the page of the version, which says what was decided and what comes next.
async fn decided(snapshot: &mut db::Snapshot, version: VersionId) -> Result<Redirect, Error> {
    let version = store::version(snapshot, version).await?.ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("/advisories/{}/versions/{}", version.number, version.version)))
}

/// `POST /approvals/{version}/send-back`
pub(super) async fn send_back(
    visit: Visit,
    Path(text): Path<String>,
    Form(typed): Form<Decided>,
) -> Result<Response, Error> {
    let (version, mut problems) = (version_id(&text)?, Problems::none());
    let Some(reason) = problems.text("reason", &typed.reason, 2_000, "what has to be changed") else {
        return page(visit, version, problems, typed).await;
    };
    let mut tx = visit.app.write().await?;
    actions::send_back(&mut tx, &visit.actor, version, typed.edition, &reason).await?;
    let to = decided(&mut tx, version).await?;
    tx.commit().await?;
    Ok(to.into_response())
}

/// `POST /approvals/{version}/release-alone`
pub(super) async fn release_alone(
    visit: Visit,
    Path(text): Path<String>,
    Form(typed): Form<Decided>,
) -> Result<Response, Error> {
    let (version, mut problems) = (version_id(&text)?, Problems::none());
    let Some(reason) = problems.text("alone-reason", &typed.reason, 2_000, "why nobody else can approve it")
    else {
        return page(visit, version, problems, Decided::default()).await;
    };
    let mut tx = visit.app.write().await?;
    actions::release_alone(&mut tx, &visit.app.settings, &visit.actor, version, typed.edition, &reason)
        .await?;
    let to = decided(&mut tx, version).await?;
    tx.commit().await?;
    Ok(to.into_response())
}

/// `POST /approvals/{version}/review`
pub(super) async fn review(
    visit: Visit,
    Path(text): Path<String>,
    Form(typed): Form<Reviewed>,
) -> Result<Response, Error> {
    let (version, mut problems) = (version_id(&text)?, Problems::none());
    let Some(finding) = problems.text("finding", &typed.finding, 2_000, "what you found") else {
        return page(visit, version, problems, Decided::default()).await;
    };
    let mut tx = visit.app.write().await?;
    actions::review_alone(&mut tx, &visit.actor, version, &finding).await?;
    tx.commit().await?;
    Ok(Redirect::to("/advisories/to-review").into_response())
}
