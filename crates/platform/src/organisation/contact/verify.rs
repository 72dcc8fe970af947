//! Confirming that an address receives mail: the link opens a page, and the button on it counts.
//!
//! Mail systems open every link to look for malware, so opening one must not confirm anything.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    ContactError, ContactId, actions,
    pages::{back_to, organisation_of},
    store::{self, Contact},
};
use crate::{
    Actor, App,
    access::resolve,
    organisation::store::Organisation,
    web::{
        Error,
        shell::{Shell, render},
    },
};

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ask,
    Done,
}

#[derive(Template)]
#[template(path = "organisation/confirm_address.html")]
struct ConfirmAddress {
    shell: Shell,
    organisation: Organisation,
    contact: Contact,
    stage: Stage,
}

/// `GET /confirm-address/{token}`
pub(super) async fn ask(
    State(app): State<App>,
    shell: Shell,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let id = store::of_link(&mut snapshot, resolve::hash(&token), shell.now).await?;
    let id = id.ok_or(ContactError::LinkEnded)?;
    let contact = store::find(&mut snapshot, id, shell.now).await?.ok_or(ContactError::LinkEnded)?;
    let organisation = organisation_of(&mut snapshot, contact.organisation_id).await?;
    Ok(render(StatusCode::OK, &ConfirmAddress { shell, organisation, contact, stage: Stage::Ask }))
}

/// `POST /confirm-address/{token}`
pub(super) async fn confirm(
    State(app): State<App>,
    shell: Shell,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let contact = actions::confirm(&mut tx, &token).await?;
    let organisation = organisation_of(&mut tx, contact.organisation_id).await?;
    tx.commit().await?;
    Ok(render(StatusCode::OK, &ConfirmAddress { shell, organisation, contact, stage: Stage::Done }))
}

/// `POST /contacts/{id}/link`
pub(super) async fn send_link(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ContactId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let organisation = actions::send_link(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(back_to(organisation))
}
