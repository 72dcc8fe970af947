//! Sightings for an organisation's or a supplier's own systems: they report what they see, and read
//! what became of it. Of others' sightings a machine is told nothing.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    uk,
    web::{
        Error, Json, Route,
        cursor::{self, Page},
        form::Problems,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{SightingId, actions, store, typed::Typed};

/// The scope of a key that reads sightings.
const READ: &str = "sightings:read";
/// The scope of a key that reports them.
const WRITE: &str = "sightings:write";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/sightings", Rule::Scope(READ), list),
        Route::post("/api/v1/sightings", Rule::Scope(WRITE), report).json(
            r#"{"organisation": "RWA", "seen": "email", "seen_on": "2026-06-01", "harm": "no", "telling": "nobody"}"#,
        ),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, report))]
    struct Sightings;
    Sightings::openapi()
}

/// What was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSighting {
    /// The ODS code of the organisation that it was seen at, one that the key stands for.
    #[schema(example = "RWA", min_length = 1)]
    organisation: String,
    /// `email`, `message`, `sign_in`, `harmful_software`, `locked`, `probing`, `money`, `data` or `other`
    #[schema(
        example = "email",
        pattern = "^(email|message|sign_in|harmful_software|locked|probing|money|data|other)$"
    )]
    seen: String,
    /// The day on which it was seen.
    #[schema(example = "2026-06-01", format = Date)]
    seen_on: String,
    /// Whether it did harm: `yes`, `no` or `unknown`
    #[schema(example = "no", pattern = "^(yes|no|unknown)$")]
    harm: String,
    /// What happened, up to 2,000 characters; needed where `seen` is `other`.
    #[serde(default)]
    #[schema(max_length = 2000)]
    words: String,
    /// Where in the organisation.
    #[serde(default)]
    #[schema(max_length = 200)]
    place: String,
    /// Which threat it is thought to be.
    #[serde(default)]
    #[schema(max_length = 200)]
    called: String,
    /// Indicators, up to 200, defanged or not.
    #[serde(default)]
    #[schema(max_items = 200)]
    indicators: Vec<String>,
    /// Whether others may be told: `without_name` or `nobody`
    #[schema(example = "without_name", pattern = "^(without_name|nobody)$")]
    telling: String,
    /// `clear`, `green`, `amber` (where it is absent) or `amber+strict`
    #[serde(default)]
    #[schema(pattern = "^(clear|green|amber|amber\\+strict)?$")]
    tlp: String,
}

/// What was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenSighting {
    /// The number to quote.
    #[schema(example = "S-7K3Q-X2MB")]
    receipt: String,
    /// Where people see what became of it.
    link: String,
}

/// A sighting, as the organisation reported it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SightingBody {
    /// The number to quote.
    receipt: String,
    /// ODS code.
    organisation: String,
    /// What was seen.
    seen: &'static str,
    /// On which day.
    seen_on: String,
    /// Whether it did harm.
    harm: &'static str,
    /// What happened.
    words: String,
    /// Where in the organisation.
    place: String,
    /// Which threat it is thought to be.
    called: String,
    /// Indicators, defanged.
    indicators: Vec<String>,
    /// Whether others may be told.
    telling: &'static str,
    /// Its marking.
    tlp: &'static str,
    /// RFC 3339, UTC.
    reported_at: String,
    /// `new`, `linked` to a threat, or `dismissed`
    status: &'static str,
    /// Why it was dismissed.
    reason: Option<String>,
}

/// A page of sightings.
#[derive(Debug, Serialize, ToSchema)]
pub struct SightingsBody {
    /// Up to 50, the newest first.
    sightings: Vec<SightingBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists what the key's organisations reported.
#[utoipa::path(
    get, path = "/api/v1/sightings", tag = "sightings", operation_id = "list_sightings",
    params(("after" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of sightings", body = SightingsBody))
)]
async fn list(State(app): State<App>, actor: Actor, Query(query): Query<After>) -> Result<Response, Error> {
    let after = cursor::given(query.after.as_deref())?.unwrap_or(SightingId(Uuid::max()));
    let mut snapshot = app.db.read_long().await?;
    let rows = store::all_own(&mut snapshot, &actor, app.env.now(), after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let sightings = page.rows.into_iter().map(Into::into).collect();
    Ok(axum::Json(SightingsBody { sightings, next: page.next }).into_response())
}

/// Reports what was seen at one of the key's organisations.
#[utoipa::path(
    post, path = "/api/v1/sightings", tag = "sightings", operation_id = "report_sighting",
    request_body = NewSighting,
    responses((status = 201, description = "It was taken", body = TakenSighting))
)]
async fn report(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<NewSighting>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let typed = typed(body)?;
    let Some(report) = typed.read(uk::day(app.env.now()), &mut problems) else {
        let sentences: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: {}.", problem.field.replace('-', "_"), problem.sentence))
            .collect();
        return Err(Error::Unprocessable(sentences.join(" ")));
    };
    let mut tx = app.write().await?;
    let taken = actions::report(&mut tx, &actor, &typed.organisation, &report).await?;
    tx.commit().await?;
    let link = app.link(&format!("/sightings/{}", taken.id));
    let body = TakenSighting { receipt: taken.receipt.to_string(), link };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// The body as the form has it, so that one reader refuses the same at both doors.
fn typed(body: NewSighting) -> Result<Typed, Error> {
    let day: jiff::civil::Date = body
        .seen_on
        .parse()
        .map_err(|_| Error::Unprocessable("seen_on: Write the day as 2026-06-01.".to_owned()))?;
    if body.indicators.iter().any(|line| line.contains(['\n', '\r'])) {
        return Err(Error::Unprocessable("indicators: Each must be one line.".to_owned()));
    }
    Ok(Typed {
        form: None,
        organisation: body.organisation,
        seen: body.seen,
        seen_on_day: day.day().to_string(),
        seen_on_month: day.month().to_string(),
        seen_on_year: format!("{:04}", day.year()),
        harm: body.harm,
        words: body.words,
        place: body.place,
        called: body.called,
        indicators: body.indicators.join("\n"),
        telling: body.telling,
        tlp: body.tlp,
        go: String::new(),
    })
}

impl From<store::Sighting> for SightingBody {
    fn from(sighting: store::Sighting) -> Self {
        let report = sighting.report;
        Self {
            receipt: sighting.receipt.to_string(),
            organisation: sighting.code,
            seen: report.seen.code(),
            seen_on: report.seen_on.to_string(),
            harm: report.harm.code(),
            words: report.words,
            place: report.place,
            called: report.called,
            indicators: report.indicators.iter().map(ToString::to_string).collect(),
            telling: report.telling.code(),
            tlp: report.tlp.code(),
            reported_at: sighting.reported_at.to_string(),
            status: sighting.status.code(),
            reason: sighting.reason,
        }
    }
}
