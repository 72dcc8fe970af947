//! The CERT's pages about threats: the list best first, one threat with who said what, and what
//! can be done about it.

mod duplicates;
pub(crate) mod list;
pub(super) mod new;
mod object;
pub(crate) mod relations;
mod together;
mod urgency;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::HEXLOWER;
use formats::markdown::{SafeHtml, to_html};
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    uk,
    web::{
        Error, Form, Route, Visit,
        form::Problems,
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{
    Device, Kind, Product, Status, ThreatId, actions,
    store::{self, Statement, Threat},
};
use crate::{
    access::{READ_SECTOR, WRITE_ADVISORIES},
    activity::panel::Panel,
    advisory::AdvisoryNumber,
    source::Source,
    triage,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/threats", read, list::list).sample("/threats?status=any&exploited=yes&q=test"),
        Route::get("/threats/new", write, new::show),
        Route::post("/threats/new", write, new::create).form("kind=malware&title=Test&summary=Test"),
        Route::get("/threats/objects", read, object::list)
            .sample("/threats/objects?document={bundle}&kind=identity"),
        Route::get("/threats/objects/{object}", read, object::show)
            .sample("/threats/objects/{object}?way=in"),
        Route::get("/threats/{id}", read, show_threat).sample("/threats/{threat}"),
        Route::get("/threats/{id}/relations", read, relations::show)
            .sample("/threats/{threat}/relations?way=in"),
        Route::post("/threats/{id}/claim", write, claim)
            .sample("/threats/{threat}/claim")
            .form("version={threat_version}"),
        Route::post("/threats/{id}/release", write, release)
            .sample("/threats/{claimed}/release")
            .form("version={claimed_version}"),
        Route::get("/threats/together", write, together::check)
            .sample("/threats/together?id={threat}&id={claimed}"),
        Route::post("/threats/together", write, together::act)
            .form("of={threat}:{threat_version}&of={claimed}:{claimed_version}&verb=claim"),
        Route::post("/threats/together/point", write, together::set_point)
            .form("of={decided}:{decided_version}&set=automatable:no&why=Seen+in+our+lab"),
        Route::post("/threats/{id}/comment", write, comment)
            .sample("/threats/{threat}/comment")
            .form("version={threat_version}&text=Seen"),
        Route::post("/threats/{id}/dismiss", write, dismiss)
            .sample("/threats/{threat}/dismiss")
            .form("version={threat_version}&text=Unused+here"),
        Route::post("/threats/{id}/duplicate", write, duplicates::mark)
            .sample("/threats/{threat}/duplicate")
            .form("version={threat_version}&other={claimed}"),
        Route::post("/threats/{id}/not-the-same", write, duplicates::tell_apart)
            .sample("/threats/{threat}/not-the-same")
            .form("other={claimed}"),
        Route::post("/threats/{id}/take-up", write, take_up)
            .sample("/threats/{dismissed}/take-up")
            .form("version={dismissed_version}"),
        Route::post("/threats/{id}/advise", write, advise)
            .sample("/threats/{threat}/advise")
            .form("version={threat_version}"),
    ]
}

/// What one source says, as the page shows it.
struct Shown {
    statement: Statement,
    rows: Vec<(&'static str, String)>,
    hash: String,
    /// Its words, or as many of them as fit a page with those of others.
    verbatim: String,
}

impl Shown {
    /// The products that fit the page.
    fn products(&self) -> &[Product] {
        &self.statement.said.products[..self.statement.said.products.len().min(PRODUCTS)]
    }

    /// What its words are: of news, an entry as it was read, since feeds come in three forms.
    fn words(&self) -> &'static str {
        if self.statement.source == Source::News { "The entry as it was read" } else { "Word for word" }
    }

    /// How many are on the document's page alone.
    fn more_products(&self) -> usize {
        self.statement.said.products_named() - self.products().len()
    }
}

/// Products of one statement that the page shows.
const PRODUCTS: usize = 50;
/// Letters of one statement's own words that the page shows.
const VERBATIM: usize = 6_000;

/// A comment as the page shows it.
struct Comment {
    at: Timestamp,
    by: String,
    text: SafeHtml,
}

#[derive(Template)]
#[template(path = "threat/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    threat: Threat,
    dated: String,
    cves: Vec<String>,
    statements: Vec<Shown>,
    earlier: Vec<Shown>,
    triage: Option<triage::Panel>,
    urgency: urgency::Urgency,
    relations: relations::Relations,
    panel: Option<Panel>,
    related: Vec<store::Related>,
    duplicates: duplicates::Duplicates,
    comments: Vec<Comment>,
    advisories: Vec<AdvisoryNumber>,
    may_write: bool,
    /// Whether the reader claimed it.
    mine: bool,
    typed: Typed,
}

/// The form of everything that is done to a threat.
#[derive(Debug, Default, Deserialize)]
struct Typed {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    text: String,
    /// Whether what was written by hand was added to this threat.
    #[serde(skip)]
    added: bool,
}

/// What the address of a threat's page asks.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    added: String,
}

/// `GET /threats/{id}`
async fn show_threat(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let typed = Typed { added: asked.added == "yes", ..Typed::default() };
    page(visit, threat_id(&id)?, Problems::none(), typed).await
}

