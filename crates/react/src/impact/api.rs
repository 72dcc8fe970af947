//! The board of impact on care for machines: read and kept up to date, as the systems of an organisation know how its
//! services stand.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use platform::web::{Error, Json, Route};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{Downtime, Harm, LONGEST, LONGEST_NAME, Said, ServiceId, State, actions, store};
use crate::case::{
    CaseError, Zone,
    api::{
        Answer, Caller, MadeBody, OfCase, Opened, both, described, done, made, moment, optional, text, whole,
    },
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let put = r#"{"name": "Pharmacy", "systems": "Prescribing", "state": "stopped", "downtime": "working"}"#;
    let changed = r#"{"version": 1, "state": "normal"}"#;
    let counted = r#"{"appointments": 40, "procedures": 2}"#;
    let all = [
        both!(get "impact", ReadCases, board),
        both!(post "impact", WriteCases, add).map(|route| route.json(put)),
        both!(post "impact/{service}", WriteCases, change, "impact/{impact_service}")
            .map(|route| route.json(changed)),
        both!(post "postponed", WriteCases, count).map(|route| route.json(counted)),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(board, add, change, count))]
    struct Board;
    described(Board::openapi())
}

/// A service on the board.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseServiceBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// What it is called.
    name: String,
    /// The systems that it relies on.
    systems: String,
    /// How it goes on.
    state: &'static str,
    /// Whether the procedure for work without them carries it.
    downtime: &'static str,
    /// Where patients are diverted to; empty where they are not.
    diverted_to: String,
    /// Since when: RFC 3339, UTC.
    diverted_since: Option<String>,
    /// Whether patients come to harm.
    harm: &'static str,
    /// When it changed last.
    changed_at: String,
    /// Grows with every change; whoever changes it names the one that they read.
    version: i64,
}

/// How much was postponed so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasePostponedBody {
    /// Up to when: RFC 3339, UTC.
    counted_at: String,
    /// Appointments.
    appointments: i64,
    /// Procedures and operations.
    procedures: i64,
}

/// The board.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseImpactBody {
    /// The services, those that have stopped first; 100 at most.
    services: Vec<CaseServiceBody>,
    /// The counts in the order of their moments, the last 200.
    postponed: Vec<CasePostponedBody>,
}

/// A service that is put on the board.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCaseService {
    /// What it is called, up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Pharmacy")]
    name: String,
    /// The systems that it relies on, up to 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000, example = "Prescribing")]
    systems: String,
    /// How it goes on.
    #[schema(value_type = String, pattern = "^(normal|degraded|stopped)$", example = "stopped")]
    state: State,
    /// Whether the procedure for work without the systems carries it.
    #[schema(value_type = String, pattern = "^(working|not_working|none|not_known)$", example = "working")]
    downtime: Downtime,
    /// Where patients are diverted to, up to 200 characters; empty where they are not.
    #[serde(default)]
    #[schema(max_length = 200)]
    diverted_to: String,
    /// Since when they are, RFC 3339, in the past; now where this is absent.
    #[serde(default)]
    #[schema(format = DateTime)]
    diverted_since: Option<String>,
    /// Whether patients come to harm; none where this is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(none|possible|likely|actual)$")]
    harm: Option<Harm>,
    /// What is known of that, up to 1,000 characters, without anybody's name.
    #[serde(default)]
    #[schema(max_length = 1000)]
    harm_note: String,
}

/// How a service stands now. What is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseServiceChange {
    /// The version that was read.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// What it is called, up to 200 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The systems that it relies on, up to 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    systems: Option<String>,
    /// How it goes on.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(normal|degraded|stopped)$", example = "degraded")]
    state: Option<State>,
    /// Whether the procedure for work without the systems carries it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(working|not_working|none|not_known)$")]
    downtime: Option<Downtime>,
    /// Where patients are diverted to, up to 200 characters; empty once they are not any more.
    #[serde(default)]
    #[schema(max_length = 200)]
    diverted_to: Option<String>,
    /// Since when they are, RFC 3339, in the past.
    #[serde(default)]
    #[schema(format = DateTime)]
    diverted_since: Option<String>,
    /// Whether patients come to harm.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(none|possible|likely|actual)$")]
    harm: Option<Harm>,
    /// What is known of that, up to 1,000 characters, without anybody's name.
    #[serde(default)]
    #[schema(max_length = 1000)]
    harm_note: Option<String>,
}

/// How much was postponed so far, all together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCasePostponed {
    /// Up to when, RFC 3339, in the past; now where this is absent.
    #[serde(default)]
    #[schema(format = DateTime)]
    counted_at: Option<String>,
    /// Appointments.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 0, maximum = 100_000_000, example = 40)]
    appointments: i64,
    /// Procedures and operations.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 0, maximum = 100_000_000, example = 2)]
    procedures: i64,
}

impl NewCaseService {
    fn read(self) -> Result<Said, Error> {
        Ok(Said {
            name: text("name", &self.name, LONGEST_NAME)?,
            systems: optional("systems", &self.systems, LONGEST)?,
            state: self.state,
            downtime: self.downtime,
            diverted_to: optional("diverted_to", &self.diverted_to, LONGEST_NAME)?,
            diverted_since: moment("diverted_since", self.diverted_since.as_deref())?,
            harm: self.harm.unwrap_or(Harm::Absent),
            harm_note: optional("harm_note", &self.harm_note, LONGEST)?,
        })
    }
}

