//! Sessions and known browsers: only the hashes of their tokens are kept.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Tx,
    access::{PersonId, Stage, resolve},
};

db::record! {
    /// A session as its owner sees it.
    pub struct Listed {
        /// Which.
        pub id: Uuid,
        /// The browser in plain words.
        pub device: String,
        /// When it began.
        pub created_at: Timestamp,
        /// When it was last used, to five minutes.
        pub seen_at: Timestamp,
    }
}

/// Begins a session.
pub async fn insert(
    tx: &mut Tx,
    token: &str,
    person: PersonId,
    stage: Stage,
    browser: &str,
    lasts: SignedDuration,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO session (hash, id, person_id, stage, device, created_at, seen_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)"
    );
    tx.run(statement, params![resolve::hash(token), id, person, stage, browser, now, now + lasts]).await?;
    Ok(id)
}

/// The session of a token that was just given. Index: `session`'s key.
pub async fn of_token(snapshot: &mut Snapshot, token: &str) -> Result<Uuid, DbError> {
    let (id,) =
        snapshot.one(sql!("SELECT id FROM session WHERE hash = ?1"), params![resolve::hash(token)]).await?;
    Ok(id)
}

/// Brings a session to another stage under another token, so that whoever knew the old one, by
/// planting it before, has nothing; `false` where it has ended or another request was faster.
pub async fn advance(
    tx: &mut Tx,
    session: Uuid,
    from: Stage,
    to: Stage,
    token: &str,
    lasts: SignedDuration,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE session SET hash = ?1, stage = ?2, seen_at = ?3, expires_at = ?4, created_at = ?3,
                            offered_secret = NULL
         WHERE id = ?5 AND stage = ?6"
    );
    let values = params![resolve::hash(token), to, now, now + lasts, session, from];
    Ok(tx.run(statement, values).await? == 1)
}

/// Keeps the second factor that is offered in this session.
pub async fn offer(tx: &mut Tx, session: Uuid, secret: Option<&[u8]>) -> Result<(), DbError> {
    let statement = sql!("UPDATE session SET offered_secret = ?1 WHERE id = ?2");
    tx.run(statement, params![secret, session]).await?;
    Ok(())
}

/// The second factor that is offered in this session.
pub async fn offered(snapshot: &mut Snapshot, session: Uuid) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT offered_secret FROM session WHERE id = ?1");
    Ok(snapshot.maybe::<(Option<Vec<u8>>,)>(statement, params![session]).await?.and_then(|(secret,)| secret))
}

/// The sessions that a person is signed in with, the latest first. Index: `session_person`.
///
/// Whoever signs in a thousand times has as many; the page shows the latest fifty.
pub async fn of_person(
    snapshot: &mut Snapshot,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT id, device, created_at, seen_at FROM session
         WHERE person_id = ?1 AND stage = 'full' AND expires_at > ?2 AND seen_at > ?3
         ORDER BY created_at DESC LIMIT 50"
    );
    snapshot.all(statement, params![person, now, now - resolve::IDLE]).await
}

/// Ends one session of this person; says whether it was there.
pub async fn end(tx: &mut Tx, person: PersonId, session: Uuid) -> Result<bool, DbError> {
    let statement = sql!("DELETE FROM session WHERE id = ?1 AND person_id = ?2");
    Ok(tx.run(statement, params![session, person]).await? == 1)
}

/// Ends the sessions of this person but `kept`; says how many. Index: `session_person`.
pub async fn end_all_but(tx: &mut Tx, person: PersonId, kept: Option<Uuid>) -> Result<u64, DbError> {
    match kept {
        Some(kept) => {
            let statement = sql!("DELETE FROM session WHERE person_id = ?1 AND id <> ?2");
            tx.run(statement, params![person, kept]).await
        }
        None => tx.run(sql!("DELETE FROM session WHERE person_id = ?1"), params![person]).await,
    }
}

/// Lets no session of this person last beyond `lasts` from its beginning. Index: `session_person`.
pub async fn shorten(tx: &mut Tx, person: PersonId, lasts: SignedDuration) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE session SET expires_at = created_at + ?1 WHERE person_id = ?2 AND expires_at > created_at + ?1"
    );
    let micros = i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX);
    tx.run(statement, params![micros, person]).await?;
    Ok(())
}

/// Whether the person of this address has signed in with this browser before.
pub async fn knows(snapshot: &mut Snapshot, device: &str, email: &str) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT d.seen_at FROM known_device d JOIN person p ON p.id = d.person_id
         WHERE d.hash = ?1 AND p.email = ?2"
    );
    let found: Option<(Timestamp,)> =
        snapshot.maybe(statement, params![resolve::hash(device), email]).await?;
    Ok(found.is_some())
}

/// Whether anybody has signed in with this browser before.
pub async fn is_known(snapshot: &mut Snapshot, device: &str) -> Result<bool, DbError> {
    let statement = sql!("SELECT seen_at FROM known_device WHERE hash = ?1 LIMIT 1");
    let found: Option<(Timestamp,)> = snapshot.maybe(statement, params![resolve::hash(device)]).await?;
    Ok(found.is_some())
}

/// Remembers that this person has signed in with this browser.
pub async fn remember(tx: &mut Tx, device: &str, person: PersonId) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO known_device (hash, person_id, seen_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (hash, person_id) DO UPDATE SET seen_at = ?3"
    );
    tx.run(statement, params![resolve::hash(device), person, now]).await?;
    Ok(())
}
