//! Saying that an answer was wrong: a new entry, never an edit.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platform::web::{
    Error, Form, Visit,
    form::Problems,
    shell::{Shell, render},
};
use serde::Deserialize;

use super::back;
use crate::response::{AlertHead, AlertId, Chosen, actions, questions, said::LONGEST};

#[derive(Template)]
#[template(path = "response/correct.html")]
struct Correct {
    shell: Shell,
    alert: AlertHead,
    reason: String,
    problems: Problems,
}

/// What is typed where something is corrected.
#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

/// `GET /alerts/{id}/respond/correct`
pub(super) async fn ask(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let alert = questions::open(&mut visit.app.read().await?, &visit.actor, visit.shell.now, id).await?;
    let (reason, problems) = (String::new(), Problems::none());
    Ok(render(StatusCode::OK, &Correct { shell: visit.shell, alert, reason, problems }))
}

/// `POST /alerts/{id}/respond/correct`
pub(super) async fn correct(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(typed): Form<Reason>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut tx = visit.app.write().await?;
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST, "what was wrong") else {
        let alert = questions::open(&mut tx, &visit.actor, visit.shell.now, id).await?;
        let page = Correct { shell: visit.shell, alert, reason: typed.reason, problems };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let moved = actions::correct(&mut tx, &visit.actor, id, &Chosen::Kept, &reason).await?;
    tx.commit().await?;
    Ok(back(id, "correct", moved).into_response())
}
