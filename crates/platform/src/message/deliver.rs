//! Sends what is due: takes messages, renders them, hands them over, notes the fate of each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::DbError;
use futures::{StreamExt, stream};
use serde_json::Value as Json;

use super::{
    ANSWERS, Channel, ContactId, MAILING, Mail, NoLetter, OfMailing, Post, PostError, ToRender, carrier,
    digest, store,
};
use crate::{App, Tx, bounce, job::Lane, job::pause, notification::mailing};

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
    if !post(app, lane).is_ready() {
        return Ok(Sent::default());
    }
    let channel = Channel::of(lane);
    let (taken, asks) = take(app, lane).await?;
    if taken.is_empty() {
        return Ok(Sent::default());
    }
    let down = Arc::new(Mutex::new(None));
    let sends = taken.into_iter().map(|message| {
        let (app, down) = (app.clone(), Arc::clone(&down));
        async move {
            let fate = send_unless_down(&app, lane, &message, &down).await;
            (message, fate)
        }
    });
    let tried: Vec<_> = stream::iter(sends).buffer_unordered(AT_ONCE).collect().await;
    let mut tx = app.write().await?;
    let reason = held(&down).clone();
    match &reason {
        Some(reason) => carrier::note_down(&mut tx, channel, reason).await?,
        None if asks && tried.iter().all(|(_, fate)| matches!(fate, Err(Unsent::Moot(_)))) => {
            // It was not asked after all: there was nothing to send.
            carrier::ask_at_once(&mut tx, channel).await?;
        }
        None if asks => carrier::note_up(&mut tx, channel).await?,
        None => {}
    }
    for (message, fate) in &tried {
        if let Err(Unsent::Post(PostError::Down(reason))) = fate {
            store::put_back(&mut tx, message, reason).await?;
            continue;
        }
        let settled = match fate {
            // Settled below: those that left together, those that have no mailbox each by itself.
            Ok(()) | Err(Unsent::Post(PostError::NoMailbox { .. })) => continue,
            Err(Unsent::Moot(reason)) => store::Settled::Moot(reason),
            Err(Unsent::Post(PostError::Later(reason))) if message.attempts < store::attempts(channel) => {
                // Mail servers are down for hours rather than seconds: six times a job's pauses. A text
                // is for who must know now: its tries end within two hours.
                let times = if channel == Channel::Mail { 6 } else { 3 };
                store::Settled::Again(tx.now + pause(&tx, message.attempts) * times, reason)
            }
            Err(Unsent::Post(
                PostError::Later(reason) | PostError::Refused(reason) | PostError::Down(reason),
            )) => store::Settled::Failed(reason),
        };
        store::settle(&mut tx, message, &settled).await?;
        settle_digest(&mut tx, message, settled.state()).await?;
    }
    let accepted: Vec<_> =
        tried.iter().filter(|(_, fate)| fate.is_ok()).map(|(message, _)| message).collect();
    store::sent(&mut tx, &accepted).await?;
    for message in &accepted {
        settle_digest(&mut tx, message, Some(store::State::Sent)).await?;
    }
    if channel == Channel::Mail {
        store::mailed(&mut tx, &accepted).await?;
    }
    tx.commit().await?;
    // Each changes the contacts of an address: in one transaction, two workers could wait for each other.
    for (message, fate) in &tried {
        if let Err(Unsent::Post(PostError::NoMailbox { status, said })) = fate {
            bounce::refused(app, message.id, *status, said).await?;
        }
    }
    Ok(Sent { taken: tried.len(), sent: accepted.len() })
}

/// Notes of a digest what became of the mail in which it was sent; nothing of any other message.
async fn settle_digest(
    tx: &mut Tx,
    message: &store::Taken,
    state: Option<store::State>,
) -> Result<(), DbError> {
    match (message.kind.as_str(), message.about_id, state) {
        (super::DIGEST, Some(digest), Some(state)) => digest::settle(tx, digest, state).await,
        _ => Ok(()),
    }
}

