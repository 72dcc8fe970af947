//! The SQL of offers to requests.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
};
use uuid::Uuid;

use crate::aid::{OfferId, Offered, RequestId, Stands};

db::record! {
    /// An offer to a request.
    pub struct Offer {
        /// Which.
        pub id: OfferId,
        /// The request.
        pub request_id: RequestId,
        /// Who offers.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// How many.
        pub count: i64,
        /// How many of them were accepted.
        pub accepted: i64,
        /// From when.
        pub from_at: Timestamp,
        /// Until when.
        pub until_at: Timestamp,
        /// On what conditions.
        pub conditions: String,
        /// Whom to ring.
        pub contact_name: String,
        /// On which number.
        pub contact_telephone: String,
        /// Where it stands.
        pub stands: Stands,
        /// What the asker wrote with the answer.
        pub thanks: String,
        /// When it was offered.
        pub offered_at: Timestamp,
        /// When what was lent came back.
        pub returned_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! offers {
    () => {
        "SELECT f.id, f.request_id, f.organisation_id, o.code, o.name, f.count, f.accepted, f.from_at, f.until_at,
                f.conditions, f.contact_name, f.contact_telephone, f.stands, f.thanks, f.offered_at, f.returned_at,
                f.version "
    };
}

/// The offers to a request, whoever asks, the first first, 200 at most. Index: `aid_offer_of`.
pub async fn offers(snapshot: &mut Snapshot, id: RequestId) -> Result<Vec<Offer>, DbError> {
    let statement = sql!(
        offers!(),
        "FROM aid_offer f JOIN organisation o ON o.id = f.organisation_id
         WHERE f.request_id = ?1 ORDER BY f.id LIMIT 200"
    );
    snapshot.all(statement, params![id]).await
}

/// Those of them by somebody for whom `actor` stands. Index: `aid_offer_of`.
pub async fn own_offers(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: RequestId,
) -> Result<Vec<Offer>, DbError> {
    let statement = sql!(
        mine!(),
        offers!(),
        "FROM aid_offer f JOIN organisation o ON o.id = f.organisation_id
         WHERE f.request_id = ?7 AND f.organisation_id IN (SELECT organisation_id FROM mine) ORDER BY f.id LIMIT 200"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![id])).await
}

/// An offer, whoever asks. Index: the key.
pub async fn offer(snapshot: &mut Snapshot, id: OfferId) -> Result<Option<Offer>, DbError> {
    let statement =
        sql!(offers!(), "FROM aid_offer f JOIN organisation o ON o.id = f.organisation_id WHERE f.id = ?1");
    snapshot.maybe(statement, params![id]).await
}

/// Whether this form was kept, and how many offers an organisation made to a request, and all made. Indexes: that of the
/// form, `aid_offer_of`.
pub(crate) async fn offered_so_far(
    snapshot: &mut Snapshot,
    (id, organisation): (RequestId, OrganisationId),
    form: Uuid,
) -> Result<(bool, i64, i64), DbError> {
    let statement = sql!(
        "SELECT (SELECT count(*) FROM aid_offer WHERE form = ?3) AS kept,
                (SELECT count(*) FROM aid_offer WHERE request_id = ?1 AND organisation_id = ?2) AS own,
                (SELECT count(*) FROM aid_offer WHERE request_id = ?1) AS total"
    );
    let (kept, own, total): (i64, i64, i64) =
        snapshot.one(statement, params![id, organisation, form]).await?;
    Ok((kept > 0, own, total))
}

/// Keeps an offer.
pub(crate) async fn insert_offer(
    tx: &mut Tx,
    id: RequestId,
    offered: &Offered,
    organisation: OrganisationId,
    (by, through): (PersonId, OrganisationId),
) -> Result<OfferId, DbError> {
    let (offer, now): (OfferId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO aid_offer (id, form, request_id, organisation_id, count, accepted, from_at, until_at, conditions,
                                contact_name, contact_telephone, stands, thanks, offered_at, offered_by, through_id,
                                version)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, 'offered', '', ?11, ?12, ?13, 1)"
    );
    let values = params![
        offer,
        offered.form,
        id,
        organisation,
        offered.count,
        offered.from,
        offered.until,
        &offered.conditions,
        &offered.contact.name,
        &offered.contact.telephone,
        now,
        by,
        through
    ];
    tx.run(statement, values).await?;
    Ok(offer)
}

/// Answers an offer; `false` where its version has moved, or it was answered.
pub(crate) async fn answer(
    tx: &mut Tx,
    (id, version): (OfferId, i64),
    (stands, accepted): (Stands, i64),
    thanks: &str,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE aid_offer SET stands = ?3, accepted = ?4, thanks = ?5, answered_at = ?6, version = version + 1
         WHERE id = ?1 AND version = ?2 AND stands = 'offered'"
    );
    Ok(tx.run(statement, params![id, version, stands, accepted, thanks, now]).await? == 1)
}

/// Notes that what was lent came back; `false` where its version has moved.
pub(crate) async fn returned(tx: &mut Tx, (id, version): (OfferId, i64)) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE aid_offer SET stands = 'returned', returned_at = ?3, version = version + 1
         WHERE id = ?1 AND version = ?2 AND stands = 'accepted'"
    );
    Ok(tx.run(statement, params![id, version, now]).await? == 1)
}

/// Declines every offer to a request that waits. Index: `aid_offer_of`.
pub(crate) async fn decline_rest(tx: &mut Tx, id: RequestId) -> Result<u64, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE aid_offer SET stands = 'declined', answered_at = ?2, version = version + 1
         WHERE request_id = ?1 AND stands = 'offered'"
    );
    tx.run(statement, params![id, now]).await
}
