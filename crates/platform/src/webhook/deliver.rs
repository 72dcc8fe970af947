//! Sends what is due: takes webhooks, sends each what waits under it one after the other, notes what
//! came of it.
//!
//! A turn of a webhook ends with its first failure and is short, so that a server which never answers
//! costs ten seconds of one place among many; those that fail have a lane of their own. What all turns
//! have sent since is noted together, and who has more to send goes on meanwhile, so that nobody waits
//! for the disk alone (decision 0048).

use std::time::Duration;

use db::DbError;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use uuid::Uuid;

use super::{
    DeliveryId, WebhookId, off,
    send::send,
    store::{self, Endpoint, Outcome, Tried},
};
use crate::{App, net::Reach};

/// Turns at the same time.
const AT_ONCE: usize = 64;
/// While turns are on their way, how often it is looked for what became due.
const PAUSE: Duration = Duration::from_secs(1);
/// No request is begun later in a turn than this.
const TURN: SignedDuration = SignedDuration::from_secs(10);
/// So many are sent in a turn, and no more are read: then others have its place.
const MOST: usize = 10 * store::TOGETHER;

/// The lane of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It took the last that it was sent.
    Well,
    /// It did not.
    Failing,
}

/// What a turn has sent, to be noted.
#[derive(Debug)]
enum Sent {
    /// Some of it, while the turn goes on; it is told once they are noted.
    UnderWay { webhook: WebhookId, tried: Vec<Tried>, noted: oneshot::Sender<()> },
    /// The rest of it, and that the turn is over.
    Over(Box<Turn>),
}

impl Sent {
    fn webhook(&self) -> WebhookId {
        match self {
            Self::UnderWay { webhook, .. } => *webhook,
            Self::Over(turn) => turn.endpoint.id,
        }
    }
}

/// How far a turn has come.
#[derive(Debug)]
struct Turn {
    endpoint: Endpoint,
    /// How far its requests may go, while its address may be sent to at all: what the settings allow may have changed
    /// since it was typed.
    reach: Option<Reach>,
    /// All that it tried.
    tried: Vec<Tried>,
    /// How many of them are noted, as far as they were taken.
    noted: usize,
}

/// Sends what is due in this lane, to 64 webhooks at the same time, until nothing is due and
/// every turn is over; says to how many. A turn that takes long holds one place: what becomes due
/// meanwhile is taken by the others.
pub async fn deliver_due(app: &App, health: Health) -> Result<usize, DbError> {
    let (noting, mut under_way) = mpsc::unbounded_channel();
    // Each on a task of its own: one that has its turn to write is never kept from going on.
    let (mut turns, mut count, mut failed) = (JoinSet::new(), 0, Ok(()));
    let mut sent = Vec::new();
    loop {
        let goes_on = failed.is_ok() && !app.stop.is_finishing();
        let free = if goes_on { AT_ONCE - turns.len() } else { 0 };
        match note_and_take(app, health, std::mem::take(&mut sent), free).await {
            Ok(taken) => {
                count += taken.len();
                for endpoint in taken {
                    turns.spawn(turn(app.clone(), endpoint, noting.clone()));
                }
            }
            // The other turns go on: what they have sent is to be noted.
            Err(error) => failed = Err(error),
        }
        if turns.is_empty() {
            return failed.map(|()| count);
        }
        let mut ended = None;
        tokio::select! {
            over = turns.join_next() => ended = over,
            Some(some) = under_way.recv() => sent.push(some),
            () = tokio::time::sleep(PAUSE) => {}
        }
        // And with it all that is there by now.
        while let Some(over) = ended.take().or_else(|| turns.try_join_next()) {
            match over {
                Ok(Ok(turn)) => sent.push(Sent::Over(Box::new(turn))),
                Ok(Err(error)) => failed = failed.and(Err(error)),
                // Its lease ends, and another worker goes on.
                Err(broken) => tracing::error!(%broken, "a webhook's turn stopped unexpectedly"),
            }
        }
        while let Ok(some) = under_way.try_recv() {
            sent.push(some);
        }
    }
}

