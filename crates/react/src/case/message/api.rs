//! Messages for machines: read, and sent. Nothing is marked as read here: that is said by people.

use axum::{extract::Query, response::Response};
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{MessageId, actions, store};
use crate::case::{
    LONGEST, Sight, Zone,
    api::{After, Answer, Caller, MadeBody, OfCase, Opened, both, described, made, text},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let sent = r#"{"zone": "shared", "text": "The backups are whole"}"#;
    let add = both!(post "messages", WriteCases, add).map(|route| route.json(sent));
    [both!(get "messages", ReadCases, list), add].into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add))]
    struct Messages;
    described(Messages::openapi())
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseMessageBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What it says; empty where it is no longer kept.
    text: String,
    /// By which side.
    side: Option<&'static str>,
    /// The organisation whose people sent it.
    through: Option<String>,
    /// RFC 3339, UTC.
    sent_at: String,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseMessagesBody {
    /// Up to 50, the last first.
    messages: Vec<CaseMessageBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseMessage {
    /// Who is to read it.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// What it says, up to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000, example = "The backups are whole")]
    text: String,
}

/// Reads the messages of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/messages", tag = "cases", operation_id = "read_case_messages",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseMessagesBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseMessagesBody> {
    let before = after.or(MessageId(Uuid::max()))?;
    let rows = store::of(&mut case.snapshot, case.sight.incident.id, case.sight.reads, before).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |message: store::Message| CaseMessageBody {
        id: message.id.0,
        zone: message.zone.code(),
        side: Sight::side(true, message.through.as_deref()),
        text: message.text,
        through: message.through,
        sent_at: message.sent_at.to_string(),
    };
    Ok(axum::Json(CaseMessagesBody { messages: rows.into_iter().map(body).collect(), next }))
}

/// Sends a message in a case.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/messages", tag = "cases", operation_id = "send_case_message",
    params(OfCase), request_body = NewCaseMessage,
    responses((status = 201, description = "It was taken", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseMessage>) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = case.begin().await?;
    let form = tx.id();
    let id = actions::send(&mut tx, &case.actor, sight.incident.id, (sent.zone, form), (&text, None)).await?;
    made(tx, id.0).await
}
