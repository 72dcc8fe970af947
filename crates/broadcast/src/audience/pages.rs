//! Pages by which an audience is chosen and looked at before it is told.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::{civil::Date, tz::TimeZone};
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Form, Route,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{
    AudienceError, actions,
    look_up::{self, LookUp},
    preview,
    question::{Answer, Field, Question, Typed, kind_in_words, region_in_words},
    store,
};
use crate::{
    access::{APPROVE, READ_SECTOR, WRITE_ADVISORIES},
    advisory::{self, State as VersionState, Version, VersionId},
};

/// The rows of audiences.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/audiences/{version}", read, show_audience).sample("/audiences/{version}"),
        Route::get("/audiences/{version}/listed", read, listed).sample("/audiences/{version}/listed"),
        Route::get("/audiences/{version}/{question}", write, ask).sample("/audiences/{version}/types"),
        Route::post("/audiences/{version}/{question}", write, answer)
            .sample("/audiences/{version}/types")
            .form("edition={edition}&kind=trust"),
    ]
}

/// One cell of the table of types by region.
struct Row {
    kind: String,
    counts: Vec<String>,
    total: String,
}

/// The preview's figures, in words.
struct Preview {
    organisations: String,
    mailboxes: String,
    contacts: String,
    answered_by_others: String,
    unreachable: String,
    nobody: bool,
    some_unreachable: bool,
    regions: Vec<String>,
    rows: Vec<Row>,
    answering: Vec<preview::Answering>,
}