async fn page(visit: Visit, id: ThreatId, problems: Problems, typed: Typed) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let threat = store::threat(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let statements = store::statements(&mut snapshot, id).await?;
    let comments = store::comments(&mut snapshot, id).await?;
    let (statements, earlier): (Vec<_>, Vec<_>) =
        statements.into_iter().map(shown).partition(|shown| shown.statement.superseded_at.is_none());
    let advisories = store::advisories(&mut snapshot, id).await?;
    let cves = store::cves(&mut snapshot, id).await?;
    let said: Vec<_> = statements.iter().map(|shown| &shown.statement).collect();
    let urgency = urgency::Urgency::of(&mut snapshot, &cves, &said).await?;
    let triage = triage::Panel::of(&mut snapshot, &threat, &said, visit.shell.now).await?;
    let related = store::related(&mut snapshot, id).await?;
    let duplicates = duplicates::Duplicates::of(&mut snapshot, id).await?;
    drop(snapshot);
    // What one bundle says of a threat may be much.
    let mut snapshot = visit.app.db.read_long().await?;
    let relations = relations::Relations::of(&mut snapshot, id).await?;
    let panel = if threat.kind.is_active_somewhere() {
        Some(Panel::of(&mut snapshot, id, uk::day(visit.shell.now)).await?)
    } else {
        None
    };
    drop(snapshot);
    let page = ShowPage {
        problems,
        dated: day(&threat.dated),
        cves,
        triage,
        urgency,
        relations,
        panel,
        related,
        duplicates,
        statements,
        earlier,
        comments: comments.into_iter().map(commented).collect(),
        advisories: advisories.into_iter().map(|(_, number)| number).collect(),
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        mine: visit.actor.person().is_some_and(|person| threat.claimed_by == Some(person.id)),
        typed,
        threat,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

fn shown(statement: Statement) -> Shown {
    let said = &statement.said;
    let yes = |yes: bool| if yes { "Yes" } else { "Not known" }.to_owned();
    let rows = [
        ("Name", said.title.clone()),
        ("Number", said.number.clone()),
        ("Also known as", said.aliases.join(", ")),
        ("Used for", said.tactics.join(", ")),
        ("Marking", said.marking.map(|marking| marking.to_string()).unwrap_or_default()),
        ("Summary", said.summary.clone()),
        ("Speaks of", said.mentions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ("Vendor", said.vendor.clone()),
        ("Product", said.product.clone()),
        ("Known to be exploited", yes(said.known_exploited)),
        (if said.kind == Kind::Malware { "Ransomware" } else { "Used by ransomware" }, yes(said.ransomware)),
        ("Medical device", said.device.as_ref().map(device).unwrap_or_default()),
        ("Until it is remedied", said.mitigations.join("\n\n")),
        ("Weaknesses", said.weaknesses.join(", ")),
        ("Dated", show::date(said.dated, Language::English)),
        ("What it asks for", said.required_action.clone()),
        ("Due", said.due.map(|due| show::date(due, Language::English)).unwrap_or_default()),
        ("Notes", said.notes.clone()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let verbatim = match statement.verbatim.char_indices().nth(VERBATIM) {
        Some((end, _)) => format!("{}…\n\nThe rest is in the document.", &statement.verbatim[..end]),
        None => statement.verbatim.clone(),
    };
    Shown { rows, hash: HEXLOWER.encode(&statement.hash), verbatim, statement }
}

/// A medical device in a sentence.
fn device(device: &Device) -> String {
    let use_of = match device.clinical_use.as_str() {
        "" => "Its clinical use is not told.".to_owned(),
        used => format!("Used for: {used}."),
    };
    let name = match (device.vendor.as_str(), device.model.as_str()) {
        ("", model) => model.to_owned(),
        (vendor, "") => format!("made by {vendor}"),
        (vendor, model) => format!("{model}, made by {vendor}"),
    };
    format!("{name}. {use_of} {}", device.because)
}

fn commented((at, by, text): (Timestamp, Option<String>, String)) -> Comment {
    Comment { at, by: by.unwrap_or_else(|| "Somebody who has left".to_owned()), text: to_html(&text) }
}

/// An ISO 8601 day as people read it.
fn day(iso: &str) -> String {
    iso.parse().map_or_else(|_| iso.to_owned(), |date| show::date(date, Language::English))
}

/// The threat in an address.
fn threat_id(text: &str) -> Result<ThreatId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

fn to(id: ThreatId) -> Response {
    Redirect::to(&format!("/threats/{id}")).into_response()
}

/// `POST /threats/{id}/claim`
async fn claim(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id = threat_id(&id)?;
    let mut tx = app.write().await?;
    actions::claim(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/release`
async fn release(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id = threat_id(&id)?;
    let mut tx = app.write().await?;
    actions::release(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/comment`
async fn comment(visit: Visit, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (id, mut problems) = (threat_id(&id)?, Problems::none());
    let Some(text) = problems.text("comment", &typed.text, 4_000, "a comment") else {
        return page(visit, id, problems, typed).await;
    };
    let mut tx = visit.app.write().await?;
    actions::comment(&mut tx, &visit.actor, id, &text).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/dismiss`
async fn dismiss(visit: Visit, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (id, mut problems) = (threat_id(&id)?, Problems::none());
    let Some(reason) = problems.text("dismiss", &typed.text, 2_000, "why it does not concern the sector")
    else {
        return page(visit, id, problems, Typed::default()).await;
    };
    let mut tx = visit.app.write().await?;
    actions::dismiss(&mut tx, &visit.actor, id, typed.version, &reason).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/take-up`
async fn take_up(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let id = threat_id(&id)?;
    let mut tx = app.write().await?;
    actions::take_up(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/advise`
async fn advise(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let created = actions::start_advisory(&mut tx, &actor, threat_id(&id)?, typed.version).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{}/edit", created.number)).into_response())
}
