//! The last hand-over note, those before it, and writing the next.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::markdown::{SafeHtml, to_html};
use http::StatusCode;
use platform::{
    App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    HandoverError, LONGEST, NoteId, actions, facts,
    store::{self, Listed, Note},
};
use crate::access::{READ_SECTOR, WRITE_ADVISORIES};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/threats/handover", read, latest),
        Route::get("/threats/handover/write", write, begin),
        Route::post("/threats/handover/write", write, hand_over).form("after={handover}&text=All+quiet"),
        Route::get("/threats/handover/{id}", read, show).sample("/threats/handover/{handover}"),
    ]
}

#[derive(Template)]
#[template(path = "handover/show.html")]
struct ShowPage {
    shell: Shell,
    /// The note and its text; none where nobody has written one yet.
    note: Option<(Note, SafeHtml)>,
    is_last: bool,
    page: Page<Listed>,
    next: String,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "handover/write.html")]
struct WritePage {
    shell: Shell,
    problems: Problems,
    /// The note that is the last now.
    last: Option<(Note, SafeHtml)>,
    typed: Typed,
}

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// The note that was the last when it was begun; empty where there was none.
    after: String,
    text: String,
}

#[derive(Deserialize)]
struct Further {
    after: Option<String>,
}

fn shown(note: Note) -> (Note, SafeHtml) {
    let html = to_html(&note.text);
    (note, html)
}

/// `GET /threats/handover`
async fn latest(visit: Visit, Query(further): Query<Further>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let note = store::last(&mut snapshot).await?;
    let before = further.after.as_deref().and_then(cursor::read).or(note.as_ref().map(|note| note.id));
    let rows = store::earlier(&mut snapshot, before.unwrap_or(NoteId(uuid::Uuid::nil()))).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of("/threats/handover");
    let may_write = visit.actor.is_any(WRITE_ADVISORIES);
    let page = ShowPage { shell: visit.shell, note: note.map(shown), is_last: true, page, next, may_write };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /threats/handover/{id}`
async fn show(State(app): State<App>, shell: Shell, Path(id): Path<String>) -> Result<Response, Error> {
    let id = id.parse().map_err(|()| Error::NotFound)?;
    let note = store::note(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    let page = Page { rows: Vec::new(), next: None };
    let page = ShowPage {
        shell,
        note: Some(shown(note)),
        is_last: false,
        page,
        next: String::new(),
        may_write: false,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /threats/handover/write`
async fn begin(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    // How many are late is counted, and an alert may have thousands.
    let mut snapshot = app.db.read_long().await?;
    let last = store::last(&mut snapshot).await?;
    let text = facts::beginning(&mut snapshot, shell.now, &app).await?;
    drop(snapshot);
    let after = last.as_ref().map(|note| note.id.to_string()).unwrap_or_default();
    Ok(page(shell, last, Typed { after, text }, Problems::none()))
}

fn page(shell: Shell, last: Option<Note>, typed: Typed, problems: Problems) -> Response {
    let status = problems.status();
    render(status, &WritePage { shell, problems, last: last.map(shown), typed })
}

/// `POST /threats/handover/write`
async fn hand_over(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("text", &typed.text, LONGEST, "what the next shift must know") else {
        let last = store::last(&mut visit.app.read().await?).await?;
        return Ok(page(visit.shell, last, typed, problems));
    };
    let mut tx = visit.app.write().await?;
    match actions::write(&mut tx, &visit.actor, typed.after.parse().ok(), &text).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to("/threats/handover").into_response())
        }
        Err(error @ HandoverError::Overtaken) => {
            drop(tx);
            problems.push("text", error.to_string());
            let last = store::last(&mut visit.app.read().await?).await?;
            let after = last.as_ref().map(|note| note.id.to_string()).unwrap_or_default();
            Ok(page(visit.shell, last, Typed { after, ..typed }, problems))
        }
        Err(error) => Err(error.into()),
    }
}
