//! One-time links: only their hashes are kept.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use super::super::Purpose;
use crate::{Tx, access::PersonId};

/// Keeps a link's hash.
pub async fn insert(
    tx: &mut Tx,
    hash: [u8; 32],
    purpose: Purpose,
    person: PersonId,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO one_time_link (hash, purpose, subject_id, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    tx.run(statement, params![hash, purpose, person, now, expires_at]).await?;
    Ok(())
}

/// Whose unused link this is, and what for.
pub async fn find(
    snapshot: &mut Snapshot,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<(PersonId, Purpose)>, DbError> {
    let statement = sql!(
        "SELECT subject_id, purpose FROM one_time_link
         WHERE hash = ?1 AND purpose IN ('join', 'password') AND used_at IS NULL AND expires_at > ?2"
    );
    snapshot.maybe(statement, params![hash, now]).await
}

/// Uses a link up; `false` where somebody was faster.
pub async fn use_up(tx: &mut Tx, hash: [u8; 32]) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE one_time_link SET used_at = ?1 WHERE hash = ?2 AND used_at IS NULL");
    Ok(tx.run(statement, params![now, hash]).await? == 1)
}

/// Uses up every link that a person still has. Index: `one_time_link_subject`.
pub async fn use_up_all(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE one_time_link SET used_at = ?1 WHERE subject_id = ?2 AND used_at IS NULL");
    tx.run(statement, params![now, person]).await?;
    Ok(())
}
