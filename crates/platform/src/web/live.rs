//! Pages that move by themselves: a stream of event ids; the browser refetches through the
//! checked route, so that nothing is told here that the page would not tell.
//!
//! The log is asked once a second for the whole process, however many watch.

use std::convert::Infallible;

use axum::{
    extract::{Query, State},
    response::sse::{Event, KeepAlive, Sse},
};
use db::DbError;
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use crate::{App, log};

/// What has been sealed lately, for all pages of this process.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<Option<Uuid>>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(1024))
    }
}

/// Tells the pages what was sealed behind `seen`; returns the newest place in the log.
///
/// Called each second by the service's own loop; does nothing while nobody watches.
pub async fn tell(app: &App, seen: Option<i64>) -> Result<Option<i64>, DbError> {
    if app.live.0.receiver_count() == 0 {
        return Ok(None);
    }
    let mut snapshot = app.read().await?;
    let Some(seen) = seen else { return log::newest_sequence(&mut snapshot).await.map(Some) };
    let events = log::events_since(&mut snapshot, seen).await?;
    for event in &events {
        // Nobody may be left to hear it by now.
        let _ = app.live.0.send(event.about_id);
    }
    Ok(Some(events.last().map_or(seen, |event| event.sequence)))
}

/// Which events a page waits for.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    about: Option<Uuid>,
}

/// `GET /live?about=ID`: one event without content whenever something about ID was sealed.
pub async fn stream(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let heard = app.live.0.subscribe();
    let events = stream::unfold((app, heard), move |(app, mut heard)| async move {
        let stop = app.stop.clone();
        let happened = async {
            loop {
                match heard.recv().await {
                    Ok(about) if wanted.about.is_none() || about == wanted.about => return true,
                    Ok(_) => {}
                    // Too much to tell one by one: the page reloads its parts once.
                    Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        let goes_on = tokio::select! {
            happened = happened => happened,
            () = stop.finishing() => false,
        };
        // A browser drops an event without data (HTML, section 9.2.6).
        goes_on.then(|| (Ok(Event::default().event("changed").data("changed")), (app, heard)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
