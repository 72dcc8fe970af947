//! One's own account: what it is, its password, its sessions.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    super::{
        Visitor,
        actions::{self, Overview},
        store::session::Listed,
    },
    Again,
};
use crate::{
    Actor, App,
    access::Person,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};

#[derive(Template)]
#[template(path = "account/account.html")]
struct Account {
    shell: Shell,
    name: String,
    overview: Overview,
}

impl Account {
    /// Whether a role is still to be accepted.
    fn awaits(&self) -> bool {
        self.overview.roles.iter().any(|held| held.awaits_acceptance)
    }

    fn browsers(&self) -> String {
        match self.overview.sessions.len() {
            1 => "In this browser alone".to_owned(),
            number => format!("In {number} browsers"),
        }
    }
}

/// `GET /account`
pub(super) async fn page(visit: Visit) -> Result<Response, Error> {
    let person = signed_in(&visit.actor)?;
    let overview = actions::overview(&mut visit.app.read().await?, person.id, visit.app.env.now()).await?;
    Ok(render(StatusCode::OK, &Account { shell: visit.shell, name: person.name.clone(), overview }))
}

/// `POST /account/roles/{membership}/accept`
pub(super) async fn accept_role(
    State(app): State<App>,
    actor: Actor,
    Path(membership): Path<Uuid>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    actions::accept_role(&mut tx, &actor, membership).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account"))
}

#[derive(Template)]
#[template(path = "account/change_password.html")]
struct ChangePassword {
    shell: Shell,
    problems: Problems,
}

/// `GET /account/password`
pub(super) async fn password_page(shell: Shell) -> Response {
    render(StatusCode::OK, &ChangePassword { shell, problems: Problems::none() })
}

#[derive(Deserialize)]
pub(super) struct Passwords {
    present: String,
    new: String,
}

/// `POST /account/password`
pub(super) async fn password_submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    actor: Actor,
    Form(typed): Form<Passwords>,
) -> Result<Response, Error> {
    match actions::change_password(&app, &visitor, &actor, &typed.present, &typed.new).await {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(error) => {
            let field = if matches!(error, super::super::AccountError::Weak(_)) { "new" } else { "present" };
            let Again { status, retry_after, problems } = Again::of(field, error)?;
            Ok(Again::mark(retry_after, render(status, &ChangePassword { shell, problems })))
        }
    }
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct Sessions {
    shell: Shell,
    sessions: Vec<Listed>,
    this: Uuid,
}

/// `GET /account/sessions`
pub(super) async fn sessions(visit: Visit) -> Result<Response, Error> {
    let person = signed_in(&visit.actor)?;
    let overview = actions::overview(&mut visit.app.read().await?, person.id, visit.app.env.now()).await?;
    Ok(render(
        StatusCode::OK,
        &Sessions { shell: visit.shell, sessions: overview.sessions, this: person.session },
    ))
}

/// `POST /account/sessions/{session}/end`
pub(super) async fn end_one(
    State(app): State<App>,
    actor: Actor,
    Path(session): Path<Uuid>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end_session(&mut tx, &actor, session).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account/sessions").into_response())
}

/// `POST /account/sessions/end-others`
pub(super) async fn end_others(State(app): State<App>, actor: Actor) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::end_other_sessions(&mut tx, &actor).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account/sessions").into_response())
}

/// The person; the route's rule lets nobody else here.
pub(super) fn signed_in(actor: &Actor) -> Result<&Person, Error> {
    actor.person().ok_or(Error::SignIn)
}
