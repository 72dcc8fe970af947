//! Who stands in while a contact is away: the page that asks, and what it does.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    ContactError, ContactId, CoverId, actions,
    pages::{back_to, organisation_of},
    store::{self, Contact},
};
use crate::{
    Actor, App,
    organisation::store::Organisation,
    uk,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};

/// The form as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    deputy: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
}

#[derive(Template)]
#[template(path = "organisation/cover.html")]
struct CoverForm {
    shell: Shell,
    organisation: Organisation,
    contact: Contact,
    deputies: Vec<Choice>,
    typed: Typed,
    problems: Problems,
}

async fn form(
    snapshot: &mut db::Snapshot,
    shell: Shell,
    contact: Contact,
    typed: Typed,
) -> Result<CoverForm, Error> {
    let organisation = organisation_of(snapshot, contact.organisation_id).await?;
    let others = store::of_organisation(snapshot, contact.organisation_id, shell.now).await?;
    let deputies = others
        .iter()
        .filter(|other| other.id != contact.id && other.email.is_some())
        .map(|other| {
            let choice = Choice::new(other.id.to_string(), other.name.clone()).chosen_in(&[&typed.deputy]);
            let confirmed = other.verified_at.is_some();
            choice.hint(if confirmed { other.role.label() } else { "Address not confirmed yet" })
        })
        .collect();
    Ok(CoverForm { shell, organisation, contact, deputies, typed, problems: Problems::none() })
}

/// `GET /contacts/{id}/cover`
pub(super) async fn ask(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ContactId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let contact = actions::kept(&mut snapshot, &actor, id, shell.now).await?;
    Ok(render(StatusCode::OK, &form(&mut snapshot, shell, contact, Typed::default()).await?))
}

/// `POST /contacts/{id}/cover`
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ContactId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let contact = actions::kept(&mut tx, &actor, id, shell.now).await?;
    let mut problems = Problems::none();
    let deputy: Option<ContactId> = typed.deputy.parse().ok();
    if deputy.is_none() {
        problems.push("deputy", "Select who covers");
    }
    let from = [&*typed.from_day, &typed.from_month, &typed.from_year];
    let until = [&*typed.until_day, &typed.until_month, &typed.until_year];
    let from = problems.date("from", from, "the first day").and_then(uk::begins);
    let until = problems.date("until", until, "the last day").and_then(uk::is_over);
    if let (Some(deputy), Some(from), Some(until)) = (deputy, from, until) {
        match actions::cover(&mut tx, &actor, id, deputy, (from, until)).await {
            Ok(organisation) => {
                tx.commit().await?;
                return Ok(back_to(organisation));
            }
            Err(error @ ContactError::CoverEndsFirst) => problems.push("until", error.to_string()),
            Err(error @ ContactError::NoSuchDeputy) => problems.push("deputy", error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    let page = CoverForm { problems, ..form(&mut tx, shell, contact, typed).await? };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /covers/{id}/end`
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CoverId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let organisation = actions::end_cover(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(back_to(organisation))
}
