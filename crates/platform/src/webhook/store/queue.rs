//! The SQL of the queue: webhooks are what is taken, what each is told waits under it.
//!
//! `next_at` of a webhook is never later than what waits under it may be sent, unless a worker has it:
//! whoever adds something moves it, and the worker works it out anew under the row's lock, in a statement
//! of its own, so that it sees what was committed until then. So nothing that waits is forgotten.

use std::collections::BTreeMap;

use db::{DbError, MANY, Snapshot, many, params, sql};
use jiff::{SignedDuration, Timestamp};
use url::Url;
use uuid::Uuid;

use super::super::{
    DeliveryId, Fate, Format, GIVEN_UP, Happened, Health, OffReason, Owner, PATIENCE, Problem, Secret, TEST,
    WebhookId,
};
use crate::{Tx, job::pause, organisation::OrganisationId};

/// A webhook of which no worker spoke for so long is taken by another: longer than any turn.
const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// A webhook that a worker has taken.
#[derive(Clone, Debug)]
pub(in crate::webhook) struct Endpoint {
    pub id: WebhookId,
    pub owner: Owner,
    pub url: Url,
    pub format: Format,
    pub secret: Secret,
    pub previous: Option<Secret>,
    pub failures: i64,
    pub failing_since: Option<Timestamp>,
    pub lease_until: Timestamp,
}

impl db::FromRow for Endpoint {
    fn from_row(row: &db::Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            owner: row.get::<Option<OrganisationId>>("organisation_id")?.into(),
            url: super::url(row)?,
            format: row.get("format")?,
            secret: row.get("secret")?,
            previous: row.get("previous")?,
            failures: row.get("failures")?,
            failing_since: row.get("failing_since")?,
            lease_until: row.get("lease_until")?,
        })
    }
}

/// Takes the next webhooks of a lane for which something is due, those of dead workers included.
/// Indexes: `webhook_due_well`, `webhook_due_failing`.
pub(in crate::webhook) async fn take(
    tx: &mut Tx,
    health: Health,
    most: usize,
) -> Result<Vec<Endpoint>, DbError> {
    let well = sql!(
        "UPDATE webhook SET lease_until = ?2, next_at = ?2
         WHERE id IN (
             SELECT id FROM webhook WHERE next_at <= ?1 AND failing_since IS NULL
             ORDER BY next_at, id LIMIT ?3 /*postgres FOR UPDATE SKIP LOCKED */
         )
         RETURNING id, organisation_id, url, format, secret, failures, failing_since, lease_until,
                   CASE WHEN previous_until > ?1 THEN previous_secret END AS previous"
    );
    let failing = sql!(
        "UPDATE webhook SET lease_until = ?2, next_at = ?2
         WHERE id IN (
             SELECT id FROM webhook WHERE next_at <= ?1 AND failing_since IS NOT NULL
             ORDER BY next_at, id LIMIT ?3 /*postgres FOR UPDATE SKIP LOCKED */
         )
         RETURNING id, organisation_id, url, format, secret, failures, failing_since, lease_until,
                   CASE WHEN previous_until > ?1 THEN previous_secret END AS previous"
    );
    let now = tx.now;
    let statement = match health {
        Health::Well => well,
        Health::Failing => failing,
    };
    tx.all(statement, params![now, now + LEASE, i64::try_from(most).unwrap_or(i64::MAX)]).await
}

db::record! {
    /// What waits to be sent.
    pub(in crate::webhook) struct ToSend {
        pub id: DeliveryId,
        pub event: String,
        pub about_id: Uuid,
        pub fields: String,
        pub created_at: Timestamp,
        pub queued_at: Timestamp,
        pub not_before: Timestamp,
        pub attempts: i64,
    }
}

/// So many of a webhook's deliveries are read, and noted, at a time.
pub(in crate::webhook) const TOGETHER: usize = 3 * MANY;

