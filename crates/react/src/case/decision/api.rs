//! Decisions for machines: read, and written down.

use axum::{extract::Query, response::Response};
use jiff::Timestamp;
use platform::web::{Error, Json, Route, cursor::Page};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{Decided, DecisionId, actions, store};
use crate::case::{
    LONGEST, LONGEST_LINE, Sight, Zone,
    api::{After, Answer, Caller, MadeBody, OfCase, Opened, both, described, made, moment, optional, text},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let sent = r#"{"zone": "shared", "decided": "Divert ambulances", "decider": "Pat Porter", "role": "Gold commander"}"#;
    let add = both!(post "decisions", WriteCases, add).map(|route| route.json(sent));
    [both!(get "decisions", ReadCases, list), add].into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add))]
    struct Decisions;
    described(Decisions::openapi())
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseDecisionBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What was decided; empty where it is no longer kept.
    decided: String,
    /// By whom, as it was written down.
    decider: String,
    /// In which role.
    role: String,
    /// Why.
    why: String,
    /// What else was weighed.
    options: String,
    /// RFC 3339, UTC.
    decided_at: String,
    /// When it is to be looked at again.
    review_at: Option<String>,
    /// The one that it reviews.
    #[schema(value_type = Option<String>, format = "uuid")]
    reviews: Option<Uuid>,
    /// The one that reviews it.
    #[schema(value_type = Option<String>, format = "uuid")]
    reviewed_by: Option<Uuid>,
    /// By which side it was written down.
    side: Option<&'static str>,
    /// The organisation whose people wrote it down.
    through: Option<String>,
    /// When it was written down.
    recorded_at: String,
}

/// A page of decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseDecisionsBody {
    /// Up to 50, the last first.
    decisions: Vec<CaseDecisionBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseDecision {
    /// Who is to read it.
    #[schema(value_type = String, pattern = "^(own|shared|cert)$", example = "shared")]
    zone: Zone,
    /// What was decided, up to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000, example = "Divert ambulances")]
    decided: String,
    /// By whom.
    #[schema(min_length = 1, max_length = 200, example = "Pat Porter")]
    decider: String,
    /// In which role.
    #[schema(min_length = 1, max_length = 200, example = "Gold commander")]
    role: String,
    /// Why, up to 4,000 characters.
    #[serde(default)]
    #[schema(max_length = 4000)]
    why: String,
    /// What else was weighed, up to 4,000 characters.
    #[serde(default)]
    #[schema(max_length = 4000)]
    options: String,
    /// When, RFC 3339, in the past; now where this is absent.
    #[serde(default)]
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    /// When it is to be looked at again, RFC 3339.
    #[serde(default)]
    #[schema(format = DateTime)]
    review_at: Option<String>,
}

/// Reads the decisions of a case.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/decisions", tag = "cases", operation_id = "read_case_decisions",
    params(OfCase, After),
    responses((status = 200, description = "A page of what the key's zones hold", body = CaseDecisionsBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened, Query(after): Query<After>) -> Answer<CaseDecisionsBody> {
    let from = after.or((Timestamp::MAX, DecisionId(Uuid::max())))?;
    let rows = store::of(&mut case.snapshot, case.sight.incident.id, case.sight.reads, from).await?;
    let Page { rows, next } = Page::of(rows, |row| (row.decided_at, row.id));
    Ok(axum::Json(CaseDecisionsBody { decisions: rows.into_iter().map(body).collect(), next }))
}

fn body(decision: store::Decision) -> CaseDecisionBody {
    CaseDecisionBody {
        id: decision.id.0,
        zone: decision.zone.code(),
        decided: decision.decided,
        decider: decision.decider,
        role: decision.role,
        why: decision.why,
        options: decision.options,
        decided_at: decision.decided_at.to_string(),
        review_at: decision.review_at.map(|at| at.to_string()),
        reviews: decision.reviews_id.map(|id| id.0),
        reviewed_by: decision.reviewed_by.map(|id| id.0),
        side: Sight::side(true, decision.through.as_deref()),
        through: decision.through,
        recorded_at: decision.recorded_at.to_string(),
    }
}

/// Writes down what was decided in a case.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/decisions", tag = "cases", operation_id = "write_case_decision",
    params(OfCase), request_body = NewCaseDecision,
    responses((status = 201, description = "It was taken", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseDecision>) -> Result<Response, Error> {
    let decided = text("decided", &sent.decided, LONGEST)?;
    let by = text("decider", &sent.decider, LONGEST_LINE)?;
    let role = text("role", &sent.role, LONGEST_LINE)?;
    let why = optional("why", &sent.why, LONGEST)?;
    let options = optional("options", &sent.options, LONGEST)?;
    let decided_at = moment("decided_at", sent.decided_at.as_deref())?;
    let review_at = moment("review_at", sent.review_at.as_deref())?;
    let (mut tx, sight) = case.begin().await?;
    let decided_at = decided_at.unwrap_or(tx.now);
    let decided = Decided { form: tx.id(), decided, decider: by, role, why, options, decided_at, review_at };
    let id = actions::decide(&mut tx, &case.actor, sight.incident.id, sent.zone, &decided).await?;
    made(tx, id.0).await
}
