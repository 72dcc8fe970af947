//! Alerts for an organisation's or a supplier's own systems.
//!
//! A key sees the alerts that went to the organisations it stands for. There is one cursor, over
//! changes: a system keeps the last one it was given, asks again later, and misses nothing.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use formats::Tlp;
use http::HeaderMap;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Route,
        cursor::{self, PAGE},
        etag,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{Alert, store};
use crate::advisory::{self, AdvisoryNumber};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::Scope("alerts:read");
    vec![
        Route::get("/api/v1/alerts", rule, list),
        Route::get("/api/v1/alerts/{number}", rule, one).sample("/api/v1/alerts/{alert_number}"),
    ]
}

/// An alert as a machine reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertJson {
    /// The alert's id, which an update of the same number changes.
    #[schema(value_type = String)]
    pub id: Uuid,
    /// The number, such as CC-0001.
    pub number: String,
    /// The marking: clear, green, amber, amber+strict or red.
    pub tlp: &'static str,
    /// `in_force`, `superseded` or `withdrawn`.
    pub state: &'static str,
    /// Where people read and answer it.
    pub link: String,
    /// When it was issued.
    pub issued_at: String,
    /// When anything of it last changed.
    pub changed_at: String,
    /// What it says; absent at TLP:RED, which is for people alone, and at TLP:AMBER+STRICT where it went
    /// only to organisations that the key's own answers for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<SaidJson>,
}

/// What an alert says.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaidJson {
    /// Its title.
    pub title: String,
    /// `high`, `medium`, `low` or `information_only`.
    pub severity: &'static str,
    /// `must_respond` or `for_information`.
    pub mode: &'static str,
    /// By when to acknowledge, where an answer is asked.
    pub acknowledge_by: Option<String>,
    /// By when to close, where an answer is asked.
    pub remediate_by: Option<String>,
    /// Why it was withdrawn, where it was.
    pub withdrawn_reason: Option<String>,
    /// The advisory's content: Markdown texts, steps, CVEs, indicators (defanged). Only with one alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub content: Option<advisory::Content>,
}

/// A page of alerts in the order in which they changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsJson {
    /// The alerts.
    pub alerts: Vec<AlertJson>,
    /// The `after` of the next request, now or later.
    pub next: Option<String>,
    /// Whether there is more right now.
    pub more: bool,
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The `next` of the last answer; absent for the beginning.
    after: Option<String>,
}

/// The alerts that changed behind a cursor, oldest change first.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", operation_id = "list_alerts", params(Wanted),
    responses((status = 200, description = "A page of alerts", body = AlertsJson))
)]
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(wanted): Query<Wanted>,
) -> Result<Json<AlertsJson>, Error> {
    let mut snapshot = app.read().await?;
    let from = cursor::given(wanted.after.as_deref())?.unwrap_or((i64::MIN, Uuid::nil()));
    let mut alerts = store::changed(&mut snapshot, &actor, from, app.env.now()).await?;
    let more = alerts.len() > PAGE;
    alerts.truncate(PAGE);
    let next = alerts.last().map(|last| cursor::write(&(last.changed_at.as_microsecond(), last.id)));
    let strict = alerts.iter().any(|alert| alert.tlp.0 == Tlp::AmberStrict);
    let own = match alerts.last().filter(|_| strict) {
        Some(last) => {
            let now = app.env.now();
            store::changed_own_strict(&mut snapshot, &actor, from, last.changed_at, now).await?
        }
        None => Vec::new(),
    };
    let alerts = alerts.into_iter().map(|alert| {
        let own = own.contains(&alert.id);
        json(&app, alert, None, own)
    });
    let alerts = alerts.collect();
    Ok(Json(AlertsJson { alerts, next: next.or(wanted.after), more }))
}

/// The newest alert of a number, with everything it says.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}", tag = "alerts", operation_id = "show_alert",
    params(("number" = String, Path, description = "Such as CC-0001"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The alert", body = AlertJson, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "No such alert for this key"))
)]
pub(super) async fn one(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Error> {
    let number: AdvisoryNumber = number.parse().map_err(|_| Error::NotFound)?;
    let mut snapshot = app.read().await?;
    let alert =
        store::newest_visible(&mut snapshot, &actor, number, app.env.now()).await?.ok_or(Error::NotFound)?;
    let version = advisory::store::version(&mut snapshot, alert.version_id).await?;
    let own = store::standing(&mut snapshot, &actor, alert.id, app.env.now()).await?.own;
    etag::tagged(&headers, &json(&app, alert, version.map(|version| version.wording.content), own))
}

/// An alert for a machine; `own` says whether it went to an organisation of the key's own.
fn json(app: &App, alert: Alert, content: Option<advisory::Content>, own: bool) -> AlertJson {
    let said = SaidJson {
        title: alert.title,
        severity: alert.severity.code(),
        mode: alert.mode.code(),
        acknowledge_by: alert.acknowledge_by.map(|at| at.to_string()),
        remediate_by: alert.remediate_by.map(|at| at.to_string()),
        withdrawn_reason: alert.ended_reason,
        content,
    };
    AlertJson {
        id: alert.id.0,
        number: alert.number.to_string(),
        tlp: alert.tlp.0.code(),
        state: alert.state.code(),
        link: app.link(&format!("/alerts/{}", alert.id)),
        issued_at: alert.issued_at.to_string(),
        changed_at: alert.changed_at.to_string(),
        // RED is for the people it is addressed to; a machine passes on. AMBER+STRICT stays within the
        // organisation: the machine of another one that answers for it is told that there is an alert.
        said: match alert.tlp.0 {
            Tlp::Red => None,
            Tlp::AmberStrict => own.then_some(said),
            Tlp::Amber | Tlp::Green | Tlp::Clear => Some(said),
        },
    }
}

#[derive(OpenApi)]
#[openapi(paths(list, one))]
struct Api;

/// This part of the API's description.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}