/// What a webhook may be sent now behind what its turn has read, longest due first, [`TOGETHER`] at most. Index:
/// `webhook_queue_due`, then the key of `webhook_delivery`.
pub(in crate::webhook) async fn waiting(
    snapshot: &mut Snapshot,
    webhook: WebhookId,
    now: Timestamp,
    (not_before, id): (Timestamp, DeliveryId),
) -> Result<Vec<ToSend>, DbError> {
    let statement = sql!(
        "SELECT d.id, d.event, d.about_id, d.fields, d.created_at, q.queued_at, q.not_before, d.attempts
         FROM webhook_queue q CROSS JOIN webhook_delivery d
         WHERE q.webhook_id = ?1 AND q.not_before <= ?2 AND (q.not_before, q.delivery_id) > (?3, ?4)
           AND d.id = q.delivery_id
         ORDER BY q.not_before, q.delivery_id LIMIT 96"
    );
    snapshot.all(statement, params![webhook, now, not_before, id]).await
}

/// Queues what happened for a webhook that is on, unless it was told, and says to the workers that
/// something waits: first the row of the webhook, so that one that settles it now sees what is added.
pub(in crate::webhook) async fn queue(
    tx: &mut Tx,
    webhook: WebhookId,
    what: &Happened,
) -> Result<(), DbError> {
    wake(tx, webhook, Wake::InTurn).await?;
    let statement = sql!(
        "INSERT INTO webhook_delivery (id, webhook_id, event, about_id, fields, state, created_at, attempts, unique_key)
         SELECT ?1, w.id, ?3, ?4, ?5, 'waiting', CAST(?6 AS BIGINT), 0, ?7
         FROM webhook w WHERE w.id = ?2 AND w.state = 'on'
         ON CONFLICT (webhook_id, unique_key) DO NOTHING"
    );
    let (id, now): (DeliveryId, _) = (tx.id(), tx.now);
    let key = format!("{}/{}/{}", what.event, what.about, what.occasion);
    let values = params![id, webhook, what.event.as_str(), what.about, what.fields.to_string(), now, key];
    tx.run_later(statement, values).await?;
    put(tx, id, now).await
}

/// Puts a delivery that waits into the queue, to be sent from a moment on; nothing where there is none.
pub(super) async fn put(tx: &mut Tx, delivery: DeliveryId, not_before: Timestamp) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
         SELECT id, webhook_id, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT)
         FROM webhook_delivery WHERE id = ?1 AND state = 'waiting'"
    );
    let now = tx.now;
    tx.run_later(statement, params![delivery, now, not_before]).await
}

/// Queues a test, which goes before all else; says which.
pub(in crate::webhook) async fn test(tx: &mut Tx, webhook: WebhookId) -> Result<DeliveryId, DbError> {
    wake(tx, webhook, Wake::AtOnce).await?;
    let statement = sql!(
        "INSERT INTO webhook_delivery (id, webhook_id, event, about_id, fields, state, created_at, attempts, unique_key)
         VALUES (?1, ?2, ?3, ?2, 'null', 'waiting', ?4, 0, ?5)"
    );
    let (id, now): (DeliveryId, _) = (tx.id(), tx.now);
    tx.run(statement, params![id, webhook, TEST.name, now, format!("test/{id}")]).await?;
    put(tx, id, Timestamp::UNIX_EPOCH).await?;
    Ok(id)
}

/// How soon what waits under a webhook is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// When its pause is over.
    InTurn,
    /// Now: somebody pressed a button.
    AtOnce,
}

/// Says to the workers that something waits under a webhook.
pub(super) async fn wake(tx: &mut Tx, webhook: WebhookId, when: Wake) -> Result<(), DbError> {
    let in_turn = sql!(
        "UPDATE webhook
         SET next_at = CASE WHEN lease_until > ?2 OR next_at <= ?2 THEN next_at
                            WHEN paused_until > ?2 THEN paused_until
                            ELSE CAST(?2 AS BIGINT) END
         WHERE id = ?1 AND state = 'on'"
    );
    let at_once = sql!(
        "UPDATE webhook
         SET next_at = CASE WHEN lease_until > ?2 THEN next_at ELSE CAST(?2 AS BIGINT) END, paused_until = NULL
         WHERE id = ?1 AND state = 'on'"
    );
    let now = tx.now;
    let statement = match when {
        Wake::InTurn => in_turn,
        Wake::AtOnce => at_once,
    };
    tx.run_later(statement, params![webhook, now]).await
}

