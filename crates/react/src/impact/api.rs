//! The board of impact on care for machines: read.

use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{Error, Route},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::store;
use crate::case::{
    Zone,
    api::{After, opened, reads},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Scope::ReadCases.code();
    vec![
        Route::get("/api/v1/incidents/{number}/impact", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/impact"),
        Route::get("/api/v1/cert/incidents/{number}/impact", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/impact"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, cert_list))]
    struct Reads;
    Reads::openapi()
}

/// A service on the board.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseServiceBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What it is called.
    name: String,
    /// The systems that it relies on.
    systems: String,
    /// How it goes on.
    state: &'static str,
    /// Whether the procedure for work without them carries it.
    downtime: &'static str,
    /// Where patients are diverted to; empty where they are not.
    diverted_to: String,
    /// Since when: RFC 3339, UTC.
    diverted_since: Option<String>,
    /// Whether patients come to harm.
    harm: &'static str,
    /// When it changed last.
    changed_at: String,
}

/// How much was postponed so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasePostponedBody {
    /// Up to when: RFC 3339, UTC.
    counted_at: String,
    /// Appointments.
    appointments: i64,
    /// Procedures and operations.
    procedures: i64,
}

/// The board.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseImpactBody {
    /// The services, those that have stopped first; 100 at most.
    services: Vec<CaseServiceBody>,
    /// The counts in the order of their moments, the last 200.
    postponed: Vec<CasePostponedBody>,
}

/// It is whole: there is no page after it.
async fn listed(app: &App, actor: &Actor, number: &str, _: &After) -> Result<CaseImpactBody, Error> {
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    sight.read(Zone::Shared)?;
    let services = store::services(&mut snapshot, sight.incident.id, sight.reads).await?;
    let counts = store::counts(&mut snapshot, sight.incident.id, sight.reads).await?;
    let service = |service: super::Service| CaseServiceBody {
        id: service.id.0,
        zone: service.zone.code(),
        name: service.name,
        systems: service.systems,
        state: service.state.code(),
        downtime: service.downtime.code(),
        diverted_to: service.diverted_to,
        diverted_since: service.diverted_since.map(|at| at.to_string()),
        harm: service.harm.code(),
        changed_at: service.changed_at.to_string(),
    };
    let count = |count: super::Count| CasePostponedBody {
        counted_at: count.counted_at.to_string(),
        appointments: count.appointments,
        procedures: count.procedures,
    };
    Ok(CaseImpactBody {
        services: services.into_iter().map(service).collect(),
        postponed: counts.into_iter().map(count).collect(),
    })
}

reads!(listed: list "/api/v1/incidents/{number}/impact" "read_case_impact",
       cert_list "/api/v1/cert/incidents/{number}/impact" "cert_read_case_impact",
       "Reads the board of impact on care of a case.", CaseImpactBody);
