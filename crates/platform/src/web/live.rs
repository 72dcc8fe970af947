//! Pages that move by themselves: a stream of event ids; the browser refetches through the
//! checked route, so that nothing is told here that the page would not tell.
//!
//! The log is asked once a second for the whole process, however many watch.

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
use crate::{Actor, App, access::PersonId, log};

/// A stream ends with the first event after so long; the browser opens another, which only a
/// session that still holds is given.
const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// Streams that one person has at the same time: each takes a connection from all others.
const MOST: usize = 20;

/// What has been sealed lately, for all pages of this process, and who waits for it.
#[derive(Clone, Debug)]
pub struct Live {
    sealed: broadcast::Sender<Option<Uuid>>,
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sealed: broadcast::Sender::new(1024), open: Arc::default() }
    }
}

impl Live {
    /// How many streams each person has open.
    fn open(&self) -> MutexGuard<'_, HashMap<PersonId, usize>> {
        // Counts are whole whatever their last user did.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more stream of this person, unless they have [`MOST`].
    fn watch(&self, person: PersonId) -> Option<Watch> {
        let mut open = self.open();
        let count = open.entry(person).or_default();
        if *count == MOST {
            return None;
        }
        *count += 1;
        Some(Watch { heard: self.sealed.subscribe(), live: self.clone(), person })
    }
}

/// One open stream; dropping it makes room for another.
struct Watch {
    heard: broadcast::Receiver<Option<Uuid>>,
    live: Live,
    person: PersonId,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut open = self.live.open();
        let left = open.get_mut(&self.person).map(|count| {
            *count -= 1;
            *count
        });
        if left == Some(0) {
            open.remove(&self.person);
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
    for event in &events {
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
    let watch = app.live.watch(person).ok_or(Error::TooMany(60))?;
    let until = app.env.now() + LASTS;
    let events = stream::unfold((app, watch), move |(app, mut watch)| async move {
        let stop = app.stop.clone();
        let happened = async {
            loop {
                let heard = watch.heard.recv().await;
                if app.env.now() >= until {
                    return false;
                }
                match heard {
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
        goes_on.then(|| (Ok(Event::default().event("changed").data("now")), (app, watch)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
