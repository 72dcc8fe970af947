//! The responses of an alert, page by page: what the CSV holds.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    App,
    web::{
        Error,
        cursor::{self, PAGE, Page},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::After;
use crate::{
    alert::AlertId,
    response::{self, Applies, Outcome, line::Line},
    sector::{SectorError, export},
};

/// Where one organisation stands with an alert.
#[derive(Debug, Serialize, ToSchema)]
struct CertResponse {
    /// ODS code.
    #[schema(example = "RWA")]
    organisation: String,
    /// Its name.
    name: String,
    /// Its type.
    #[schema(example = "trust")]
    kind: String,
    /// The code of its region, as at issue; empty where none is known.
    #[schema(example = "Y63")]
    region: String,
    /// `unacknowledged`, `in_progress`, `awaits_executive`, `not_applicable`, `closed` or `for_information`
    #[schema(example = "in_progress")]
    stage: &'static str,
    /// When something is next due of it.
    due_at: Option<String>,
    /// Whether that has passed.
    late: bool,
    /// Whether the alert applies.
    applies: Applies,
    /// Why it does not; like all that people wrote, absent at TLP:RED.
    applies_reason: Option<String>,
    /// When it was acknowledged.
    acknowledged_at: Option<String>,
    /// What was done so far.
    done: Option<String>,
    /// How many systems are concerned.
    systems: Option<u32>,
    /// By which day the remedy is planned.
    planned_on: Option<String>,
    /// What stands in the way.
    blockers: Option<String>,
    /// What lowers the risk until the remedy is in place.
    mitigation: Option<String>,
    /// When it is to be said how it goes on.
    next_update_at: Option<String>,
    /// How it ended, where it did.
    outcome: Option<Outcome>,
    /// When it was closed.
    closed_at: Option<String>,
    /// The code of the organisation that answered for it.
    answered_through: Option<String>,
}

/// A page of responses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertResponseList {
    /// The alert's number.
    #[schema(example = "CC-0001")]
    alert: String,
    /// Up to 50, by code.
    responses: Vec<CertResponse>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists where each organisation stands with an alert.
#[utoipa::path(
    get, path = "/api/v1/cert/alerts/{id}/responses", tag = "cert: alerts", operation_id = "cert_list_responses",
    params(("id" = String, Path, description = "The alert's id"),
           ("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of responses", body = CertResponseList),
              (status = 404, description = "There is no such alert"))
)]
pub(super) async fn list(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<After>,
) -> Result<Json<CertResponseList>, Error> {
    let id: AlertId = id.parse().map_err(|()| Error::NotFound)?;
    let after: String = cursor::given(query.after.as_deref())?.unwrap_or_default();
    let mut snapshot = app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut lines = export::lines(&mut snapshot, id, &after, most).await?;
    drop(snapshot);
    if alert.tlp.0 == Tlp::Red {
        lines.iter_mut().for_each(Line::blank);
    }
    let now = app.env.now();
    let page = Page::of(lines, |line| line.code.clone());
    let responses = page.rows.into_iter().map(|line| CertResponse::of(line, now)).collect();
    Ok(Json(CertResponseList { alert: alert.number.to_string(), responses, next: page.next }))
}

impl CertResponse {
    fn of(line: Line, now: Timestamp) -> Self {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            organisation: line.code,
            name: line.name,
            kind: line.kind,
            region: line.region,
            stage: line.stage.code(),
            due_at: at(line.due_at),
            late: line.due_at.is_some_and(|due| due <= now),
            applies: line.applies,
            applies_reason: line.applies_reason,
            acknowledged_at: at(line.acknowledged_at),
            done: line.done,
            systems: line.systems,
            planned_on: line.planned_on,
            blockers: line.blockers,
            mitigation: line.mitigation,
            next_update_at: at(line.next_update_at),
            outcome: line.outcome,
            closed_at: at(line.closed_at),
            answered_through: line.answered_through,
        }
    }
}
