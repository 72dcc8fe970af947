//! The sightings of all organisations, for the CERT's own systems, each under its marking. What becomes of
//! one is decided by people.

use axum::{
    Json,
    extract::{Query, State},
};
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
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    SightingId, Status,
    api::SightingBody,
    store::{self, Sighting},
};
use crate::threat::{self, ThreatId};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadReceived.code());
    vec![Route::get("/api/v1/cert/sightings", rule, list).sample("/api/v1/cert/sightings?status=new")]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list))]
    struct Received;
    Received::openapi()
}

/// Which sightings, and where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Where it stands; any where this is absent
    #[param(inline)]
    status: Option<Status>,
    /// The id of the threat that they were linked to
    threat: Option<String>,
    /// The `next` of the page before
    after: Option<String>,
}

/// A sighting with whom it was seen at. It is that organisation's own: nobody else may learn of it.
#[derive(Debug, Serialize, ToSchema)]
struct CertSighting {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// The name of the organisation.
    name: String,
    /// The code of its region.
    #[schema(example = "Y63")]
    region: Option<String>,
    /// The name of the organisation whose person or machine reported it.
    through: String,
    /// The threat that it was linked to.
    threat: Option<String>,
    /// What was reported.
    #[serde(flatten)]
    sighting: SightingBody,
}

/// A page of sightings.
#[derive(Debug, Serialize, ToSchema)]
struct CertSightingList {
    /// Up to 50, the newest first.
    sightings: Vec<CertSighting>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists what organisations reported that they saw.
#[utoipa::path(
    get, path = "/api/v1/cert/sightings", tag = "cert: sightings", operation_id = "cert_list_sightings",
    params(Wanted),
    responses((status = 200, description = "A page of sightings", body = CertSightingList),
              (status = 404, description = "There is no such threat"))
)]
async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<CertSightingList>, Error> {
    let after: Option<SightingId> = cursor::given(wanted.after.as_deref())?;
    let threat: Option<ThreatId> =
        wanted.threat.map(|id| id.parse().map_err(|()| Error::NotFound)).transpose()?;
    let mut snapshot = app.read().await?;
    if let Some(threat) = threat {
        threat::store::threat(&mut snapshot, threat).await?.ok_or(Error::NotFound)?;
    }
    let rows = store::received(&mut snapshot, wanted.status, threat, after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    Ok(Json(CertSightingList { sightings: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

impl From<Sighting> for CertSighting {
    fn from(sighting: Sighting) -> Self {
        Self {
            id: sighting.id.to_string(),
            name: sighting.name.clone(),
            region: sighting.region.clone(),
            through: sighting.through.clone(),
            threat: sighting.threat.map(|id| id.to_string()),
            sighting: sighting.into(),
        }
    }
}
