//! Pages by which an audience is chosen, one question at a time, and its organisations listed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    Actor, App,
    access::Rule,
    uk,
    web::{
        Error, Form, Route,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    Audience, AudienceError, actions,
    look_up::{self, LookUp},
    preview,
    question::{Answer, Field, Question, Typed, kind_in_words, region_in_words},
    show, store,
};
use crate::{
    access::{READ_SECTOR, WRITE_ADVISORIES},
    advisory::{self, Version, VersionId, pages::not_saved},
    alert,
};

/// The rows of audiences.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/audiences/{version}", read, show::show_audience).sample("/audiences/{version}"),
        Route::get("/audiences/{version}/listed", read, listed).sample("/audiences/{version}/listed"),
        Route::get("/audiences/{version}/{question}", write, ask).sample("/audiences/{version}/types"),
        Route::post("/audiences/{version}/{question}", write, answer)
            .sample("/audiences/{version}/types")
            .form("edition={edition}&kind=trust"),
    ]
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
    let told = alert::store::of_version(&mut snapshot, version.id).await?;
    let (title, show, rows) = if let Some(told) = told {
        let rows = preview::frozen(&mut snapshot, told.id, shell.now, &after).await?;
        ("Organisations that are told", "all", rows)
    } else if wanted.show == "unreachable" {
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
                let audience = store::audience(&mut tx, version).await?;
                if let Some(problem) = question.lacks(&audience) {
                    problem
                } else {
                    tx.commit().await?;
                    return Ok(on(version, question, &audience).into_response());
                }
            }
            Err(error @ AudienceError::UnknownCodes(_)) => {
                let field = question.fields_as_typed(&typed, today(&shell)).into_iter();
                let mut field =
                    field.filter(|field| matches!(field.answer, Answer::Codes(_))).map(|field| field.name);
                (field.next_back().unwrap_or_default(), error.to_string())
            }
            Err(AudienceError::Advisory(error)) => {
                let typed = typed.iter().flat_map(|(name, values)| {
                    values.iter().map(move |value| (name.as_str(), value.as_str()))
                });
                let again = format!("/audiences/{version}/{}", question.code());
                return Ok(not_saved::answer(shell, error, typed, again));
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

/// To the next question: asked one after the other until the last is answered; from then on each is changed alone,
/// as long as anybody is meant.
fn on(version: VersionId, question: Question, audience: &Audience) -> Redirect {
    let settled = audience.mode.is_some() && audience.means_somebody();
    let next = question.next(audience).filter(|_| !settled);
    let to = next.map(|next| format!("/{}", next.code())).unwrap_or_default();
    Redirect::to(&format!("/audiences/{version}{to}"))
}

fn today(shell: &Shell) -> Date {
    uk::day(shell.now)
}
