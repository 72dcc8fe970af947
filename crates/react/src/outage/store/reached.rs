//! Whom an outage concerns, and where they are written to: each one statement over all of them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx, chosen_for, mailboxes, message::ContactId, mobiles, notification::store::Chosen,
    organisation::OrganisationId,
};

use crate::{outage::OutageId, supplier::SupplierId};

/// Notes whom an outage concerns: those that use the system, and were not concerned before; says how many.
///
/// Index: `supplier_use_of`, then the key of `organisation`.
pub(crate) async fn concern(
    tx: &mut Tx,
    id: OutageId,
    supplier: SupplierId,
    system: &str,
) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO outage_reply (outage_id, organisation_id, kind, stands, downtime, patients, note, version)
         SELECT t.id, o.id, o.kind, 'waiting', 'not_known', 'not_known', '', 1
         FROM outage t CROSS JOIN organisation o
         WHERE t.id = ?1 AND o.status = 'open' AND o.id IN (
             SELECT u.organisation_id FROM supplier_use u
             WHERE u.supplier_id = ?2 AND (CAST(?3 AS TEXT) = '' OR u.folded = ?3))
         ON CONFLICT (outage_id, organisation_id) DO NOTHING"
    );
    tx.run(statement, params![id, supplier, system]).await
}

/// Notes that an organisation is concerned by the outages of a system that it has just said that it uses; says by which
/// it was not before. Index: `outage_supplier`.
pub(crate) async fn of_organisation(
    tx: &mut Tx,
    organisation: OrganisationId,
    supplier: SupplierId,
    system: &str,
) -> Result<Vec<OutageId>, DbError> {
    let statement = sql!(
        "INSERT INTO outage_reply (outage_id, organisation_id, kind, stands, downtime, patients, note, version)
         SELECT t.id, o.id, o.kind, 'waiting', 'not_known', 'not_known', '', 1
         FROM outage t CROSS JOIN organisation o
         WHERE t.supplier_id = ?2 AND t.state = 'declared' AND (t.folded = '' OR t.folded = ?3)
           AND o.id = ?1 AND o.status = 'open'
         ON CONFLICT (outage_id, organisation_id) DO NOTHING
         RETURNING outage_id"
    );
    let found: Vec<(OutageId,)> = tx.all(statement, params![organisation, supplier, system]).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Who of those that it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// All of them.
    All,
    /// Those that have not answered.
    Silent,
}

/// The first and the last of the next 400 organisations behind `after` that it concerns. Indexes: the key, or
/// `outage_reply_stands`.
pub(crate) async fn next(
    snapshot: &mut Snapshot,
    id: OutageId,
    whom: Whom,
    after: OrganisationId,
) -> Result<Option<(OrganisationId, OrganisationId)>, DbError> {
    let statement = match whom {
        Whom::All => sql!(
            "SELECT organisation_id FROM outage_reply WHERE outage_id = ?1 AND organisation_id > ?2
             ORDER BY organisation_id LIMIT 400"
        ),
        Whom::Silent => sql!(
            "SELECT organisation_id FROM outage_reply
             WHERE outage_id = ?1 AND stands = 'waiting' AND organisation_id > ?2
             ORDER BY organisation_id LIMIT 400"
        ),
    };
    let ids: Vec<(OrganisationId,)> = snapshot.all(statement, params![id, after]).await?;
    Ok(ids.first().zip(ids.last()).map(|((first,), (last,))| (*first, *last)))
}

/// The mailboxes of those from `first` to `last` that it concerns, as address, contact and what was chosen for it.
pub(crate) async fn between(
    snapshot: &mut Snapshot,
    id: OutageId,
    whom: Whom,
    (first, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    macro_rules! chosen {
        () => {
            "SELECT DISTINCT m.email, m.contact_id, n.preferences
             FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id"
        };
    }
    let statement = match whom {
        Whom::All => sql!("WITH ", mailboxes!("SELECT r.organisation_id FROM outage_reply r
                 WHERE r.outage_id = ?1 AND r.organisation_id >= ?3 AND r.organisation_id <= ?4", "?2", "'security_lead', 'shared_mailbox'"), chosen!()),
        Whom::Silent => sql!("WITH ", mailboxes!("SELECT r.organisation_id FROM outage_reply r
                 WHERE r.outage_id = ?1 AND r.stands = 'waiting' AND r.organisation_id >= ?3 AND r.organisation_id <= ?4", "?2", "'security_lead', 'shared_mailbox'"), chosen!()),
    };
    snapshot.all(statement, params![id, now, first, last]).await
}

/// The mobiles of those from `first` to `last` that it concerns, as number, contact and what was chosen for its mailbox.
pub(crate) async fn mobiles_between(
    snapshot: &mut Snapshot,
    id: OutageId,
    (first, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT r.organisation_id FROM outage_reply r
                 WHERE r.outage_id = ?1 AND r.organisation_id >= ?3 AND r.organisation_id <= ?4",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        ", ",
        mobiles!("?2", "'security_lead', 'shared_mailbox', 'on_call'"),
        "SELECT DISTINCT number, contact_id, preferences FROM mobile ORDER BY number, contact_id"
    );
    snapshot.all(statement, params![id, now, first, last]).await
}

/// The mobiles behind `after` that a text of this kind about an outage has left for, 200 at most, in their order. Index:
/// `message_about`.
pub(crate) async fn texted(
    snapshot: &mut Snapshot,
    id: OutageId,
    kind: &str,
    after: &str,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "SELECT m.address, m.contact_id, n.preferences
         FROM message m CROSS JOIN contact c LEFT JOIN notification n ON n.address = ",
        chosen_for!("c"),
        "
         WHERE m.about_id = ?1 AND m.state IN ('sent', 'sending') AND m.kind = ?2 AND m.address > ?3
           AND c.id = m.contact_id ORDER BY m.address LIMIT 200"
    );
    snapshot.all(statement, params![id, kind, after]).await
}
