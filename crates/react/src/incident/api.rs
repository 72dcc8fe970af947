//! Incidents for machines: an organisation's own systems report what they see and read what is under way; the
//! CERT's read all of them.
//!
//! What people decide (taking on, calling back, joining, closing) is not done here. Names and numbers of people are
//! not told.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use platform::{
    Actor, App, Tx,
    access::{Role, Rule},
    key::Scope,
    organisation,
    web::{
        Error, Json, Route,
        cursor::{self, Page},
        etag,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    IncidentId, LONGEST, Receipt, Standing, State as Where, actions,
    list::{self, Filter},
    store::{self, Addition, Incident},
};
use crate::{
    playbook::shelf::Shelf,
    report::{
        self, Care, Facts, ReportError, Seen, Way,
        actions::Sender,
        facts::{self, read_codes},
        first_steps::{ALWAYS, first_steps},
        store::Report,
    },
    triage::Priority,
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (read, report) =
        (Rule::Scope(Scope::ReadIncidents.code()), Rule::Scope(Scope::ReportIncidents.code()));
    let cert = Rule::CertScope(Scope::ReadReported.code());
    vec![
        Route::get("/api/v1/incidents", read, list),
        Route::get("/api/v1/incidents/{number}", read, show).sample("/api/v1/incidents/{incident_number}"),
        Route::post("/api/v1/incidents", report, send)
            .json(r#"{"organisation": "RWA", "seen": ["files_locked"], "affected": ["wards"]}"#),
        Route::post("/api/v1/incidents/{number}/additions", report, add)
            .sample("/api/v1/incidents/{incident_number}/additions")
            .json(r#"{"text": "Two more wards"}"#),
        Route::get("/api/v1/cert/incidents", cert, cert_list).sample("/api/v1/cert/incidents?state=reported"),
        Route::get("/api/v1/cert/incidents/{number}", cert, cert_show)
            .sample("/api/v1/cert/incidents/{incident_number}"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show, send, add, cert_list, cert_show))]
    struct Incidents;
    Incidents::openapi()
}

/// What is reported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// The ODS code of the organisation, one that the key stands for.
    #[schema(example = "RWA", min_length = 1)]
    organisation: String,
    /// What is seen.
    #[schema(inline, min_items = 1, max_items = 20, example = json!(["files_locked"]))]
    seen: Vec<Seen>,
    /// Since when, RFC 3339; absent where that is not known.
    #[serde(default)]
    #[schema(format = DateTime, example = "2026-06-01T02:10:00Z")]
    since: Option<String>,
    /// What care is affected.
    #[serde(default)]
    #[schema(inline, max_items = 20)]
    affected: Vec<Care>,
    /// The same in words, up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    care: String,
    /// Whom to ring about it.
    #[serde(default)]
    #[schema(max_length = 200)]
    ring_name: String,
    /// On which number.
    #[serde(default)]
    #[schema(max_length = 60)]
    ring_telephone: String,
    /// What else there is to say, up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    more: String,
}

/// What was taken, and what to do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenIncident {
    /// The number to quote.
    #[schema(example = "I-7K3Q-X2MB")]
    number: String,
    /// Where people see it.
    link: String,
    /// Whether the organisation told the CERT of an incident before, within three days.
    told_before: bool,
    /// What to do first, whoever reads it.
    first_steps: Vec<String>,
}

/// What is added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddition {
    /// What is new, up to 4,000 characters.
    #[schema(min_length = 1, max_length = 4000, example = "Two more wards")]
    text: String,
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentBody {
    /// The number to quote.
    #[schema(example = "I-7K3Q-X2MB")]
    number: String,
    /// The ODS code of the organisation; none where nobody knows which it is.
    organisation: Option<String>,
    /// Where it stands.
    state: &'static str,
    /// How far it is believed.
    standing: &'static str,
    /// How urgent it is; none of an incident that is older than priorities are.
    #[schema(inline)]
    priority: Option<Priority>,
    /// When it was reported first: RFC 3339, UTC.
    opened_at: String,
    /// When somebody at the CERT took it on.
    taken_at: Option<String>,
    /// When it was closed, or joined to another one.
    closed_at: Option<String>,
    /// What was seen first.
    #[schema(inline)]
    seen: Vec<Seen>,
    /// Where people see it.
    link: String,
}

/// A page of incidents.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentsBody {
    /// Up to 50, the newest first.
    incidents: Vec<IncidentBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A report of an incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBody {
    /// By which way it came.
    way: &'static str,
    /// RFC 3339, UTC.
    sent_at: Option<String>,
    /// What was seen.
    #[schema(inline)]
    seen: Vec<Seen>,
    /// Since when; none where that is not known.
    since: Option<String>,
    /// What care is affected.
    #[schema(inline)]
    affected: Vec<Care>,
    /// The same in words.
    care: String,
    /// What else was said.
    more: String,
}

