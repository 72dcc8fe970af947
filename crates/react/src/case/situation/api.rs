//! Situation reports for machines: read. They are issued by people.

use axum::extract::Query;
use platform::web::{Route, cursor::Page};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::store;
use crate::case::{
    Zone,
    api::{After, Answer, OfCase, Opened, both, described},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    both!(get "situations", ReadCases, list).into()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list))]
    struct Reads;
    described(Reads::openapi())
}

/// A situation report, as it was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseSituationBody {
    /// Its number in the case, from 1.
    number: i64,
    /// Where it went: improving, stable or worsening.
    outlook: &'static str,
    /// Where the incident stood.
    state: &'static str,
    /// How it stood; empty where it is no longer kept.
    summary: String,
    /// What care was affected.
    impact: String,
    /// What had happened since the one before.
    happened: String,
    /// What was to be done.
    tasks: String,
    /// What was decided.
    decisions: String,
    /// What was next.
    next_steps: String,
    /// RFC 3339, UTC.
    issued_at: String,
    /// How many entries of the log were sealed then.
    tree_size: Option<i64>,
    /// The hash that stands for them.
    tree_head: Option<String>,
}

/// A page of situation reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseSituationsBody {
    /// Up to 50, the last first.
    situations: Vec<CaseSituationBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Reads the situation reports of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/situations", tag = "cases", operation_id = "read_case_situations",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseSituationsBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseSituationsBody> {
    let from = after.or(i64::MAX)?;
    case.sight.read(Zone::Shared)?;
    let rows = store::whole_before(&mut case.snapshot, case.sight.incident.id, from).await?;
    let Page { rows, next } = Page::of(rows, |row| row.number);
    let body = |report: store::Situation| CaseSituationBody {
        number: report.number,
        outlook: report.outlook.code(),
        state: report.state.code(),
        summary: report.summary,
        impact: report.impact,
        happened: report.happened,
        tasks: report.tasks,
        decisions: report.decisions,
        next_steps: report.next,
        issued_at: report.issued_at.to_string(),
        tree_size: report.tree_size,
        tree_head: report.tree_head,
    };
    Ok(axum::Json(CaseSituationsBody { situations: rows.into_iter().map(body).collect(), next }))
}
