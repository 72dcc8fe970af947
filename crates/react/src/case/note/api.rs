//! Notes for machines: read. They are written by people, who put them together line by line.

use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route, cursor::Page},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{NoteId, store};
use crate::case::{
    Sight,
    api::{After, opened, reads},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Scope::ReadCases.code();
    vec![
        Route::get("/api/v1/incidents/{number}/notes", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/notes"),
        Route::get("/api/v1/cert/incidents/{number}/notes", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/notes"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, cert_list))]
    struct Notes;
    Notes::openapi()
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
    /// Grows with every change.
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

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseNotesBody, Error> {
    let from = after.or(NoteId(Uuid::nil()))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::after(&mut snapshot, sight.incident.id, sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |note: store::Note| CaseNoteBody {
        id: note.id.0,
        zone: note.zone.code(),
        title: note.title,
        text: note.text,
        side: Sight::side(true, note.through.as_deref()),
        through: note.through,
        saved_at: note.saved_at.to_string(),
        version: note.version,
    };
    Ok(CaseNotesBody { notes: rows.into_iter().map(body).collect(), next })
}

reads!(listed: list "/api/v1/incidents/{number}/notes" "read_case_notes",
       cert_list "/api/v1/cert/incidents/{number}/notes" "cert_read_case_notes",
       "Reads the notes of a case.", CaseNotesBody);
