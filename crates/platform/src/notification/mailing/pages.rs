//! The page of a link that stops a mailing.
//!
//! Mail systems open every link to look for malware, so opening it stops nothing. What posts to it may be a mail
//! program's button (RFC 8058), which sends no cookie and nothing to tell from where: the link is all that counts.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    Mailing,
    actions::{self, Standing},
};
use crate::{
    App,
    web::{
        Error,
        shell::{Shell, render},
    },
};

#[derive(Template)]
#[template(path = "notification/mailing.html")]
struct MailingPage {
    shell: Shell,
    standing: Standing,
    page: String,
}

fn page(shell: Shell, link: &str, standing: Standing) -> Response {
    render(StatusCode::OK, &MailingPage { shell, standing, page: format!("/mailings/{link}") })
}

/// `GET /mailings/{link}`
pub(super) async fn ask(
    State(app): State<App>,
    shell: Shell,
    Path(link): Path<String>,
) -> Result<Response, Error> {
    let held = actions::held(&app, &link).await?;
    let standing = actions::standing(&app, &mut app.read().await?, &held, shell.now).await?;
    Ok(page(shell, &link, standing))
}

/// `POST /mailings/{link}`: whatever is sent along, `List-Unsubscribe=One-Click` or nothing.
pub(super) async fn stop(
    State(app): State<App>,
    shell: Shell,
    Path(link): Path<String>,
) -> Result<Response, Error> {
    // Before the write begins: a process that was just begun reads the secret.
    let held = actions::held(&app, &link).await?;
    let mut tx = app.write().await?;
    let mut standing = actions::standing(&app, &mut tx, &held, shell.now).await?;
    actions::stop(&mut tx, &mut standing).await?;
    tx.commit().await?;
    Ok(page(shell, &link, standing))
}

/// `POST /mailings/{link}/again`
pub(super) async fn send_again(
    State(app): State<App>,
    shell: Shell,
    Path(link): Path<String>,
) -> Result<Response, Error> {
    let held = actions::held(&app, &link).await?;
    let mut tx = app.write().await?;
    let mut standing = actions::standing(&app, &mut tx, &held, shell.now).await?;
    actions::send_again(&mut tx, &mut standing).await?;
    tx.commit().await?;
    Ok(page(shell, &link, standing))
}
