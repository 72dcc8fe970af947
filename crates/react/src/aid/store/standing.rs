//! The SQL of what organisations could lend before anybody asks.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
    retention::{Rule, rows},
};
use uuid::Uuid;

use crate::aid::{Lendable, StandingId, What};

/// Whom to ring about what could be lent, after that was taken back.
pub const STANDING: Rule = Rule {
    name: "aid_standing",
    // Index: aid_standing_ended.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE aid_standing SET conditions = '', contact_name = '', contact_telephone = '' WHERE id IN (
                 SELECT id FROM aid_standing
                 WHERE ended_at IS NOT NULL AND contact_name <> '' AND ended_at < ?1 ORDER BY ended_at, id LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// What an organisation could lend.
    pub struct Standing {
        /// Which.
        pub id: StandingId,
        /// Who.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The code of its region; empty where that is not known.
        pub region: String,
        /// What.
        pub what: What,
        /// How many.
        pub count: i64,
        /// Within how many hours.
        pub within_hours: i64,
        /// On what conditions.
        pub conditions: String,
        /// Whom to ring.
        pub contact_name: String,
        /// On which number.
        pub contact_telephone: String,
        /// When it was said.
        pub offered_at: Timestamp,
    }
}

macro_rules! standing {
    () => {
        "SELECT s.id, s.organisation_id, o.code, o.name, s.region, s.what, s.count, s.within_hours, s.conditions,
                s.contact_name, s.contact_telephone, s.offered_at "
    };
}

// Index: `aid_standing_listed`, or the key.
db::listing! {
    static STANDING_LIST = concat!(
        standing!(), "FROM aid_standing s JOIN organisation o ON o.id = s.organisation_id"
    );
    open: "s.ended_at IS NULL",
    what: "s.what = ?1",
    region: "s.region = ?1",
    after: "s.id > ?1",
    tail: "ORDER BY s.id LIMIT 51",
}

/// What could be lent, by anybody, behind `after`, 51 at most.
pub async fn standing(
    snapshot: &mut Snapshot,
    what: Option<What>,
    region: Option<String>,
    after: Option<StandingId>,
) -> Result<Vec<Standing>, DbError> {
    let selection = STANDING_LIST
        .select(params![])
        .when("open", params![])
        .when_some("what", what)
        .when_some("region", region)
        .when_some("after", after);
    snapshot.list(selection).await
}

/// What those could lend for whom `actor` stands, the first first, 51 at most. Index: `aid_standing_organisation`.
pub async fn own_standing(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Standing>, DbError> {
    let statement = sql!(
        mine!(),
        standing!(),
        "FROM mine m CROSS JOIN aid_standing s CROSS JOIN organisation o
         WHERE s.organisation_id = m.organisation_id AND s.ended_at IS NULL AND o.id = s.organisation_id
         ORDER BY s.id LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![])).await
}

/// Whether an organisation for which `actor` stands has an incident in hand, or asks for aid. Indexes:
/// `incident_organisation`, `aid_request_organisation`.
pub(crate) async fn is_in_need(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT (SELECT count(*) FROM mine m CROSS JOIN incident i
                 WHERE i.organisation_id = m.organisation_id AND i.state IN ('reported', 'open') AND i.apart = FALSE)
                + (SELECT count(*) FROM mine m CROSS JOIN aid_request r
                   WHERE r.organisation_id = m.organisation_id AND r.state = 'open')"
    );
    let (count,): (i64,) = snapshot.one(statement, mine_of(actor, now, Role::READING, params![])).await?;
    Ok(count > 0)
}

/// The organisation of something that could be lent, unless it was taken back. Index: the key.
pub(crate) async fn lender(
    snapshot: &mut Snapshot,
    id: StandingId,
) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!("SELECT organisation_id FROM aid_standing WHERE id = ?1 AND ended_at IS NULL");
    Ok(snapshot.maybe::<(OrganisationId,)>(statement, params![id]).await?.map(|(id,)| id))
}

/// Whether this form was kept, and how much an organisation could lend. Indexes: that of the form,
/// `aid_standing_organisation`.
pub(crate) async fn standing_so_far(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    form: Uuid,
) -> Result<(bool, i64), DbError> {
    let statement = sql!(
        "SELECT (SELECT count(*) FROM aid_standing WHERE form = ?2) AS kept,
                (SELECT count(*) FROM aid_standing WHERE organisation_id = ?1 AND ended_at IS NULL) AS own"
    );
    let (kept, own): (i64, i64) = snapshot.one(statement, params![organisation, form]).await?;
    Ok((kept > 0, own))
}

/// Keeps what could be lent.
pub(crate) async fn insert_standing(
    tx: &mut Tx,
    lendable: &Lendable,
    (organisation, region): (OrganisationId, &str),
    (by, through): (PersonId, OrganisationId),
) -> Result<StandingId, DbError> {
    let (id, now): (StandingId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO aid_standing (id, form, organisation_id, region, what, count, within_hours, conditions, contact_name,
                                   contact_telephone, offered_at, offered_by, through_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    );
    let values = params![
        id,
        lendable.form,
        organisation,
        region,
        lendable.what,
        lendable.count,
        lendable.within_hours,
        &lendable.conditions,
        &lendable.contact.name,
        &lendable.contact.telephone,
        now,
        by,
        through
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Takes it back; `false` where it was.
pub(crate) async fn end_standing(tx: &mut Tx, id: StandingId) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE aid_standing SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL");
    Ok(tx.run(statement, params![id, now]).await? == 1)
}
