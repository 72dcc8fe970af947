//! The daily digest: messages that were put off, gathered into one mail for each mailbox.
//!
//! What is put off is a message like any other, with its key, so that it is never told twice, is
//! called back with what it tells and counts as sent when the digest is. It waits in a lane of its
//! own until the digest's hour; then the digest is queued and takes it along, in one transaction.
//! A service renders the kind [`DIGEST`] from what has its id.

use db::{DbError, params, sql};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{ContactId, Draft, MAILING, queue, store};
use crate::{App, Tx, job::Lane, notification::mailing::Mailing};

/// The name of the [`super::Kind`] of digests: it is about the id that what it tells has.
pub const DIGEST: &str = "digest";
/// The lane of what is put off; no worker sends from it.
const LANE: &str = "digest";

/// Puts a message off to the digest of the mailbox at `until`, unless its key is already there.
pub async fn put_off(tx: &mut Tx, draft: &Draft, until: Timestamp) -> Result<(), DbError> {
    let draft = Draft { not_before: Some(until), ..draft.clone() };
    store::insert(tx, &draft, LANE).await
}

/// Gives what waits for the digest of a mailbox another moment. Index: `message_put_off`.
pub(crate) async fn put_off_until(tx: &mut Tx, address: &str, until: Timestamp) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET not_before = ?2
         WHERE lane = 'digest' AND state = 'waiting' AND address IN (?1, ?3)"
    );
    tx.run(statement, params![address, until, crate::account::folded(address)]).await.map(|_| ())
}

/// Calls back what waits for the digest of a mailbox. Index: `message_put_off`.
pub(crate) async fn call_back_put_off(tx: &mut Tx, address: &str) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'called_back', settled_at = ?2, last_error = ?4
         WHERE lane = 'digest' AND state = 'waiting' AND address IN (?1, ?3)"
    );
    let (now, why) = (tx.now, "The digest was stopped by the link in it.");
    tx.run(statement, params![address, now, crate::account::folded(address), why]).await.map(|_| ())
}

/// Queues the digests that are due, those of 100 mailboxes or fewer; says how many.
///
/// Index: `message_due` for what is due, then `message_put_off` for each mailbox.
pub async fn gather_due(app: &App) -> Result<usize, DbError> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let due = sql!(
        "SELECT DISTINCT address FROM (
             SELECT address FROM message WHERE lane = 'digest' AND state = 'waiting' AND not_before <= ?1
             ORDER BY not_before, id LIMIT 1000
         ) AS due ORDER BY address LIMIT 100"
    );
    let due: Vec<(String,)> = tx.all(due, params![now]).await?;
    let mut gathered = 0;
    for (address,) in due {
        gathered += usize::from(gather(&mut tx, address).await?);
    }
    if gathered > 0 {
        tx.commit().await?;
    }
    Ok(gathered)
}

/// Queues a digest of a mailbox: the 200 oldest of what is due, so that no mail is endless; the next
/// turn makes another of the rest. Says whether there was anything left to tell.
async fn gather(tx: &mut Tx, address: String) -> Result<bool, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    // On its way with the digest: what is withdrawn from now on counts as told.
    let statement = sql!(
        "UPDATE message SET state = 'sending', digest_id = ?1
         WHERE id IN (
             SELECT id FROM message
             WHERE lane = 'digest' AND state = 'waiting' AND address = ?2 AND not_before <= ?3
             ORDER BY not_before, id LIMIT 200
         )
         RETURNING contact_id"
    );
    let items: Vec<(Option<ContactId>,)> = tx.all(statement, params![id, address.as_str(), now]).await?;
    let Some((contact,)) = items.first().copied() else { return Ok(false) };
    let draft = Draft {
        kind: DIGEST,
        lane: Lane::Bulk,
        address,
        person: None,
        contact,
        organisation: None,
        about: ("digest", Some(id)),
        fields: json!({ MAILING: Mailing::Digest.code() }),
        not_before: None,
        key: format!("{DIGEST}:{id}"),
    };
    queue(tx, &draft).await?;
    Ok(true)
}

/// Notes that a digest left, or was given up, for all that it tells. Index: `message_digest`.
pub(super) async fn settle(tx: &mut Tx, digest: Uuid, state: store::State) -> Result<(), DbError> {
    let statement =
        sql!("UPDATE message SET state = ?2, settled_at = ?3 WHERE digest_id = ?1 AND state = 'sending'");
    let now = tx.now;
    tx.run(statement, params![digest, state, now]).await.map(|_| ())
}

/// Notes that a digest came back, and so all that it told. Index: `message_digest`.
pub(crate) async fn came_back(tx: &mut Tx, digest: Uuid, said: &str) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'came_back', last_error = ?2, settled_at = ?3
         WHERE digest_id = ?1 AND state IN ('sending', 'sent')"
    );
    let now = tx.now;
    tx.run(statement, params![digest, said, now]).await.map(|_| ())
}
