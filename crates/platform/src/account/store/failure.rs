//! Counts of failed attempts, by hashed keys.

use db::{DbError, params, sql};
use jiff::Timestamp;

use crate::Tx;

/// What counting an attempt came to.
pub enum Counted {
    /// It may not be made before this moment, and was not counted.
    Waits(Timestamp),
    /// It was counted: so many since the last that were forgotten.
    Failures(i64),
}

/// Counts an attempt unless it has to wait. The row is written before it is read, so that attempts
/// at the same moment queue on it.
pub async fn count(tx: &mut Tx, key: [u8; 32], forgotten_before: Timestamp) -> Result<Counted, DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO sign_in_failure (key, failures, last_at, free_at) VALUES (?1, 1, ?2, ?2)
         ON CONFLICT (key) DO UPDATE
         SET failures = CASE WHEN sign_in_failure.last_at < ?3 THEN 1 ELSE sign_in_failure.failures + 1 END,
             last_at = ?2
         WHERE sign_in_failure.free_at <= ?2"
    );
    let counted = tx.run(statement, params![key, now, forgotten_before]).await?;
    let statement = sql!("SELECT failures, free_at FROM sign_in_failure WHERE key = ?1");
    let (failures, free_at): (i64, Timestamp) = tx.one(statement, params![key]).await?;
    Ok(if counted == 0 { Counted::Waits(free_at) } else { Counted::Failures(failures) })
}

/// Notes when the next attempt may be made.
pub async fn free_at(tx: &mut Tx, key: [u8; 32], free_at: Timestamp) -> Result<(), DbError> {
    tx.run(sql!("UPDATE sign_in_failure SET free_at = ?1 WHERE key = ?2"), params![free_at, key]).await?;
    Ok(())
}

/// Forgets every failure.
pub async fn forget(tx: &mut Tx, key: [u8; 32]) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM sign_in_failure WHERE key = ?1"), params![key]).await?;
    Ok(())
}

/// Takes one attempt back.
pub async fn take_back(tx: &mut Tx, key: [u8; 32]) -> Result<(), DbError> {
    let statement =
        sql!("UPDATE sign_in_failure SET failures = failures - 1 WHERE key = ?1 AND failures > 0");
    tx.run(statement, params![key]).await?;
    Ok(())
}
