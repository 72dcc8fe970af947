//! The sector's pages for the CERT's own systems: every alert with its figures, one as it stands by stage,
//! region, type and hour, and its responses.
//!
//! Of an alert at TLP:RED, which is for people alone, neither title nor words are told.

mod one;
mod responses;

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Query, State},
};
use formats::Tlp;
use platform::{
    App,
    access::Rule,
    key::Scope,
    web::{
        Error, Route,
        cursor::{self, Page},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    Figures,
    pages::NEVER,
    store::{self, Listed},
};
use crate::{advisory::Severity, alert::AlertId};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadSector.code());
    vec![
        Route::get("/api/v1/cert/alerts", rule, list),
        Route::get("/api/v1/cert/alerts/{id}", rule, one::show).sample("/api/v1/cert/alerts/{asked_alert}"),
        Route::get("/api/v1/cert/alerts/{id}/responses", rule, responses::list)
            .sample("/api/v1/cert/alerts/{asked_alert}/responses"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, one::show, responses::list))]
    struct Sector;
    Sector::openapi()
}

/// How many organisations stand where; never a bare percentage.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct CertFigures {
    /// Organisations that must respond.
    #[schema(example = 58)]
    required: i64,
    /// Of them, those to which the alert does not apply.
    excused: i64,
    /// Of them, those that have it in hand or are done with it.
    answered: i64,
    /// Of them, the others.
    not_answered: i64,
    /// Organisations that are only informed.
    informed: i64,
    /// Of those required, the ones to which a message was handed over, as last counted; absent before that.
    reached: Option<i64>,
}

impl CertFigures {
    fn of(figures: Figures, reached: Option<i64>) -> Self {
        Self {
            required: figures.required,
            excused: figures.excused,
            answered: figures.answered,
            not_answered: figures.open(),
            informed: figures.informed,
            reached,
        }
    }
}

/// An alert of the list.
#[derive(Debug, Serialize, ToSchema)]
struct CertAlertItem {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// Its number.
    #[schema(example = "CC-0001")]
    number: String,
    /// `in_force`, `superseded` or `withdrawn`
    #[schema(example = "in_force")]
    state: &'static str,
    /// How much it asks.
    severity: Severity,
    /// The marking: `clear`, `green`, `amber`, `amber+strict` or `red`
    #[schema(example = "green")]
    tlp: &'static str,
    /// Its title; absent at TLP:RED, which is for people alone.
    title: Option<String>,
    /// When it was issued.
    issued_at: String,
    /// By when to close, where an answer is asked.
    remediate_by: Option<String>,
    /// How it stands.
    figures: CertFigures,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
struct CertAlertList {
    /// Up to 50, the newest first.
    alerts: Vec<CertAlertItem>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists every alert that was in force, with its figures.
#[utoipa::path(
    get, path = "/api/v1/cert/alerts", tag = "cert: alerts", operation_id = "cert_list_alerts",
    params(("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of alerts", body = CertAlertList))
)]
async fn list(State(app): State<App>, Query(query): Query<After>) -> Result<Json<CertAlertList>, Error> {
    let before = cursor::given(query.after.as_deref())?.unwrap_or((NEVER, AlertId(Uuid::max())));
    let mut snapshot = app.read().await?;
    let alerts = store::alerts(&mut snapshot, before).await?;
    let stages = store::stages_of_alerts(&mut snapshot, before).await?;
    let reached: HashMap<_, _> = store::reached_of_alerts(&mut snapshot, before).await?.into_iter().collect();
    drop(snapshot);
    let mut figures: HashMap<AlertId, Figures> = HashMap::new();
    for (alert, stage, count) in stages {
        figures.entry(alert).or_default().add(stage, count);
    }
    let page = Page::of(alerts, |alert| (alert.issued_at.as_microsecond(), alert.id));
    let alerts = page.rows.into_iter().map(|alert| {
        let figures = figures.get(&alert.id).copied().unwrap_or_default();
        CertAlertItem::of(CertFigures::of(figures, reached.get(&alert.id).copied()), alert)
    });
    Ok(Json(CertAlertList { alerts: alerts.collect(), next: page.next }))
}

impl CertAlertItem {
    fn of(figures: CertFigures, alert: Listed) -> Self {
        let tlp = alert.tlp.0;
        Self {
            id: alert.id.to_string(),
            number: alert.number.to_string(),
            state: alert.state.code(),
            severity: alert.severity,
            tlp: tlp.code(),
            title: (tlp != Tlp::Red).then_some(alert.title),
            issued_at: alert.issued_at.to_string(),
            remediate_by: alert.remediate_by.map(|at| at.to_string()),
            figures,
        }
    }
}
