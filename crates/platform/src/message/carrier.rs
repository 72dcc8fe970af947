//! A carrier that takes nothing: the mail server or the gateway of texts is down, or does not take us in.
//!
//! That is no message's fault, so none is counted or put off for it. All keep their places, the carrier is asked with one
//! message at growing pauses, and once it takes that one the rest leave in their order, by whichever node comes first.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};

use super::Channel;
use crate::{
    Actor, Tx,
    job::pause,
    log::{self, Entry},
    waiting::{Part, Shift, Urgency, Waiting},
};

/// The longest pause between two tries.
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

db::record! {
    /// A carrier that takes nothing.
    pub struct Down {
        /// What it carries.
        pub channel: Channel,
        /// Since when.
        pub down_since: Timestamp,
        /// How often it was asked since.
        pub tries: i64,
        /// When it is asked again.
        pub next_try_at: Timestamp,
        /// What it said last, or why it could not be asked.
        pub last_error: String,
    }
}

/// The carriers that take nothing. There are two at most.
pub async fn all_down(snapshot: &mut Snapshot) -> Result<Vec<Down>, DbError> {
    let statement = sql!(
        "SELECT channel, down_since, tries, next_try_at, last_error FROM carrier ORDER BY channel LIMIT 2"
    );
    snapshot.all(statement, params![]).await
}

/// What the CERT's people read of it on their first page.
pub const WAITING: Part = Part { read: |snapshot, actor, _| Box::pin(waiting(snapshot, actor)) };

/// What a shift hands over of it.
pub const SHIFT: Shift = Shift { heading: "Mail and texts", read: |snapshot, _| Box::pin(lines(snapshot)) };

async fn waiting(snapshot: &mut Snapshot, actor: &Actor) -> Result<Vec<Waiting>, DbError> {
    if actor.at_cert() { lines(snapshot).await } else { Ok(Vec::new()) }
}

async fn lines(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let line = |down: Down| Waiting {
        hint: "What waits is not lost. Until it leaves again, ring people".to_owned(),
        ..Waiting::new(Urgency::Now, down.channel.stands_still().to_owned(), "/incidents")
    };
    Ok(all_down(snapshot).await?.into_iter().map(line).collect())
}

/// How a carrier stands that takes nothing; `None` where all is well. Index: the key.
pub(super) async fn down(snapshot: &mut Snapshot, channel: Channel) -> Result<Option<Down>, DbError> {
    let statement =
        sql!("SELECT channel, down_since, tries, next_try_at, last_error FROM carrier WHERE channel = ?1");
    snapshot.maybe(statement, params![channel]).await
}

/// Takes it upon oneself to ask it; `false` where another node has.
pub(super) async fn claim(tx: &mut Tx, down: &Down) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE carrier SET tries = tries + 1, next_try_at = ?3 WHERE channel = ?1 AND tries = ?2");
    let next = tx.now + pause(tx, down.tries + 1).min(LONGEST);
    Ok(tx.run(statement, params![down.channel, down.tries, next]).await? == 1)
}

/// Notes that it takes nothing, and why.
pub(super) async fn note_down(tx: &mut Tx, channel: Channel, error: &str) -> Result<(), DbError> {
    let is_new = down(tx, channel).await?.is_none();
    let statement = sql!(
        "INSERT INTO carrier (channel, down_since, tries, next_try_at, last_error) VALUES (?1, ?2, 0, ?3, ?4)
         ON CONFLICT (channel) DO UPDATE SET last_error = excluded.last_error"
    );
    let (now, next) = (tx.now, tx.now + pause(tx, 1));
    tx.run(statement, params![channel, now, next, error]).await?;
    if is_new {
        log::write(tx, &Actor::Job("messages"), Entry::new("carrier.down")).await?;
    }
    Ok(())
}

/// Has it asked with the next message, without another pause.
pub(super) async fn ask_at_once(tx: &mut Tx, channel: Channel) -> Result<(), DbError> {
    let now = tx.now;
    tx.run(sql!("UPDATE carrier SET next_try_at = ?2 WHERE channel = ?1"), params![channel, now]).await?;
    Ok(())
}

/// Notes that it takes messages again.
pub(super) async fn note_up(tx: &mut Tx, channel: Channel) -> Result<(), DbError> {
    if tx.run(sql!("DELETE FROM carrier WHERE channel = ?1"), params![channel]).await? > 0 {
        log::write(tx, &Actor::Job("messages"), Entry::new("carrier.up")).await?;
    }
    Ok(())
}
