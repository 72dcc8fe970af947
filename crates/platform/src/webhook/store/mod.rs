//! The SQL of webhooks; that of what they are told is in `queue.rs` and `deliveries.rs`.
//!
//! Whatever touches a webhook and its deliveries takes the webhook's row first, and several webhooks in
//! the order of their ids, so that nobody waits for each other in a circle.

mod deliveries;
mod queue;

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use jiff::Timestamp;
use url::Url;
use uuid::Uuid;

use super::{Format, OVERLAP, OffReason, Owner, Plan, Secret, State, WebhookId};
use crate::{
    Tx,
    access::PersonId,
    organisation::OrganisationId,
    retention::{Rule, rows},
};
pub use deliveries::{DELIVERIES, Delivery};
pub(super) use deliveries::{again, all_again, delivery, is_testing, listed};
pub(super) use queue::{
    Endpoint, Outcome, TOGETHER, ToSend, Tried, note_taken, queue, settle, take, test, waiting,
};

/// Secrets that were replaced and count no more.
pub const PREVIOUS: Rule = Rule {
    name: "webhook_previous_secret",
    // Index: webhook_previous.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE webhook SET previous_secret = NULL, previous_until = NULL WHERE id IN (
                 SELECT id FROM webhook WHERE previous_until < ?1 ORDER BY previous_until LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// Webhooks that were removed, with all that they were told.
pub const REMOVED: Rule = Rule { name: "webhook", forget: |tx, before| Box::pin(removed(tx, before)) };

/// Deletes deliveries of removed webhooks while there are any, then the webhooks. Indexes:
/// `webhook_removed`, `webhook_delivery_of`.
async fn removed(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let deliveries = sql!(
        "DELETE FROM webhook_delivery WHERE id IN (
             SELECT d.id FROM webhook w CROSS JOIN webhook_delivery d
             WHERE w.state = 'removed' AND w.changed_at < ?1 AND d.webhook_id = w.id LIMIT ?2)"
    );
    let gone = rows(tx, deliveries, before).await?;
    if gone > 0 {
        return Ok(gone);
    }
    let webhooks = sql!(
        "DELETE FROM webhook WHERE id IN (
             SELECT id FROM webhook WHERE state = 'removed' AND changed_at < ?1 ORDER BY changed_at LIMIT ?2)"
    );
    rows(tx, webhooks, before).await
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// Whose.
    pub owner: Owner,
    /// By what its owners call it.
    pub name: String,
    /// Where it is. For a chat room whoever knows it can write there.
    pub url: Url,
    /// How what it is told is written.
    pub format: Format,
    /// The names of the events that it is told of.
    pub events: Vec<String>,
    /// Until when the secret before this one signs too.
    pub previous_until: Option<Timestamp>,
    /// Whether it is told anything.
    pub state: State,
    /// Why not.
    pub off_reason: Option<OffReason>,
    /// When it was last changed, or switched on or off.
    pub changed_at: Timestamp,
    /// How often.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When something is sent next; `None` where nothing waits.
    pub next_at: Option<Timestamp>,
    /// Since when nothing was taken though it was tried.
    pub failing_since: Option<Timestamp>,
}

impl FromRow for Webhook {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let events: String = row.get("events")?;
        Ok(Self {
            id: row.get("id")?,
            owner: row.get::<Option<OrganisationId>>("organisation_id")?.into(),
            name: row.get("name")?,
            url: url(row)?,
            format: row.get("format")?,
            events: events.split_whitespace().map(str::to_owned).collect(),
            previous_until: row.get("previous_until")?,
            state: row.get("state")?,
            off_reason: row.get("off_reason")?,
            changed_at: row.get("changed_at")?,
            version: row.get("version")?,
            created_at: row.get("created_at")?,
            next_at: row.get("next_at")?,
            failing_since: row.get("failing_since")?,
        })
    }
}

/// The column `url`.
fn url(row: &Row) -> Result<Url, DbError> {
    let wrong =
        |error: url::ParseError| DbError::Column { column: "url".to_owned(), reason: error.to_string() };
    Url::parse(&row.get::<String>("url")?).map_err(wrong)
}

macro_rules! columns {
    () => {
        "SELECT id, organisation_id, name, url, format, events, previous_until, state, off_reason, changed_at,
                version, created_at, next_at, failing_since
         FROM webhook "
    };
}

/// A webhook by its id, unless it was removed.
pub async fn webhook(snapshot: &mut Snapshot, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    snapshot.maybe(sql!(columns!(), "WHERE id = ?1 AND state <> 'removed'"), params![id]).await
}

/// The webhooks of an owner, the oldest first: there are [`super::MOST`] at most. Index: `webhook_owner`.
pub async fn of_owner(snapshot: &mut Snapshot, owner: Owner) -> Result<Vec<Webhook>, DbError> {
    let of_organisation = sql!(
        columns!(),
        "WHERE organisation_id = ?1 AND state <> 'removed' ORDER BY created_at, id LIMIT 100"
    );
    let of_cert = sql!(
        columns!(),
        "WHERE organisation_id IS NULL AND state <> 'removed' ORDER BY created_at, id LIMIT 100"
    );
    match owner {
        Owner::Organisation(id) => snapshot.all(of_organisation, params![id]).await,
        Owner::Cert => snapshot.all(of_cert, params![]).await,
    }
}

