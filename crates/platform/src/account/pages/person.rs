//! One person as those who keep accounts see them: roles, ending one, a lost second factor, erasing.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::super::{
    AccountError, actions, place,
    store::{self, membership::Held},
};
use crate::{
    Actor, App,
    access::{PersonId, Role},
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};

/// A role, and whether the reader may end it.
struct Row {
    held: Held,
    keeps: bool,
}

#[derive(Template)]
#[template(path = "account/person.html")]
struct Person {
    shell: Shell,
    id: PersonId,
    name: String,
    email: String,
    rows: Vec<Row>,
    resets: bool,
    erases: bool,
}

/// `GET /people/{person}`: visible to a lead for the roles at their own organisation alone, once the
/// person has accepted them.
pub(super) async fn page(visit: Visit, Path(id): Path<PersonId>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let account = store::by_id(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let sees_all = visit.actor.is_any(&[Role::Admin, Role::Auditor]);
    let held = store::membership::of_person(&mut snapshot, id, visit.app.env.now()).await?;
    let rows: Vec<_> = held
        .into_iter()
        .map(|held| Row { keeps: place::keeps(&visit.actor, held.organisation_id), held })
        .filter(|row| sees_all || (row.keeps && !row.held.awaits_acceptance))
        .collect();
    if rows.is_empty() && !sees_all {
        return Err(Error::NotFound);
    }
    let page = Person {
        resets: actions::resettable(&mut snapshot, &visit.actor, id, visit.app.env.now()).await.is_ok(),
        erases: visit.actor.is_any(&[Role::Admin]),
        shell: visit.shell,
        id,
        name: account.name,
        email: account.email,
        rows,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /people/roles/{membership}/end`
pub(super) async fn end_role(
    State(app): State<App>,
    actor: Actor,
    Path(membership): Path<Uuid>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end_role(&mut tx, &actor, membership).await?;
    tx.commit().await?;
    Ok(Redirect::to("/people").into_response())
}

#[derive(Template)]
#[template(path = "account/reset_factor.html")]
struct ResetFactor {
    shell: Shell,
    id: PersonId,
    name: String,
}

/// `GET /people/{person}/second-factor`
pub(super) async fn reset_page(visit: Visit, Path(id): Path<PersonId>) -> Result<Response, Error> {
    let account =
        actions::resettable(&mut visit.app.read().await?, &visit.actor, id, visit.app.env.now()).await?;
    Ok(render(StatusCode::OK, &ResetFactor { shell: visit.shell, id, name: account.name }))
}

/// `POST /people/{person}/second-factor`
pub(super) async fn reset_submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PersonId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::reset_second_factor(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/people/{id}")).into_response())
}

#[derive(Template)]
#[template(path = "account/erase.html")]
struct Erase {
    shell: Shell,
    problems: Problems,
    id: PersonId,
    name: String,
}

/// `GET /people/{person}/erase`
pub(super) async fn erase_page(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<PersonId>,
) -> Result<Response, Error> {
    let account = store::by_id(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    Ok(render(StatusCode::OK, &Erase { shell, problems: Problems::none(), id, name: account.name }))
}

#[derive(Deserialize)]
pub(super) struct Sure {
    #[serde(default)]
    sure: String,
}

/// `POST /people/{person}/erase`
pub(super) async fn erase_submit(
    visit: Visit,
    Path(id): Path<PersonId>,
    Form(typed): Form<Sure>,
) -> Result<Response, Error> {
    if typed.sure != "yes" {
        let account = store::by_id(&mut visit.app.read().await?, id).await?.ok_or(AccountError::NotFound)?;
        let mut problems = Problems::none();
        problems.push("sure", "Confirm that this person is to be erased");
        let page = Erase { shell: visit.shell, problems, id, name: account.name };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let mut tx = visit.app.write().await?;
    actions::erase(&mut tx, &visit.actor, id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/people").into_response())
}
