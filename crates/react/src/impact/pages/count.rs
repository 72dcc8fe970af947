//! Counting what was postponed.

use askama::Template;
use axum::{extract::Path, response::Response};
use platform::web::{
    Error, Form, Visit,
    form::Problems,
    shell::{Shell, render},
    taken,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{to_board, written_by};
use crate::{
    case::{Head, opened},
    impact::{MOST_COUNTED, actions},
    incident::IncidentId,
    when,
};

/// What is typed of a count.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Counted {
    form: Option<Uuid>,
    appointments: String,
    procedures: String,
    on_day: String,
    on_month: String,
    on_year: String,
    time: String,
}

#[derive(Template)]
#[template(path = "impact/count.html")]
struct CountPage {
    shell: Shell,
    problems: Problems,
    head: Head,
    typed: Counted,
    form: Uuid,
}

/// `GET /incidents/{id}/impact/count`
pub(super) async fn ask_count(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let [on_day, on_month, on_year, time] = when::shown(visit.shell.now);
    let typed = Counted { on_day, on_month, on_year, time, ..Counted::default() };
    count_page(visit, id, typed, Problems::none()).await
}

/// `POST /incidents/{id}/impact/count`
pub(super) async fn count(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Counted>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let appointments = number(&mut problems, "appointments", "appointments", &typed.appointments);
    let procedures = number(&mut problems, "procedures", "procedures and operations", &typed.procedures);
    let on = [typed.on_day.as_str(), &typed.on_month, &typed.on_year];
    let moment = when::Typed { day: "on", on, time: "time", at: &typed.time };
    let at = when::past(&mut problems, &moment, visit.shell.now, "up to when it is counted");
    let (Some(appointments), Some(procedures), Some(at)) = (appointments, procedures, at) else {
        return count_page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::count(&mut tx, &visit.actor, id, (at, appointments, procedures), form).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return count_page(visit, id, typed, problems).await;
    }
    Ok(to_board(id))
}

/// A whole number, as people group it: 1,200 or 1 200. None is said, not left empty: these figures go to regulators, and
/// what nobody typed must not take the place of what was counted before.
fn number(problems: &mut Problems, field: &'static str, what: &str, typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    if digits.is_empty() {
        problems.push(field, format!("Enter how many {what} were postponed so far, or 0"));
        return None;
    }
    let read: Option<i64> = digits.parse().ok();
    let read = read.filter(|number| (0..=MOST_COUNTED).contains(number));
    if read.is_none() {
        problems.push(field, "Enter a whole number, like 40");
    }
    read
}

async fn count_page(
    visit: Visit,
    id: IncidentId,
    typed: Counted,
    problems: Problems,
) -> Result<Response, Error> {
    let (_, sight) = opened(&visit, id).await?;
    written_by(&sight, &visit.actor)?;
    let page = CountPage {
        head: Head::of(&sight, "/impact"),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}
