//! The SQL of requests. What an organisation reads begins with those that it stands for.

mod offers;
mod standing;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
    retention::{BATCH, Rule},
};
use uuid::Uuid;

use super::{Asked, Receipt, RequestId, State, What};
use crate::incident::IncidentId;
pub use offers::{Offer, offer, offers, own_offers};
pub(crate) use offers::{answer, decline_rest, insert_offer, offered_so_far, returned};
pub use standing::{STANDING, Standing, own_standing, standing};
pub(crate) use standing::{end_standing, insert_standing, is_in_need, lender, standing_so_far};

/// What is forgotten of a request after it was over: its words and those of the offers, and whom to ring. That it was
/// asked, and what was lent, stays.
pub const FORGOTTEN: Rule = Rule {
    name: "aid_words",
    // Indexes: aid_request_words, aid_offer_of.
    forget: |tx, before| {
        Box::pin(async move {
            let offers = sql!(
                "UPDATE aid_offer SET conditions = '', contact_name = '', contact_telephone = '', thanks = ''
                 WHERE request_id IN (
                     SELECT id FROM aid_request WHERE ended_at IS NOT NULL AND detail <> '' AND ended_at < ?1
                     ORDER BY ended_at, id LIMIT ?2)"
            );
            tx.run(offers, params![before, BATCH]).await?;
            let requests = sql!(
                "UPDATE aid_request SET detail = '', place = '', contact_name = '', contact_telephone = ''
                 WHERE id IN (
                     SELECT id FROM aid_request WHERE ended_at IS NOT NULL AND detail <> '' AND ended_at < ?1
                     ORDER BY ended_at, id LIMIT ?2)"
            );
            tx.run(requests, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// A request.
    pub struct Request {
        /// Which.
        pub id: RequestId,
        /// Its number.
        pub receipt: Receipt,
        /// Who asks.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The code of its region; empty where that is not known.
        pub region: String,
        /// The case that it is asked in: not for those who are asked.
        pub incident_id: Option<IncidentId>,
        /// What is asked for.
        pub what: What,
        /// The same in words; empty once they are forgotten.
        pub detail: String,
        /// How many are wanted.
        pub wanted: i64,
        /// How many were accepted.
        pub accepted: i64,
        /// From when.
        pub from_at: Timestamp,
        /// Until when.
        pub until_at: Timestamp,
        /// Where.
        pub place: String,
        /// Whom to ring.
        pub contact_name: String,
        /// On which number.
        pub contact_telephone: String,
        /// Whether those asked are told who asks.
        pub is_named: bool,
        /// Whether they are told that it is for a cyber incident.
        pub is_cyber: bool,
        /// Where it stands.
        pub state: State,
        /// When it was asked.
        pub asked_at: Timestamp,
        /// Whether it is of somebody for whom the reader stands; `false` at the CERT.
        pub is_own: bool,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Request {
    /// How many more are wanted.
    pub const fn missing(&self) -> i64 {
        self.wanted - self.accepted
    }
}

macro_rules! columns {
    () => {
        "r.id, r.receipt, r.organisation_id, o.code, o.name, r.region, r.incident_id, r.what, r.detail, r.wanted,
         r.accepted, r.from_at, r.until_at, r.place, r.contact_name, r.contact_telephone, r.is_named, r.is_cyber,
         r.state, r.asked_at, r.version"
    };
}

// Index: the key, from its end.
db::listing! {
    static LIST = concat!(
        "SELECT ", columns!(), ", r.id <> r.id AS is_own
         FROM aid_request r JOIN organisation o ON o.id = r.organisation_id"
    );
    state: "r.state = ?1",
    what: "r.what = ?1",
    before: "r.id < ?1",
    tail: "ORDER BY r.id DESC LIMIT 51",
}

/// All requests, the newest first, behind `before`, 51 at most.
pub async fn all(
    snapshot: &mut Snapshot,
    state: Option<State>,
    what: Option<What>,
    before: Option<RequestId>,
) -> Result<Vec<Request>, DbError> {
    let selection =
        LIST.select(params![]).when_some("state", state).when_some("what", what).when_some("before", before);
    snapshot.list(selection).await
}

/// A request, whoever asks. Index: the key.
pub async fn request(snapshot: &mut Snapshot, id: RequestId) -> Result<Option<Request>, DbError> {
    let statement = sql!(
        "SELECT ",
        columns!(),
        ", r.id <> r.id AS is_own FROM aid_request r JOIN organisation o ON o.id = r.organisation_id WHERE r.id = ?1"
    );
    snapshot.maybe(statement, params![id]).await
}

/// The requests of those for whom `actor` stands, and those that they were asked, the newest first, behind `before`, 51
/// at most. Indexes: `aid_request_organisation`, `aid_asked_organisation`. On `read_long`: somebody may stand for
/// thousands.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    before: RequestId,
) -> Result<Vec<Request>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT ",
        columns!(),
        ", r.organisation_id IN (SELECT organisation_id FROM mine) AS is_own
         FROM aid_request r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.id IN (
             SELECT a.id FROM mine m CROSS JOIN aid_request a WHERE a.organisation_id = m.organisation_id
             UNION
             SELECT k.request_id FROM mine m CROSS JOIN aid_asked k WHERE k.organisation_id = m.organisation_id)
           AND r.id < ?7
         ORDER BY r.id DESC LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![before])).await
}

/// One of them. Index: the key.
pub async fn own_one(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: RequestId,
) -> Result<Option<Request>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT ",
        columns!(),
        ", r.organisation_id IN (SELECT organisation_id FROM mine) AS is_own
         FROM aid_request r JOIN organisation o ON o.id = r.organisation_id
         WHERE r.id = ?7 AND (
             r.organisation_id IN (SELECT organisation_id FROM mine)
             OR EXISTS (SELECT 1 FROM mine m CROSS JOIN aid_asked k
                        WHERE k.request_id = r.id AND k.organisation_id = m.organisation_id))"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::READING, params![id])).await
}

/// The requests that were asked in a case, the first first, 20 at most. Index: `aid_request_incident`.
pub async fn of_incident(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Vec<(RequestId, Receipt)>, DbError> {
    let statement = sql!("SELECT id, receipt FROM aid_request WHERE incident_id = ?1 ORDER BY id LIMIT 20");
    snapshot.all(statement, params![incident]).await
}

/// The request that was sent with this form. Index: that of the form.
pub(crate) async fn sent_with(snapshot: &mut Snapshot, form: Uuid) -> Result<Option<RequestId>, DbError> {
    let found: Option<(RequestId,)> =
        snapshot.maybe(sql!("SELECT id FROM aid_request WHERE form = ?1"), params![form]).await?;
    Ok(found.map(|(id,)| id))
}

/// The name and the region of an organisation; the region is empty where it is not known.
pub(crate) async fn name_and_region(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
) -> Result<(String, String), DbError> {
    let statement = sql!("SELECT name, coalesce(region, '') FROM organisation WHERE id = ?1");
    snapshot.one(statement, params![organisation]).await
}

/// Keeps a request, asked just now.
pub(crate) async fn insert(
    tx: &mut Tx,
    asked: &Asked,
    (organisation, region): (OrganisationId, &str),
    (by, through): (PersonId, OrganisationId),
) -> Result<(RequestId, Receipt), DbError> {
    let (id, now): (RequestId, _) = (tx.id(), tx.now);
    let receipt = Receipt::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO aid_request (id, receipt, form, organisation_id, region, incident_id, what, detail, wanted, accepted,
                                  from_at, until_at, place, contact_name, contact_telephone, reach, is_named, is_cyber,
                                  state, asked_at, asked_by, through_id, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 'open', ?18, ?19, ?20, 1)"
    );
    let values = params![
        id,
        &receipt,
        asked.form,
        organisation,
        region,
        asked.incident,
        asked.what,
        &asked.detail,
        asked.wanted,
        asked.from,
        asked.until,
        &asked.place,
        &asked.contact.name,
        &asked.contact.telephone,
        asked.reach,
        asked.is_named,
        asked.is_cyber,
        now,
        by,
        through
    ];
    tx.run(statement, values).await?;
    Ok((id, receipt))
}

/// Shows a request to those of its region that could help; says to how many. Index: `organisation_kind`.
pub(crate) async fn show_region(tx: &mut Tx, id: RequestId) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO aid_asked (request_id, organisation_id, asked_at)
         SELECT r.id, o.id, r.asked_at FROM aid_request r CROSS JOIN organisation o
         WHERE r.id = ?1 AND r.region <> '' AND o.kind IN ('trust', 'ambulance', 'icb', 'region') AND o.status = 'open'
           AND o.region = r.region AND o.id <> r.organisation_id
         ON CONFLICT (request_id, organisation_id) DO NOTHING"
    );
    tx.run(statement, params![id]).await
}

