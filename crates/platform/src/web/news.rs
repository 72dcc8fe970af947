//! News of one thing for those who may hear of it: what changed, by number, in parts of which each reader hears some.
//!
//! A service asks once for each thing that changed who hears of it, and hands that in with the changes; whoever follows
//! looks themselves up in it. So a thousand who follow cost as much as one, and somebody who may no longer hear does not
//! hear the next thing. A stream that breaks off is taken up again where it broke off, on any node.
//!
//! Of what a reader does not hear nothing is told, not even that it was: numbers are sealed ([`super::bookmark`]), and no
//! stream ends because of it.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use http::HeaderMap;
use jiff::Timestamp;
use tokio::{sync::broadcast, time::Sleep};
use uuid::Uuid;

use super::{
    Error,
    bookmark::Secret,
    live::{LASTS, Place},
};
use crate::App;

/// What changed in a thing.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number, which grows with every change of any thing.
    pub number: i64,
    /// In which of the thing's parts: one bit.
    pub part: u8,
    /// Who did it.
    pub by: Option<Uuid>,
    /// What is told of it, as JSON.
    pub told: String,
}

/// Changes of one thing, and who hears of them.
#[derive(Debug)]
pub struct News {
    /// In the order of their numbers.
    pub changes: Vec<Change>,
    /// Of which parts each person or key hears, as bits; whoever is not in here hears of nothing.
    pub hear: HashMap<Uuid, u8>,
}

/// Who follows what, in this process.
#[derive(Clone, Debug, Default)]
pub struct Topics(Arc<Followed>);

#[derive(Debug, Default)]
struct Followed {
    topics: Mutex<HashMap<Uuid, broadcast::Sender<Arc<News>>>>,
    heard: AtomicI64,
    secret: OnceLock<Secret>,
}

/// As many changes as one stream may fall behind; then it ends, and is taken up again.
const BEHIND: usize = 64;

impl Topics {
    fn topics(&self) -> MutexGuard<'_, HashMap<Uuid, broadcast::Sender<Arc<News>>>> {
        // A map of senders is whole whatever its last user did.
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody follows this thing. What nobody follows any more is let go.
    pub fn is_followed(&self, topic: Uuid) -> bool {
        let mut topics = self.topics();
        let followed = topics.get(&topic).is_some_and(|sender| sender.receiver_count() > 0);
        if !followed {
            topics.remove(&topic);
        }
        followed
    }

    /// Tells those who follow this thing.
    pub fn tell(&self, topic: Uuid, news: News) {
        if let Some(sender) = self.topics().get(&topic) {
            // Nobody may be left to hear it by now.
            let _ = sender.send(Arc::new(news));
        }
    }

    /// The number up to which this process has told; 0 where it has told nothing yet. A page that is made now shows all
    /// of that.
    pub fn heard(&self) -> i64 {
        self.0.heard.load(Ordering::Acquire)
    }

    /// Notes that this process has told everything up to a number.
    pub fn note_heard(&self, number: i64) {
        self.0.heard.fetch_max(number, Ordering::AcqRel);
    }

    /// The secret under which places are sealed; none before a service has said which.
    pub fn secret(&self) -> Option<&Secret> {
        self.0.secret.get()
    }

    /// Says under which secret places are sealed: once in the life of a process.
    pub fn seal_under(&self, secret: Secret) {
        // Whoever else said it read the same from the database.
        let _ = self.0.secret.set(secret);
    }

    fn follow(&self, topic: Uuid) -> broadcast::Receiver<Arc<News>> {
        let mut topics = self.topics();
        // A process that runs for months keeps nothing of what was followed once.
        topics.retain(|known, sender| *known == topic || sender.receiver_count() > 0);
        topics.entry(topic).or_insert_with(|| broadcast::Sender::new(BEHIND)).subscribe()
    }
}

/// Somebody who follows a thing. Made before the database is asked what they missed, so that nothing falls between.
#[derive(Debug)]
pub struct Following {
    heard: broadcast::Receiver<Arc<News>>,
    holder: Uuid,
    secret: Secret,
    until: Timestamp,
    over: Pin<Box<Sleep>>,
    _place: Place,
}

