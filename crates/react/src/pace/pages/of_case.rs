//! How far one incident is, how long each step took, and for whom it waits.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App, Tx,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::HANDLE_INCIDENTS,
    case::{CaseError, Head, LONGEST_LINE, Zone, sight, taken, typed},
    incident::IncidentId,
    pace::{
        Mark, Took, WaitId, actions,
        store::{self, Wait},
        took,
    },
};

/// What is typed in any form of this page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    form: Option<Uuid>,
    mark: String,
    happened: String,
    #[serde(rename = "happened-on-day")]
    happened_on_day: String,
    #[serde(rename = "happened-on-month")]
    happened_on_month: String,
    #[serde(rename = "happened-on-year")]
    happened_on_year: String,
    #[serde(rename = "happened-time")]
    happened_time: String,
    what: String,
}

#[derive(Template)]
#[template(path = "pace/case.html")]
struct TimesPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    steps: Vec<Took>,
    waits: Vec<Wait>,
    marks: Vec<Choice>,
    whens: Vec<Choice>,
    may_mark: bool,
    may_wait: bool,
    form: Uuid,
    typed: Fields,
}

impl TimesPage {
    /// How long something took, in words.
    fn length(&self, micros: impl Borrow<i64>) -> String {
        show::length(*micros.borrow(), self.shell.language)
    }

    /// The time of waiting that goes on.
    fn running(&self) -> Option<&Wait> {
        self.waits.iter().find(|wait| wait.until_at.is_none())
    }
}

/// `GET /incidents/{id}/times`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, id, Fields::default(), Problems::none()).await
}

async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, actor, shell.now, id).await?;
    sight.read(Zone::Shared)?;
    let reached = store::pace(&mut snapshot, id).await?;
    let waits = store::waits(&mut snapshot, id).await?;
    drop(snapshot);
    let may_mark = sight.writes.contains(Zone::Shared);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let marks = Mark::ALL.iter().map(|mark| Choice::new(mark.code(), mark.label()));
    let page = TimesPage {
        head: Head::of(&sight, "/times"),
        steps: took(&sight.incident, &reached, &waits),
        marks: marks.map(|choice| choice.chosen_in(&[&typed.mark])).collect(),
        whens: typed::whens(&typed.happened),
        may_wait: may_mark && actor.is_any(HANDLE_INCIDENTS) && sight.incident.state.is_under_way(),
        form: typed.form.unwrap_or_else(|| app.env.id()),
        shell,
        problems,
        waits,
        may_mark,
        typed,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/times`
pub(super) async fn mark(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mark: Option<Mark> = fields.mark.parse().ok();
    if mark.is_none() {
        problems.push("mark", "Select how far it is");
    }
    let when = typed::When {
        choice: &fields.happened,
        day: [&fields.happened_on_day, &fields.happened_on_month, &fields.happened_on_year],
        time: &fields.happened_time,
    };
    let at = typed::happened(&mut problems, when, shell.now);
    let (Some(mark), Some(at)) = (mark, at) else {
        return page(&app, shell, &actor, id, fields, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::mark(&mut tx, &actor, id, (mark, at)).await;
    settled(&app, shell, &actor, id, (tx, done, "happened-on"), fields).await
}

/// `POST /incidents/{id}/times/wait`
pub(super) async fn wait(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| app.env.id());
    let mut problems = Problems::none();
    let Some(what) = problems.text("what", &fields.what, LONGEST_LINE, "what you wait for") else {
        return page(&app, shell, &actor, id, fields, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::wait(&mut tx, &actor, id, form, &what).await.map(|_| ());
    settled(&app, shell, &actor, id, (tx, done, "what"), fields).await
}

/// `POST /incidents/{id}/times/waits/{wait}/end`
pub(super) async fn go_on(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, wait)): Path<(IncidentId, WaitId)>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let done = actions::go_on(&mut tx, &actor, id, wait).await;
    settled(&app, shell, &actor, id, (tx, done, ""), Fields::default()).await
}

async fn settled(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    (tx, done, field): (Tx, Result<(), CaseError>, &'static str),
    fields: Fields,
) -> Result<Response, Error> {
    match taken(tx, done).await? {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}/times")).into_response()),
        Err(sentence) => {
            let mut problems = Problems::none();
            problems.push(field, sentence);
            page(app, shell, actor, id, fields, problems).await
        }
    }
}
