//! Threats for the CERT's own systems: the list with its filters, one with everything that is said of it, an object of a
//! STIX bundle, and adding one by hand.
//!
//! Who judged a threat is always a person: a machine claims none and dismisses none. Of what is marked
//! TLP:RED, which is for people alone, it is told that it is there.

mod object;
mod one;

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    uk,
    web::{
        Error, Json, Route,
        cursor::{self, Page},
        form::Problems,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Kind, Status, ThreatId, actions,
    list::{self, Cursor, Filter, Kinds, Listed},
    pages::new::{EXPLOITED, RANSOMWARE, Typed, read},
    store,
};
use crate::triage::Decision;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let read = Rule::CertScope(Scope::ReadThreats.code());
    let write = Rule::CertScope(Scope::WriteThreats.code());
    vec![
        Route::get("/api/v1/cert/threats", read, list).sample("/api/v1/cert/threats?exploited=true&q=test"),
        Route::post("/api/v1/cert/threats", write, add)
            .json(r#"{"kind": "malware", "title": "Test", "summary": "Test"}"#),
        Route::get("/api/v1/cert/threats/{id}", read, one::show).sample("/api/v1/cert/threats/{threat}"),
        Route::get("/api/v1/cert/objects/{object}", read, object::show)
            .sample("/api/v1/cert/objects/{object}?way=in"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, add, one::show, object::show))]
    struct Threats;
    Threats::openapi()
}

/// Letters of a search.
const SOUGHT: usize = 200;

/// Which threats, and where the list goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Wanted {
    /// Words that the title, vendor, product, number or another name has, or that begin so
    #[param(example = "windows", max_length = 200)]
    q: Option<String>,
    /// Where it stands; any where this is absent
    #[param(inline)]
    status: Option<Status>,
    /// What kind; where this is absent and nothing is searched for, neither techniques nor groups
    #[param(inline)]
    kind: Option<Kind>,
    /// What is decided about it; `attend` takes in what may be Act
    #[param(inline)]
    decision: Option<Decision>,
    /// Only what is known to be exploited
    exploited: Option<bool>,
    /// Only what ransomware is known to use
    ransomware: Option<bool>,
    /// Only what concerns medical devices
    medical: Option<bool>,
    /// The `next` of the page before
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> Filter {
        let search = self.q.clone().unwrap_or_default();
        let only = |asked: Option<bool>| asked.unwrap_or_default();
        Filter {
            status: self.status,
            kinds: Kinds::asked(self.kind, &search),
            decision: self.decision,
            exploited: only(self.exploited),
            ransomware: only(self.ransomware),
            medical: only(self.medical),
            claimed_by: None,
            search,
        }
    }
}

/// A threat of the list.
#[derive(Debug, Serialize, ToSchema)]
struct CertThreatItem {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// What kind.
    kind: Kind,
    /// Where it stands.
    status: Status,
    /// What is decided about it by SSVC; absent where there is nothing to decide.
    decision: Option<Decision>,
    /// The day of the newest statement.
    #[schema(example = "2026-06-01")]
    dated: String,
    /// Where people read it.
    link: String,
    /// What is said of it; absent where something of that is TLP:RED, which is for people alone.
    said: Option<CertThreatLine>,
}

/// What is said of a threat, in a line.
#[derive(Debug, Serialize, ToSchema)]
struct CertThreatLine {
    /// Its name.
    #[schema(example = "Microsoft SMBv1 Remote Code Execution Vulnerability")]
    title: String,
    /// Whether it is known to be exploited.
    known_exploited: bool,
    /// Whether ransomware is known to use it.
    ransomware: bool,
    /// Whether it concerns a medical device.
    medical: bool,
    /// The CVSS score that stands for all.
    #[schema(example = 9.8)]
    score: Option<f64>,
    /// How likely it is to be exploited within 30 days, from 0 to 1 (EPSS).
    #[schema(example = 0.943)]
    epss: Option<f64>,
}

