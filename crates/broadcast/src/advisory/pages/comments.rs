//! What authors and reviewers say to each other about a version before it is published.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, Snapshot};
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{name_of, version_id};
use crate::{
    access::WRITE_ADVISORIES,
    advisory::{
        Version, VersionId, actions,
        store::{
            self,
            comment::{self, CommentId},
        },
        typed::Topic,
    },
};

/// A comment as it is shown.
pub(super) struct Shown {
    pub id: CommentId,
    pub about: &'static str,
    pub paragraphs: Vec<String>,
    pub by: String,
    /// Who has dealt with it, and when; empty while it is open.
    pub settled: String,
}

/// The comments on a version, oldest first.
pub(super) struct Comments {
    pub version: VersionId,
    pub all: Vec<Shown>,
}

impl Comments {
    /// Those that nobody has dealt with.
    pub fn open(&self) -> Vec<&Shown> {
        self.all.iter().filter(|comment| comment.settled.is_empty()).collect()
    }
}

/// The comments on a version.
pub(super) async fn on(
    snapshot: &mut Snapshot,
    shell: &Shell,
    version: &Version,
) -> Result<Comments, DbError> {
    let comments = comment::comments(snapshot, version.id).await?;
    if comments.is_empty() {
        return Ok(Comments { version: version.id, all: Vec::new() });
    }
    let names = store::names(snapshot, version.advisory).await?;
    let said = |person, at| format!("{}, {}", name_of(&names, person), shell.instant(at));
    let shown = comments.into_iter().map(|comment| Shown {
        id: comment.id,
        about: comment.topic.map_or("The whole advisory", Topic::label),
        by: said(Some(comment.commented_by), comment.commented_at),
        settled: comment.settled_at.map(|at| said(comment.settled_by, at)).unwrap_or_default(),
        paragraphs: comment.comment.lines().map(str::to_owned).collect(),
    });
    Ok(Comments { version: version.id, all: shown.collect() })
}

#[derive(Template)]
#[template(path = "advisory/comments.html")]
struct CommentsPage {
    shell: Shell,
    problems: Problems,
    version: Version,
    comments: Comments,
    topics: Vec<Choice>,
    typed: Typed,
    /// Whether the reader may comment, and the version still is on its way.
    may_comment: bool,
}

/// The form of a comment.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    topic: String,
    #[serde(default)]
    comment: String,
}

/// `GET /advisories/comments/{version}`
pub(super) async fn show(visit: Visit, Path(text): Path<String>) -> Result<Response, Error> {
    page(visit, version_id(&text)?, Problems::none(), Typed::default()).await
}

async fn page(visit: Visit, version: VersionId, problems: Problems, typed: Typed) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let version = store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let chosen = [typed.topic.as_str()];
    let topic = |topic: &Topic| Choice::new(topic.code(), topic.label()).chosen_in(&chosen);
    let whole = Choice::new("", "The whole advisory").chosen_in(&chosen);
    let page = CommentsPage {
        comments: on(&mut snapshot, &visit.shell, &version).await?,
        topics: [whole].into_iter().chain(Topic::ALL.iter().map(topic)).collect(),
        may_comment: visit.actor.is_any(WRITE_ADVISORIES) && version.state.is_open(),
        problems,
        typed,
        version,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /advisories/comments/{version}`
pub(super) async fn add(
    visit: Visit,
    Path(text): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (version, mut problems) = (version_id(&text)?, Problems::none());
    let Some(comment) = problems.text("comment", &typed.comment, 2_000, "your comment") else {
        return page(visit, version, problems, typed).await;
    };
    let mut tx = visit.app.write().await?;
    actions::comment(&mut tx, &visit.actor, version, typed.topic.parse().ok(), &comment).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/comments/{version}")).into_response())
}

/// `POST /advisories/comments/{version}/{comment}/settle`
pub(super) async fn settle(
    State(app): State<App>,
    actor: Actor,
    Path((text, comment)): Path<(String, CommentId)>,
) -> Result<Redirect, Error> {
    let version = version_id(&text)?;
    let mut tx = app.write().await?;
    actions::settle_comment(&mut tx, &actor, version, comment).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/comments/{version}")))
}
