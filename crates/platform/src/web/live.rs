//! Pages that move by themselves: a stream of event ids; the browser refetches through the
//! checked route, so that nothing is told here that the page would not tell.
//!
//! The log is asked once a second for the whole process, however many watch. What only some may hear of, such as a case
//! with its zones, is told by [`news`](super::news) alone, and not here.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{Query, State},
    response::sse::{Event, KeepAlive, Sse},
};
use db::DbError;
use futures::{Stream, stream};
use jiff::SignedDuration;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use super::Error;
use super::news::Topics;
use crate::{Actor, App, log};

/// A stream ends after so long, at the latest; the browser opens another, which only a session that still holds is given.
pub(super) const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// Streams that one person has at the same time: each takes a connection from all others.
const MOST: usize = 20;

/// What has been sealed lately, for all pages of this process, and who waits for it.
#[derive(Clone, Debug)]
pub struct Live {
    sealed: broadcast::Sender<Option<Uuid>>,
    open: Arc<Mutex<HashMap<Uuid, usize>>>,
    /// What is told to some alone.
    pub topics: Topics,
}

impl Default for Live {
    fn default() -> Self {
        Self { sealed: broadcast::Sender::new(1024), open: Arc::default(), topics: Topics::default() }
    }
}

impl Live {
    /// How many streams each person, or key, has open.
    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        // Counts are whole whatever their last user did.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more stream of this person or key, unless they have [`MOST`].
    pub(super) fn place(&self, holder: Uuid) -> Option<Place> {
        let mut open = self.open();
        let count = open.entry(holder).or_default();
        if *count == MOST {
            return None;
        }
        *count += 1;
        Some(Place { live: self.clone(), holder })
    }
}

/// One open stream; dropping it makes room for another.
#[derive(Debug)]
pub(super) struct Place {
    live: Live,
    holder: Uuid,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.live.open();
        let left = open.get_mut(&self.holder).map(|count| {
            *count -= 1;
            *count
        });
        if left == Some(0) {
            open.remove(&self.holder);
        }
    }
}

/// Tells the pages what was sealed behind `seen`; returns the newest place in the log.
///
/// Called each second by the service's own loop; does nothing while nobody watches.
pub async fn tell(app: &App, seen: Option<i64>) -> Result<Option<i64>, DbError> {
    if app.live.sealed.receiver_count() == 0 {
        return Ok(None);
    }
    let mut snapshot = app.read().await?;
    let Some(seen) = seen else { return log::newest_sequence(&mut snapshot).await.map(Some) };
    let events = log::events_since(&mut snapshot, seen).await?;
    let told = events.iter().filter(|event| !app.is_of_a_topic(&event.verb));
    for event in told {
        // Nobody may be left to hear it by now.
        let _ = app.live.sealed.send(event.about_id);
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
    actor: Actor,
    Query(wanted): Query<Wanted>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let person = actor.person().ok_or(Error::SignIn)?.id;
    let place = app.live.place(person.0).ok_or(Error::TooMany(60))?;
    let watch = (app.live.sealed.subscribe(), place);
    let until = app.env.now() + LASTS;
    let over = tokio::time::Instant::now() + LASTS.unsigned_abs();
    let events = stream::unfold((app, watch), move |(app, mut watch)| async move {
        let stop = app.stop.clone();
        let happened = async {
            loop {
                match watch.0.recv().await {
                    Ok(about) if wanted.about.is_none() || about == wanted.about => break,
                    // What the page does not wait for ends nothing either: it would be told of it so.
                    Ok(_) => {}
                    // Too much to tell one by one: the page reloads its parts once.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return false,
                }
            }
            app.env.now() < until
        };
        let goes_on = tokio::select! {
            happened = happened => happened,
            () = tokio::time::sleep_until(over) => false,
            () = stop.finishing() => false,
        };
        // A browser drops an event without data (HTML, section 9.2.6).
        goes_on.then(|| (Ok(Event::default().event("changed").data("now")), (app, watch)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