/// Notes what turns have sent, and takes as many webhooks as there are places free.
async fn note_and_take(
    app: &App,
    health: Health,
    mut sent: Vec<Sent>,
    free: usize,
) -> Result<Vec<Endpoint>, DbError> {
    if sent.is_empty() && free == 0 {
        return Ok(Vec::new());
    }
    // Whoever takes the rows of several takes them in the order of their ids.
    sent.sort_by_key(|sent| sent.webhook().0);
    let done = in_one(app, health, &sent, free).await;
    for each in sent {
        let is_noted = match &done {
            Ok(_) => true,
            Err(error) if error.is_away() => false,
            // What keeps one of them from being noted keeps no other.
            Err(_) => in_one(app, health, std::slice::from_ref(&each), 0).await.is_ok(),
        };
        if let (true, Sent::UnderWay { noted, .. }) = (is_noted, each) {
            // Its turn may have stopped unexpectedly.
            let _ = noted.send(());
        }
    }
    done
}

/// The same, in one transaction or not at all.
async fn in_one(app: &App, health: Health, sent: &[Sent], free: usize) -> Result<Vec<Endpoint>, DbError> {
    let mut tx = app.write().await?;
    let mut given_up = Vec::new();
    for each in sent {
        match each {
            Sent::UnderWay { tried, .. } => store::note_taken(&mut tx, tried).await?,
            Sent::Over(turn) => {
                if let Some(reason) = store::settle(&mut tx, &turn.endpoint, &turn.tried, turn.noted).await? {
                    given_up.push((turn.endpoint.id, reason));
                }
            }
        }
    }
    // Once all their rows are held: nobody who has one of them waits for what these write to.
    for (webhook, reason) in given_up {
        off::give_up(&mut tx, webhook, reason).await?;
    }
    let taken = if free > 0 { store::take(&mut tx, health, free).await? } else { Vec::new() };
    if !sent.is_empty() || !taken.is_empty() {
        tx.commit().await?;
    }
    Ok(taken)
}

/// One turn of one webhook. While what it has sent is noted it sends the next, and no more than these: killed, so
/// many are sent again.
async fn turn(app: App, endpoint: Endpoint, noting: mpsc::UnboundedSender<Sent>) -> Result<Turn, DbError> {
    let began = app.env.now();
    let reach = endpoint.owner.reach(endpoint.url.as_str(), &app.settings.network.allow);
    let mut turn = Turn { endpoint, reach, tried: Vec::new(), noted: 0 };
    let mut behind = (Timestamp::UNIX_EPOCH, DeliveryId(Uuid::nil()));
    let mut being_noted: Option<(usize, oneshot::Receiver<()>)> = None;
    loop {
        let waiting = match waiting(&app, &turn.endpoint, behind).await {
            Err(error) if turn.tried.is_empty() => return Err(error),
            waiting => waiting.unwrap_or_default(),
        };
        let is_full = waiting.len() == store::TOGETHER;
        if let Some(last) = waiting.last() {
            behind = (last.not_before, last.id);
        }
        let ends = send_each(&app, &mut turn, waiting, began + TURN).await;
        let is_noted = match being_noted.take() {
            None => true,
            Some((many, noted)) => {
                let noted = noted.await.is_ok();
                turn.noted = if noted { many } else { turn.noted };
                noted
            }
        };
        if ends == Ends::Here || !is_full || !is_noted || turn.tried.len() >= MOST {
            return Ok(turn);
        }
        let (noted, is_told) = oneshot::channel();
        let tried = turn.tried[turn.noted..].to_vec();
        being_noted = Some((turn.tried.len(), is_told));
        // Whoever listens is there as long as a turn is.
        let _ = noting.send(Sent::UnderWay { webhook: turn.endpoint.id, tried, noted });
    }
}

async fn waiting(
    app: &App,
    endpoint: &Endpoint,
    behind: (Timestamp, DeliveryId),
) -> Result<Vec<store::ToSend>, DbError> {
    store::waiting(&mut app.read().await?, endpoint.id, app.env.now(), behind).await
}

/// Whether a turn goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// It does not.
    Here,
    /// It may.
    NotYet,
}

/// Sends one after the other, up to the first failure, the stop, or the end of the turn's time.
async fn send_each(app: &App, turn: &mut Turn, waiting: Vec<store::ToSend>, until: Timestamp) -> Ends {
    for delivery in waiting {
        if app.stop.is_finishing() || app.env.now() >= until {
            return Ends::Here;
        }
        let Some(outcome) = send(app, &turn.endpoint, turn.reach, &delivery).await else { return Ends::Here };
        turn.tried.push(Tried::of(&delivery, outcome));
        if matches!(outcome, Outcome::Unwell(..) | Outcome::Gone) {
            return Ends::Here;
        }
    }
    Ends::NotYet
}
