//! The CERT's own webhooks for its own systems: whether each is told what happens, and what came of that.
//!
//! Of an address only the server is told, since whoever knows that of a chat room can write there.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    OffReason, Owner, Problem, WebhookId,
    store::{self, Delivery, Webhook},
};
use crate::{
    App,
    access::Rule,
    key::Scope,
    web::{
        Error, Route,
        cursor::{self, Page},
        etag,
    },
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadWebhooks.code());
    vec![
        Route::get("/api/v1/cert/webhooks", rule, list),
        Route::get("/api/v1/cert/webhooks/{id}", rule, show).sample("/api/v1/cert/webhooks/{cert_webhook}"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show))]
    struct Webhooks;
    Webhooks::openapi()
}

/// How a webhook fares.
#[derive(Debug, Serialize, ToSchema)]
struct CertWebhook {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// What it is called.
    #[schema(example = "Duty room")]
    name: String,
    /// The server that it is at.
    #[schema(example = "hooks.example.org")]
    server: String,
    /// `json` or `chat`
    #[schema(example = "json")]
    format: &'static str,
    /// What it is told of.
    #[schema(example = json!(["alert.published"]))]
    events: Vec<String>,
    /// `on` or `off`
    #[schema(example = "on")]
    state: &'static str,
    /// Why it is off: `person`, `failing` or `gone`
    off_reason: Option<&'static str>,
    /// Since when its server took nothing though it was tried.
    failing_since: Option<String>,
    /// When something is sent next; absent where nothing waits.
    next_at: Option<String>,
    /// When it was last changed, or switched on or off.
    changed_at: String,
}

/// The CERT's webhooks.
#[derive(Debug, Serialize, ToSchema)]
struct CertWebhooks {
    /// All of them, the oldest first: there are ten at most.
    webhooks: Vec<CertWebhook>,
}

/// Something that a webhook was told.
#[derive(Debug, Serialize, ToSchema)]
struct CertDelivery {
    /// The `webhook-id` of each try.
    id: String,
    /// What it is of.
    #[schema(example = "alert.published")]
    event: String,
    /// `waiting`, `delivered`, `failed` or `called_back`
    #[schema(example = "delivered")]
    state: &'static str,
    /// When it happened.
    created_at: String,
    /// How often it was tried.
    attempts: i64,
    /// The status that the server answered last.
    answer: Option<i64>,
    /// Why the last try came to nothing: `unreached`, `answered`, `expired`, `switched_off`, `unwritten` or
    /// `past`
    problem: Option<&'static str>,
    /// When it was settled.
    settled_at: Option<String>,
}

/// A webhook, with a page of what it was told.
#[derive(Debug, Serialize, ToSchema)]
struct CertWebhookDetail {
    /// How it fares.
    webhook: CertWebhook,
    /// Up to 50, the newest first.
    deliveries: Vec<CertDelivery>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists the CERT's webhooks and how they fare.
#[utoipa::path(
    get, path = "/api/v1/cert/webhooks", tag = "cert: webhooks", operation_id = "cert_list_webhooks",
    responses((status = 200, description = "The webhooks", body = CertWebhooks))
)]
async fn list(State(app): State<App>) -> Result<Json<CertWebhooks>, Error> {
    let webhooks = store::of_owner(&mut app.read().await?, Owner::Cert).await?;
    Ok(Json(CertWebhooks { webhooks: webhooks.into_iter().map(Into::into).collect() }))
}

/// One of the CERT's webhooks, with what it was told and what came of each.
#[utoipa::path(
    get, path = "/api/v1/cert/webhooks/{id}", tag = "cert: webhooks", operation_id = "cert_show_webhook",
    params(("id" = String, Path, description = "Its id"),
           ("after" = Option<String>, Query, description = "The `next` of the page before"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The webhook", body = CertWebhookDetail, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is none, or it is not the CERT's"))
)]
async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<After>,
) -> Result<Response, Error> {
    let id: WebhookId = id.parse().map_err(|()| Error::NotFound)?;
    let after = cursor::given(query.after.as_deref())?;
    let mut snapshot = app.read().await?;
    let webhook = store::webhook(&mut snapshot, id).await?.filter(|webhook| webhook.owner == Owner::Cert);
    let webhook = webhook.ok_or(Error::NotFound)?;
    let deliveries = store::listed(&mut snapshot, id, after).await?;
    drop(snapshot);
    let page = Page::of(deliveries, |delivery| (delivery.created_at, delivery.id.0));
    let deliveries = page.rows.into_iter().map(Into::into).collect();
    etag::tagged(&headers, &CertWebhookDetail { webhook: webhook.into(), deliveries, next: page.next })
}

impl From<Webhook> for CertWebhook {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            name: webhook.name,
            server: webhook.url.host_str().unwrap_or_default().to_owned(),
            format: webhook.format.code(),
            events: webhook.events,
            state: webhook.state.code(),
            off_reason: webhook.off_reason.map(OffReason::code),
            failing_since: webhook.failing_since.map(|at| at.to_string()),
            next_at: webhook.next_at.map(|at| at.to_string()),
            changed_at: webhook.changed_at.to_string(),
        }
    }
}

impl From<Delivery> for CertDelivery {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event: delivery.event,
            state: delivery.state.code(),
            created_at: delivery.created_at.to_string(),
            attempts: delivery.attempts,
            answer: delivery.answer,
            problem: delivery.problem.map(Problem::code),
            settled_at: delivery.settled_at.map(|at| at.to_string()),
        }
    }
}