impl CaseServiceChange {
    /// What is said, where this stands for what is not said.
    fn over(self, before: Said) -> Result<Said, Error> {
        let said = |field: &str, said: Option<String>, before: String, most: usize| match said {
            Some(said) => optional(field, &said, most),
            None => Ok(before),
        };
        let since: Option<Timestamp> = moment("diverted_since", self.diverted_since.as_deref())?;
        Ok(Said {
            name: match self.name {
                Some(name) => text("name", &name, LONGEST_NAME)?,
                None => before.name,
            },
            systems: said("systems", self.systems, before.systems, LONGEST)?,
            state: self.state.unwrap_or(before.state),
            downtime: self.downtime.unwrap_or(before.downtime),
            diverted_to: said("diverted_to", self.diverted_to, before.diverted_to, LONGEST_NAME)?,
            diverted_since: since.or(before.diverted_since),
            harm: self.harm.unwrap_or(before.harm),
            harm_note: said("harm_note", self.harm_note, before.harm_note, LONGEST)?,
        })
    }
}

/// Reads the board of impact on care of a case.
///
/// It is whole: there is no page after it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/impact", tag = "cases", operation_id = "read_case_impact",
    params(OfCase),
    responses((status = 200, description = "The board", body = CaseImpactBody),
              (status = 404, description = "There is no such incident, or the key does not read what is shared"))
)]
async fn board(mut case: Opened) -> Answer<CaseImpactBody> {
    let (id, reads) = (case.sight.incident.id, case.sight.reads);
    case.sight.read(Zone::Shared)?;
    let services = store::services(&mut case.snapshot, id, reads).await?;
    let counts = store::counts(&mut case.snapshot, id, reads).await?;
    let service = |service: super::Service| CaseServiceBody {
        id: service.id.0,
        zone: service.zone.code(),
        name: service.name,
        systems: service.systems,
        state: service.state.code(),
        downtime: service.downtime.code(),
        diverted_to: service.diverted_to,
        diverted_since: service.diverted_since.map(|at| at.to_string()),
        harm: service.harm.code(),
        changed_at: service.changed_at.to_string(),
        version: service.version,
    };
    let count = |count: super::Count| CasePostponedBody {
        counted_at: count.counted_at.to_string(),
        appointments: count.appointments,
        procedures: count.procedures,
    };
    Ok(axum::Json(CaseImpactBody {
        services: services.into_iter().map(service).collect(),
        postponed: counts.into_iter().map(count).collect(),
    }))
}

/// Puts a service on the board of impact on care.
///
/// What it says counts for the priority of the incident, as on the page.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/impact", tag = "cases", operation_id = "add_case_service",
    params(OfCase), request_body = NewCaseService,
    responses((status = 201, description = "It is on the board", body = MadeBody),
              (status = 404, description = "There is no such incident, or the key does not read what is shared"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn add(case: Caller, Json(sent): Json<NewCaseService>) -> Result<Response, Error> {
    let said = sent.read()?;
    let (mut tx, sight) = case.begin().await?;
    let form = tx.id();
    let added = actions::add(&mut tx, &case.actor, sight.incident.id, &said, form).await?;
    made(tx, added.ok_or(CaseError::Twice)?.0).await
}

/// Says how a service on the board stands now; how it stood before is kept.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/impact/{service}", tag = "cases", operation_id = "change_case_service",
    params(OfCase, ("service" = String, Path, format = "uuid", description = "The service")),
    request_body = CaseServiceChange,
    responses((status = 204, description = "It is as it was said"),
              (status = 404, description = "There is no such service, or the key does not read what is shared"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn change(
    case: Caller,
    Path((_, service)): Path<(String, ServiceId)>,
    Json(sent): Json<CaseServiceChange>,
) -> Result<StatusCode, Error> {
    let (mut tx, sight) = case.begin().await?;
    let (id, version) = (sight.incident.id, sent.version);
    let before = store::service(&mut tx, id, sight.reads, service).await?.ok_or(Error::NotFound)?;
    let (said, form) = (sent.over(before.said())?, tx.id());
    actions::change(&mut tx, &case.actor, id, (service, version), &said, form).await?;
    done(tx).await
}

/// Keeps how much was postponed so far.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/postponed", tag = "cases", operation_id = "count_case_postponed",
    params(OfCase), request_body = NewCasePostponed,
    responses((status = 204, description = "It was counted"),
              (status = 404, description = "There is no such incident, or the key does not read what is shared"),
              (status = 409, description = "The incident is a part of another one"))
)]
async fn count(case: Caller, Json(sent): Json<NewCasePostponed>) -> Result<StatusCode, Error> {
    let counted_at = moment("counted_at", sent.counted_at.as_deref())?;
    let (mut tx, sight) = case.begin().await?;
    let (form, at) = (tx.id(), counted_at.unwrap_or(tx.now));
    let counted = (at, sent.appointments, sent.procedures);
    actions::count(&mut tx, &case.actor, sight.incident.id, counted, form).await?;
    done(tx).await
}
