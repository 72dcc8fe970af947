//! How far one incident is, how long each step took, and for whom it waits.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
    show, taken,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::HANDLE_INCIDENTS,
    case::{Head, LONGEST_LINE, Zone, opened, typed},
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
pub(super) async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    page(visit, id, Fields::default(), Problems::none()).await
}

async fn page(visit: Visit, id: IncidentId, typed: Fields, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.read(Zone::Shared)?;
    let reached = store::pace(&mut snapshot, id).await?;
    let waits = store::waits(&mut snapshot, id).await?;
    drop(snapshot);
    let may_mark = sight.writes.contains(Zone::Shared);
    let marks = Mark::ALL.iter().map(|mark| Choice::new(mark.code(), mark.label()));
    let page = TimesPage {
        head: Head::of(&sight, "/times"),
        steps: took(&sight.incident, &reached, &waits),
        marks: marks.map(|choice| choice.chosen_in(&[&typed.mark])).collect(),
        whens: typed::whens(&typed.happened),
        may_wait: may_mark && visit.actor.is_any(HANDLE_INCIDENTS) && sight.incident.state.is_under_way(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        waits,
        may_mark,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}/times")).into_response()
}

/// `POST /incidents/{id}/times`
pub(super) async fn mark(
    visit: Visit,
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
    let at = typed::happened(&mut problems, when, visit.shell.now);
    let (Some(mark), Some(at)) = (mark, at) else {
        return page(visit, id, fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::mark(&mut tx, &visit.actor, id, (mark, at)).await;
    if taken(tx, done, (&mut problems, "happened-on")).await?.is_none() {
        return page(visit, id, fields, problems).await;
    }
    Ok(to(id))
}

/// `POST /incidents/{id}/times/wait`
pub(super) async fn wait(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let Some(what) = problems.text("what", &fields.what, LONGEST_LINE, "what you wait for") else {
        return page(visit, id, fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::wait(&mut tx, &visit.actor, id, form, &what).await;
    if taken(tx, done, (&mut problems, "what")).await?.is_none() {
        return page(visit, id, fields, problems).await;
    }
    Ok(to(id))
}

/// `POST /incidents/{id}/times/waits/{wait}/end`
pub(super) async fn go_on(
    visit: Visit,
    Path((id, wait)): Path<(IncidentId, WaitId)>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::go_on(&mut tx, &visit.actor, id, wait).await;
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, id, Fields::default(), problems).await;
    }
    Ok(to(id))
}