/// How a try ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::webhook) enum Outcome {
    /// The server took it, with this status.
    Taken(u16),
    /// It did not, with this status or without one; the delivery alone may be at fault.
    Refused(Option<u16>, Problem),
    /// It did not, and takes nothing else now; it may have said for how long.
    Unwell(Option<u16>, Option<SignedDuration>),
    /// It is gone for good.
    Gone,
    /// What was to be told no longer holds.
    Past,
}

/// What was tried, and how that ended: what has to be known to note it.
#[derive(Clone, Copy, Debug)]
pub(in crate::webhook) struct Tried {
    id: DeliveryId,
    queued_at: Timestamp,
    attempts: i64,
    outcome: Outcome,
}

impl Tried {
    /// Of a delivery.
    pub(in crate::webhook) const fn of(delivery: &ToSend, outcome: Outcome) -> Self {
        Self { id: delivery.id, queued_at: delivery.queued_at, attempts: delivery.attempts, outcome }
    }
}

/// What follows for a webhook from a turn.
#[derive(Clone, Copy, Debug, Default)]
struct After {
    failures: i64,
    failing_since: Option<Timestamp>,
    paused_until: Option<Timestamp>,
    off: Option<OffReason>,
}

/// Notes what came of a turn, of which the first `noted` are noted where they were taken, and when the next one is; says
/// why the webhook has to be switched off, where it has. Of a worker whose time was over, only what was taken is noted.
pub(in crate::webhook) async fn settle(
    tx: &mut Tx,
    endpoint: &Endpoint,
    tried: &[Tried],
    noted: usize,
) -> Result<Option<OffReason>, DbError> {
    // Held from here on: whoever adds something waits, or was seen.
    let release = sql!("UPDATE webhook SET lease_until = NULL WHERE id = ?1 AND lease_until = ?2");
    let held = tx.run(release, params![endpoint.id, endpoint.lease_until]).await? == 1;
    note_taken(tx, &tried[noted..]).await?;
    if !held {
        return Ok(None);
    }
    for each in tried {
        note(tx, each).await?;
    }
    let mut after = after(tx, endpoint, tried);
    if after.failing_since.is_some() {
        expire(tx, endpoint.id).await?;
    }
    let next = sql!("SELECT min(not_before) FROM webhook_queue WHERE webhook_id = ?1");
    let (next,): (Option<Timestamp>,) = tx.one(next, params![endpoint.id]).await?;
    if next.is_none() {
        after = After { off: after.off, ..After::default() };
    }
    let next = next.map(|next| after.paused_until.map_or(next, |until| until.max(next)));
    let statement = sql!(
        "UPDATE webhook SET next_at = ?2, failures = ?3, failing_since = ?4, paused_until = ?5 WHERE id = ?1"
    );
    let values = params![endpoint.id, next, after.failures, after.failing_since, after.paused_until];
    tx.run(statement, values).await?;
    Ok(after.off)
}

/// How the webhook stands after its turn.
fn after(tx: &Tx, endpoint: &Endpoint, tried: &[Tried]) -> After {
    let now = tx.now;
    let mut after =
        After { failures: endpoint.failures, failing_since: endpoint.failing_since, ..After::default() };
    for each in tried {
        match each.outcome {
            Outcome::Taken(_) => after = After::default(),
            Outcome::Past | Outcome::Refused(_, Problem::Unwritten) => {}
            Outcome::Refused(..) => {
                after.failing_since.get_or_insert(now);
            }
            Outcome::Unwell(_, told) => {
                after.failures += 1;
                after.failing_since.get_or_insert(now);
                // Servers are down for hours rather than seconds: six times a job's pauses. What the
                // server says is believed within a day.
                let told = told.unwrap_or_default().min(SignedDuration::from_hours(24));
                after.paused_until = Some(now + (pause(tx, after.failures) * 6).max(told));
            }
            Outcome::Gone => after.off = Some(OffReason::Gone),
        }
    }
    let given_up = after.failing_since.is_some_and(|since| now.duration_since(since) >= GIVEN_UP);
    after.off = after.off.or(given_up.then_some(OffReason::Failing));
    after
}

