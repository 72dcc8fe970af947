//! Choosing how a mailbox is told: one's own, or that of a contact which nobody signs in with, or the
//! mobile of a contact that has no mailbox.

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
    /// A contact without an address or a mobile.
    #[error(
        "This contact has neither an email address nor a British mobile number, so no alert is sent to it."
    )]
    NotTold,
    /// Nothing is sent to the address yet.
    #[error("This address is not confirmed yet, so no alert is sent to it.")]
    NotConfirmed,
    /// Its owner decides.
    #[error("Whoever has this address has an account, and chooses on the page of their account.")]
    OwnersOwn,
    /// Others are told by the same mailbox.
    #[error(
        "This address or number is a contact of {0} organisations. Ring the CERT to change how it is told."
    )]
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

/// What something is chosen for.
#[derive(Clone, Debug)]
pub struct Told {
    /// The mailbox; of a contact that has none, the number of its mobile.
    pub address: String,
    /// Whether it is a mailbox, to which mail is sent.
    pub by_mail: bool,
    /// Of how many organisations it is a contact.
    pub organisations: i64,
    /// The mobiles to which texts are sent, in E.164.
    pub mobiles: Vec<String>,
    /// What was chosen.
    pub preferences: Preferences,
}

impl Told {
    async fn mailbox(snapshot: &mut Snapshot, address: String, now: Timestamp) -> Result<Self, DbError> {
        Ok(Self {
            by_mail: true,
            organisations: store::organisations(snapshot, &address, now).await?,
            mobiles: store::mobiles(snapshot, &address, now).await?,
            preferences: store::of(snapshot, &address).await?,
            address,
        })
    }

    async fn mobile(snapshot: &mut Snapshot, number: String, now: Timestamp) -> Result<Self, DbError> {
        Ok(Self {
            by_mail: false,
            organisations: store::organisations_by_mobile(snapshot, &number, now).await?,
            mobiles: vec![number.clone()],
            preferences: store::of(snapshot, &number).await?,
            address: number,
        })
    }
}

/// The mailbox of a person's account, and what was chosen for it.
pub async fn own(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Told, AccountError> {
    let person = actor.person().ok_or(AccountError::NotFound)?;
    let address = account::address_of(snapshot, person.id).await?.ok_or(AccountError::NotFound)?;
    Ok(Told::mailbox(snapshot, address, now).await?)
}

/// Chooses for oneself.
pub async fn choose_own(tx: &mut Tx, actor: &Actor, preferences: &Preferences) -> Result<(), AccountError> {
    let person = actor.person().ok_or(AccountError::NotFound)?;
    let address = account::address_of(tx, person.id).await?.ok_or(AccountError::NotFound)?;
    store::keep(tx, &address, preferences).await?;
    log::write(tx, actor, Entry::new("notification.chosen").about_a("person", person.id.0)).await?;
    Ok(())
}

/// The contact and its mailbox or mobile, if `actor` may choose how it is told: its address is confirmed,
/// nobody signs in with it, and no other organisation is told by it, unless the CERT chooses.
pub async fn chosen_by(
    snapshot: &mut Snapshot,
    actor: &Actor,
    contact: ContactId,
    now: Timestamp,
) -> Result<(Contact, Told), NotificationError> {
    let contact = kept(snapshot, actor, contact, now).await?;
    let told = if let Some(address) = contact.email.clone() {
        if store::has_account(snapshot, contact.id).await? {
            return Err(NotificationError::OwnersOwn);
        }
        if contact.verified_at.is_none() {
            return Err(NotificationError::NotConfirmed);
        }
        Told::mailbox(snapshot, address, now).await?
    } else {
        let mobile = contact.mobile().ok_or(NotificationError::NotTold)?;
        Told::mobile(snapshot, mobile.as_str().to_owned(), now).await?
    };
    if told.organisations > 1 && !actor.is_any(KEEPERS_AT_CERT) {
        return Err(NotificationError::Shared(told.organisations));
    }
    Ok((contact, told))
}

/// Chooses for the mailbox or the mobile of a contact.
pub async fn choose_for(
    tx: &mut Tx,
    actor: &Actor,
    contact: ContactId,
    preferences: &Preferences,
) -> Result<(), NotificationError> {
    let now = tx.now;
    let (contact, told) = chosen_by(tx, actor, contact, now).await?;
    store::keep(tx, &told.address, preferences).await?;
    let entry = Entry::new("notification.chosen").about_a("contact", contact.id.0);
    log::write(tx, actor, entry.organisation(contact.organisation_id)).await?;
    Ok(())
}
