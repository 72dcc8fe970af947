//! The pages of webhooks: those of an organisation, which its leads keep, and the CERT's own. Both are
//! the same pages under two addresses, each with its own row of the table of routes.

mod edit;
mod list;
mod show;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use serde::Deserialize;

use super::{
    CERT_KEEPERS, CERT_READERS, DeliveryId, LEADS, Owner, State as WebhookState, WebhookError, WebhookId,
    actions,
    store::{self, Webhook},
};
use crate::{
    Actor, App,
    access::Rule::Roles,
    account::place::{self, Asked, Place},
    web::{Error, Form, Route},
};

/// The rows of the pages under one address: `$of` begins the names of their samples.
macro_rules! rows {
    ($base:literal, $of:literal, $more:literal, $read:expr, $keep:expr, $list:path, $new:path, $add:path) => {
        [
            Route::get($base, $read, $list),
            Route::get(concat!($base, "/new"), $keep, $new),
            Route::post(concat!($base, "/new"), $keep, $add).form(concat!(
                "name=Desk&url=https%3A%2F%2Fdesk.example%2Fhook&format=json&events=alert.published",
                $more
            )),
            Route::get(concat!($base, "/{id}"), $read, show::show)
                .sample(concat!($base, "/{", $of, "webhook}")),
            Route::get(concat!($base, "/{id}/change"), $keep, edit::show)
                .sample(concat!($base, "/{", $of, "webhook}/change")),
            Route::post(concat!($base, "/{id}/change"), $keep, edit::change)
                .sample(concat!($base, "/{", $of, "webhook}/change"))
                .form("name=Desk&url=https%3A%2F%2Fdesk.example%2Fhook&format=chat&events=alert.published&version=1"),
            Route::post(concat!($base, "/{id}/test"), $keep, test)
                .sample(concat!($base, "/{", $of, "webhook}/test")),
            Route::post(concat!($base, "/{id}/again"), $keep, again)
                .sample(concat!($base, "/{", $of, "webhook}/again"))
                .form(concat!("delivery={", $of, "webhook_delivery}")),
            Route::post(concat!($base, "/{id}/failed-again"), $keep, failed_again)
                .sample(concat!($base, "/{", $of, "webhook}/failed-again"))
                .form("hours=24"),
            Route::post(concat!($base, "/{id}/secret"), $keep, edit::rotate)
                .sample(concat!($base, "/{", $of, "webhook}/secret"))
                .form("version=1"),
            Route::post(concat!($base, "/{id}/off"), $keep, off)
                .sample(concat!($base, "/{", $of, "webhook}/off"))
                .form("version=1"),
            Route::post(concat!($base, "/{id}/on"), $keep, on)
                .sample(concat!($base, "/{", $of, "webhook_off}/on"))
                .form("version=2"),
            Route::get(concat!($base, "/{id}/remove"), $keep, show::ask_remove)
                .sample(concat!($base, "/{", $of, "webhook}/remove")),
            Route::post(concat!($base, "/{id}/remove"), $keep, remove)
                .sample(concat!($base, "/{", $of, "webhook}/remove"))
                .form("version=1"),
        ]
    };
}

/// The rows of webhooks.
pub(super) fn routes() -> Vec<Route> {
    let own = rows!(
        "/webhooks",
        "",
        "&organisation={organisation}",
        Roles(LEADS),
        Roles(LEADS),
        list::own,
        edit::new_own,
        edit::add_own
    );
    let cert = rows!(
        "/cert/webhooks",
        "cert_",
        "",
        Roles(CERT_READERS),
        Roles(CERT_KEEPERS),
        list::cert,
        edit::new_cert,
        edit::add_cert
    );
    own.into_iter().chain(cert).collect()
}

/// Whose webhooks a page is about, and the organisations that the actor leads.
struct Whose {
    owner: Owner,
    place: Place,
    led: Vec<Place>,
}

impl Whose {
    fn cert(app: &App) -> Self {
        let place = Place { id: None, name: app.settings.cert.name.clone() };
        Self { owner: Owner::Cert, place, led: Vec::new() }
    }

    /// The organisation that is asked for; unasked, the first that the actor leads.
    async fn own(snapshot: &mut Snapshot, app: &App, actor: &Actor, asked: &Asked) -> Result<Self, Error> {
        let led = place::led(snapshot, app, actor).await?;
        let place = match asked.organisation.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => led.iter().find(|place| place.id_text() == id),
            None => led.first(),
        };
        let place = place.cloned().ok_or(Error::NotFound)?;
        let id = place.id.ok_or(Error::NotFound)?;
        Ok(Self { owner: Owner::Organisation(id), place, led })
    }

    /// A page about this place.
    fn href(&self, path: &str) -> String {
        self.place.href(&format!("{}{path}", self.owner.pages()))
    }
}

/// The webhook, if the actor may see it.
async fn seen(snapshot: &mut Snapshot, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
    let webhook = store::webhook(snapshot, id).await?;
    Ok(webhook.filter(|webhook| webhook.owner.is_seen_by(actor)).ok_or(WebhookError::NotFound)?)
}

/// How a webhook fares, in words and the colour of their tag.
fn state(webhook: &Webhook) -> (&'static str, &'static str) {
    match (webhook.state, webhook.failing_since) {
        (WebhookState::On, None) => ("On", "green"),
        (WebhookState::On, Some(_)) => ("Failing", "red"),
        (other, _) => (other.label(), "grey"),
    }
}

/// What the buttons of a webhook's page send.
#[derive(Debug, Deserialize)]
struct Version {
    version: i64,
}

#[derive(Debug, Deserialize)]
struct Which {
    delivery: DeliveryId,
}

#[derive(Debug, Deserialize)]
struct Within {
    hours: u32,
}

/// Back to the page of a webhook, which says what was done.
async fn back(app: &App, id: WebhookId, done: &str) -> Result<Response, Error> {
    let webhook = store::webhook(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    Ok(Redirect::to(&format!("{}/{id}?done={done}", webhook.owner.pages())).into_response())
}

/// `POST …/{id}/test`
async fn test(State(app): State<App>, actor: Actor, Path(id): Path<WebhookId>) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::test(&mut tx, &actor, id).await?;
    tx.commit().await?;
    back(&app, id, "test").await
}

/// `POST …/{id}/again`
async fn again(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(which): Form<Which>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::send_again(&mut tx, &actor, id, which.delivery).await?;
    tx.commit().await?;
    back(&app, id, "again").await
}

/// `POST …/{id}/failed-again`
async fn failed_again(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(within): Form<Within>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let count = actions::send_failed_again(&mut tx, &actor, id, within.hours).await?;
    tx.commit().await?;
    back(&app, id, &format!("failed-again&count={count}")).await
}

/// `POST …/{id}/off`
async fn off(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(typed): Form<Version>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::switch_off(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    back(&app, id, "off").await
}

/// `POST …/{id}/on`
async fn on(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(typed): Form<Version>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::switch_on(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    back(&app, id, "on").await
}

/// `POST …/{id}/remove`
async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Form(typed): Form<Version>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let owner = actions::remove(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    let list = owner.organisation().map(|id| format!("?organisation={id}")).unwrap_or_default();
    Ok(Redirect::to(&format!("{}{list}", owner.pages())))
}
