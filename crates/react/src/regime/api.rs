//! What is owed to regulators, for machines: when the organisation became aware, where each report stands, and what was
//! done about it. A machine writes down what a person decided or sent elsewhere, by their name. What changes or takes back
//! what stands here already is for people, who read it first.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use platform::web::{Error, Json, Route};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    ClockId, LONGEST_NAME, LONGEST_REASON, LONGEST_REPORT, Trigger,
    actions::{self, Aware, Decision, Sent},
    draft, store,
};
use crate::case::{
    Party, Sight, Zone,
    api::{
        Answer, Caller, MadeBody, OfCase, Opened, both, described, done, made, moment, optional, text, whole,
    },
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let known = r#"{"zone": "shared", "trigger": "significant_incident", "aware_at": "2026-01-01T09:00:00Z",
                   "decided_by": "Eve Executive", "why": "The laboratory stopped"}"#;
    let reported = r#"{"version": 1, "sent_at": "2026-01-01T10:00:00Z", "sent_by": "Eve Executive", "reference": "IC-1",
                      "text": "What was sent"}"#;
    let excused = r#"{"version": 1, "decided_by": "Eve Executive", "reason": "Nobody is at risk"}"#;
    let all = [
        both!(get "awareness", ReadCases, awarenesses),
        both!(post "awareness", WriteCases, aware).map(|route| route.json(known)),
        both!(get "clocks", ReadCases, list),
        both!(get "clocks/{clock}", ReadCases, show, "clocks/{running_clock}"),
        both!(post "clocks/{clock}/sent", WriteCases, sent, "clocks/{running_clock}/sent")
            .map(|route| route.json(reported)),
        both!(post "clocks/{clock}/not-required", WriteCases, not_required, "clocks/{running_clock}/not-required")
            .map(|route| route.json(excused)),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(awarenesses, aware, list, show, sent, not_required))]
    struct Regulators;
    described(Regulators::openapi())
}

/// A decision on when the organisation became aware, and of what.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAwarenessBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// Of what.
    trigger: &'static str,
    /// Since when: RFC 3339, UTC.
    aware_at: String,
    /// By whom it was decided, as it was written down; empty where it is no longer kept.
    decided_by: String,
    /// Why then.
    why: String,
    /// By which side it was written down.
    side: Option<&'static str>,
    /// The organisation whose people wrote it down.
    through: Option<String>,
    /// When it was written down.
    recorded_at: String,
    /// The one that it corrects.
    #[schema(value_type = Option<String>, format = "uuid")]
    corrects: Option<Uuid>,
    /// The one that corrects it.
    #[schema(value_type = Option<String>, format = "uuid")]
    corrected_by: Option<Uuid>,
}

/// The decisions of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAwarenessesBody {
    /// The first written down first; 200 at most.
    awareness: Vec<CaseAwarenessBody>,
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
    /// To whom it is reported.
    recipient: &'static str,
    /// When the organisation became aware: RFC 3339, UTC.
    aware_at: String,
    /// Where it stands.
    state: &'static str,
    /// When it is due; none where the law names no hour.
    due_at: Option<String>,
    /// When it was reported first, or decided not to be required.
    ended_at: Option<String>,
    /// Grows with every change; whoever does something about it names the one that they read.
    version: i64,
}

/// The clocks of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClocksBody {
    /// In the order of awareness and of the law; 200 at most.
    clocks: Vec<CaseClockBody>,
}

/// Something that was done about a clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClockStep {
    /// What.
    step: &'static str,
    /// When it was sent, or decided: RFC 3339, UTC.
    happened_at: String,
    /// Who sent it, or decided, as it was written down; empty where it is no longer kept.
    by: String,
    /// The number that the recipient gave: the receipt.
    reference: String,
    /// What was sent, as it was; not for those who were let in.
    text: String,
    /// The reasons.
    reason: String,
    /// By which side it was written down.
    side: Option<&'static str>,
    /// The organisation whose people wrote it down.
    through: Option<String>,
    /// When it was written down.
    recorded_at: String,
}

/// Something that a report has to say.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClockFact {
    /// What names it.
    key: &'static str,
    /// What it is called.
    label: &'static str,
    /// Whether the law asks for it.
    required: bool,
    /// Whether the case tells it, or somebody wrote it.
    known: bool,
}

/// A clock with all that was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeCaseClock {
    /// The clock.
    #[serde(flatten)]
    clock: CaseClockBody,
    /// What was done about it, the first first.
    steps: Vec<CaseClockStep>,
    /// What its report has to say; not for those who were let in.
    facts: Vec<CaseClockFact>,
}

