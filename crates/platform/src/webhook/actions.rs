//! One function for each verb; pages and tests call these.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    DeliveryId, MOST, OffReason, Owner, Plan, Secret, State, WebhookError, WebhookId,
    store::{self, Webhook},
};
use crate::{
    Actor, Tx,
    access::PersonId,
    log::{self, Entry},
};

/// Nothing that happened earlier, in hours, is sent again: it is not kept for so long.
const LONGEST: u32 = 366 * 24;

type Result<T> = std::result::Result<T, WebhookError>;

/// Adds a webhook of `owner`; its secret is in the answer, and shown this once. `form` names the form
/// that it comes with, so that the same one sent again adds no second.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    owner: Owner,
    plan: &Plan,
    form: Option<Uuid>,
) -> Result<(WebhookId, Secret)> {
    owner.require_keeper(actor)?;
    check(plan)?;
    let by = actor.person().map_or(PersonId(Uuid::nil()), |person| person.id);
    if let Some(form) = form
        && let Some(before) = store::added_with(tx, by, form).await?
    {
        return Err(WebhookError::AddedAlready(before));
    }
    let held = i64::try_from(store::of_owner(tx, owner).await?.len()).unwrap_or(MOST);
    if held >= MOST {
        return Err(WebhookError::TooMany);
    }
    let secret = Secret::drawn(tx.bytes());
    let id = store::insert(tx, owner, plan, &secret, (by, form)).await?;
    write_log(tx, actor, "webhook.added", (id, owner), told(plan)).await?;
    Ok((id, secret))
}

/// Changes what was decided about a webhook. The secret stays.
pub async fn change(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64, plan: &Plan) -> Result<()> {
    let before = read(tx, actor, id, version).await?;
    check(plan)?;
    moved(store::replan(tx, &before, plan).await?)?;
    write_log(tx, actor, "webhook.changed", (id, before.owner), told(plan)).await
}

/// Makes a new secret, which is in the answer; the one before signs as well for [`super::OVERLAP`].
/// Refused while there are two, so that the one in use never ceases to count unseen.
pub async fn rotate(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64) -> Result<Secret> {
    let before = read(tx, actor, id, version).await?;
    if before.previous_until.is_some_and(|until| until > tx.now) {
        return Err(WebhookError::TwoSecrets);
    }
    let secret = Secret::drawn(tx.bytes());
    moved(store::rotate(tx, &before, &secret).await?)?;
    write_log(tx, actor, "webhook.secret_replaced", (id, before.owner), json!({})).await?;
    Ok(secret)
}

/// Switches a webhook off: what waits fails, and can be sent again later.
pub async fn switch_off(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64) -> Result<()> {
    let before = read(tx, actor, id, version).await?;
    if before.state == State::Off {
        return Err(WebhookError::Off);
    }
    moved(store::switch(tx, &before, State::Off, Some(OffReason::Person)).await?)?;
    write_log(tx, actor, "webhook.switched_off", (id, before.owner), json!({})).await
}

/// Switches a webhook on again.
pub async fn switch_on(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64) -> Result<()> {
    let before = read(tx, actor, id, version).await?;
    if before.state == State::On {
        return Err(WebhookError::On);
    }
    moved(store::switch(tx, &before, State::On, None).await?)?;
    write_log(tx, actor, "webhook.switched_on", (id, before.owner), json!({})).await
}

/// Removes a webhook, and all that is known of what it was told.
pub async fn remove(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64) -> Result<Owner> {
    let before = read(tx, actor, id, version).await?;
    moved(store::switch(tx, &before, State::Removed, None).await?)?;
    write_log(tx, actor, "webhook.removed", (id, before.owner), json!({})).await?;
    Ok(before.owner)
}

/// Sends a test, before all that waits.
pub async fn test(tx: &mut Tx, actor: &Actor, id: WebhookId) -> Result<DeliveryId> {
    let webhook = switched_on(tx, actor, id).await?;
    if store::is_testing(tx, id).await? {
        return Err(WebhookError::Testing);
    }
    let delivery = store::test(tx, id).await?;
    write_log(tx, actor, "webhook.tested", (id, webhook.owner), json!({ "delivery": delivery })).await?;
    Ok(delivery)
}

/// Sends one delivery again, under its id.
pub async fn send_again(tx: &mut Tx, actor: &Actor, id: WebhookId, delivery: DeliveryId) -> Result<()> {
    let webhook = switched_on(tx, actor, id).await?;
    store::delivery(tx, id, delivery).await?.ok_or(WebhookError::NotFound)?;
    if !store::again(tx, id, delivery).await? {
        return Err(WebhookError::Waiting);
    }
    let told = json!({ "delivery": delivery });
    write_log(tx, actor, "webhook.sent_again", (id, webhook.owner), told).await
}

/// Sends again what failed of what happened within the last `hours`, [`super::AGAIN`] at most; says how
/// many.
pub async fn send_failed_again(tx: &mut Tx, actor: &Actor, id: WebhookId, hours: u32) -> Result<u64> {
    let webhook = switched_on(tx, actor, id).await?;
    let since = tx.now - SignedDuration::from_hours(hours.min(LONGEST).into());
    let count = store::all_again(tx, id, since).await?;
    if count > 0 {
        let told = json!({ "deliveries": count, "hours": hours });
        write_log(tx, actor, "webhook.sent_again", (id, webhook.owner), told).await?;
    }
    Ok(count)
}

fn check(plan: &Plan) -> Result<()> {
    if plan.events.is_empty() { Err(WebhookError::NoEvent) } else { Ok(()) }
}

/// The webhook that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, actor: &Actor, id: WebhookId, version: i64) -> Result<Webhook> {
    let webhook = store::webhook(tx, id).await?.ok_or(WebhookError::NotFound)?;
    webhook.owner.require_keeper(actor)?;
    moved(webhook.version == version)?;
    Ok(webhook)
}

async fn switched_on(tx: &mut Tx, actor: &Actor, id: WebhookId) -> Result<Webhook> {
    let webhook = store::webhook(tx, id).await?.ok_or(WebhookError::NotFound)?;
    webhook.owner.require_keeper(actor)?;
    if webhook.state == State::On { Ok(webhook) } else { Err(WebhookError::Off) }
}

const fn moved(moved: bool) -> Result<()> {
    if moved { Ok(()) } else { Err(WebhookError::Overtaken) }
}

/// A plan as the log keeps it: of the address the server alone, since whoever knows the rest of a chat
/// room's can write there.
fn told(plan: &Plan) -> Json {
    json!({ "server": plan.url.host_str(), "format": plan.format.code(), "events": plan.events })
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    (id, owner): (WebhookId, Owner),
    payload: Json,
) -> Result<()> {
    let entry = Entry::new(verb).about(id.0).with(payload);
    let entry = match owner.organisation() {
        Some(organisation) => entry.organisation(organisation),
        None => entry,
    };
    log::write(tx, actor, entry).await?;
    Ok(())
}
