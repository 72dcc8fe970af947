//! Choosing how a mailbox is told: one's own, or that of a contact which nobody signs in with.

use db::{DbError, Snapshot};
use jiff::Timestamp;

use super::{Preferences, store};
use crate::{
    Actor, Tx,
    account::{self, AccountError},
    log::{self, Entry},
    organisation::contact::{ContactError, ContactId, KEEPERS_AT_CERT, actions::kept, store::Contact},
    web,
};

/// Why something about preferences was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// The contact is not there, or not this actor's.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// A contact without an address.
    #[error("This contact has no email address, so nothing is sent to it by email.")]
    NoMailbox,
    /// Nothing is sent to the address yet.
    #[error("This address is not confirmed yet, so no alert is sent to it.")]
    NotConfirmed,
    /// Its owner decides.
    #[error("Whoever has this address has an account, and chooses on the page of their account.")]
    OwnersOwn,
    /// Others are told by the same mailbox.
    #[error("This mailbox is a contact of {0} organisations. Ring the CERT to change how it is told.")]
    Shared(i64),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NotificationError> for web::Error {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Contact(error) => error.into(),
            NotificationError::Db(error) => error.into(),
            other => Self::Conflict(other.to_string()),
        }
    }
}

/// The address of a person's account, and what was chosen for it.
pub async fn own(snapshot: &mut Snapshot, actor: &Actor) -> Result<(String, Preferences), AccountError> {
    let person = actor.person().ok_or(AccountError::NotFound)?;
    let address = account::address_of(snapshot, person.id).await?.ok_or(AccountError::NotFound)?;
    let preferences = store::of(snapshot, &address).await?;
    Ok((address, preferences))
}

/// Chooses for oneself.
pub async fn choose_own(tx: &mut Tx, actor: &Actor, preferences: &Preferences) -> Result<(), AccountError> {
    let (address, _) = own(tx, actor).await?;
    let person = actor.person().ok_or(AccountError::NotFound)?;
    store::keep(tx, &address, preferences).await?;
    log::write(tx, actor, Entry::new("notification.chosen").about_a("person", person.id.0)).await?;
    Ok(())
}

/// The contact and its mailbox, if `actor` may choose how it is told: its address is confirmed, nobody
/// signs in with it, and no other organisation is told by it, unless the CERT chooses.
pub async fn chosen_by(
    snapshot: &mut Snapshot,
    actor: &Actor,
    contact: ContactId,
    now: Timestamp,
) -> Result<(Contact, String), NotificationError> {
    let contact = kept(snapshot, actor, contact, now).await?;
    let address = contact.email.clone().ok_or(NotificationError::NoMailbox)?;
    if store::has_account(snapshot, contact.id).await? {
        return Err(NotificationError::OwnersOwn);
    }
    if contact.verified_at.is_none() {
        return Err(NotificationError::NotConfirmed);
    }
    let organisations = store::organisations(snapshot, &address, now).await?;
    if organisations > 1 && !actor.is_any(KEEPERS_AT_CERT) {
        return Err(NotificationError::Shared(organisations));
    }
    Ok((contact, address))
}

/// Chooses for the mailbox of a contact.
pub async fn choose_for(
    tx: &mut Tx,
    actor: &Actor,
    contact: ContactId,
    preferences: &Preferences,
) -> Result<(), NotificationError> {
    let now = tx.now;
    let (contact, address) = chosen_by(tx, actor, contact, now).await?;
    store::keep(tx, &address, preferences).await?;
    let entry = Entry::new("notification.chosen").about_a("contact", contact.id.0);
    log::write(tx, actor, entry.organisation(contact.organisation_id)).await?;
    Ok(())
}
