//! The SQL of lists of organisations and of drafts.
//!
//! A list belongs to a person, who chooses over several pages, or to one event while it is said;
//! in either case one statement can join it, however long it is.

use db::{DbError, Snapshot, Value, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    organisation::OrganisationId,
    retention::{self, Rule},
};
use uuid::Uuid;

use crate::response::{AlertId, Said};

/// How many ids one statement adds.
const BATCH: usize = 10;

/// Adds organisations to a list.
pub(in crate::response) async fn add(
    tx: &mut Tx,
    list: Uuid,
    alert: AlertId,
    organisations: &[OrganisationId],
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO response_choice (list_id, alert_id, organisation_id)
         VALUES (?1, ?2, ?3), (?1, ?2, ?4), (?1, ?2, ?5), (?1, ?2, ?6), (?1, ?2, ?7), (?1, ?2, ?8),
                (?1, ?2, ?9), (?1, ?2, ?10), (?1, ?2, ?11), (?1, ?2, ?12)
         ON CONFLICT (list_id, alert_id, organisation_id) DO NOTHING"
    );
    for batch in organisations.chunks(BATCH) {
        let mut row = params![list, alert];
        // The last one repeated fills the batch up; a second time it changes nothing.
        let filler = batch[batch.len() - 1];
        row.extend((0..BATCH).map(|place| Value::from(batch.get(place).copied().unwrap_or(filler))));
        tx.run(statement, row).await?;
    }
    Ok(())
}

/// Takes one organisation from a list.
pub(in crate::response) async fn remove(
    tx: &mut Tx,
    list: Uuid,
    alert: AlertId,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement =
        sql!("DELETE FROM response_choice WHERE list_id = ?1 AND alert_id = ?2 AND organisation_id = ?3");
    tx.run(statement, params![list, alert, organisation]).await?;
    Ok(())
}

/// Empties a list.
pub(in crate::response) async fn clear(tx: &mut Tx, list: Uuid, alert: AlertId) -> Result<(), DbError> {
    let statement = sql!("DELETE FROM response_choice WHERE list_id = ?1 AND alert_id = ?2");
    tx.run(statement, params![list, alert]).await?;
    Ok(())
}

/// How the organisations are chosen, the words so far, and when either was changed.
pub(in crate::response) async fn draft(
    snapshot: &mut Snapshot,
    holder: Uuid,
    alert: AlertId,
) -> Result<Option<(String, String, i64)>, DbError> {
    let statement =
        sql!("SELECT chosen, said, changed_at FROM response_draft WHERE holder_id = ?1 AND alert_id = ?2");
    snapshot.maybe(statement, params![holder, alert]).await
}

/// Keeps the words so far.
pub(in crate::response) async fn keep_said(
    tx: &mut Tx,
    holder: Uuid,
    alert: AlertId,
    said: &Said,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO response_draft (holder_id, alert_id, chosen, said, changed_at)
         VALUES (?1, ?2, 'all', ?3, ?4)
         ON CONFLICT (holder_id, alert_id) DO UPDATE SET said = excluded.said, changed_at = excluded.changed_at"
    );
    let now = tx.now;
    tx.run(statement, params![holder, alert, written(said)?, now]).await?;
    Ok(())
}

/// Keeps how the organisations are chosen.
pub(in crate::response) async fn keep_chosen(
    tx: &mut Tx,
    holder: Uuid,
    alert: AlertId,
    chosen: &str,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO response_draft (holder_id, alert_id, chosen, said, changed_at)
         VALUES (?1, ?2, ?3, '{}', ?4)
         ON CONFLICT (holder_id, alert_id) DO UPDATE SET chosen = excluded.chosen, changed_at = excluded.changed_at"
    );
    let now = tx.now;
    tx.run(statement, params![holder, alert, chosen, now]).await?;
    Ok(())
}

/// Forgets a draft: it was said.
pub(in crate::response) async fn forget(tx: &mut Tx, holder: Uuid, alert: AlertId) -> Result<(), DbError> {
    let statement = sql!("DELETE FROM response_draft WHERE holder_id = ?1 AND alert_id = ?2");
    tx.run(statement, params![holder, alert]).await?;
    clear(tx, holder, alert).await
}

/// What was about to be said, and was not touched for long, will not be said.
pub const DRAFTS: Rule =
    Rule { name: "response_draft", forget: |tx, before| Box::pin(forget_old(tx, before)) };

/// Drafts that nobody has touched since `before` go, with their lists. Index: `response_draft_age`.
async fn forget_old(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let lists = sql!(
        "DELETE FROM response_choice WHERE (list_id, alert_id) IN (
             SELECT holder_id, alert_id FROM response_draft WHERE changed_at < ?1
             ORDER BY changed_at, holder_id, alert_id LIMIT ?2)"
    );
    tx.run(lists, params![before, retention::BATCH]).await?;
    let drafts = sql!(
        "DELETE FROM response_draft WHERE (holder_id, alert_id) IN (
             SELECT holder_id, alert_id FROM response_draft WHERE changed_at < ?1
             ORDER BY changed_at, holder_id, alert_id LIMIT ?2)"
    );
    tx.run(drafts, params![before, retention::BATCH]).await
}

/// Words as they stand in the database.
pub(in crate::response) fn written(said: &Said) -> Result<String, DbError> {
    serde_json::to_string(said).map_err(|error| DbError::Engine(error.to_string()))
}