/// The due messages of a lane, one batch of them; where what carries them takes nothing, the first alone, once it is time
/// to ask again. Says whether it is asked.
async fn take(app: &App, lane: Lane) -> Result<(Vec<store::Taken>, bool), DbError> {
    let mut tx = app.write().await?;
    // What is not urgent leaves once nothing is that could.
    if lane == Lane::Bulk && store::is_any_due(&mut tx, Lane::Urgent).await? {
        return Ok((Vec::new(), false));
    }
    let down = carrier::down(&mut tx, Channel::of(lane)).await?;
    let taken = match &down {
        None => store::take(&mut tx, lane).await?,
        Some(down) if down.next_try_at > tx.now => Vec::new(),
        Some(down) => {
            let first = store::take_first(&mut tx, lane).await?;
            // Of two nodes one asks.
            if first.is_empty() || !carrier::claim(&mut tx, down).await? {
                return Ok((Vec::new(), true));
            }
            first
        }
    };
    tx.commit().await?;
    Ok((taken, down.is_some()))
}

/// Why nothing leaves, where one of a batch has met it: the others are not tried, or all would wait for it in turn.
type WhyDown = Mutex<Option<String>>;

fn held(down: &WhyDown) -> MutexGuard<'_, Option<String>> {
    // A text is whole whatever its last holder did.
    down.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn send_unless_down(
    app: &App,
    lane: Lane,
    message: &store::Taken,
    down: &WhyDown,
) -> Result<(), Unsent> {
    if let Some(reason) = held(down).clone() {
        return Err(PostError::Down(reason).into());
    }
    let fate = send(app, lane, message).await;
    if let Err(Unsent::Post(PostError::Down(reason))) = &fate {
        held(down).get_or_insert_with(|| reason.clone());
    }
    fate
}

/// What carries the messages of a lane.
fn post(app: &App, lane: Lane) -> &dyn Post {
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

/// The mailing that a message is of, where it is of one, with the address at which its reader stops it.
async fn of_mailing(
    app: &App,
    message: &store::Taken,
    fields: &Json,
) -> Result<Option<OfMailing>, PostError> {
    let named = fields.get(MAILING).and_then(Json::as_str).and_then(|code| code.parse().ok());
    let (Some(mailing), Some(contact)) = (named, message.contact_id) else { return Ok(None) };
    let stop = mailing::link(app, mailing, ContactId(contact), &message.address).await;
    let stop = stop.map_err(|error| PostError::Later(error.to_string()))?;
    Ok(Some(OfMailing { mailing, stop }))
}

async fn send(app: &App, lane: Lane, message: &store::Taken) -> Result<(), Unsent> {
    let kind =
        app.services.iter().flat_map(|service| service.messages).find(|kind| kind.name == message.kind);
    // A newer node knows it.
    let kind = kind.ok_or_else(|| PostError::Later(format!("this node knows no \"{}\"", message.kind)))?;
    let fields: Json =
        serde_json::from_str(&message.fields).map_err(|error| PostError::Refused(error.to_string()))?;
    let mailing = of_mailing(app, message, &fields).await?;
    let to_render = ToRender {
        address: message.address.clone(),
        about: message.about_id,
        fields,
        stop: mailing.as_ref().map(|mailing| mailing.stop.clone()),
    };
    let answers = to_render.fields.get(ANSWERS).and_then(Json::as_str).map(ToOwned::to_owned);
    let letter = (kind.render)(app.clone(), to_render).await?;
    // A try that met a carrier which takes nothing is not counted, and may have arrived all the same.
    let again = message.attempts > 1 || message.last_error.is_some();
    let mail = Mail { id: message.id, to: message.address.clone(), letter, again, answers, mailing };
    tokio::select! {
        sent = post(app, lane).send(&mail) => Ok(sent?),
        // If it did arrive, its id tells the other side that it is the same.
        () = app.stop.over() => Err(PostError::Later("the service was stopped".to_owned()).into()),
    }
}
