//! Messages for machines: read, and sent. Nothing is marked as read here: that is said by people.

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

use super::{MessageId, actions, store};
use crate::case::{
    LONGEST, Sight, Zone,
    api::{After, MadeBody, made, makes, opened, reads, text, writing},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Scope::ReadCases.code(), Scope::WriteCases.code());
    let sent = r#"{"zone": "shared", "text": "The backups are whole"}"#;
    vec![
        Route::get("/api/v1/incidents/{number}/messages", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/messages"),
        Route::post("/api/v1/incidents/{number}/messages", Rule::Scope(write), add)
            .sample("/api/v1/incidents/{incident_number}/messages")
            .json(sent),
        Route::get("/api/v1/cert/incidents/{number}/messages", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/messages"),
        Route::post("/api/v1/cert/incidents/{number}/messages", Rule::CertScope(write), cert_add)
            .sample("/api/v1/cert/incidents/{incident_number}/messages")
            .json(sent),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, cert_list, cert_add))]
    struct Messages;
    Messages::openapi()
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

async fn listed(app: &App, actor: &Actor, number: &str, after: &After) -> Result<CaseMessagesBody, Error> {
    let before = after.or(MessageId(Uuid::max()))?;
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let rows = store::of(&mut snapshot, sight.incident.id, sight.reads, before).await?;
    let Page { rows, next } = Page::of(rows, |row| row.id);
    let body = |message: store::Message| CaseMessageBody {
        id: message.id.0,
        zone: message.zone.code(),
        side: Sight::side(true, message.through.as_deref()),
        text: message.text,
        through: message.through,
        sent_at: message.sent_at.to_string(),
    };
    Ok(CaseMessagesBody { messages: rows.into_iter().map(body).collect(), next })
}

async fn written(app: &App, actor: &Actor, number: &str, sent: NewCaseMessage) -> Result<Response, Error> {
    let text = text("text", &sent.text, LONGEST)?;
    let (mut tx, sight) = writing(app, actor, number).await?;
    let form = tx.id();
    let id = actions::send(&mut tx, actor, sight.incident.id, (sent.zone, form), (&text, None)).await?;
    made(tx, id.0).await
}

reads!(listed: list "/api/v1/incidents/{number}/messages" "read_case_messages",
       cert_list "/api/v1/cert/incidents/{number}/messages" "cert_read_case_messages",
       "Reads the messages of a case.", CaseMessagesBody);
makes!(written: add "/api/v1/incidents/{number}/messages" "send_case_message",
       cert_add "/api/v1/cert/incidents/{number}/messages" "cert_send_case_message",
       "Sends a message in a case.", NewCaseMessage, MadeBody);
