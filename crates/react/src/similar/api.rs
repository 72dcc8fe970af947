//! What is like an incident, for the CERT's own systems. An organisation's keys have no such door.

use axum::extract::State;
use platform::{
    App,
    access::Rule,
    key::Scope,
    web::{Error, Route},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Similar;
use crate::case::{
    Party,
    api::{Answer, Opened},
};

/// The row of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Rule::CertScope(Scope::ReadCases.code());
    vec![
        Route::get("/api/v1/cert/incidents/{number}/similar", read, cert_similar)
            .sample("/api/v1/cert/incidents/{incident_number}/similar"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(cert_similar))]
    struct SimilarIncidents;
    SimilarIncidents::openapi()
}

/// Why an incident is like another.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarReason {
    /// What is the same: observables, type, class, seen, supplier, `organisation_kind`, region or near.
    code: &'static str,
    /// It in words.
    text: String,
}

/// An incident that is like another.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarIncident {
    /// Its number.
    #[schema(example = "I-7K3Q-X2MB")]
    number: String,
    /// The ODS code of its organisation; none where nobody knows which it is.
    organisation: Option<String>,
    /// Where it stands.
    state: &'static str,
    /// How urgent it is; none of an incident that is older than priorities are.
    priority: Option<&'static str>,
    /// When it was reported first: RFC 3339, UTC.
    opened_at: String,
    /// When it was closed.
    closed_at: Option<String>,
    /// Why it was closed; empty where it was not, and where that is no longer kept.
    outcome: String,
    /// How much speaks for it: more is more alike.
    score: i64,
    /// What speaks for it, the weightiest first.
    reasons: Vec<SimilarReason>,
    /// The titles of the lessons that are shared.
    lessons: Vec<String>,
    /// Where people see it.
    link: String,
}

/// What is like an incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarIncidents {
    /// Up to 10, the most alike first.
    incidents: Vec<SimilarIncident>,
}

/// Tells which incidents of the sector are most like one.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents/{number}/similar", tag = "cert: incidents",
    operation_id = "cert_similar_incidents",
    params(("number" = String, Path, description = "Its number", example = "I-7K3Q-X2MB")),
    responses((status = 200, description = "Those that are most like it", body = SimilarIncidents),
              (status = 404, description = "There is no such incident"))
)]
async fn cert_similar(
    State(app): State<App>,
    Opened { mut snapshot, sight }: Opened,
) -> Answer<SimilarIncidents> {
    if sight.party != Party::Cert {
        return Err(Error::NotFound);
    }
    let similar = super::with_lessons(&mut snapshot, &sight.incident).await?;
    Ok(axum::Json(SimilarIncidents { incidents: similar.into_iter().map(|each| told(&app, each)).collect() }))
}

fn told(app: &App, similar: Similar) -> SimilarIncident {
    let reason = |each: &super::Reason| SimilarReason { code: each.code(), text: each.in_words() };
    SimilarIncident {
        number: similar.receipt.to_string(),
        organisation: similar.code,
        state: similar.state.code(),
        priority: similar.priority.map(crate::triage::Priority::code),
        opened_at: similar.opened_at.to_string(),
        closed_at: similar.closed_at.map(|at| at.to_string()),
        outcome: similar.outcome,
        score: similar.score,
        reasons: similar.reasons.iter().map(reason).collect(),
        lessons: similar.lessons.into_iter().map(|lesson| lesson.title).collect(),
        link: app.link(&format!("/incidents/{}", similar.id)),
    }
}