/// Shows a request to those who have said that they can lend this; says to how many. Index: `aid_standing_listed`.
pub(crate) async fn show_offered(tx: &mut Tx, id: RequestId) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO aid_asked (request_id, organisation_id, asked_at)
         SELECT DISTINCT r.id, s.organisation_id, r.asked_at FROM aid_request r CROSS JOIN aid_standing s
         WHERE r.id = ?1 AND s.what = r.what AND s.ended_at IS NULL AND s.organisation_id <> r.organisation_id
         ON CONFLICT (request_id, organisation_id) DO NOTHING"
    );
    tx.run(statement, params![id]).await
}

/// Shows a request to one organisation; `false` where it is the asker, is not open, or sees it already.
pub(crate) async fn show_to(tx: &mut Tx, id: RequestId, code: &str) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO aid_asked (request_id, organisation_id, asked_at)
         SELECT r.id, o.id, CAST(?3 AS BIGINT) FROM aid_request r CROSS JOIN organisation o
         WHERE r.id = ?1 AND o.code = ?2 AND o.status = 'open' AND o.id <> r.organisation_id
         ON CONFLICT (request_id, organisation_id) DO NOTHING"
    );
    Ok(tx.run(statement, params![id, code, now]).await? == 1)
}

/// To how many a request is shown. Index: the key of `aid_asked`.
pub async fn shown_to(snapshot: &mut Snapshot, id: RequestId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM aid_asked WHERE request_id = ?1");
    Ok(snapshot.one::<(i64,)>(statement, params![id]).await?.0)
}

