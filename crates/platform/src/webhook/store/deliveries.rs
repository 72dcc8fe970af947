//! The SQL of what webhooks were told, as people look at it and have it sent again.

use db::{DbError, Snapshot, listing, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    super::{AGAIN, DeliveryId, Fate, Problem, TEST, WebhookId},
    queue,
};
use crate::{
    Tx,
    retention::{Rule, rows},
};

/// What was told, some time after.
pub const DELIVERIES: Rule = Rule {
    name: "webhook_delivery",
    // Index: webhook_delivery_settled.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM webhook_delivery WHERE id IN (
                 SELECT id FROM webhook_delivery WHERE settled_at < ?1 ORDER BY settled_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

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
        pub not_before: Timestamp,
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
        "SELECT id, event, state, created_at, not_before, attempts, answer, problem, settled_at
         FROM webhook_delivery";
    of: "webhook_id = ?1",
    before: "(created_at, id) < (?1, ?2)",
    tail: "ORDER BY created_at DESC, id DESC LIMIT 51",
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
        "SELECT id, event, state, created_at, not_before, attempts, answer, problem, settled_at
         FROM webhook_delivery WHERE id = ?2 AND webhook_id = ?1"
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
        "UPDATE webhook_delivery SET state = 'waiting', queued_at = ?3, not_before = ?3, settled_at = NULL
         WHERE id = ?2 AND webhook_id = ?1 AND state <> 'waiting'"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![webhook, id, now]).await? == 1)
}

/// Sends again what failed of what happened since a moment, the oldest first, [`AGAIN`] at most; says how
/// many. Index: `webhook_delivery_failed`.
pub(in crate::webhook) async fn all_again(
    tx: &mut Tx,
    webhook: WebhookId,
    since: Timestamp,
) -> Result<u64, DbError> {
    queue::wake(tx, webhook, queue::Wake::AtOnce).await?;
    let statement = sql!(
        "UPDATE webhook_delivery SET state = 'waiting', queued_at = ?3, not_before = ?3, settled_at = NULL
         WHERE id IN (
             SELECT id FROM webhook_delivery WHERE webhook_id = ?1 AND state = 'failed' AND created_at >= ?2
             ORDER BY created_at, id LIMIT ?4)"
    );
    let now = tx.now;
    tx.run(statement, params![webhook, since, now, AGAIN]).await
}
