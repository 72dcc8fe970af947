//! The timeline for machines: read, and appended to.

use axum::response::Response;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route, cursor::Page},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{EntryId, Typed, actions, store};
use crate::case::{
    LONGEST, Sight, Zone,
    api::{After, MadeBody, made, makes, moment, opened, reads, text, writing},
};
use jiff::Timestamp;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Scope::ReadCases.code(), Scope::WriteCases.code());
    let sent = r#"{"zone": "shared", "text": "The pharmacy is open again"}"#;
    vec![
        Route::get("/api/v1/incidents/{number}/timeline", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/timeline"),
        Route::post("/api/v1/incidents/{number}/timeline", Rule::Scope(write), add)
            .sample("/api/v1/incidents/{incident_number}/timeline")
            .json(sent),
        Route::get("/api/v1/cert/incidents/{number}/timeline", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/timeline"),
        Route::post("/api/v1/cert/incidents/{number}/timeline", Rule::CertScope(write), cert_add)
            .sample("/api/v1/cert/incidents/{incident_number}/timeline")
            .json(sent),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, cert_list, cert_add))]
    struct Timeline;
    Timeline::openapi()
}

/// An entry of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseEntryBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What kind of thing it tells of.
    kind: &'static str,
    /// When it happened: RFC 3339, UTC.
    happened_at: String,
    /// When it was written down.
    recorded_at: String,
    /// By which side; nobody where it entered by itself.
    side: Option<&'static str>,
    /// The organisation whose people wrote it down.
    through: Option<String>,
    /// The thing of which it tells.
    #[schema(value_type = Option<String>, format = "uuid")]
    about: Option<Uuid>,
    /// What happened; empty where it is no longer kept.
    text: String,
    /// The entry that it corrects.
    #[schema(value_type = Option<String>, format = "uuid")]
    corrects: Option<Uuid>,
    /// The one that corrects it.
    #[schema(value_type = Option<String>, format = "uuid")]
    corrected_by: Option<Uuid>,
}

/// A page of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseTimelineBody {
    /// Up to 50, what happened last first.
    entries: Vec<CaseEntryBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseEntry {
    /// Who is to read it.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// What happened, up to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000, example = "The pharmacy is open again")]
    text: String,
    /// When it happened, RFC 3339, in the past; now where this is absent.
    #[serde(default)]
    #[schema(format = DateTime, example = "2026-06-01T02:10:00Z")]
    happened_at: Option<String>,
    /// The entry that this one corrects; it stands in the same zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    corrects: Option<EntryId>,
}

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseTimelineBody, Error> {
    let from = after.or((Timestamp::MAX, EntryId(Uuid::max())))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::entries(&mut snapshot, sight.incident.id, sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| (row.happened_at, row.id));
    Ok(CaseTimelineBody { entries: rows.into_iter().map(body).collect(), next })
}

fn body(entry: store::Read) -> CaseEntryBody {
    CaseEntryBody {
        id: entry.id.0,
        zone: entry.zone.code(),
        kind: entry.kind.code(),
        happened_at: entry.happened_at.to_string(),
        recorded_at: entry.recorded_at.to_string(),
        side: Sight::side(entry.person_id.is_some(), entry.through.as_deref()),
        through: entry.through,
        about: entry.about_id,
        text: entry.text,
        corrects: entry.corrects_id.map(|id| id.0),
        corrected_by: entry.corrected_by.map(|id| id.0),
    }
}

async fn written(app: &App, actor: &Actor, number: &str, sent: NewCaseEntry) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let happened_at = moment("happened_at", sent.happened_at.as_deref())?;
    let (mut tx, sight) = writing(app, actor, number).await?;
    let id = sight.incident.id;
    let typed = Typed { form: tx.id(), happened_at: happened_at.unwrap_or(tx.now), text };
    let entry = match sent.corrects {
        None => actions::add(&mut tx, actor, id, sent.zone, &typed).await?,
        Some(wrong) => {
            // What it corrects decides where it stands: whoever thought otherwise is told.
            let entry = store::entry(&mut tx, id, sight.reads, wrong).await?.ok_or(Error::NotFound)?;
            if entry.zone != sent.zone {
                return Err(Error::Unprocessable("zone: A correction stands where the entry stands.".into()));
            }
            actions::correct(&mut tx, actor, id, wrong, &typed).await?
        }
    };
    made(tx, entry.0).await
}

reads!(listed: list "/api/v1/incidents/{number}/timeline" "read_case_timeline",
       cert_list "/api/v1/cert/incidents/{number}/timeline" "cert_read_case_timeline",
       "Reads the timeline of a case.", CaseTimelineBody);
makes!(written: add "/api/v1/incidents/{number}/timeline" "add_to_case_timeline",
       cert_add "/api/v1/cert/incidents/{number}/timeline" "cert_add_to_case_timeline",
       "Appends to the timeline of a case.", NewCaseEntry, MadeBody);
