//! Organisations for machines: those that a key stands for, and nobody else.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::store::{self, Organisation};
use crate::{
    Actor, App,
    access::Rule,
    web::{
        Error, Route,
        cursor::{self, Page},
        etag,
    },
};

/// The scope of a key that may read organisations.
pub const READ: &str = "organisations:read";

/// The part of the API's description that is about organisations.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show))]
    struct Organisations;
    Organisations::openapi()
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/organisations", Rule::Scope(READ), list),
        Route::get("/api/v1/organisations/{code}", Rule::Scope(READ), show)
            .sample("/api/v1/organisations/{organisation_code}"),
    ]
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationBody {
    /// Its ODS code.
    #[schema(example = "A81001")]
    code: String,
    /// Its name.
    name: String,
    /// Its kind.
    #[schema(example = "gp_practice")]
    kind: String,
    /// `open`, `closed`, `dormant` or `proposed`.
    #[schema(example = "open")]
    status: &'static str,
    /// The code of its region.
    #[schema(example = "Y63")]
    region: Option<String>,
    /// The code of what it belongs to.
    parent: Option<String>,
    /// The code of its integrated care board.
    icb: Option<String>,
    /// Its postcode.
    postcode: Option<String>,
}

impl From<Organisation> for OrganisationBody {
    fn from(organisation: Organisation) -> Self {
        Self {
            code: organisation.code,
            name: organisation.name,
            kind: organisation.kind,
            status: organisation.status.code(),
            region: organisation.region,
            parent: organisation.parent_code,
            icb: organisation.icb_code,
            postcode: organisation.postcode,
        }
    }
}

/// A page of organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationsBody {
    /// Up to 50, by code.
    organisations: Vec<OrganisationBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// The organisations that the key stands for: its own, and those that its own answers for.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "organisations",
    operation_id = "list_organisations",
    params(("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of organisations", body = OrganisationsBody))
)]
async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<After>,
) -> Result<Json<OrganisationsBody>, Error> {
    let after: String = cursor::given(query.after.as_deref())?.unwrap_or_default();
    let rows = store::stood_for(&mut app.read().await?, &actor, &after, app.env.now()).await?;
    let page = Page::of(rows, |row| row.code.clone());
    let organisations = page.rows.into_iter().map(Into::into).collect();
    Ok(Json(OrganisationsBody { organisations, next: page.next }))
}

/// One organisation that the key stands for.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{code}",
    tag = "organisations",
    operation_id = "show_organisation",
    params(("code" = String, Path, description = "Its ODS code"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses(
        (status = 200, description = "The organisation", body = OrganisationBody, headers(("ETag" = String))),
        (status = 304, description = "It is as you hold it"),
        (status = 404, description = "There is none, or the key does not stand for it")
    )
)]
async fn show(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let id = store::id_of(&mut snapshot, &code.to_uppercase()).await?.ok_or(Error::NotFound)?;
    let found = store::visible(&mut snapshot, &actor, id, app.env.now()).await?.ok_or(Error::NotFound)?;
    etag::tagged(&headers, &OrganisationBody::from(found))
}