/// When an organisation became aware, as somebody decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseAwareness {
    /// Who is to read it, and what follows from it.
    #[schema(value_type = String, pattern = "^(own|shared)$", example = "shared")]
    zone: Zone,
    /// Of what.
    #[schema(value_type = String, pattern = "^(personal_data_breach|high_risk_to_people|significant_incident)$",
             example = "significant_incident")]
    trigger: Trigger,
    /// Since when, RFC 3339, in the past.
    #[schema(format = DateTime, example = "2026-06-01T02:10:00Z")]
    aware_at: String,
    /// Who decided that: a person.
    #[schema(min_length = 1, max_length = 200, example = "Eve Executive")]
    decided_by: String,
    /// Why then, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "The laboratory stopped")]
    why: String,
}

/// A report that was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseReportSent {
    /// The version of the clock that was read.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// When it was sent, RFC 3339, in the past.
    #[schema(format = DateTime, example = "2026-06-01T10:00:00Z")]
    sent_at: String,
    /// Who sent it: a person.
    #[schema(min_length = 1, max_length = 200, example = "Eve Executive")]
    sent_by: String,
    /// The number that the recipient gave, up to 200 characters.
    #[serde(default)]
    #[schema(max_length = 200, example = "IC-4711")]
    reference: String,
    /// What was sent, as it was, up to 40,000 characters.
    #[schema(min_length = 1, max_length = 40_000, example = "What was sent")]
    text: String,
    /// Why it is late, where it is, up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    late_because: String,
}

/// A decision that no report is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseReportNotRequired {
    /// The version of the clock that was read.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// Who decided that: a person.
    #[schema(min_length = 1, max_length = 200, example = "Eve Executive")]
    decided_by: String,
    /// Why, as it would be said to the regulator, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "Nobody is at risk")]
    reason: String,
}

impl From<store::Clock> for CaseClockBody {
    fn from(clock: store::Clock) -> Self {
        Self {
            id: clock.id.0,
            zone: clock.zone.code(),
            called: clock.called(),
            recipient: clock.recipient(),
            regime: clock.regime,
            regime_version: clock.regime_version,
            duty: clock.duty,
            aware_at: clock.aware_at.to_string(),
            state: clock.state.code(),
            due_at: clock.due_at.map(|at| at.to_string()),
            ended_at: clock.ended_at.map(|at| at.to_string()),
            version: clock.version,
        }
    }
}

/// Reads when the organisation of a case became aware, and of what.
///
/// It is whole: there is no page after it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/awareness", tag = "cases", operation_id = "read_case_awareness",
    params(OfCase),
    responses((status = 200, description = "What the key's zones hold", body = CaseAwarenessesBody),
              (status = 404, description = "There is no such incident"))
)]
async fn awarenesses(mut case: Opened) -> Answer<CaseAwarenessesBody> {
    let rows = store::awarenesses(&mut case.snapshot, case.sight.incident.id, case.sight.reads).await?;
    let body = |each: store::Awareness| CaseAwarenessBody {
        id: each.id.0,
        zone: each.zone.code(),
        trigger: each.trigger_code.code(),
        aware_at: each.aware_at.to_string(),
        decided_by: each.decided_by,
        why: each.why,
        side: Sight::side(true, each.through.as_deref()),
        through: each.through,
        recorded_at: each.recorded_at.to_string(),
        corrects: each.corrects_id.map(|id| id.0),
        corrected_by: each.corrected_by.map(|id| id.0),
    };
    Ok(axum::Json(CaseAwarenessesBody { awareness: rows.into_iter().map(body).collect() }))
}

