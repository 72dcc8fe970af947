//! The clocks of regulators for machines: where each stands, and from when it counts. What is decided and reported is
//! people's to decide and to report.

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
use crate::case::api::{After, opened, reads};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Scope::ReadCases.code();
    vec![
        Route::get("/api/v1/incidents/{number}/clocks", Rule::Scope(read), list)
            .sample("/api/v1/incidents/{incident_number}/clocks"),
        Route::get("/api/v1/cert/incidents/{number}/clocks", Rule::CertScope(read), cert_list)
            .sample("/api/v1/cert/incidents/{incident_number}/clocks"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, cert_list))]
    struct Reads;
    Reads::openapi()
}

/// A clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClockBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// The regime that asks for the report.
    regime: String,
    /// The version of the regime that set it.
    regime_version: i64,
    /// The duty within it.
    duty: String,
    /// What both are called.
    called: String,
    /// When the organisation became aware: RFC 3339, UTC.
    aware_at: String,
    /// Where it stands.
    state: &'static str,
    /// When it is due; none where the law names no hour.
    due_at: Option<String>,
    /// When it was reported first, or decided not to be required.
    ended_at: Option<String>,
}

/// The clocks of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClocksBody {
    /// In the order of awareness and of the law; 200 at most.
    clocks: Vec<CaseClockBody>,
}

/// It is whole: there is no page after it.
async fn listed(app: &App, actor: &Actor, number: &str, _: &After) -> Result<CaseClocksBody, Error> {
    let mut snapshot = app.read().await?;
    let sight = opened(&mut snapshot, actor, app.env.now(), number).await?;
    let clocks = store::clocks(&mut snapshot, sight.incident.id, sight.reads).await?;
    let body = |clock: store::Clock| CaseClockBody {
        id: clock.id.0,
        zone: clock.zone.code(),
        called: clock.called(),
        regime: clock.regime,
        regime_version: clock.regime_version,
        duty: clock.duty,
        aware_at: clock.aware_at.to_string(),
        state: clock.state.code(),
        due_at: clock.due_at.map(|at| at.to_string()),
        ended_at: clock.ended_at.map(|at| at.to_string()),
    };
    Ok(CaseClocksBody { clocks: clocks.into_iter().map(body).collect() })
}

reads!(listed: list "/api/v1/incidents/{number}/clocks" "read_case_clocks",
       cert_list "/api/v1/cert/incidents/{number}/clocks" "cert_read_case_clocks",
       "Reads the clocks of regulators of a case.", CaseClocksBody);