/// Something that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdditionBody {
    /// By which side.
    side: &'static str,
    /// RFC 3339, UTC.
    added_at: String,
    /// What; empty where it is no longer kept.
    text: String,
}

/// An incident with all that was said of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeIncident {
    /// The incident.
    #[serde(flatten)]
    incident: IncidentBody,
    /// Why it was closed; empty where it was not.
    reason: String,
    /// Its reports, the first one first.
    reports: Vec<ReportBody>,
    /// What was added afterwards, the first first.
    additions: Vec<AdditionBody>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists the incidents of the key's organisations.
#[utoipa::path(
    get, path = "/api/v1/incidents", tag = "incidents", operation_id = "list_incidents",
    params(("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of incidents", body = IncidentsBody))
)]
async fn list(State(app): State<App>, actor: Actor, Query(query): Query<After>) -> Result<Response, Error> {
    let after = cursor::given(query.after.as_deref())?.unwrap_or(IncidentId(uuid::Uuid::max()));
    let rows = store::all_own(&mut app.db.read_long().await?, &actor, app.env.now(), after).await?;
    Ok(axum::Json(page(&app, rows)).into_response())
}

/// Tells of one incident of the key's organisations.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}", tag = "incidents", operation_id = "read_incident",
    params(("number" = String, Path, description = "Its number", example = "I-7K3Q-X2MB"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The incident", body = WholeIncident, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such incident"))
)]
async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let incident = own(&mut snapshot, &actor, app.env.now(), &number).await?;
    etag::tagged(&headers, &whole(&app, &mut snapshot, incident).await?)
}

/// Reports an incident at one of the key's organisations.
///
/// Who is near a telephone should ring: this does not wake anybody sooner than a report by a person does.
#[utoipa::path(
    post, path = "/api/v1/incidents", tag = "incidents", operation_id = "report_incident",
    request_body = NewIncident,
    responses((status = 201, description = "It was taken, with what to do now", body = TakenIncident))
)]
async fn send(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<NewIncident>,
) -> Result<Response, Error> {
    let (code, facts) = body.read(app.env.now())?;
    let mut tx = app.write().await?;
    let (form, now) = (tx.id(), tx.now);
    let reporting = organisation::store::answered_for(&mut tx, &actor, now, &code).await?;
    let (organisation, through) = reporting.ok_or(ReportError::NotYours(code))?;
    let sender = Sender::Known { organisation, through };
    let sent = report::actions::take(&mut tx, &actor, form, Way::Api, sender, &facts).await?;
    let told_before = report::actions::told_before(&mut tx, &sent).await?;
    let shelf = Shelf::read(&mut tx).await?;
    tx.commit().await?;
    let always = ALWAYS.iter().map(|step| (*step).to_owned());
    let steps =
        first_steps(&shelf, &facts.seen).into_iter().flat_map(|kind| kind.lines).map(|line| line.what);
    let body = TakenIncident {
        number: sent.receipt.to_string(),
        link: app.link(&format!("/incidents/{}", sent.incident)),
        told_before,
        first_steps: always.chain(steps).collect(),
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// Adds to an incident of one of the key's organisations.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/additions", tag = "incidents", operation_id = "add_to_incident",
    params(("number" = String, Path, description = "Its number", example = "I-7K3Q-X2MB")),
    request_body = NewAddition,
    responses((status = 204, description = "It was added"), (status = 404, description = "There is no such incident"))
)]
async fn add(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Json(body): Json<NewAddition>,
) -> Result<StatusCode, Error> {
    bounded("text", &body.text, LONGEST)?;
    let mut tx: Tx = app.write().await?;
    let (form, now) = (tx.id(), tx.now);
    let incident = own(&mut tx, &actor, now, &number).await?;
    actions::add_by_machine(&mut tx, &actor, &incident, form, &body.text).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which incidents, and where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Where it stands; any where this is absent
    #[param(inline)]
    state: Option<Where>,
    /// How urgent it is; any where this is absent
    #[param(inline)]
    priority: Option<Priority>,
    /// How far it is believed; any of its list where this is absent
    #[param(inline)]
    standing: Option<Standing>,
    /// Whether those are listed that nobody has vouched for, which are kept apart
    #[serde(default)]
    apart: bool,
    /// Words of the organisation's name or code, or their beginnings
    #[param(max_length = 200)]
    q: Option<String>,
    /// The `next` of the page before
    after: Option<String>,
}

/// Lists the incidents of the sector.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents", tag = "cert: incidents", operation_id = "cert_list_incidents",
    params(Wanted),
    responses((status = 200, description = "A page of incidents", body = IncidentsBody))
)]
async fn cert_list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    if wanted.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
        return Err(Error::Unprocessable("\"q\" is 200 characters at most.".to_owned()));
    }
    let after: Option<IncidentId> = cursor::given(wanted.after.as_deref())?;
    let mut snapshot = app.read().await?;
    let Wanted { state, standing, priority, apart, q, .. } = wanted;
    let filter = Filter { apart, state, standing, priority, search: q.unwrap_or_default() };
    let rows = list::list(&mut snapshot, &filter, after).await?;
    Ok(axum::Json(page(&app, rows)).into_response())
}