#[derive(Template)]
#[template(path = "audience/show.html")]
struct ShowPage {
    shell: Shell,
    version: Version,
    /// Name, answer and address of each question.
    answers: Vec<(&'static str, String, String)>,
    may_change: bool,
    may_publish: bool,
    preview: Preview,
}

/// `GET /audiences/{version}`
async fn show_audience(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(version): Path<VersionId>,
) -> Result<Response, Error> {
    // Over all organisations, which may take longer than a page's own read.
    let mut snapshot = app.db.read_long().await?;
    let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let audience = store::audience(&mut snapshot, version.id).await?;
    let preview = preview(&mut snapshot, version.id, shell.now).await?;
    let may_change = version.state.is_open() && actor.is_any(WRITE_ADVISORIES);
    let address = |question: Question| format!("/audiences/{}/{}", version.id, question.code());
    let answers = Question::ALL.iter().map(|question| {
        let href = if may_change { address(*question) } else { String::new() };
        (question.short(), question.answered(&audience), href)
    });
    let answers = answers.collect();
    let ready = audience.mode.is_some() && !preview.nobody;
    let may_publish = ready && version.state == VersionState::Approved && actor.is_any(APPROVE);
    Ok(render(StatusCode::OK, &ShowPage { shell, version, answers, may_change, may_publish, preview }))
}

async fn preview(
    snapshot: &mut db::Snapshot,
    version: VersionId,
    now: jiff::Timestamp,
) -> Result<Preview, db::DbError> {
    let figures = preview::figures(snapshot, version, now).await?;
    let counted = preview::by_kind_and_region(snapshot, version).await?;
    let mut regions: Vec<&str> = counted.iter().map(|(_, region, _)| region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    let mut kinds: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for (kind, region, count) in &counted {
        kinds.entry(kind).or_default().insert(region, *count);
    }
    let rows = kinds.into_iter().map(|(kind, counts)| Row {
        kind: kind_in_words(kind),
        counts: regions.iter().map(|region| show::count(*counts.get(region).unwrap_or(&0))).collect(),
        total: show::count(counts.values().sum()),
    });
    Ok(Preview {
        organisations: show::count(figures.organisations),
        mailboxes: show::count(figures.mailboxes),
        contacts: show::count(figures.contacts),
        answered_by_others: show::count(figures.answered_by_others),
        unreachable: show::count(figures.unreachable),
        nobody: figures.organisations == 0,
        some_unreachable: figures.unreachable > 0,
        rows: rows.collect(),
        regions: regions.iter().map(|region| region_in_words(region)).collect(),
        answering: preview::answering(snapshot, version, now).await?,
    })
}

/// Which list, and from where on.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "audience/listed.html")]
struct ListedPage {
    shell: Shell,
    version: Version,
    title: &'static str,
    rows: Vec<preview::Chosen>,
    next: String,
}

impl ListedPage {
    fn kind(&self, row: &preview::Chosen) -> String {
        kind_in_words(&row.kind)
    }

    fn region(&self, row: &preview::Chosen) -> String {
        region_in_words(&row.region)
    }
}

/// `GET /audiences/{version}/listed?show=unreachable`
async fn listed(
    State(app): State<App>,
    shell: Shell,
    Path(version): Path<VersionId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let mut snapshot = app.db.read_long().await?;
    let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let after: String = cursor::read(&wanted.after).unwrap_or_default();
    let (title, show, rows) = if wanted.show == "unreachable" {
        let rows = preview::unreachable(&mut snapshot, version.id, shell.now, &after).await?;
        ("Organisations where nobody can be reached by email", "unreachable", rows)
    } else {
        let rows = preview::listed(&mut snapshot, version.id, shell.now, &after).await?;
        ("Organisations in the audience", "all", rows)
    };
    let page = Page::of(rows, |row| row.code.clone());
    let next = page.next.map(|next| format!("?show={show}&after={next}")).unwrap_or_default();
    Ok(render(StatusCode::OK, &ListedPage { shell, version, title, rows: page.rows, next }))
}

#[derive(Template)]
#[template(path = "audience/question.html")]
struct QuestionPage {
    shell: Shell,
    version: Version,
    question: Question,
    edition: i64,
    fields: Vec<Field>,
    look_up: LookUp,
    problems: Problems,
}

/// `GET /audiences/{version}/{question}`
async fn ask(
    State(app): State<App>,
    shell: Shell,
    Path((version, question)): Path<(VersionId, String)>,
) -> Result<Response, Error> {
    let question: Question = question.parse().map_err(|_| Error::NotFound)?;
    let mut snapshot = app.read().await?;
    let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    let audience = store::audience(&mut snapshot, version.id).await?;
    let fields = question.fields(&audience, today(&shell));
    let (edition, look_up, problems) = (version.edition, LookUp::default(), Problems::none());
    Ok(render(StatusCode::OK, &QuestionPage { shell, version, question, edition, fields, look_up, problems }))
}

/// `POST /audiences/{version}/{question}`
async fn answer(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((version, question)): Path<(VersionId, String)>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let question: Question = question.parse().map_err(|_| Error::NotFound)?;
    let mut typed = Typed::new();
    for (name, value) in posted {
        typed.entry(name).or_default().push(value);
    }
    let edition = typed.get("edition").and_then(|values| values.first()?.parse().ok()).unwrap_or_default();
    look_up::add_ticked(question, &mut typed);
    if look_up::is_asked(question, &typed) {
        let mut snapshot = app.db.read_long().await?;
        let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
        let mut problems = Problems::none();
        let look_up = look_up::look_up(&mut snapshot, &typed, &mut problems).await?;
        let fields = question.fields_as_typed(&typed, today(&shell));
        let status = if look_up.found.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let page = QuestionPage { shell, version, question, edition, fields, look_up, problems };
        return Ok(render(status, &page));
    }
    let mut tx = app.write().await?;
    let (field, sentence) = match question.read(&typed, today(&shell)) {
        Err(problem) => problem,
        Ok(choices) => match actions::choose(&mut tx, &actor, version, edition, &choices).await {
            Ok(()) => {
                tx.commit().await?;
                let to = question.next().map(|next| format!("/{}", next.code())).unwrap_or_default();
                return Ok(Redirect::to(&format!("/audiences/{version}{to}")).into_response());
            }
            Err(error @ AudienceError::UnknownCodes(_)) => {
                let field = question.fields_as_typed(&typed, today(&shell)).into_iter();
                let mut field =
                    field.filter(|field| matches!(field.answer, Answer::Codes(_))).map(|field| field.name);
                (field.next_back().unwrap_or_default(), error.to_string())
            }
            Err(error) => return Err(error.into()),
        },
    };
    // What was tried is undone before the page is made from what stands.
    drop(tx);
    let version = advisory::store::version(&mut app.read().await?, version).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::none();
    problems.push(field, sentence);
    let fields = question.fields_as_typed(&typed, today(&shell));
    let look_up = LookUp::default();
    let page = QuestionPage { shell, version, question, edition, fields, look_up, problems };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn today(shell: &Shell) -> Date {
    shell.now.to_zoned_datetime(TimeZone::UTC).date()
}
