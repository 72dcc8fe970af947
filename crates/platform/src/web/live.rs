//! Pages that move by themselves: a stream of event ids; the browser refetches through the
//! checked route, so that nothing is told here that the page would not tell.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
    response::sse::{Event, KeepAlive, Sse},
};
use db::DbError;
use futures::{Stream, stream};
use serde::Deserialize;
use uuid::Uuid;

use crate::{App, log};

/// Which events a page waits for.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    about: Option<Uuid>,
}

/// `GET /live?about=ID`: one empty event whenever something about ID was sealed into the log.
pub async fn stream(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, super::Error> {
    let newest = log::newest_sequence(&mut app.read().await?).await?;
    let events = stream::unfold((app, newest), move |(app, seen)| async move {
        let seen = next(&app, seen, wanted.about).await;
        Some((Ok(Event::default().event("changed").data(seen.to_string())), (app, seen)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Waits until something wanted has happened behind `seen`.
async fn next(app: &App, mut seen: i64, about: Option<Uuid>) -> i64 {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let events = async {
            let mut snapshot = app.read().await?;
            log::events_since(&mut snapshot, seen).await
        };
        // A database that is away for a moment is asked again; the page stays as it is.
        let events: Result<_, DbError> = events.await;
        let Ok(events) = events else { continue };
        let Some(last) = events.last() else { continue };
        seen = last.sequence;
        if about.is_none() || events.iter().any(|event| event.about_id == about) {
            return seen;
        }
    }
}
