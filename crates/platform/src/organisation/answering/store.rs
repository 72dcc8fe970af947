//! The SQL of who answers for whom.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use super::LinkId;
use crate::{Tx, organisation::OrganisationId};

db::record! {
    /// Somebody who answers, or is answered for.
    pub struct Link {
        /// The link.
        pub id: LinkId,
        /// The other organisation.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Where it is rung: its own number, else that of whoever is on call or leads there.
        pub telephone: Option<String>,
        /// From when.
        pub from_at: Timestamp,
        /// Until when; open where `None`.
        pub until_at: Option<Timestamp>,
        /// Why, as the CERT noted it.
        pub note: String,
    }
}

impl Link {
    /// The page of the other organisation.
    pub fn href(&self) -> String {
        format!("/organisations/{}", self.organisation_id)
    }
}

/// Those who answer for `organisation`, now or later, 50 at most. Index: `answers_for`'s key.
pub async fn answering(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<Link>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.answering_id AS organisation_id, o.code, o.name, a.from_at, a.until_at, a.note,
                coalesce(o.telephone, (
                    SELECT c.telephone FROM contact c
                    WHERE c.organisation_id = o.id AND c.role IN ('on_call', 'security_lead')
                      AND c.telephone IS NOT NULL AND (c.until_at IS NULL OR c.until_at > ?2)
                    ORDER BY c.role, c.id LIMIT 1)) AS telephone
         FROM answers_for a JOIN organisation o ON o.id = a.answering_id
         WHERE a.organisation_id = ?1 AND (a.until_at IS NULL OR a.until_at > ?2)
         ORDER BY a.from_at, o.code LIMIT 50"
    );
    snapshot.all(statement, params![organisation, now]).await
}

/// Those that `organisation` answers for now, 51 at most behind the code `after`.
/// Index: `answers_for_answering`.
pub async fn answered(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    after: &str,
    now: Timestamp,
) -> Result<Vec<Link>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.organisation_id, o.code, o.name, o.telephone, a.from_at, a.until_at, a.note
         FROM answers_for a JOIN organisation o ON o.id = a.organisation_id
         WHERE a.answering_id = ?1 AND a.from_at <= ?3 AND (a.until_at IS NULL OR a.until_at > ?3)
           AND o.code > ?2
         ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, params![organisation, after, now]).await
}

db::record! {
    /// A link as it is stored.
    pub(crate) struct Stored {
        pub id: LinkId,
        pub from_at: Timestamp,
        pub until_at: Option<Timestamp>,
        pub note: String,
    }
}

/// Every link between two, the latest first. Index: `answers_for`'s key.
pub(crate) async fn between(
    snapshot: &mut Snapshot,
    answering: OrganisationId,
    organisation: OrganisationId,
) -> Result<Vec<Stored>, DbError> {
    let statement = sql!(
        "SELECT id, from_at, until_at, note FROM answers_for
         WHERE organisation_id = ?1 AND answering_id = ?2 ORDER BY from_at DESC LIMIT 100"
    );
    snapshot.all(statement, params![organisation, answering]).await
}

/// What a new link says.
pub(crate) struct NewLink<'a> {
    pub answering: OrganisationId,
    pub organisation: OrganisationId,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub note: &'a str,
}

/// Makes a link. One that was revoked before it began stands again, under its old id.
pub(crate) async fn insert(tx: &mut Tx, link: &NewLink<'_>) -> Result<LinkId, DbError> {
    let statement = sql!(
        "INSERT INTO answers_for (id, answering_id, organisation_id, from_at, until_at, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (organisation_id, answering_id, from_at)
             DO UPDATE SET until_at = excluded.until_at, note = excluded.note
         RETURNING id"
    );
    let id = tx.id::<LinkId>();
    let values = params![id, link.answering, link.organisation, link.from, link.until, link.note];
    let (id,): (LinkId,) = tx.one(statement, values).await?;
    Ok(id)
}

pub(crate) async fn update(
    tx: &mut Tx,
    id: LinkId,
    until: Option<Timestamp>,
    note: &str,
) -> Result<(), DbError> {
    let statement = sql!("UPDATE answers_for SET until_at = ?2, note = ?3 WHERE id = ?1");
    tx.run(statement, params![id, until, note]).await?;
    Ok(())
}

/// Ends a link now, and says for whom it was; `None` where it has ended already. One that has not
/// begun is left without a length.
pub(super) async fn revoke(tx: &mut Tx, id: LinkId) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!(
        "UPDATE answers_for SET until_at = CASE WHEN from_at > ?2 THEN from_at ELSE ?2 END
         WHERE id = ?1 AND (until_at IS NULL OR until_at > ?2)
         RETURNING organisation_id"
    );
    let now = tx.now;
    let found: Option<(OrganisationId,)> = tx.maybe(statement, params![id, now]).await?;
    Ok(found.map(|(organisation,)| organisation))
}
