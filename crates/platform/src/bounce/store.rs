//! The SQL of what mail that came back means for contacts.

use std::collections::BTreeSet;

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};

use super::{Reason, STORM, WITHIN};
use crate::{Tx, message::ContactId, organisation::OrganisationId, reaching};

db::record! {
    /// A contact from which mail came back.
    pub(super) struct Noted {
        pub id: ContactId,
        pub organisation_id: OrganisationId,
    }
}

/// The contacts of an address that is not confirmed, from which no mail came back before.
/// Index: `contact_email`.
pub(super) async fn never_reached(
    snapshot: &mut Snapshot,
    address: &str,
) -> Result<BTreeSet<ContactId>, DbError> {
    let statement =
        sql!("SELECT id FROM contact WHERE email = ?1 AND verified_at IS NULL AND came_back_at IS NULL");
    let found: Vec<(ContactId,)> = snapshot.all(statement, params![address]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Notes on the contacts of an address that mail to it, handed over at `sent`, came back; says on which.
/// Index: `contact_email`.
pub(super) async fn note(
    tx: &mut Tx,
    address: &str,
    reason: Reason,
    sent: Timestamp,
) -> Result<Vec<Noted>, DbError> {
    let statement = sql!(
        "UPDATE contact SET came_back_at = ?2, came_back_reason = ?3
         WHERE email = ?1 AND (until_at IS NULL OR until_at > ?2) AND (verified_at IS NULL OR verified_at <= ?4)
         RETURNING id, organisation_id"
    );
    let now = tx.now;
    tx.all(statement, params![address, now, reason, sent]).await
}

/// Whether mail came back from so many addresses within a day that it says little of each.
/// Index: `contact_came_back`.
pub(super) async fn is_storm(tx: &mut Tx) -> Result<bool, DbError> {
    let since = tx.now - SignedDuration::from_hours(24);
    let statement = sql!(
        "SELECT count(*) FROM (SELECT DISTINCT email FROM contact WHERE came_back_at > ?1 LIMIT 101) AS came_back"
    );
    let (count,): (i64,) = tx.one(statement, params![since]).await?;
    Ok(count > STORM)
}

/// Ends the confirmation of the contacts of an address from which mail came back `times` times or more
/// since they were confirmed, and says of which. Index: `contact_email`, then `message_came_back`.
pub(super) async fn unconfirm(
    tx: &mut Tx,
    address: &str,
    times: i64,
    sent: Timestamp,
) -> Result<BTreeSet<ContactId>, DbError> {
    let statement = sql!(
        "UPDATE contact SET verified_at = NULL
         WHERE email = ?1 AND (until_at IS NULL OR until_at > ?2) AND verified_at <= ?3
           AND CAST(?4 AS BIGINT) <= (
               SELECT count(*) FROM message m
               WHERE m.address = ?1 AND m.state = 'came_back' AND m.channel = 'mail' AND m.digest_id IS NULL
                 AND m.settled_at > ?5 AND m.settled_at > contact.verified_at)
         RETURNING id"
    );
    let (now, since) = (tx.now, tx.now - WITHIN);
    let ended: Vec<(ContactId,)> = tx.all(statement, params![address, now, sent, times, since]).await?;
    Ok(ended.into_iter().map(|(id,)| id).collect())
}

db::record! {
    /// A mailbox of a security lead, and an organisation that lost a contact.
    pub(super) struct Lead {
        pub email: String,
        pub contact_id: ContactId,
        /// The contact that was lost.
        pub lost_id: ContactId,
        pub organisation_id: OrganisationId,
        pub code: String,
        pub name: String,
    }
}

/// The security leads, at another address, of the organisations that are not reached any more at the one
/// from which mail came back just now. Index: `contact_email`, the primary key of `organisation`, then
/// those of `reaching!`.
pub(super) async fn leads(tx: &mut Tx, address: &str) -> Result<Vec<Lead>, DbError> {
    let now = tx.now;
    let snapshot: &mut Snapshot = tx;
    let statement = sql!(
        "SELECT DISTINCT coalesce(d.email, c.email) AS email, coalesce(d.id, c.id) AS contact_id, b.id AS lost_id,
                o.id AS organisation_id, o.code, o.name ",
        reaching!("FROM contact b CROSS JOIN organisation o CROSS JOIN", "o.id", "?2", "'security_lead'"),
        " AND b.email = ?1 AND b.came_back_at = ?2 AND b.verified_at IS NULL AND o.id = b.organisation_id
          AND coalesce(d.email, c.email) <> ?1
         ORDER BY o.name, o.code, 1, 2 LIMIT 1000"
    );
    snapshot.all(statement, params![address, now]).await
}
