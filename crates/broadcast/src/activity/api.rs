//! Criminals in an area, for the CERT's own systems: the areas with their counts, and what is active in one.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use platform::{
    App,
    access::Rule,
    key::Scope,
    uk,
    web::{
        Error, Route,
        cursor::{self, Page},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    Area,
    counts::{self, Counts},
    store::{self, Active, Cursor},
};
use crate::threat::{self, Kind};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadThreats.code());
    vec![
        Route::get("/api/v1/cert/areas", rule, list),
        Route::get("/api/v1/cert/areas/{area}/threats", rule, active)
            .sample("/api/v1/cert/areas/Y56/threats"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, active))]
    struct Areas;
    Areas::openapi()
}

/// An area with what is active there.
#[derive(Debug, Serialize, ToSchema)]
struct CertArea {
    /// The code of the region, or `everywhere`.
    #[schema(example = "Y63")]
    area: &'static str,
    /// Its name.
    #[schema(example = "North East and Yorkshire")]
    name: &'static str,
    /// Threats that are entered as active today.
    active: i64,
    /// Sightings in the last 7 days.
    sightings_week: i64,
    /// Sightings in the last 30 days.
    sightings_month: i64,
    /// Sightings in the last 90 days.
    sightings_quarter: i64,
}

/// The areas.
#[derive(Debug, Serialize, ToSchema)]
struct CertAreas {
    /// The regions of today by their names, and the whole country.
    areas: Vec<CertArea>,
}

/// A threat that is active in an area, or was seen there.
#[derive(Debug, Serialize, ToSchema)]
struct CertActive {
    /// The threat.
    id: String,
    /// What kind.
    kind: Kind,
    /// Its name; absent where something that is said of it is TLP:RED, which is for people alone.
    title: Option<String>,
    /// Where people read it.
    link: String,
    /// The first day on which it was active; absent where it was seen and not entered.
    since: Option<String>,
    /// The day of the latest sighting of the last 90 days.
    latest: Option<String>,
    /// Sightings in the last 7 days.
    sightings_week: i64,
    /// Sightings in the last 30 days.
    sightings_month: i64,
    /// Sightings in the last 90 days.
    sightings_quarter: i64,
}

/// A page of what is active in an area.
#[derive(Debug, Serialize, ToSchema)]
struct CertActiveList {
    /// Up to 50, the latest seen first.
    threats: Vec<CertActive>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists the areas, with how much is active in each and was seen there.
#[utoipa::path(
    get, path = "/api/v1/cert/areas", tag = "cert: areas", operation_id = "cert_list_areas",
    responses((status = 200, description = "The areas", body = CertAreas))
)]
async fn list(State(app): State<App>) -> Result<Json<CertAreas>, Error> {
    let counted = counts::by_area(&mut app.db.read_long().await?, uk::day(app.env.now())).await?;
    Ok(Json(CertAreas { areas: counted.into_iter().map(Into::into).collect() }))
}

/// Lists the threats that are active in an area today, or were seen there in the last 90 days.
#[utoipa::path(
    get, path = "/api/v1/cert/areas/{area}/threats", tag = "cert: areas", operation_id = "cert_list_active",
    params(("area" = String, Path, description = "The code of a region, or `everywhere`", example = "Y63"),
           ("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of threats", body = CertActiveList),
              (status = 404, description = "There is no such area"))
)]
async fn active(
    State(app): State<App>,
    Path(area): Path<String>,
    Query(query): Query<After>,
) -> Result<Json<CertActiveList>, Error> {
    let area = Area::of(&area).ok_or(Error::NotFound)?;
    let after: Option<Cursor> = cursor::given(query.after.as_deref())?;
    let mut snapshot = app.db.read_long().await?;
    let rows = store::active(&mut snapshot, area, uk::day(app.env.now()), after).await?;
    let page = Page::of(rows, |row| (row.latest.clone(), row.id));
    let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    let red = threat::store::in_person(&mut snapshot, &ids).await?;
    drop(snapshot);
    let threats = page.rows.into_iter().map(|row| {
        let told = !red.contains(&row.id);
        CertActive::of(&app, row, told)
    });
    Ok(Json(CertActiveList { threats: threats.collect(), next: page.next }))
}

impl From<Counts> for CertArea {
    fn from(counts: Counts) -> Self {
        Self {
            area: counts.area.code(),
            name: counts.area.name(),
            active: counts.active,
            sightings_week: counts.week,
            sightings_month: counts.month,
            sightings_quarter: counts.quarter,
        }
    }
}

impl CertActive {
    fn of(app: &App, row: Active, told: bool) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            title: told.then_some(row.title),
            link: app.link(&format!("/threats/{}", row.id)),
            since: row.since,
            latest: Some(row.latest).filter(|day| !day.is_empty()),
            sightings_week: row.week,
            sightings_month: row.month,
            sightings_quarter: row.quarter,
        }
    }
}
