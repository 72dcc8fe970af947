//! What follows when a mail came back.

use std::collections::{BTreeMap, BTreeSet};

use db::DbError;
use formats::bounce::{Action, Recipient, Status};
use serde_json::json;
use uuid::Uuid;

use super::{Heard, Reason, TIMES, count, messages, store};
use crate::{
    Actor, App, Tx,
    account::folded,
    log::{self, Entry},
    message::{self, ContactId, MessageId},
};

/// Does what follows from what a server says of one recipient of a mail.
pub(super) async fn hear(
    app: &App,
    actor: &Actor,
    original: Option<&str>,
    recipient: &Recipient,
) -> Result<Heard, DbError> {
    let id = original.and_then(|id| id.split('@').next()).and_then(|id| id.parse::<Uuid>().ok());
    let Some(id) = id.map(MessageId) else { return Ok(Heard::NotOurs) };
    let mut tx = app.write().await?;
    let Some(mail) = message::tried(&mut tx, id).await? else { return Ok(Heard::NotOurs) };
    let address = folded(&mail.address);
    if !recipient.addresses.iter().any(|named| folded(named) == address) {
        return Ok(Heard::NotOurs);
    }
    match recipient.action {
        Action::Failed => {}
        Action::Delayed => return Ok(Heard::Delayed),
        Action::Passed => return Ok(Heard::Passed),
    }
    let heard = come_back(&mut tx, actor, id, &mail, recipient).await?;
    tx.commit().await?;
    Ok(heard)
}

/// The server to which we hand mail says at once that a mailbox is not there, or is switched off: what follows is the
/// same as if it had taken the mail and returned it.
pub(crate) async fn refused(app: &App, id: MessageId, status: Status, said: &str) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let Some(mail) = message::tried(&mut tx, id).await? else { return Ok(()) };
    let recipient = Recipient {
        addresses: vec![mail.address.clone()],
        action: Action::Failed,
        status: Some(status),
        diagnostic: said.to_owned(),
    };
    let heard = come_back(&mut tx, &Actor::Job("messages"), id, &mail, &recipient).await?;
    tx.commit().await?;
    count(heard.code());
    Ok(())
}

/// Notes that a mail came back, on its row and on the contacts of its address; ends their confirmation
/// where that is enough, and tells their security leads.
async fn come_back(
    tx: &mut Tx,
    actor: &Actor,
    id: MessageId,
    mail: &message::Tried,
    recipient: &Recipient,
) -> Result<Heard, DbError> {
    let reason = Reason::of(recipient.status, &recipient.diagnostic);
    let status = recipient.status.map(|status| status.to_string());
    let said =
        [Some(format!("Came back: {}", reason.label())), status.clone(), Some(recipient.diagnostic.clone())];
    let said: Vec<_> = said.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let said = said.join(". ");
    if !message::came_back(tx, id, &said).await? {
        return Ok(Heard::Known);
    }
    if let (message::DIGEST, Some(digest)) = (mail.kind.as_str(), mail.about_id) {
        message::digest_came_back(tx, digest, &said).await?;
    }
    let payload = json!({ "reason": reason.code(), "status": status, "message": id });
    if let Some(person) = mail.person_id {
        let entry = Entry::new("account.mail_came_back").about_a("person", person);
        log::write(tx, actor, entry.with(payload.clone())).await?;
    }
    // Whoever confirmed the address after the mail left is reached there again.
    let sent = mail.settled_at.unwrap_or(tx.now);
    let mut lost = store::never_reached(tx, &mail.address).await?;
    let noted = store::note(tx, &mail.address, reason, sent).await?;
    let times = if store::is_storm(tx).await? { TIMES } else { reason.enough() };
    let unconfirmed = store::unconfirm(tx, &mail.address, times, sent).await?;
    for contact in noted {
        let ended = unconfirmed.contains(&contact.id);
        let verb = if ended { "contact.unconfirmed" } else { "contact.mail_came_back" };
        let entry = Entry::new(verb).about(contact.id.0).organisation(contact.organisation_id);
        log::write(tx, actor, entry.with(payload.clone())).await?;
    }
    lost.extend(unconfirmed);
    tell_leads(tx, id, &mail.address, reason, &lost).await?;
    Ok(Heard::CameBack)
}

/// Tells the security leads of the organisations that just `lost` these contacts: one mail for each
/// mailbox, however many organisations it is about, and none when more mail comes back.
async fn tell_leads(
    tx: &mut Tx,
    id: MessageId,
    address: &str,
    reason: Reason,
    lost: &BTreeSet<ContactId>,
) -> Result<(), DbError> {
    let mut mailboxes: BTreeMap<String, Vec<store::Lead>> = BTreeMap::new();
    for lead in store::leads(tx, address).await?.into_iter().filter(|lead| lost.contains(&lead.lost_id)) {
        mailboxes.entry(lead.email.clone()).or_default().push(lead);
    }
    let now = tx.now;
    for (mailbox, mut leads) in mailboxes {
        // An organisation may have lost one mailbox in two roles.
        leads.dedup_by_key(|lead| lead.organisation_id);
        let draft = messages::draft(id, &mailbox, &leads, address, reason, now);
        message::queue(tx, &draft).await?;
    }
    Ok(())
}