/// The organisations that were asked and for which `actor` stands, by code and name, 51 at most.
pub async fn own_asked(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: RequestId,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT o.code, o.name FROM mine m CROSS JOIN aid_asked k CROSS JOIN organisation o
         WHERE k.request_id = ?7 AND k.organisation_id = m.organisation_id AND o.id = k.organisation_id
         ORDER BY o.code LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![id])).await
}

/// The organisation of this code that was asked and for which `actor` answers, and through which.
pub(crate) async fn asked_of(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    (id, code): (RequestId, &str),
) -> Result<Option<(OrganisationId, OrganisationId)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT m.organisation_id, m.through_id FROM mine m CROSS JOIN aid_asked k CROSS JOIN organisation o
         WHERE k.request_id = ?7 AND k.organisation_id = m.organisation_id AND o.id = k.organisation_id
           AND o.code = ?8"
    );
    snapshot.maybe(statement, mine_of(actor, now, Role::ANSWERING, params![id, code])).await
}

/// Counts so many as accepted, where no more than are wanted would be; with the last of them it is fulfilled. `false`
/// where it would be too many, or where it is not open: two at the same moment never fill it twice.
pub(crate) async fn fill(tx: &mut Tx, id: RequestId, count: i64) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE aid_request SET accepted = accepted + CAST(?2 AS BIGINT), version = version + 1,
                state = CASE WHEN accepted + CAST(?2 AS BIGINT) = wanted THEN 'fulfilled' ELSE state END
         WHERE id = ?1 AND state = 'open' AND accepted + CAST(?2 AS BIGINT) <= wanted"
    );
    Ok(tx.run(statement, params![id, count]).await? == 1)
}

/// Ends a request; `false` where its version has moved.
pub(crate) async fn end(tx: &mut Tx, (id, version): (RequestId, i64), state: State) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE aid_request SET state = ?3, ended_at = ?4, version = version + 1
         WHERE id = ?1 AND version = ?2 AND state IN ('open', 'fulfilled')"
    );
    Ok(tx.run(statement, params![id, version, state, now]).await? == 1)
}
