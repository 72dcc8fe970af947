//! The SQL of preferences.

use db::{DbError, FromValue, Snapshot, Value, params, sql};
use jiff::Timestamp;

use super::Preferences;
use crate::{Tx, account, message, organisation::contact::ContactId};

/// A column of preferences beside a mailbox: what is not chosen, or cannot be read, is the default,
/// with which each thing is told as it says itself.
#[derive(Clone, Debug, Default)]
pub struct Chosen(pub Preferences);

impl FromValue for Chosen {
    fn from_value(value: Value) -> Result<Self, String> {
        let text = Option::<String>::from_value(value)?;
        let read = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self(read.unwrap_or_default()))
    }
}

/// What was chosen for a mailbox, or a mobile. Index: the primary key.
pub async fn of(snapshot: &mut Snapshot, address: &str) -> Result<Preferences, DbError> {
    let statement = sql!("SELECT preferences FROM notification WHERE address = ?1");
    let found: Option<(Chosen,)> = snapshot.maybe(statement, params![account::folded(address)]).await?;
    Ok(found.map(|(Chosen(preferences),)| preferences).unwrap_or_default())
}

/// Keeps what was chosen for a mailbox, and gives what waits for its digest the new moment.
pub(super) async fn keep(tx: &mut Tx, address: &str, preferences: &Preferences) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO notification (address, preferences, changed_at, texted) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (address) DO UPDATE SET preferences = excluded.preferences, changed_at = excluded.changed_at,
                                             texted = excluded.texted"
    );
    let text = serde_json::to_string(preferences).map_err(|error| DbError::Engine(error.to_string()))?;
    let now = tx.now;
    tx.run(statement, params![account::folded(address), text, now, preferences.texted()]).await?;
    message::put_off_until(tx, address, preferences.next_digest(now)).await
}

/// Forgets what was chosen for the mailbox of a person who is erased.
pub(crate) async fn forget_of_person(tx: &mut Tx, person: crate::access::PersonId) -> Result<(), DbError> {
    let statement = sql!("DELETE FROM notification WHERE address = (SELECT email FROM person WHERE id = ?1)");
    tx.run(statement, params![person]).await.map(|_| ())
}

/// Of how many organisations an address, however it is spelt, is a contact at `now`: what is chosen
/// for one spelling holds for all. Index: `contact_email_folded`.
pub(super) async fn organisations(
    snapshot: &mut Snapshot,
    address: &str,
    now: Timestamp,
) -> Result<i64, DbError> {
    // The engines fold letters beyond ASCII differently: either's way counts.
    let statement = sql!(
        "SELECT count(DISTINCT organisation_id) FROM contact
         WHERE email IS NOT NULL AND lower(email) IN (lower(?1), ?3)
           AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)"
    );
    let folded = account::folded(address);
    let (count,): (i64,) = snapshot.one(statement, params![address, now, folded]).await?;
    Ok(count)
}

/// The mobiles of the contacts with this address, however it is spelt, at `now`, a few of them.
/// Index: `contact_email_folded`.
pub(super) async fn mobiles(
    snapshot: &mut Snapshot,
    address: &str,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT mobile FROM contact
         WHERE email IS NOT NULL AND lower(email) IN (lower(?1), ?3) AND mobile IS NOT NULL
           AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)
         ORDER BY mobile LIMIT 5"
    );
    let found: Vec<(String,)> =
        snapshot.all(statement, params![address, now, account::folded(address)]).await?;
    Ok(found.into_iter().map(|(mobile,)| mobile).collect())
}

/// Of how many organisations a mobile is a contact that has no mailbox: what is chosen by its number holds
/// for all of them. Index: `contact_mobile`.
pub(super) async fn organisations_by_mobile(
    snapshot: &mut Snapshot,
    mobile: &str,
    now: Timestamp,
) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT count(DISTINCT organisation_id) FROM contact
         WHERE mobile = ?1 AND email IS NULL AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)"
    );
    let (count,): (i64,) = snapshot.one(statement, params![mobile, now]).await?;
    Ok(count)
}

/// Whether the address of a contact is an account's. Index: person's address.
pub(super) async fn has_account(snapshot: &mut Snapshot, contact: ContactId) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM contact c JOIN person p ON p.email = lower(c.email)
         WHERE c.id = ?1 AND p.erased_at IS NULL"
    );
    let (count,): (i64,) = snapshot.one(statement, params![contact]).await?;
    Ok(count > 0)
}