/// A page of threats.
#[derive(Debug, Serialize, ToSchema)]
struct CertThreatList {
    /// Up to 50, the most urgent first.
    threats: Vec<CertThreatItem>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists threats, the most urgent first, with the filters of the page.
#[utoipa::path(
    get, path = "/api/v1/cert/threats", tag = "cert: threats", operation_id = "cert_list_threats", params(Wanted),
    responses((status = 200, description = "A page of threats", body = CertThreatList))
)]
async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<CertThreatList>, Error> {
    let after: Option<Cursor> = cursor::given(wanted.after.as_deref())?;
    let filter = wanted.filter();
    if filter.search.chars().count() > SOUGHT {
        return Err(Error::Unprocessable(format!("\"q\" has {SOUGHT} characters at most.")));
    }
    let searching = !filter.search.trim().is_empty();
    let mut snapshot = if searching { app.db.read_long().await? } else { app.read().await? };
    let rows = list::list(&mut snapshot, &filter, after).await?;
    let mut page = Page::of(rows, |row| (row.rank, row.dated.clone(), row.id));
    let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    let red = store::in_person(&mut snapshot, &ids).await?;
    drop(snapshot);
    if searching {
        // That a word finds it would tell what it says.
        page.rows.retain(|row| !red.contains(&row.id));
    }
    let threats = page.rows.into_iter().map(|row| {
        let told = !red.contains(&row.id);
        CertThreatItem::of(&app, row, told)
    });
    Ok(axum::Json(CertThreatList { threats: threats.collect(), next: page.next }))
}

impl CertThreatItem {
    fn of(app: &App, row: Listed, told: bool) -> Self {
        let said = CertThreatLine {
            title: row.title,
            known_exploited: row.known_exploited,
            ransomware: row.ransomware,
            medical: row.medical,
            score: row.score.map(tenths),
            epss: row.epss.map(billionths),
        };
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            status: row.status,
            decision: Decision::of_rank(row.rank),
            dated: row.dated,
            link: link(app, row.id),
            said: told.then_some(said),
        }
    }
}

/// Where people read a threat.
fn link(app: &App, id: ThreatId) -> String {
    app.link(&format!("/threats/{id}"))
}

fn tenths(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

fn billionths(billionths: u32) -> f64 {
    f64::from(billionths) / 1e9
}

/// What somebody learned from where no feed comes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "malware", "title": "Loader that comes as an invoice",
                          "summary": "Three trusts of one region report it.", "cves": ["CVE-2017-0144"]}))]
struct NewCertThreat {
    /// What kind.
    kind: Kind,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// What it is.
    #[schema(min_length = 1, max_length = 4000)]
    summary: String,
    /// The vendor.
    #[serde(default)]
    #[schema(max_length = 200)]
    vendor: String,
    /// The product.
    #[serde(default)]
    #[schema(max_length = 200)]
    product: String,
    /// The vulnerabilities that it is about. Where one is a threat already, this is a further statement on that.
    #[serde(default)]
    #[schema(max_items = 500)]
    cves: Vec<String>,
    /// Whether it is known to be exploited.
    #[serde(default)]
    known_exploited: bool,
    /// Whether ransomware is known to use it.
    #[serde(default)]
    ransomware: bool,
    /// A page that says more, `https://…`.
    #[serde(default)]
    link: String,
}

/// What was added.
#[derive(Debug, Serialize, ToSchema)]
struct AddedThreat {
    /// The threat that it is, which may have been there.
    id: String,
    /// Where people read it.
    link: String,
}

/// Adds a threat by hand, or a further statement about one whose CVE is known.
#[utoipa::path(
    post, path = "/api/v1/cert/threats", tag = "cert: threats", operation_id = "cert_add_threat",
    request_body = NewCertThreat,
    responses((status = 201, description = "It was added", body = AddedThreat),
              (status = 409, description = "Its CVEs are different threats already"))
)]
async fn add(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<NewCertThreat>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(said) = read(&body.typed(), uk::day(app.env.now()), &mut problems) else {
        let sentences: Vec<_> =
            problems.iter().map(|problem| format!("{}: {}.", problem.field, problem.sentence)).collect();
        return Err(Error::Unprocessable(sentences.join(" ")));
    };
    let mut tx = app.write().await?;
    let id = actions::write_by_hand(&mut tx, &actor, &said).await?;
    tx.commit().await?;
    let added = AddedThreat { id: id.to_string(), link: link(&app, id) };
    Ok((StatusCode::CREATED, axum::Json(added)).into_response())
}

impl NewCertThreat {
    /// The body as the form has it.
    fn typed(self) -> Typed {
        let known = [(self.known_exploited, EXPLOITED), (self.ransomware, RANSOMWARE)];
        Typed {
            kind: self.kind.code().to_owned(),
            title: self.title,
            summary: self.summary,
            vendor: self.vendor,
            product: self.product,
            cves: self.cves.join("\n"),
            known: known.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()).collect(),
            link: self.link,
        }
    }
}
