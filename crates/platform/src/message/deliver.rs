//! Sends what is due: takes messages, renders them, hands them over, notes the fate of each.

use db::DbError;
use futures::{StreamExt, stream};
use serde_json::Value as Json;

use super::{ANSWERS, Channel, Mail, NoLetter, Post, PostError, ToRender, digest, store};
use crate::{App, job::Lane, job::pause};

/// How many are handed over at the same time.
const AT_ONCE: usize = 16;

/// What one turn sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that were taken.
    pub taken: usize,
    /// Of these, how many were handed over.
    pub sent: usize,
}

/// Sends the due messages of `lane`, one batch of them.
pub async fn deliver_due(app: &App, lane: Lane) -> Result<Sent, DbError> {
    if !carrier(app, lane).is_ready() {
        return Ok(Sent::default());
    }
    let mut tx = app.write().await?;
    let taken = store::take(&mut tx, lane).await?;
    tx.commit().await?;
    if taken.is_empty() {
        return Ok(Sent::default());
    }
    let mut sent = Sent { taken: taken.len(), sent: 0 };
    let sends = taken.into_iter().map(|message| {
        let app = app.clone();
        async move {
            let fate = send(&app, lane, &message).await;
            (message, fate)
        }
    });
    let tried: Vec<_> = stream::iter(sends).buffer_unordered(AT_ONCE).collect().await;
    let mut tx = app.write().await?;
    for (message, fate) in &tried {
        let settled = match fate {
            Ok(()) => {
                sent.sent += 1;
                store::Settled::Sent
            }
            Err(Unsent::Moot(reason)) => store::Settled::Moot(reason),
            Err(Unsent::Post(PostError::Later(reason))) if message.attempts < store::ATTEMPTS => {
                // Mail servers are down for hours rather than seconds: six times a job's pauses. A text
                // is for who must know now: its tries end within two hours.
                let times = if Channel::of(lane) == Channel::Mail { 6 } else { 3 };
                store::Settled::Again(tx.now + pause(&tx, message.attempts) * times, reason)
            }
            Err(Unsent::Post(PostError::Later(reason) | PostError::Refused(reason))) => {
                store::Settled::Failed(reason)
            }
        };
        store::settle(&mut tx, message, &settled).await?;
        if let (super::DIGEST, Some(digest), Some(state)) =
            (message.kind.as_str(), message.about_id, settled.state())
        {
            digest::settle(&mut tx, digest, state).await?;
        }
    }
    let accepted = tried.iter().filter(|(_, fate)| fate.is_ok() && Channel::of(lane) == Channel::Mail);
    store::mailed(&mut tx, accepted.map(|(message, _)| message)).await?;
    tx.commit().await?;
    Ok(sent)
}

/// What carries the messages of a lane.
fn carrier(app: &App, lane: Lane) -> &dyn Post {
    match Channel::of(lane) {
        Channel::Mail => app.post.as_ref(),
        Channel::Sms => app.texts.as_ref(),
    }
}

/// Why a message did not leave.
enum Unsent {
    /// There is nothing to tell any more.
    Moot(String),
    /// What carries it did not take it, or it could not be written.
    Post(PostError),
}

impl From<PostError> for Unsent {
    fn from(error: PostError) -> Self {
        Self::Post(error)
    }
}

impl From<NoLetter> for Unsent {
    fn from(error: NoLetter) -> Self {
        match error {
            NoLetter::Moot(reason) => Self::Moot(reason),
            NoLetter::Failed(reason) => Self::Post(PostError::Later(reason)),
        }
    }
}

async fn send(app: &App, lane: Lane, message: &store::Taken) -> Result<(), Unsent> {
    let kind =
        app.services.iter().flat_map(|service| service.messages).find(|kind| kind.name == message.kind);
    // A newer node knows it.
    let kind = kind.ok_or_else(|| PostError::Later(format!("this node knows no \"{}\"", message.kind)))?;
    let to_render = ToRender {
        address: message.address.clone(),
        about: message.about_id,
        fields: serde_json::from_str(&message.fields)
            .map_err(|error| PostError::Refused(error.to_string()))?,
    };
    let answers = to_render.fields.get(ANSWERS).and_then(Json::as_str).map(ToOwned::to_owned);
    let letter = (kind.render)(app.clone(), to_render).await?;
    let mail =
        Mail { id: message.id, to: message.address.clone(), letter, again: message.attempts > 1, answers };
    tokio::select! {
        sent = carrier(app, lane).send(&mail) => Ok(sent?),
        // If it did arrive, its id tells the other side that it is the same.
        () = app.stop.over() => Err(PostError::Later("the service was stopped".to_owned()).into()),
    }
}
