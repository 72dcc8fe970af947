//! The CERT's pages about feeds: which are followed, how each fares, and what is decided about it.

mod edit;
mod list;
mod show;

use axum::{
    extract::{Path, State},
    response::Redirect,
};
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    web::{Error, Form, Route},
};
use serde::Deserialize;

use super::{Feed, FeedId, actions};
use crate::access::{ASK_FEEDS, KEEP_FEEDS, READ_SECTOR};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, keep) = (Rule::Roles(READ_SECTOR), Rule::Roles(KEEP_FEEDS));
    let add = "name=News&source=news&url=https%3A%2F%2Fnews.example%2Frss&every=60&silent=168";
    let change = "name=Changed&source=news&url=https%3A%2F%2Fnews.example%2Fatom&every=60&silent=168&version={feed_version}";
    let version = "version={feed_version}";
    vec![
        Route::get("/sources/feeds", read, list::list),
        Route::get("/sources/feeds/suggested", read, list::suggested),
        Route::get("/sources/feeds/new", keep, edit::new),
        Route::post("/sources/feeds/new", keep, edit::add).form(add),
        Route::get("/sources/feeds/{id}", read, show::show).sample("/sources/feeds/{feed}"),
        Route::get("/sources/feeds/{id}/change", keep, edit::show).sample("/sources/feeds/{feed}/change"),
        Route::post("/sources/feeds/{id}/change", keep, edit::change)
            .sample("/sources/feeds/{feed}/change")
            .form(change),
        Route::post("/sources/feeds/{id}/ask", Rule::Roles(ASK_FEEDS), ask)
            .sample("/sources/feeds/{feed}/ask"),
        Route::post("/sources/feeds/{id}/pause", keep, pause)
            .sample("/sources/feeds/{feed}/pause")
            .form(version),
        Route::post("/sources/feeds/{id}/resume", keep, resume)
            .sample("/sources/feeds/{feed}/resume")
            .form(version),
        Route::post("/sources/feeds/{id}/remove", keep, remove)
            .sample("/sources/feeds/{feed}/remove")
            .form(version),
    ]
}

/// What the buttons of a feed's page send.
#[derive(Debug, Deserialize)]
struct Version {
    version: i64,
}

/// How a feed fares, in words and the colour of their tag.
fn state(feed: &Feed, now: Timestamp) -> (&'static str, &'static str) {
    let fares = feed.fares(now);
    (fares.label(), fares.colour())
}

fn to(id: FeedId) -> Redirect {
    Redirect::to(&format!("/sources/feeds/{id}"))
}

/// `POST /sources/feeds/{id}/ask`
async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<FeedId>) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    actions::ask(&mut tx, &actor, id).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /sources/feeds/{id}/pause`
async fn pause(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FeedId>,
    Form(typed): Form<Version>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    actions::pause(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /sources/feeds/{id}/resume`
async fn resume(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FeedId>,
    Form(typed): Form<Version>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    actions::resume(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /sources/feeds/{id}/remove`
async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FeedId>,
    Form(typed): Form<Version>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    actions::remove(&mut tx, &actor, id, typed.version).await?;
    tx.commit().await?;
    Ok(Redirect::to("/sources/feeds"))
}
