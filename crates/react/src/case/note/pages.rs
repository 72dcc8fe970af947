//! The notes of a case, one of them, and the form in which it is written.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use formats::markdown::{SafeHtml, to_html_as_typed};
use http::StatusCode;
use platform::{
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    LONGEST, NoteId,
    actions::{self, Done},
    store::{self, Note, Saved},
};
use crate::{
    access::{READERS, WRITERS},
    case::{CaseError, Head, LONGEST_LINE, opened, typed},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/notes", read, list).sample("/incidents/{incident}/notes"),
        Route::get("/incidents/{id}/notes/add", write, begin).sample("/incidents/{incident}/notes/add"),
        Route::post("/incidents/{id}/notes/add", write, add)
            .sample("/incidents/{incident}/notes/add")
            .form("zone=shared&title=Backups&text=Looked+at"),
        Route::get("/incidents/{id}/notes/{note}", read, show)
            .sample("/incidents/{incident}/notes/{case_note}?version=1"),
        Route::get("/incidents/{id}/notes/{note}/write", write, write_page)
            .sample("/incidents/{incident}/notes/{case_note}/write"),
        Route::post("/incidents/{id}/notes/{note}/write", write, save)
            .sample("/incidents/{incident}/notes/{case_note}/write")
            .form("version=1&text=The+quokka+sleeps"),
    ]
}

/// What is typed in any form of a note.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    title: String,
    text: String,
    version: i64,
}

/// Which version is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    version: Option<i64>,
}

#[derive(Template)]
#[template(path = "case/notes.html")]
struct NotesPage {
    shell: Shell,
    head: Head,
    notes: Vec<(Note, String)>,
    marks_zones: bool,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "case/note.html")]
struct NotePage {
    shell: Shell,
    head: Head,
    note: Note,
    /// Who saved it last.
    who: String,
    html: SafeHtml,
    /// The earlier version that is shown.
    earlier: Option<i64>,
    versions: Vec<(Saved, String)>,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "case/note_write.html")]
struct WritePage {
    shell: Shell,
    head: Head,
    problems: Problems,
    /// The note; none where it is begun.
    note: Option<Note>,
    zones: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

/// `GET /incidents/{id}/notes`
async fn list(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let notes = store::of(&mut snapshot, id, sight.reads).await?;
    drop(snapshot);
    let who =
        |note: &Note| sight.who(&visit.shell.cert.name, true, note.by.as_deref(), note.through.as_deref());
    let notes = notes.into_iter().map(|note| {
        let who = who(&note);
        (note, who)
    });
    let page = NotesPage {
        head: Head::of(&sight, "/notes"),
        notes: notes.collect(),
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/notes/{note}`
async fn show(
    visit: Visit,
    Path((id, note)): Path<(IncidentId, NoteId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let note = store::note(&mut snapshot, id, sight.reads, note).await?.ok_or(Error::NotFound)?;
    let versions = store::versions(&mut snapshot, note.id).await?;
    let earlier = asked.version.filter(|version| *version != note.version);
    let html = match earlier {
        Some(version) => {
            to_html_as_typed(&store::text_of(&mut snapshot, note.id, version).await?.ok_or(Error::NotFound)?)
        }
        None => to_html_as_typed(&note.text),
    };
    drop(snapshot);
    let who = |by: Option<&str>, through: Option<&str>| sight.who(&visit.shell.cert.name, true, by, through);
    let versions = versions.into_iter().map(|saved| {
        let who = who(saved.by.as_deref(), saved.through.as_deref());
        (saved, who)
    });
    let page = NotePage {
        head: Head::of(&sight, "/notes"),
        who: who(note.by.as_deref(), note.through.as_deref()),
        versions: versions.collect(),
        may_write: sight.writes.contains(note.zone),
        shell: visit.shell,
        note,
        html,
        earlier,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/notes/add`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    page(visit, (id, None), None, (StatusCode::OK, Problems::none())).await
}

/// `GET /incidents/{id}/notes/{note}/write`
async fn write_page(visit: Visit, Path((id, note)): Path<(IncidentId, NoteId)>) -> Result<Response, Error> {
    page(visit, (id, Some(note)), None, (StatusCode::OK, Problems::none())).await
}

/// The form; what was typed, where something was.
async fn page(
    visit: Visit,
    (id, note): (IncidentId, Option<NoteId>),
    typed: Option<Fields>,
    (status, problems): (StatusCode, Problems),
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let note = if let Some(note) = note {
        let note = store::note(&mut snapshot, id, sight.reads, note).await?.ok_or(Error::NotFound)?;
        sight.write(note.zone, "write notes in this case")?;
        Some(note)
    } else {
        sight.write_any("write notes in this case")?;
        None
    };
    drop(snapshot);
    let as_it_stands = || {
        let standing =
            |note: &Note| Fields { text: note.text.clone(), version: note.version, ..Fields::default() };
        note.as_ref().map(standing).unwrap_or_default()
    };
    let typed = typed.unwrap_or_else(as_it_stands);
    let page = WritePage {
        head: Head::of(&sight, "/notes"),
        zones: typed::zones(&sight, &typed.zone),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        note,
        typed,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/notes/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone = typed::zone(&mut problems, &fields.zone);
    let title = problems.text("title", &fields.title, LONGEST_LINE, "what the note is about");
    let text = problems.text("text", &fields.text, LONGEST, "the note");
    let (Some(zone), Some(title), Some(text)) = (zone, title, text) else {
        return page(visit, (id, None), Some(fields), (WRONG, problems)).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::begin(&mut tx, &visit.actor, id, (zone, form), (&title, &text)).await;
    let Some(note) = taken(tx, done, (&mut problems, "text")).await? else {
        return page(visit, (id, None), Some(fields), (WRONG, problems)).await;
    };
    Ok(Redirect::to(&format!("/incidents/{id}/notes/{note}")).into_response())
}

/// `POST /incidents/{id}/notes/{note}/write`
async fn save(
    visit: Visit,
    Path((id, note)): Path<(IncidentId, NoteId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("text", &fields.text, LONGEST, "the note") else {
        let wrong = (StatusCode::UNPROCESSABLE_ENTITY, problems);
        return page(visit, (id, Some(note)), Some(fields), wrong).await;
    };
    let mut tx = visit.app.write().await?;
    match actions::save(&mut tx, &visit.actor, (id, note, fields.version), &text).await {
        Ok(Done::Saved | Done::Together) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/incidents/{id}/notes/{note}")).into_response())
        }
        Ok(Done::Decide(both, version)) => {
            drop(tx);
            let sentence = "Somebody saved this note while you wrote, and changed the same lines. Both are \
                            below, marked: decide what stays, and save again. Nothing is lost";
            problems.push("text", sentence);
            let fields = Fields { text: both, version, ..fields };
            page(visit, (id, Some(note)), Some(fields), (StatusCode::CONFLICT, problems)).await
        }
        Err(error @ (CaseError::Refused(_) | CaseError::Overtaken)) => {
            drop(tx);
            problems.push("text", error.to_string());
            let wrong = (StatusCode::UNPROCESSABLE_ENTITY, problems);
            page(visit, (id, Some(note)), Some(fields), wrong).await
        }
        Err(error) => Err(error.into()),
    }
}
