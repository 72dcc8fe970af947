//! Notes for machines: read, begun and saved. Who saves over a version that somebody else saved meanwhile is put together with
//! them line by line, as on the page; where both changed the same lines nothing is saved, and both are in the answer.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    LONGEST, NoteId,
    actions::{self, Done},
    store::{self, Note},
};
use crate::case::{
    LONGEST_LINE, Sight, Zone,
    api::{After, Answer, Caller, MadeBody, OfCase, Opened, both, described, made, text, whole},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let begun = r#"{"zone": "shared", "title": "Backups", "text": "Looked at"}"#;
    let saved = r#"{"version": 1, "text": "The quokka sleeps"}"#;
    let all = [
        both!(get "notes", ReadCases, list),
        both!(post "notes", WriteCases, begin).map(|route| route.json(begun)),
        both!(get "notes/{note}", ReadCases, show, "notes/{case_note}"),
        both!(post "notes/{note}", WriteCases, save, "notes/{case_note}").map(|route| route.json(saved)),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, begin, show, save))]
    struct Notes;
    described(Notes::openapi())
}

/// A note, as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseNoteBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What it is called; empty where it is no longer kept.
    title: String,
    /// What it says, in Markdown.
    text: String,
    /// By which side it was saved last.
    side: Option<&'static str>,
    /// The organisation whose people saved it last.
    through: Option<String>,
    /// RFC 3339, UTC.
    saved_at: String,
    /// Grows with every change; whoever saves names the one that they read.
    version: i64,
}

/// A page of notes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseNotesBody {
    /// Up to 50, the first begun first.
    notes: Vec<CaseNoteBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A note that is begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseNote {
    /// Who is to read it.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// What it is called, up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Backups")]
    title: String,
    /// What it says, in Markdown, up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000, example = "Looked at")]
    text: String,
}

/// What becomes of a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseNoteChange {
    /// The version of which the text was made.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// What it says now, the whole of it, in Markdown, up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000, example = "Looked at, and whole")]
    text: String,
}

/// A note that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseNoteSaved {
    /// The version that stands now.
    version: i64,
    /// What it says: another text than was sent, where it was put together with what somebody else saved meanwhile.
    text: String,
}

/// A note that was not saved: a problem (RFC 9457) that has both texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseNoteConflict {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What to do about it.
    detail: &'static str,
    /// What both wrote, with marks where they changed the same lines: decide what stays there, and take the marks out.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The version to save it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

fn body(note: Note) -> CaseNoteBody {
    CaseNoteBody {
        id: note.id.0,
        zone: note.zone.code(),
        title: note.title,
        text: note.text,
        side: Sight::side(true, note.through.as_deref()),
        through: note.through,
        saved_at: note.saved_at.to_string(),
        version: note.version,
    }
}

/// Reads the notes of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/notes", tag = "cases", operation_id = "read_case_notes",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseNotesBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseNotesBody> {
    let from = after.or(NoteId(Uuid::nil()))?;
    let rows = store::after(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    Ok(axum::Json(CaseNotesBody { notes: rows.into_iter().map(body).collect(), next }))
}

/// Begins a note in a case.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/notes", tag = "cases", operation_id = "begin_case_note",
    params(OfCase), request_body = NewCaseNote,
    responses((status = 201, description = "It was begun", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn begin(case: Caller, Json(sent): Json<NewCaseNote>) -> Result<Response, Error> {
    let title = text("title", &sent.title, LONGEST_LINE)?;
    let words = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let which = (sent.zone, tx.id());
    let id = actions::begin(&mut tx, &case.actor, sight.incident.id, which, (&title, &words)).await?;
    made(tx, id.0).await
}

/// Reads a note.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/notes/{note}", tag = "cases", operation_id = "read_case_note",
    params(OfCase, ("note" = String, Path, format = "uuid", description = "The note")),
    responses((status = 200, description = "The note", body = CaseNoteBody),
              (status = 404, description = "There is no such note in the zones of the key"))
)]
async fn show(mut case: Opened, Path((_, note)): Path<(String, NoteId)>) -> Answer<CaseNoteBody> {
    let note = store::note(&mut case.snapshot, case.sight.incident.id, case.sight.reads, note).await?;
    Ok(axum::Json(body(note.ok_or(Error::NotFound)?)))
}

/// Saves a note.
///
/// Where somebody saved it since it was read, what both changed is put together line by line. Where they changed the same
/// lines nothing is saved, and the answer has both, marked.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/notes/{note}", tag = "cases", operation_id = "save_case_note",
    params(OfCase, ("note" = String, Path, format = "uuid", description = "The note")),
    request_body = CaseNoteChange,
    responses((status = 200, description = "It was saved", body = CaseNoteSaved),
              (status = 404, description = "There is no such note in the zones of the key"),
              (status = 409, description = "Both changed the same lines, or there is no such version, or the incident is a \
                                            part of another one",
               body = CaseNoteConflict, content_type = "application/problem+json"))
)]
async fn save(
    case: Caller,
    Path((_, note)): Path<(String, NoteId)>,
    Json(sent): Json<CaseNoteChange>,
) -> Result<Response, Error> {
    let words = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let id = sight.incident.id;
    match actions::save(&mut tx, &case.actor, (id, note, sent.version), &words).await? {
        Done::Saved | Done::Together => {
            let note = store::note(&mut tx, id, sight.reads, note).await?.ok_or(Error::NotFound)?;
            tx.commit().await?;
            Ok(axum::Json(CaseNoteSaved { version: note.version, text: note.text }).into_response())
        }
        Done::Decide(both, version) => Ok(conflict(both, version)),
    }
}

/// The answer to whoever changed the lines that somebody else has changed meanwhile.
fn conflict(both: String, version: i64) -> Response {
    let body = CaseNoteConflict {
        kind: "about:blank",
        title: "Conflict",
        status: StatusCode::CONFLICT.as_u16(),
        detail: "Somebody saved this note meanwhile, and changed the same lines. Both are in the text, marked: decide \
                 what stays, and save it over the version that is told here. Nothing is lost.",
        text: Some(both),
        version: Some(version),
    };
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::CONFLICT, kind, axum::Json(body)).into_response()
}
