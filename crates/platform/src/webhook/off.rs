//! Switching off a webhook whose server is gone or took nothing for too long, and telling those who keep
//! it, once.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use serde_json::json;

use super::{OffReason, Owner, State, WebhookId, store};
use crate::{
    Actor, App, Tx,
    access::PersonId,
    job::Lane,
    log::{self, Entry},
    message::{self, Draft, Letter, NoLetter, Rendering, ToRender},
};

/// The kind of the message that tells of it.
pub const MESSAGE: message::Kind =
    message::Kind { name: "webhook_off", render: |app, to| Box::pin(letter(app, to)) as Rendering };

/// The name of the program's own part that does it.
const NAME: &str = "webhook.deliver";

/// Switches a webhook off and tells those who keep it. Nothing where somebody was faster.
pub(super) async fn give_up(tx: &mut Tx, id: WebhookId, reason: OffReason) -> Result<(), DbError> {
    let Some(webhook) = store::webhook(tx, id).await?.filter(|webhook| webhook.state == State::On) else {
        return Ok(());
    };
    if !store::switch(tx, &webhook, State::Off, Some(reason)).await? {
        return Ok(());
    }
    let mut entry = Entry::new("webhook.given_up").about(id.0).with(json!({ "reason": reason.code() }));
    if let Some(organisation) = webhook.owner.organisation() {
        entry = entry.organisation(organisation);
    }
    log::write(tx, &Actor::Job(NAME), entry).await?;
    let now = tx.now;
    for keeper in keepers(tx, webhook.owner, now).await? {
        let draft = Draft {
            kind: MESSAGE.name,
            lane: Lane::Urgent,
            address: keeper.email,
            person: Some(keeper.id),
            contact: None,
            organisation: webhook.owner.organisation(),
            about: ("webhook", Some(id.0)),
            fields: json!({}),
            not_before: None,
            key: format!("webhook_off/{id}/{}/{}", now.as_microsecond(), keeper.id),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

db::record! {
    /// Somebody who keeps webhooks.
    struct Keeper {
        id: PersonId,
        email: String,
    }
}

/// Those who keep the webhooks of this owner. Index: `membership_organisation`.
async fn keepers(snapshot: &mut Snapshot, owner: Owner, now: Timestamp) -> Result<Vec<Keeper>, DbError> {
    let of_cert = sql!(
        "SELECT id, email FROM person
         WHERE email IS NOT NULL AND erased_at IS NULL AND id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('duty_manager', 'admin')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY id"
    );
    let of_organisation = sql!(
        "SELECT id, email FROM person
         WHERE email IS NOT NULL AND erased_at IS NULL AND id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id = ?2 AND m.role = 'lead' AND NOT m.awaits_acceptance
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY id"
    );
    match owner {
        Owner::Cert => snapshot.all(of_cert, params![now]).await,
        Owner::Organisation(id) => snapshot.all(of_organisation, params![now, id]).await,
    }
}

/// The mail: which one, why, and what to do.
async fn letter(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let id = WebhookId(to.about.ok_or("the message names no webhook")?);
    let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
    let webhook = store::webhook(&mut snapshot, id).await.map_err(|error| error.to_string())?;
    let webhook = webhook.ok_or("the webhook was removed")?;
    let reason = webhook.off_reason.ok_or("the webhook was switched on again")?;
    let cert = &app.settings.cert;
    let text = format!(
        "The webhook \u{201c}{}\u{201d} was switched off. {}.\n\nWhat it was not told you find in the portal. \
         Once its server works again, switch the webhook on and send again what failed:\n\n{}\n\n-- \n{}, {}\n",
        webhook.name,
        reason.label(),
        app.link(&format!("{}/{id}", webhook.owner.pages())),
        cert.name,
        cert.telephone,
    );
    Ok(Letter { subject: format!("The webhook {} was switched off", webhook.name), text, html: None })
}