/// Notes what was taken, many with each statement: nearly all that is sent is taken, with the same status.
pub(in crate::webhook) async fn note_taken(tx: &mut Tx, tried: &[Tried]) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE webhook_delivery
         SET state = 'delivered', attempts = attempts + 1, answer = ?33, problem = NULL, settled_at = ?34,
             delivered_at = coalesce(delivered_at, ?34)
         WHERE id IN (",
        many!(),
        ")"
    );
    let taken_out = sql!("DELETE FROM webhook_queue WHERE delivery_id IN (", many!(), ")");
    let mut by_status: BTreeMap<u16, Vec<DeliveryId>> = BTreeMap::new();
    for each in tried {
        if let Outcome::Taken(status) = each.outcome {
            by_status.entry(status).or_default().push(each.id);
        }
    }
    let now = tx.now;
    for (status, ids) in by_status {
        for some in ids.chunks(MANY) {
            let values = many(some).chain(params![status, now]).collect();
            tx.run_later(statement, values).await?;
            tx.run_later(taken_out, many(some).collect()).await?;
        }
    }
    Ok(())
}

/// Notes what came of one try that was not taken.
async fn note(tx: &mut Tx, tried: &Tried) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE webhook_delivery
         SET state = ?2, attempts = attempts + CAST(?3 AS BIGINT), answer = ?4, problem = ?5, settled_at = ?6
         WHERE id = ?1"
    );
    let put_off = sql!("UPDATE webhook_queue SET not_before = ?2 WHERE delivery_id = ?1");
    let taken_out = sql!("DELETE FROM webhook_queue WHERE delivery_id = ?1");
    let now = tx.now;
    let over = now.duration_since(tried.queued_at) >= PATIENCE;
    let failed = if over { Fate::Failed } else { Fate::Waiting };
    let (fate, answer, problem) = match tried.outcome {
        Outcome::Taken(_) => return Ok(()),
        Outcome::Refused(status, problem) => (failed, status, Some(problem)),
        Outcome::Unwell(None, _) => (failed, None, Some(Problem::Unreached)),
        Outcome::Unwell(status, _) => (failed, status, Some(Problem::Answered)),
        Outcome::Gone => (Fate::Failed, Some(410), Some(Problem::Answered)),
        Outcome::Past => (Fate::CalledBack, None, Some(Problem::Past)),
    };
    let attempts = i64::from(fate != Fate::CalledBack);
    let not_before = now + pause(tx, tried.attempts + 1) * 6;
    let settled_at = (fate != Fate::Waiting).then_some(now);
    let values = params![tried.id, fate, attempts, answer, problem, settled_at];
    tx.run_later(statement, values).await?;
    match fate {
        Fate::Waiting => tx.run_later(put_off, params![tried.id, not_before]).await,
        _ => tx.run_later(taken_out, params![tried.id]).await,
    }
}

/// Gives up what has waited too long, 1,000 at most: the next turn goes on.
async fn expire(tx: &mut Tx, webhook: WebhookId) -> Result<(), DbError> {
    let before = tx.now - PATIENCE;
    give_up(tx, webhook, before, 1_000, Problem::Expired).await
}

/// Gives up what waits under a webhook and was queued until then, so many at most. Called with the row of the webhook,
/// so that nobody adds anything meanwhile. Index: `webhook_queue_due`.
async fn give_up(
    tx: &mut Tx,
    webhook: WebhookId,
    until: Timestamp,
    most: i64,
    problem: Problem,
) -> Result<(), DbError> {
    let failed = sql!(
        "UPDATE webhook_delivery SET state = 'failed', problem = ?4, settled_at = ?5
         WHERE id IN (SELECT delivery_id FROM webhook_queue WHERE webhook_id = ?1 AND queued_at <= ?2
                      ORDER BY not_before, delivery_id LIMIT ?3)"
    );
    let taken_out = sql!(
        "DELETE FROM webhook_queue
         WHERE delivery_id IN (SELECT delivery_id FROM webhook_queue WHERE webhook_id = ?1 AND queued_at <= ?2
                               ORDER BY not_before, delivery_id LIMIT ?3)"
    );
    let now = tx.now;
    tx.run_later(failed, params![webhook, until, most, problem, now]).await?;
    tx.run_later(taken_out, params![webhook, until, most]).await
}

/// Gives up all that waits under a webhook that is told nothing more.
pub(super) async fn drop_waiting(tx: &mut Tx, webhook: WebhookId) -> Result<(), DbError> {
    give_up(tx, webhook, Timestamp::MAX, i64::MAX, Problem::SwitchedOff).await
}
