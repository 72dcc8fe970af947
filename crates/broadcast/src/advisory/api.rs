//! Advisories for the CERT's own systems: every version's text under its marking.
//!
//! Nothing is written, approved or published here: that is what people answer for. What is not out yet is
//! read by keys alone that may read drafts, and TLP:RED by no machine.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use formats::Tlp;
use http::HeaderMap;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{
        Error, Route,
        cursor::{self, Page},
        etag,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    AdvisoryNumber, Content, Severity, State as Stage, Version, VersionId,
    store::{
        self,
        list::{self, Listed, Wanted as Which},
    },
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadAdvisories.code());
    vec![
        Route::get("/api/v1/cert/advisories", rule, list),
        Route::get("/api/v1/cert/advisories/{number}", rule, show)
            .sample("/api/v1/cert/advisories/{advisory}"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show))]
    struct Advisories;
    Advisories::openapi()
}

/// Which versions, and where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Where it stands; any where this is absent, of those that the key may read
    #[param(inline)]
    state: Option<Stage>,
    /// The `next` of the page before
    after: Option<String>,
}

/// A version of an advisory, of the list.
#[derive(Debug, Serialize, ToSchema)]
struct CertVersionItem {
    /// The advisory's number.
    #[schema(example = "CC-0001")]
    number: String,
    /// The how-manieth version, from 1.
    #[schema(example = 1)]
    version: i64,
    /// Where it stands.
    state: Stage,
    /// How much it asks.
    severity: Severity,
    /// The marking: `clear`, `green`, `amber`, `amber+strict` or `red`
    #[schema(example = "green")]
    tlp: String,
    /// Its title; absent at TLP:RED, which is for people alone.
    title: Option<String>,
    /// When it was begun.
    created_at: String,
    /// When it was approved.
    approved_at: Option<String>,
}

/// A page of versions.
#[derive(Debug, Serialize, ToSchema)]
struct CertVersionList {
    /// Up to 50, the newest first.
    versions: Vec<CertVersionItem>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An advisory.
#[derive(Debug, Serialize, ToSchema)]
struct CertAdvisory {
    /// Its number.
    #[schema(example = "CC-0001")]
    number: String,
    /// Where people read it.
    link: String,
    /// When it was withdrawn.
    withdrawn_at: Option<String>,
    /// Its versions that the key may read, the newest first.
    versions: Vec<CertVersion>,
}

/// A version of an advisory, whole.
#[derive(Debug, Serialize, ToSchema)]
struct CertVersion {
    /// The how-manieth, from 1.
    #[schema(example = 1)]
    version: i64,
    /// Where it stands.
    state: Stage,
    /// How much it asks.
    severity: Severity,
    /// The marking: `clear`, `green`, `amber`, `amber+strict` or `red`
    #[schema(example = "green")]
    tlp: &'static str,
    /// When it was begun.
    created_at: String,
    /// When it was approved.
    approved_at: Option<String>,
    /// When it was published.
    published_at: Option<String>,
    /// What it says; absent at TLP:RED, which is for people alone.
    said: Option<CertVersionSaid>,
}

/// What a version says.
#[derive(Debug, Serialize, ToSchema)]
struct CertVersionSaid {
    /// Its title.
    title: String,
    /// Markdown texts, steps, CVEs, indicators (defanged).
    #[schema(value_type = Object)]
    content: Content,
}

/// Whether the key may read what is not out yet.
fn reads_drafts(actor: &Actor) -> bool {
    Rule::CertScope(Scope::ReadDrafts.code()).admits(actor)
}

/// Lists the versions of advisories, the newest first: those that are or were out, and with the scope
/// `drafts:read` those on their way too.
#[utoipa::path(
    get, path = "/api/v1/cert/advisories", tag = "cert: advisories", operation_id = "cert_list_advisories",
    params(Wanted),
    responses((status = 200, description = "A page of versions", body = CertVersionList))
)]
async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(wanted): Query<Wanted>,
) -> Result<Json<CertVersionList>, Error> {
    let after: Option<VersionId> = cursor::given(wanted.after.as_deref())?;
    let which = match wanted.state {
        state if reads_drafts(&actor) => state.into(),
        None => Which::Published,
        Some(state) if !state.is_open() => Which::In(state),
        Some(_) => {
            let sentence =
                "This key does not have the scope \"drafts:read\", which is needed for that state.";
            return Err(Error::Forbidden(sentence.to_owned()));
        }
    };
    let rows = list::list(&mut app.read().await?, which, after).await?;
    let page = Page::of(rows, |row| row.id);
    Ok(Json(CertVersionList { versions: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// One advisory with the text of each of its versions under its marking.
#[utoipa::path(
    get, path = "/api/v1/cert/advisories/{number}", tag = "cert: advisories", operation_id = "cert_show_advisory",
    params(("number" = String, Path, description = "Such as CC-0001", example = "CC-0001"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The advisory", body = CertAdvisory, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such advisory, or none that the key may read"))
)]
async fn show(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Result<Response, Error> {
    let number: AdvisoryNumber = number.parse().map_err(|_| Error::NotFound)?;
    let mut versions = store::versions(&mut app.read().await?, number).await?;
    if !reads_drafts(&actor) {
        versions.retain(|version| !version.state.is_open());
    }
    let newest = versions.first().ok_or(Error::NotFound)?;
    let advisory = CertAdvisory {
        number: number.to_string(),
        link: app.link(&format!("/advisories/{number}")),
        withdrawn_at: newest.withdrawn_at.map(|at| at.to_string()),
        versions: versions.into_iter().map(Into::into).collect(),
    };
    etag::tagged(&headers, &advisory)
}

impl From<Listed> for CertVersionItem {
    fn from(row: Listed) -> Self {
        Self {
            number: row.number.to_string(),
            version: row.version,
            state: row.state,
            severity: row.severity,
            title: Some(row.title).filter(|_| row.tlp != Tlp::Red.code()),
            tlp: row.tlp,
            created_at: row.created_at.to_string(),
            approved_at: row.approved_at.map(|at| at.to_string()),
        }
    }
}

impl From<Version> for CertVersion {
    fn from(version: Version) -> Self {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let wording = version.wording;
        let said = CertVersionSaid { title: wording.title, content: wording.content };
        Self {
            version: version.version,
            state: version.state,
            severity: wording.severity,
            tlp: wording.tlp.code(),
            created_at: version.created_at.to_string(),
            approved_at: at(version.approved_at),
            published_at: at(version.published_at),
            said: (wording.tlp != Tlp::Red).then_some(said),
        }
    }
}
