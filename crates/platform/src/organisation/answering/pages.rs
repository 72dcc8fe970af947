//! Saying who answers for an organisation, and ending it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    AnsweringError, LinkId,
    actions::{self, Terms},
};
use crate::{
    Actor, App,
    organisation::{self, OrganisationId, store::Organisation},
    uk,
    web::{
        Error, Form,
        form::Problems,
        shell::{Shell, render},
    },
};

/// The form as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    code: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    note: String,
}

#[derive(Template)]
#[template(path = "organisation/answering.html")]
struct AnsweringForm {
    shell: Shell,
    organisation: Organisation,
    typed: Typed,
    problems: Problems,
}

/// `GET /organisations/{id}/answering`
pub(super) async fn ask(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<OrganisationId>,
) -> Result<Response, Error> {
    let organisation = organisation::store::find(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    let page = AnsweringForm { shell, organisation, typed: Typed::default(), problems: Problems::none() };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /organisations/{id}/answering`
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<OrganisationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let organisation = organisation::store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::none();
    let code = problems.text("code", &typed.code, 12, "the code of the organisation that answers");
    let from = [&*typed.from_day, &typed.from_month, &typed.from_year];
    let from = problems.date("from", from, "the first day").and_then(uk::begins);
    let until = [&*typed.until_day, &typed.until_month, &typed.until_year];
    let until = problems.optional_date("until", until, "the last day").map(|day| day.and_then(uk::is_over));
    let note = problems.optional_text("note", &typed.note, 500, "the note");
    if let (Some(code), Some(from), Some(until), Some(note)) = (code, from, until, note) {
        match actions::add(&mut tx, &actor, id, &code, &Terms { from, until, note }).await {
            Ok(_) => {
                tx.commit().await?;
                return Ok(back_to(id));
            }
            Err(AnsweringError::Db(error)) => return Err(error.into()),
            Err(error @ AnsweringError::EndsFirst) => problems.push("until", error.to_string()),
            Err(error) => problems.push("code", error.to_string()),
        }
    }
    let page = AnsweringForm { shell, organisation, typed, problems };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /answering/{id}/revoke`
pub(super) async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LinkId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let organisation = actions::revoke(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(back_to(organisation))
}

fn back_to(organisation: OrganisationId) -> Response {
    Redirect::to(&format!("/organisations/{organisation}#answering")).into_response()
}