/// The webhook that this person added with this form. Index: the unique key.
pub(super) async fn added_with(
    snapshot: &mut Snapshot,
    by: PersonId,
    form: Uuid,
) -> Result<Option<WebhookId>, DbError> {
    let statement = sql!("SELECT id FROM webhook WHERE created_by = ?1 AND form = ?2");
    Ok(snapshot.maybe::<(WebhookId,)>(statement, params![by, form]).await?.map(|(id,)| id))
}

/// The names of events as one column.
fn written(events: &[&'static str]) -> String {
    format!(" {} ", events.join(" "))
}

/// Adds a webhook that is on.
pub(super) async fn insert(
    tx: &mut Tx,
    owner: Owner,
    plan: &Plan,
    secret: &Secret,
    (by, form): (PersonId, Option<Uuid>),
) -> Result<WebhookId, DbError> {
    let statement = sql!(
        "INSERT INTO webhook (id, organisation_id, name, url, format, events, secret, state, changed_at, version,
                              form, created_by, created_at, failures)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'on', ?8, 1, ?9, ?10, ?8, 0)"
    );
    let (id, now): (WebhookId, _) = (tx.id(), tx.now);
    let values = params![
        id,
        owner.organisation(),
        plan.name.as_str(),
        plan.url.as_str(),
        plan.format,
        written(&plan.events),
        secret.bytes(),
        now,
        form,
        by
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Changes what was decided; `false` where somebody was faster. Another address is tried at once.
pub(super) async fn replan(tx: &mut Tx, before: &Webhook, plan: &Plan) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE webhook
         SET name = ?3, url = ?4, format = ?5, events = ?6, version = version + 1, changed_at = ?7,
             paused_until = CASE WHEN url = ?4 THEN paused_until END,
             failing_since = CASE WHEN url = ?4 THEN failing_since END,
             failures = CASE WHEN url = ?4 THEN failures ELSE 0 END,
             next_at = CASE WHEN next_at IS NULL OR lease_until > ?7 OR url = ?4 THEN next_at
                            ELSE CAST(?7 AS BIGINT) END
         WHERE id = ?1 AND version = ?2 AND state <> 'removed'"
    );
    let now = tx.now;
    let values = params![
        before.id,
        before.version,
        plan.name.as_str(),
        plan.url.as_str(),
        plan.format,
        written(&plan.events),
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Replaces the secret, of which the one before signs for a while; `false` where somebody was faster, or
/// where the one before that still counts.
pub(super) async fn rotate(tx: &mut Tx, before: &Webhook, secret: &Secret) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE webhook SET previous_secret = secret, previous_until = ?4, secret = ?3, version = version + 1,
                            changed_at = ?5
         WHERE id = ?1 AND version = ?2 AND state <> 'removed'
           AND (previous_until IS NULL OR previous_until <= ?5)"
    );
    let now = tx.now;
    let values = params![before.id, before.version, secret.bytes(), now + OVERLAP, now];
    Ok(tx.run(statement, values).await? == 1)
}

/// Switches a webhook on or off, or removes it; `false` where somebody was faster. Nothing of it is taken
/// by a worker any more; what one has in hand is noted if it was taken.
pub(super) async fn switch(
    tx: &mut Tx,
    before: &Webhook,
    to: State,
    reason: Option<OffReason>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE webhook SET state = ?3, off_reason = ?4, changed_at = ?5, version = version + 1, next_at = NULL,
                            lease_until = NULL, failures = 0, failing_since = NULL, paused_until = NULL
         WHERE id = ?1 AND version = ?2 AND state <> 'removed'"
    );
    let now = tx.now;
    if tx.run(statement, params![before.id, before.version, to, reason, now]).await? == 0 {
        return Ok(false);
    }
    queue::drop_waiting(tx, before.id).await?;
    Ok(true)
}

db::record! {
    /// How many webhooks are not well.
    pub struct Troubled {
        /// How many servers take nothing though they are tried.
        pub failing: i64,
        /// Since when the first of them does.
        pub failing_since: Option<Timestamp>,
        /// How many were switched off for that.
        pub given_up: i64,
    }
}

/// How many webhooks are not well. There are a few for each organisation: all are looked at.
pub async fn troubled(snapshot: &mut Snapshot) -> Result<Troubled, DbError> {
    let statement = sql!(
        "SELECT CAST(coalesce(sum(CASE WHEN state = 'on' THEN 1 ELSE 0 END), 0) AS BIGINT) AS failing,
                min(CASE WHEN state = 'on' THEN failing_since END) AS failing_since,
                CAST(coalesce(sum(CASE WHEN state = 'off' THEN 1 ELSE 0 END), 0) AS BIGINT) AS given_up
         FROM webhook
         WHERE (state = 'on' AND failing_since IS NOT NULL)
            OR (state = 'off' AND off_reason IN ('failing', 'gone'))"
    );
    snapshot.one(statement, params![]).await
}
