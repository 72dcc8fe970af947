//! The SQL of what webhooks were told, as people look at it and have it sent again.

use db::{DbError, MANY, Snapshot, listing, many, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    super::{AGAIN, DeliveryId, Fate, Problem, TEST, WebhookId},
    queue,
};
use crate::{
    Tx,
    retention::{BATCH, Rule},
};

/// What was told, some time after.
pub const DELIVERIES: Rule =
    Rule { name: "webhook_delivery", forget: |tx, before| Box::pin(forget(tx, before)) };

/// Index: the key, since an id begins with the moment at which it was made. The few that are older and wait, or were
/// sent again, are passed over.
async fn forget(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let statement = sql!(
        "DELETE FROM webhook_delivery WHERE id IN (
             SELECT id FROM webhook_delivery WHERE id < ?3 AND settled_at < ?1 ORDER BY id LIMIT ?2)"
    );
    let made = u128::try_from(before.as_millisecond()).unwrap_or_default() << 80;
    tx.run(statement, params![before, BATCH, Uuid::from_u128(made)]).await
}

db::record! {
    /// What a webhook was told, and what became of it.
    pub struct Delivery {
        /// Which: the `webhook-id` of each try.
        pub id: DeliveryId,
        /// What it is of.
        pub event: String,
        /// Where it stands.
        pub state: Fate,
        /// When it happened.
        pub created_at: Timestamp,
        /// When it is tried next, where it waits.
        pub not_before: Option<Timestamp>,
        /// How often it was tried.
        pub attempts: i64,
        /// The status that the server answered last.
        pub answer: Option<i64>,
        /// Why the last try came to nothing.
        pub problem: Option<Problem>,
        /// When it was settled.
        pub settled_at: Option<Timestamp>,
    }
}

listing! {
    /// Index: `webhook_delivery_of`.
    static OF_WEBHOOK =
        "SELECT d.id, d.event, d.state, d.created_at, q.not_before, d.attempts, d.answer, d.problem, d.settled_at
         FROM webhook_delivery d LEFT JOIN webhook_queue q ON q.delivery_id = d.id";
    of: "d.webhook_id = ?1",
    before: "(d.created_at, d.id) < (?1, ?2)",
    tail: "ORDER BY d.created_at DESC, d.id DESC LIMIT 51",
}

/// A page of what a webhook was told before `before`, the newest first, 51 at most.
pub(in crate::webhook) async fn listed(
    snapshot: &mut Snapshot,
    webhook: WebhookId,
    before: Option<(Timestamp, Uuid)>,
) -> Result<Vec<Delivery>, DbError> {
    let selection = OF_WEBHOOK.select(params![]).when("of", params![webhook]);
    let selection = match before {
        Some((at, id)) => selection.when("before", params![at, id]),
        None => selection,
    };
    snapshot.list(selection).await
}

/// One of a webhook's.
pub(in crate::webhook) async fn delivery(
    snapshot: &mut Snapshot,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, DbError> {
    let statement = sql!(
        "SELECT d.id, d.event, d.state, d.created_at, q.not_before, d.attempts, d.answer, d.problem, d.settled_at
         FROM webhook_delivery d LEFT JOIN webhook_queue q ON q.delivery_id = d.id
         WHERE d.id = ?2 AND d.webhook_id = ?1"
    );
    snapshot.maybe(statement, params![webhook, id]).await
}

/// Whether a test waits: what it is about is the webhook itself. Index: `webhook_delivery_about`.
pub(in crate::webhook) async fn is_testing(
    snapshot: &mut Snapshot,
    webhook: WebhookId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT id FROM webhook_delivery
         WHERE about_id = ?1 AND webhook_id = ?1 AND state = 'waiting' AND event = ?2 LIMIT 1"
    );
    Ok(snapshot.maybe::<(DeliveryId,)>(statement, params![webhook, TEST.name]).await?.is_some())
}

/// Sends one again under its id; `false` where it waits.
pub(in crate::webhook) async fn again(
    tx: &mut Tx,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<bool, DbError> {
    queue::wake(tx, webhook, queue::Wake::AtOnce).await?;
    let statement = sql!(
        "UPDATE webhook_delivery SET state = 'waiting', settled_at = NULL
         WHERE id = ?2 AND webhook_id = ?1 AND state <> 'waiting'"
    );
    let waits = tx.run(statement, params![webhook, id]).await? == 1;
    if waits {
        let now = tx.now;
        queue::put(tx, id, now).await?;
    }
    Ok(waits)
}

/// Sends again what failed of what happened since a moment, the oldest first, [`AGAIN`] at most; says how
/// many. Index: `webhook_delivery_of`, walked over what did not fail.
pub(in crate::webhook) async fn all_again(
    tx: &mut Tx,
    webhook: WebhookId,
    since: Timestamp,
) -> Result<u64, DbError> {
    queue::wake(tx, webhook, queue::Wake::AtOnce).await?;
    let failed = sql!(
        "SELECT id FROM webhook_delivery WHERE webhook_id = ?1 AND state = 'failed' AND created_at >= ?2
         ORDER BY created_at, id LIMIT ?3"
    );
    let statement =
        sql!("UPDATE webhook_delivery SET state = 'waiting', settled_at = NULL WHERE id IN (", many!(), ")");
    let queued = sql!(
        "INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
         SELECT id, webhook_id, CAST(?33 AS BIGINT), CAST(?33 AS BIGINT) FROM webhook_delivery WHERE id IN (",
        many!(),
        ")"
    );
    let failed: Vec<(DeliveryId,)> = tx.all(failed, params![webhook, since, AGAIN]).await?;
    let failed: Vec<_> = failed.into_iter().map(|(id,)| id).collect();
    let now = tx.now;
    for some in failed.chunks(MANY) {
        tx.run_later(statement, many(some).collect()).await?;
        tx.run_later(queued, many(some).chain(params![now]).collect()).await?;
    }
    Ok(failed.len().try_into().unwrap_or(u64::MAX))
}
