//! The webhooks of one owner.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;

use super::{Whose, state};
use crate::{
    Actor, App,
    account::place::{Asked, Place},
    web::{
        Error,
        shell::{Shell, render},
    },
    webhook::{
        MOST, Owner,
        store::{self, Webhook},
    },
};

#[derive(Template)]
#[template(path = "webhook/list.html")]
struct ListPage {
    shell: Shell,
    place: Place,
    led: Vec<Place>,
    webhooks: Vec<Webhook>,
    /// Where one is added; empty for who may not, or where there are as many as there may be.
    add: String,
    keeps: bool,
}

impl ListPage {
    fn state(&self, webhook: &Webhook) -> (&'static str, &'static str) {
        state(webhook)
    }

    fn at_cert(&self) -> bool {
        self.place.id.is_none()
    }

    fn most(&self) -> i64 {
        MOST
    }
}

/// `GET /webhooks`
pub(super) async fn own(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let whose = Whose::own(&mut app.read().await?, &app, &actor, &asked).await?;
    page(&app, shell, &actor, whose).await
}

/// `GET /cert/webhooks`
pub(super) async fn cert(State(app): State<App>, shell: Shell, actor: Actor) -> Result<Response, Error> {
    page(&app, shell, &actor, Whose::cert(&app)).await
}

async fn page(app: &App, shell: Shell, actor: &Actor, whose: Whose) -> Result<Response, Error> {
    let webhooks = store::of_owner(&mut app.read().await?, whose.owner).await?;
    let keeps = whose.owner.is_kept_by(actor);
    let room = i64::try_from(webhooks.len()).is_ok_and(|count| count < MOST);
    let add = if keeps && room { whose.href("/new") } else { String::new() };
    let Whose { place, led, .. } = whose;
    Ok(render(StatusCode::OK, &ListPage { shell, place, led, webhooks, add, keeps }))
}

/// Where the list of an owner stands.
pub(super) fn of(owner: Owner) -> String {
    match owner.organisation() {
        Some(id) => format!("{}?organisation={id}", owner.pages()),
        None => owner.pages().to_owned(),
    }
}