/// Writes down when the organisation became aware: the clock of each duty that follows begins.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/awareness", tag = "cases", operation_id = "write_case_awareness",
    params(OfCase), request_body = NewCaseAwareness,
    responses((status = 201, description = "It was taken", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read that zone"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn aware(case: Caller, Json(told): Json<NewCaseAwareness>) -> Result<Response, Error> {
    let at = past("aware_at", &told.aware_at)?;
    let decided_by = text("decided_by", &told.decided_by, LONGEST_NAME)?;
    let why = text("why", &told.why, LONGEST_REASON)?;
    let (mut tx, sight) = case.begin().await?;
    let aware = Aware { at, decided_by, why, form: tx.id() };
    let (settings, which) = (&case.app.settings.regulators, (told.zone, told.trigger));
    let id = actions::aware(&mut tx, &case.actor, settings, sight.incident.id, which, &aware).await?;
    made(tx, id.0).await
}

/// Reads the clocks of regulators of a case.
///
/// It is whole: there is no page after it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/clocks", tag = "cases", operation_id = "read_case_clocks",
    params(OfCase),
    responses((status = 200, description = "What the key's zones hold", body = CaseClocksBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened) -> Answer<CaseClocksBody> {
    let clocks = store::clocks(&mut case.snapshot, case.sight.incident.id, case.sight.reads).await?;
    Ok(axum::Json(CaseClocksBody { clocks: clocks.into_iter().map(Into::into).collect() }))
}

/// Reads a clock with what was done about it, and what its report has to say.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/clocks/{clock}", tag = "cases", operation_id = "read_case_clock",
    params(OfCase, ("clock" = String, Path, format = "uuid", description = "The clock")),
    responses((status = 200, description = "The clock", body = WholeCaseClock),
              (status = 404, description = "There is no such clock in the zones of the key"))
)]
async fn show(mut case: Opened, Path((_, id)): Path<(String, ClockId)>) -> Answer<WholeCaseClock> {
    let (snapshot, sight) = (&mut case.snapshot, &case.sight);
    let clock = store::clock(snapshot, sight.incident.id, sight.reads, id).await?.ok_or(Error::NotFound)?;
    let steps = store::done(snapshot, clock.id).await?;
    // A draft is made of the report, which guests do not read, and neither do they read what was sent.
    let is_guest = sight.party == Party::Guest;
    let lines = if is_guest { Vec::new() } else { draft::material(snapshot, sight).await?.lines(&clock) };
    let step = |done: store::Done| CaseClockStep {
        step: done.step.code(),
        happened_at: done.happened_at.to_string(),
        by: done.by_name,
        reference: done.reference,
        text: if is_guest { String::new() } else { done.text },
        reason: done.reason,
        side: Sight::side(true, done.through.as_deref()),
        through: done.through,
        recorded_at: done.recorded_at.to_string(),
    };
    let fact = |line: &draft::Line| CaseClockFact {
        key: &line.fact.key,
        label: &line.fact.label,
        required: line.fact.required,
        known: line.text().is_some(),
    };
    Ok(axum::Json(WholeCaseClock {
        steps: steps.into_iter().map(step).collect(),
        facts: lines.iter().map(fact).collect(),
        clock: clock.into(),
    }))
}

/// Keeps that a report was sent, with its receipt.
///
/// What was sent stays as it was; a further report is a further part. A late one goes with its reasons.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/clocks/{clock}/sent", tag = "cases", operation_id = "write_case_report_sent",
    params(OfCase, ("clock" = String, Path, format = "uuid", description = "The clock")),
    request_body = CaseReportSent,
    responses((status = 204, description = "It was taken"),
              (status = 404, description = "There is no such clock in the zones of the key"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn sent(
    case: Caller,
    Path((_, clock)): Path<(String, ClockId)>,
    Json(told): Json<CaseReportSent>,
) -> Result<StatusCode, Error> {
    let at = past("sent_at", &told.sent_at)?;
    let by = text("sent_by", &told.sent_by, LONGEST_NAME)?;
    let reference = optional("reference", &told.reference, LONGEST_NAME)?;
    let words = text("text", &told.text, LONGEST_REPORT)?;
    let reason = optional("late_because", &told.late_because, LONGEST_REASON)?;
    let (mut tx, sight) = case.begin().await?;
    let sent = Sent { at, by, reference, text: words, reason, form: tx.id() };
    let which = (clock, told.version);
    actions::report(&mut tx, &case.actor, sight.incident.id, which, &sent).await?;
    done(tx).await
}

/// Writes down that somebody decided that no report is required, and why.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/clocks/{clock}/not-required", tag = "cases",
    operation_id = "write_case_report_not_required",
    params(OfCase, ("clock" = String, Path, format = "uuid", description = "The clock")),
    request_body = CaseReportNotRequired,
    responses((status = 204, description = "It was taken"),
              (status = 404, description = "There is no such clock in the zones of the key"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn not_required(
    case: Caller,
    Path((_, clock)): Path<(String, ClockId)>,
    Json(told): Json<CaseReportNotRequired>,
) -> Result<StatusCode, Error> {
    let by = text("decided_by", &told.decided_by, LONGEST_NAME)?;
    let reason = text("reason", &told.reason, LONGEST_REASON)?;
    let (mut tx, sight) = case.begin().await?;
    let decision = Decision { by, reason, form: tx.id() };
    let which = (clock, told.version);
    actions::not_require(&mut tx, &case.actor, sight.incident.id, which, &decision).await?;
    done(tx).await
}

/// A moment that is needed; that it is past is asked by what is done.
fn past(field: &str, told: &str) -> Result<jiff::Timestamp, Error> {
    let none = || Error::Unprocessable(format!("{field}: Write a moment as 2026-06-01T02:10:00Z."));
    moment(field, Some(told))?.ok_or_else(none)
}