/// Tells of one incident, whoever's it is.
#[utoipa::path(
    get, path = "/api/v1/cert/incidents/{number}", tag = "cert: incidents", operation_id = "cert_read_incident",
    params(("number" = String, Path, description = "Its number", example = "I-7K3Q-X2MB"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The incident", body = WholeIncident, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such incident"))
)]
async fn cert_show(
    State(app): State<App>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let id = called(&mut snapshot, &number).await?;
    let incident = store::incident(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    etag::tagged(&headers, &whole(&app, &mut snapshot, incident).await?)
}

/// The incident of this number, where it is the key's organisations'.
async fn own(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    now: Timestamp,
    number: &str,
) -> Result<Incident, Error> {
    let id = called(snapshot, number).await?;
    store::own(snapshot, actor, now, Role::READING, id).await?.ok_or(Error::NotFound)
}

async fn called(snapshot: &mut db::Snapshot, number: &str) -> Result<IncidentId, Error> {
    let receipt: Receipt = number.parse().map_err(|()| Error::NotFound)?;
    store::called(snapshot, &receipt).await?.ok_or(Error::NotFound)
}

fn page(app: &App, rows: Vec<Incident>) -> IncidentsBody {
    let page = Page::of(rows, |row| row.id);
    IncidentsBody { incidents: page.rows.iter().map(|row| body(app, row)).collect(), next: page.next }
}

fn body(app: &App, incident: &Incident) -> IncidentBody {
    IncidentBody {
        number: incident.receipt.to_string(),
        organisation: incident.code.clone(),
        state: incident.state.code(),
        standing: incident.standing.code(),
        priority: incident.priority,
        opened_at: incident.opened_at.to_string(),
        taken_at: incident.taken_at.map(|at| at.to_string()),
        closed_at: incident.closed_at.map(|at| at.to_string()),
        seen: read_codes(incident.seen.as_deref().unwrap_or_default()),
        link: app.link(&format!("/incidents/{}", incident.id)),
    }
}

async fn whole(app: &App, snapshot: &mut db::Snapshot, incident: Incident) -> Result<WholeIncident, Error> {
    let reports = report::store::of_incident(snapshot, incident.id).await?;
    let additions = store::additions(snapshot, incident.id).await?;
    Ok(WholeIncident {
        incident: body(app, &incident),
        reason: incident.reason,
        reports: reports.into_iter().map(Into::into).collect(),
        additions: additions.into_iter().map(Into::into).collect(),
    })
}

impl From<Report> for ReportBody {
    fn from(report: Report) -> Self {
        let Facts { seen, since, affected, care, more, .. } = report.facts;
        Self {
            way: report.way.code(),
            sent_at: report.sent_at.map(|at| at.to_string()),
            seen,
            since: since.map(|at| at.to_string()),
            affected,
            care,
            more,
        }
    }
}

impl From<Addition> for AdditionBody {
    fn from(addition: Addition) -> Self {
        Self { side: addition.side.code(), added_at: addition.added_at.to_string(), text: addition.text }
    }
}

impl NewIncident {
    /// The organisation's code and what is reported, or the sentence that says which field cannot be taken.
    fn read(self, now: Timestamp) -> Result<(String, Facts), Error> {
        bounded("care", &self.care, facts::LONGEST)?;
        bounded("ring_name", &self.ring_name, facts::LONGEST_NAME)?;
        bounded("ring_telephone", &self.ring_telephone, facts::LONGEST_NUMBER)?;
        bounded("more", &self.more, facts::LONGEST)?;
        let since: Option<Timestamp> = match self.since.as_deref().map(str::parse) {
            None => None,
            Some(Ok(since)) if since <= now => Some(since),
            Some(_) => {
                let sentence = "since: Write a moment in the past as 2026-06-01T02:10:00Z.";
                return Err(Error::Unprocessable(sentence.to_owned()));
            }
        };
        let facts = Facts {
            named: String::new(),
            seen: each_once(self.seen),
            since,
            affected: Care::agreeing(each_once(self.affected)),
            care: self.care,
            ring: report::Ring { name: self.ring_name, telephone: self.ring_telephone },
            more: self.more,
        };
        Ok((self.organisation.trim().to_uppercase(), facts))
    }
}

fn each_once<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for each in all {
        if !kept.contains(&each) {
            kept.push(each);
        }
    }
    kept
}

fn bounded(field: &str, text: &str, most: usize) -> Result<(), Error> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(Error::Unprocessable(format!("{field}: Write up to {most} characters.")))
}
