//! What becomes of an offer: accepted, declined with thanks, taken back, returned.

use axum::{extract::Path, response::Response};
use platform::{
    Tx,
    web::{Error, Form, Visit, form::Problems, taken},
};
use serde::Deserialize;

use super::show;
use crate::aid::{AidError, LONGEST, OfferId, RequestId, actions, store};

/// What is typed with an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    version: i64,
    count: String,
    thanks: String,
}

/// `POST /aid/offers/{id}/accept`
pub(super) async fn accept(
    visit: Visit,
    Path(id): Path<OfferId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let count = super::typed::number(&mut problems, "count", &typed.count).unwrap_or_default();
    let thanks = thanks(&typed);
    let mut tx = visit.app.write().await?;
    let done = actions::accept(&mut tx, &visit.actor, (id, typed.version), count, &thanks).await;
    settled(visit, id, (tx, done)).await
}

/// `POST /aid/offers/{id}/decline`
pub(super) async fn decline(
    visit: Visit,
    Path(id): Path<OfferId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::decline(&mut tx, &visit.actor, (id, typed.version), &thanks(&typed)).await;
    settled(visit, id, (tx, done)).await
}

/// `POST /aid/offers/{id}/withdraw`
pub(super) async fn withdraw(
    visit: Visit,
    Path(id): Path<OfferId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::withdraw_offer(&mut tx, &visit.actor, (id, typed.version)).await;
    settled(visit, id, (tx, done)).await
}

/// `POST /aid/offers/{id}/return`
pub(super) async fn returned(
    visit: Visit,
    Path(id): Path<OfferId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::returned(&mut tx, &visit.actor, (id, typed.version)).await;
    settled(visit, id, (tx, done)).await
}

fn thanks(typed: &Typed) -> String {
    typed.thanks.trim().chars().take(LONGEST).collect()
}

/// Leads to the request, or shows it with what was wrong.
async fn settled(
    visit: Visit,
    id: OfferId,
    (tx, done): (Tx, Result<RequestId, AidError>),
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if let Some(request) = taken(tx, done, (&mut problems, "")).await? {
        return Ok(show::to(request));
    }
    let found = store::offer(&mut visit.app.read().await?, id).await?.ok_or(Error::NotFound)?;
    show::page(visit, found.request_id, None, problems).await
}
