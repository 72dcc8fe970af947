//! The timeline for machines: read, and appended to.

use axum::{extract::Query, response::Response};
use jiff::Timestamp;
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{EntryId, Typed, actions, store};
use crate::case::{
    LONGEST, Sight, Zone,
    api::{After, Answer, Caller, MadeBody, OfCase, Opened, both, described, made, moment, text},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let sent = r#"{"zone": "shared", "text": "The pharmacy is open again"}"#;
    let add = both!(post "timeline", WriteCases, add).map(|route| route.json(sent));
    [both!(get "timeline", ReadCases, list), add].into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add))]
    struct Timeline;
    described(Timeline::openapi())
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

/// Reads the timeline of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/timeline", tag = "cases", operation_id = "read_case_timeline",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseTimelineBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseTimelineBody> {
    let from = after.or((Timestamp::MAX, EntryId(Uuid::max())))?;
    let rows = store::entries(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| (row.happened_at, row.id));
    Ok(axum::Json(CaseTimelineBody { entries: rows.into_iter().map(body).collect(), next }))
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

/// Appends to the timeline of a case.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/timeline", tag = "cases", operation_id = "add_to_case_timeline",
    params(OfCase), request_body = NewCaseEntry,
    responses((status = 201, description = "It was taken", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseEntry>) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let happened_at = moment("happened_at", sent.happened_at.as_deref())?;
    let (mut tx, sight) = case.begin().await?;
    let (actor, id) = (&case.actor, sight.incident.id);
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
