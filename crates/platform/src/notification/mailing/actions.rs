//! Stopping a mailing for a mailbox, and taking that back.

use db::Snapshot;
use jiff::Timestamp;
use serde_json::json;

use super::{Held, Mailing, MailingError, secret};
use crate::{
    Actor, App, Tx,
    log::{self, Entry},
    message,
    notification::{Preferences, store},
    organisation::contact::store::{self as contacts, Contact},
};

/// What a link is for, as it stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub mailing: Mailing,
    pub address: String,
    contact: Contact,
    preferences: Preferences,
}

impl Standing {
    /// Whether it is sent no more.
    pub fn is_stopped(&self) -> bool {
        self.preferences.is_stopped(self.mailing)
    }
}

/// What a link is for. A guess ends before the database is asked.
pub(super) async fn held(app: &App, link: &str) -> Result<(Held, Vec<u8>), MailingError> {
    secret(app).await?.open(link).ok_or(MailingError::NoLink)
}

/// How the mailing of a link stands, where its contact still has the address.
pub(super) async fn standing(
    app: &App,
    snapshot: &mut Snapshot,
    (held, of_address): &(Held, Vec<u8>),
    now: Timestamp,
) -> Result<Standing, MailingError> {
    let contact = contacts::find(snapshot, held.contact, now).await?.ok_or(MailingError::Ended)?;
    let address = contact.email.clone().ok_or(MailingError::Ended)?;
    if secret(app).await?.of_address(&address) != *of_address {
        return Err(MailingError::Ended);
    }
    let preferences = store::of(snapshot, &address).await?;
    Ok(Standing { mailing: held.mailing, address, contact, preferences })
}

/// Stops it; said twice, it is said once.
pub(super) async fn stop(tx: &mut Tx, standing: &mut Standing) -> Result<(), MailingError> {
    if standing.is_stopped() {
        return Ok(());
    }
    standing.preferences.stop(standing.mailing);
    if standing.mailing == Mailing::Digest {
        message::call_back_put_off(tx, &standing.address).await?;
    }
    keep(tx, standing, "notification.stopped").await
}

/// Has it sent again; said twice, it is said once.
pub(super) async fn send_again(tx: &mut Tx, standing: &mut Standing) -> Result<(), MailingError> {
    if !standing.is_stopped() {
        return Ok(());
    }
    standing.preferences.send_again(standing.mailing);
    keep(tx, standing, "notification.resumed").await
}

async fn keep(tx: &mut Tx, standing: &Standing, verb: &'static str) -> Result<(), MailingError> {
    store::keep(tx, &standing.address, &standing.preferences).await?;
    let entry = Entry::new(verb).about_a("contact", standing.contact.id.0);
    let entry = entry.organisation(standing.contact.organisation_id);
    log::write(tx, &Actor::Anyone, entry.with(json!({ "mailing": standing.mailing.code() }))).await?;
    Ok(())
}
