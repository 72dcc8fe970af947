//! The same for machines.

use axum::extract::Query;
use platform::web::{
    Error, Route,
    cursor::{self, Page},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{Found, search};
use crate::case::api::{Answer, Caller, OfCase, both, described};

/// Letters of what is looked for.
const LONGEST: usize = 200;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    both!(get "search", ReadCases, find, "search?q=wallaby").into()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(find))]
    struct Search;
    described(Search::openapi())
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Words, of which each begins a word of what is found
    #[param(min_length = 1, max_length = 200, example = "pharm back")]
    q: String,
    /// The `next` of the page before
    after: Option<String>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseFoundBody {
    /// In what.
    place: &'static str,
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// When it happened, was sent or was saved: RFC 3339, UTC.
    at: String,
    /// The line in which the words stand, shortened.
    line: String,
}

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseFoundsBody {
    /// Up to 50, the last first.
    found: Vec<CaseFoundBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Finds words in a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/search", tag = "cases", operation_id = "search_case",
    params(OfCase, Asked),
    responses((status = 200, description = "What the key's zones hold", body = CaseFoundsBody),
              (status = 404, description = "There is no such incident"))
)]
async fn find(case: Caller, Query(asked): Query<Asked>) -> Answer<CaseFoundsBody> {
    if !(1..=LONGEST).contains(&asked.q.chars().count()) {
        return Err(Error::Unprocessable(format!("\"q\" is 1 to {LONGEST} characters.")));
    }
    let from = cursor::given(asked.after.as_deref())?;
    let mut snapshot = case.app.db.read_long().await?;
    let sight = case.opens(&mut snapshot).await?;
    let (rows, _) = search(&mut snapshot, &sight, &asked.q, from).await?;
    let Page { rows, next } = Page::of(rows, |row| (row.at, row.id));
    let body = |found: Found| CaseFoundBody {
        place: found.place.code(),
        id: found.id,
        zone: found.zone.code(),
        at: found.at.to_string(),
        line: found.line,
    };
    Ok(axum::Json(CaseFoundsBody { found: rows.into_iter().map(body).collect(), next }))
}