impl Following {
    /// Follows a thing as this person or key.
    pub fn begin(app: &App, topic: Uuid, holder: Uuid, secret: Secret) -> Result<Self, Error> {
        let place = app.live.place(holder).ok_or(Error::TooMany(60))?;
        let heard = app.live.topics.follow(topic);
        // By itself, too: a stream that ended with whatever is written next would tell that it was.
        let over = Box::pin(tokio::time::sleep(LASTS.unsigned_abs()));
        Ok(Self { heard, holder, secret, until: app.env.now() + LASTS, over, _place: place })
    }
}

/// Where a stream is taken up, and what was missed since.
#[derive(Clone, Debug, Default)]
pub struct Missed {
    /// What was missed, in the order of its numbers.
    pub changes: Vec<Change>,
    /// The number behind which the stream goes on.
    pub number: i64,
    /// Of which parts the reader hears now, as bits.
    pub parts: u8,
    /// Whether there is more than was read, so that the stream ends after these and is taken up again.
    pub is_cut: bool,
}

/// Behind which number somebody takes a stream up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenUp {
    /// They begin with what happens from now on.
    Now,
    /// Behind this one.
    Behind(i64),
    /// They sent what was never handed to them.
    Unknown,
}

/// Where this reader takes a stream up again: what a browser sends of itself, or else the address.
pub fn taken_up(app: &App, reader: Option<Uuid>, headers: &HeaderMap, after: Option<&str>) -> TakenUp {
    let sent = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?").trim());
    let Some(place) = sent.filter(|text| !text.is_empty()).or(after).filter(|text| !text.is_empty()) else {
        return TakenUp::Now;
    };
    let number = reader.zip(app.live.topics.secret()).and_then(|(reader, secret)| secret.open(reader, place));
    number.map_or(TakenUp::Unknown, TakenUp::Behind)
}

/// What is sent of one thing, for whoever follows.
struct Sending {
    app: App,
    following: Following,
    /// What waits to be sent.
    waiting: VecDeque<Event>,
    number: i64,
    /// Of which parts the reader heard last.
    parts: u8,
    /// What this reader did is no news to them.
    but: Option<Uuid>,
    ends: bool,
}

/// The stream: `ready` with the place from which it goes on, then `change` for each change that the reader hears of.
pub fn stream(
    app: App,
    following: Following,
    missed: &Missed,
    but: Option<Uuid>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let ready = missed.changes.first().map_or(missed.number, |first| first.number - 1);
    let place = following.secret.seal(&app.env, following.holder, ready);
    let mut sending = Sending {
        app,
        following,
        waiting: VecDeque::from([Event::default().event("ready").id(place).data("{}")]),
        number: ready,
        parts: missed.parts,
        but,
        ends: false,
    };
    for change in &missed.changes {
        sending.take(change);
    }
    sending.number = sending.number.max(missed.number);
    sending.ends = missed.is_cut;
    let events = stream::unfold(sending, |mut sending| async move {
        let event = sending.next().await?;
        Some((Ok(event), sending))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

impl Sending {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.ends {
                return None;
            }
            let stop = self.app.stop.clone();
            let news = tokio::select! {
                // Whoever fell behind takes it up again where they were.
                news = self.following.heard.recv() => news.ok()?,
                () = self.following.over.as_mut() => return None,
                () = stop.finishing() => return None,
            };
            self.hear(&news)?;
        }
    }

    /// Takes what the reader hears of; none where the stream is over. It never is because of what they do not hear of.
    fn hear(&mut self, news: &News) -> Option<()> {
        let parts = news.hear.get(&self.following.holder).copied();
        let heard = |parts: u8| news.changes.iter().filter(move |change| change.part & parts != 0);
        // Whoever may no longer hear is told nothing more, and finds no stream when they ask again.
        let Some(parts) = parts else {
            return heard(self.parts).next().is_none().then_some(());
        };
        self.parts = parts;
        if self.app.env.now() >= self.following.until {
            return heard(parts).next().is_none().then_some(());
        }
        heard(parts).for_each(|change| self.take(change));
        Some(())
    }

    fn take(&mut self, change: &Change) {
        if change.number <= self.number {
            return;
        }
        self.number = change.number;
        if self.but.is_some() && change.by == self.but {
            return;
        }
        let place = self.following.secret.seal(&self.app.env, self.following.holder, change.number);
        let event = Event::default().event("change").id(place);
        self.waiting.push_back(event.data(&change.told));
    }
}
