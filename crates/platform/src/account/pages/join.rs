//! One-time links, and the page on which a password is chosen.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    super::{
        AccountError, Purpose, Visitor, actions,
        store::{self, membership::Held},
    },
    Again, go_on,
};
use crate::{
    App,
    access::{Session, Stage},
    web::{
        Error, Form,
        form::Problems,
        shell::{Shell, render},
    },
};

#[derive(Template)]
#[template(path = "account/join.html")]
struct Join {
    shell: Shell,
    name: String,
    joining: bool,
    /// What they are invited to.
    roles: Vec<Held>,
    token: String,
}

#[derive(Template)]
#[template(path = "account/link_gone.html")]
struct LinkGone {
    shell: Shell,
}

/// `GET /join/{token}`: a page with a button. Mail servers open links, they do not press buttons.
pub(super) async fn page(
    State(app): State<App>,
    shell: Shell,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    match actions::find_link(&mut snapshot, &token, shell.now).await {
        Ok((account, purpose)) => {
            let joining = purpose == Purpose::Join;
            let roles = store::membership::of_person(&mut snapshot, account.id, shell.now).await?;
            drop(snapshot);
            Ok(render(StatusCode::OK, &Join { shell, name: account.name, joining, roles, token }))
        }
        Err(AccountError::LinkGone) => Ok(render(StatusCode::NOT_FOUND, &LinkGone { shell })),
        Err(error) => Err(error.into()),
    }
}

/// `POST /join/{token}`: uses the link.
pub(super) async fn submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    match actions::use_link(&mut tx, &visitor, &token).await {
        Ok(opened) => {
            tx.commit().await?;
            Ok(go_on(&app, &opened, Stage::Password.page()))
        }
        Err(AccountError::LinkGone) => Ok(render(StatusCode::NOT_FOUND, &LinkGone { shell })),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "account/choose_password.html")]
struct Choose {
    shell: Shell,
    problems: Problems,
    name: String,
}

/// `GET /choose-password`
pub(super) async fn password_page(shell: Shell, session: Session) -> Response {
    render(StatusCode::OK, &Choose { shell, problems: Problems::none(), name: session.name })
}

#[derive(Deserialize)]
pub(super) struct Typed {
    name: String,
    password: String,
}

/// `POST /choose-password`
pub(super) async fn password_submit(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(name) = problems.text("name", &typed.name, 200, "your full name") else {
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &Choose { shell, problems, name: typed.name }));
    };
    match actions::choose_password(&app, &visitor, &session, &name, &typed.password).await {
        Ok(opened) => Ok(go_on(&app, &opened, opened.stage.page())),
        Err(error) => {
            let Again { status, problems, .. } = Again::of("password", error)?;
            Ok(render(status, &Choose { shell, problems, name }))
        }
    }
}
