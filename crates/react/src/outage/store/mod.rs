//! The SQL of outages. What an organisation reads begins with those that it stands for.

mod reached;
mod reminded;
mod replies;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    retention::{BATCH, Rule},
};
use uuid::Uuid;

use super::{OutageId, Receipt, State};
use crate::{
    incident::{self, IncidentId},
    supplier::SupplierId,
    triage::Priority,
};
pub(crate) use reached::{
    Whom, between, concern, mobiles_between, next, of_organisation as concern_one, texted,
};
pub use reminded::{Reminded, reminders};
pub(crate) use reminded::{is_awaited, note_reminded, reminded};
pub use replies::{
    Answering, Counted, Reply, Which, affected, counts, first_answers, own_replies, own_reply, own_waiting,
    replies,
};
pub(crate) use replies::{answer, answer_all, opened};

/// What is forgotten of an outage after it was over: what was told, and what organisations noted. That it was, whom it
/// concerned and how each stood stays.
pub const FORGOTTEN: Rule = Rule {
    name: "outage_words",
    // Indexes: outage_words, the key of outage_reply, outage_update_of.
    forget: |tx, before| {
        Box::pin(async move {
            let replies = sql!(
                "UPDATE outage_reply SET note = '' WHERE note <> '' AND outage_id IN (
                     SELECT id FROM outage WHERE ended_at IS NOT NULL AND told <> '' AND ended_at < ?1
                     ORDER BY ended_at, id LIMIT ?2)"
            );
            tx.run(replies, params![before, BATCH]).await?;
            let updates = sql!(
                "UPDATE outage_update SET text = '' WHERE outage_id IN (
                     SELECT id FROM outage WHERE ended_at IS NOT NULL AND told <> '' AND ended_at < ?1
                     ORDER BY ended_at, id LIMIT ?2)"
            );
            tx.run(updates, params![before, BATCH]).await?;
            let outages = sql!(
                "UPDATE outage SET told = '' WHERE id IN (
                     SELECT id FROM outage WHERE ended_at IS NOT NULL AND told <> '' AND ended_at < ?1
                     ORDER BY ended_at, id LIMIT ?2)"
            );
            tx.run(outages, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// An outage.
    pub struct Outage {
        /// Which.
        pub id: OutageId,
        /// Its number.
        pub receipt: Receipt,
        /// The incident on which it was declared: for the CERT alone.
        pub incident_id: IncidentId,
        /// The number of that.
        pub incident: incident::Receipt,
        /// How urgent that is; for the CERT alone.
        pub priority: Option<Priority>,
        /// Whose systems are down.
        pub supplier_id: SupplierId,
        /// What that is called.
        pub supplier: String,
        /// Which system; empty for all.
        pub system: String,
        /// The same, folded.
        pub folded: String,
        /// What those concerned are told; empty once it is forgotten.
        pub told: String,
        /// Where it stands.
        pub state: State,
        /// Since when it is down.
        pub since_at: Timestamp,
        /// When it was declared.
        pub declared_at: Timestamp,
        /// By when those concerned are asked to answer.
        pub answer_by: Timestamp,
        /// When all that it concerned at first had been written to.
        pub told_at: Option<Timestamp>,
        /// When two or more had said that they are affected.
        pub spread_at: Option<Timestamp>,
        /// When it was over.
        pub ended_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Outage {
    /// What is down: "Aspen Records, GP records", or the supplier's name alone.
    pub fn called(&self) -> String {
        called(&self.supplier, &self.system)
    }

    /// Whether patients may come to harm, or care already does with less.
    pub const fn is_urgent(&self) -> bool {
        matches!(self.priority, Some(Priority::P1 | Priority::P2))
    }
}

/// What is down, in words.
pub(crate) fn called(supplier: &str, system: &str) -> String {
    if system.is_empty() { supplier.to_owned() } else { format!("{supplier}, {system}") }
}

macro_rules! outages {
    () => {
        "SELECT t.id, t.receipt, t.incident_id, i.receipt AS incident, i.priority, t.supplier_id, s.name AS supplier, t.system,
                t.folded, t.told, t.state, t.since_at, t.declared_at, t.answer_by, t.told_at, t.spread_at, t.ended_at,
                t.version
         FROM outage t JOIN supplier s ON s.id = t.supplier_id JOIN incident i ON i.id = t.incident_id "
    };
}

/// An outage, whoever asks. Index: the key.
pub async fn outage(snapshot: &mut Snapshot, id: OutageId) -> Result<Option<Outage>, DbError> {
    snapshot.maybe(sql!(outages!(), "WHERE t.id = ?1"), params![id]).await
}

/// The outage that was declared with this form. Index: that of the form.
pub(crate) async fn declared_with(snapshot: &mut Snapshot, form: Uuid) -> Result<Option<OutageId>, DbError> {
    let found: Option<(OutageId,)> =
        snapshot.maybe(sql!("SELECT id FROM outage WHERE form = ?1"), params![form]).await?;
    Ok(found.map(|(id,)| id))
}

/// Those that were declared on an incident, the first first, 20 at most. Index: `outage_incident`.
pub async fn of_incident(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Outage>, DbError> {
    let statement = sql!(outages!(), "WHERE t.incident_id = ?1 ORDER BY t.id LIMIT 20");
    snapshot.all(statement, params![incident]).await
}

/// Those of a supplier, the newest first, 20 at most. Index: `outage_supplier`.
pub async fn of_supplier(snapshot: &mut Snapshot, supplier: SupplierId) -> Result<Vec<Outage>, DbError> {
    let statement = sql!(outages!(), "WHERE t.supplier_id = ?1 ORDER BY t.id DESC LIMIT 20");
    snapshot.all(statement, params![supplier]).await
}

/// Those of them that are not over. Index: `outage_supplier`.
pub(crate) async fn open_of(
    snapshot: &mut Snapshot,
    supplier: SupplierId,
) -> Result<Vec<(OutageId, Receipt, String)>, DbError> {
    let statement = sql!(
        "SELECT id, receipt, folded FROM outage WHERE supplier_id = ?1 AND state = 'declared' ORDER BY id LIMIT 50"
    );
    snapshot.all(statement, params![supplier]).await
}

/// Gives the outages of one supplier to another, of which it is a part. Index: `outage_supplier`.
pub(crate) async fn moved(tx: &mut Tx, from: SupplierId, into: SupplierId) -> Result<(), DbError> {
    tx.run(sql!("UPDATE outage SET supplier_id = ?2 WHERE supplier_id = ?1"), params![from, into]).await?;
    Ok(())
}

/// An outage to be kept.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub form: Uuid,
    pub incident: IncidentId,
    pub supplier: SupplierId,
    pub system: &'a str,
    pub folded: &'a str,
    pub told: &'a str,
    pub since: Timestamp,
    pub answer_by: Timestamp,
    pub by: PersonId,
}

/// Keeps it, declared just now.
pub(crate) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<(OutageId, Receipt), DbError> {
    let (id, now): (OutageId, _) = (tx.id(), tx.now);
    let receipt = Receipt::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO outage (id, receipt, form, incident_id, supplier_id, system, folded, told, state, since_at,
                             declared_at, declared_by, answer_by, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'declared', ?9, ?10, ?11, ?12, 1)"
    );
    let New { form, incident, supplier, system, folded, told, since, answer_by, by } = *new;
    let values =
        params![id, &receipt, form, incident, supplier, system, folded, told, since, now, by, answer_by];
    tx.run(statement, values).await?;
    Ok((id, receipt))
}

/// Ends it; `false` where its version has moved.
pub(crate) async fn end(
    tx: &mut Tx,
    (id, version): (OutageId, i64),
    state: State,
    by: PersonId,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE outage SET state = ?3, ended_at = ?4, ended_by = ?5, version = version + 1
         WHERE id = ?1 AND version = ?2 AND state = 'declared'"
    );
    Ok(tx.run(statement, params![id, version, state, now, by]).await? == 1)
}

/// Notes that everybody whom it concerned was written to.
pub(crate) async fn note_told(tx: &mut Tx, id: OutageId) -> Result<(), DbError> {
    let now = tx.now;
    let statement =
        sql!("UPDATE outage SET told_at = ?2 WHERE id = ?1 AND told_at IS NULL AND state = 'declared'");
    tx.run(statement, params![id, now]).await?;
    Ok(())
}

/// Has others wait who would tell triage of this outage at the same moment; `false` where it was told, or where there is
/// nothing to tell any more.
pub(crate) async fn hold(tx: &mut Tx, id: OutageId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE outage SET version = version WHERE id = ?1 AND spread_at IS NULL AND state = 'declared'"
    );
    Ok(tx.run(statement, params![id]).await? == 1)
}

/// Notes that triage was told that it has spread.
pub(crate) async fn note_spread(tx: &mut Tx, id: OutageId) -> Result<(), DbError> {
    let now = tx.now;
    tx.run(sql!("UPDATE outage SET spread_at = ?2 WHERE id = ?1"), params![id, now]).await?;
    Ok(())
}

db::record! {
    /// What the CERT told afterwards.
    pub struct Update {
        /// When.
        pub added_at: Timestamp,
        /// What; empty once it is forgotten.
        pub text: String,
    }
}

/// What was told of an outage afterwards, the last first, as much as may be. Index: `outage_update_of`.
pub async fn updates(snapshot: &mut Snapshot, id: OutageId) -> Result<Vec<Update>, DbError> {
    let statement = sql!(
        "SELECT added_at, text FROM outage_update WHERE outage_id = ?1 ORDER BY added_at DESC, id DESC LIMIT 100"
    );
    snapshot.all(statement, params![id]).await
}

/// Whether this form was kept, and how much was told so far. Indexes: that of the form, `outage_update_of`.
pub(crate) async fn told_so_far(
    snapshot: &mut Snapshot,
    id: OutageId,
    form: Uuid,
) -> Result<(bool, i64), DbError> {
    let statement = sql!(
        "SELECT (SELECT count(*) FROM outage_update WHERE form = ?2) AS kept,
                (SELECT count(*) FROM outage_update WHERE outage_id = ?1) AS updates"
    );
    let (kept, updates): (i64, i64) = snapshot.one(statement, params![id, form]).await?;
    Ok((kept > 0, updates))
}

/// Keeps what is told.
pub(crate) async fn insert_update(
    tx: &mut Tx,
    id: OutageId,
    (form, text): (Uuid, &str),
    by: PersonId,
) -> Result<Uuid, DbError> {
    let (update, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO outage_update (id, outage_id, form, text, added_at, added_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    tx.run(statement, params![update, id, form, text, now, by]).await?;
    Ok(update)
}

db::record! {
    /// An outage in a list.
    pub struct Listed {
        /// Which.
        pub id: OutageId,
        /// Its number.
        pub receipt: Receipt,
        /// Whose systems are down.
        pub supplier: String,
        /// Which system; empty for all.
        pub system: String,
        /// Where it stands.
        pub state: State,
        /// When it was declared.
        pub declared_at: Timestamp,
        /// By when those concerned are asked to answer.
        pub answer_by: Timestamp,
        /// How many of the reader's organisations it concerns; at the CERT of all.
        pub organisations: i64,
        /// How many of them have not answered.
        pub waiting: i64,
        /// How many are affected.
        pub affected: i64,
    }
}

impl Listed {
    /// What is down.
    pub fn called(&self) -> String {
        called(&self.supplier, &self.system)
    }
}

/// All of them that were declared before (`before`, `id`), the last first, 51 at most. Indexes: `outage_listed`, for each
/// `outage_reply_stands`. On `read_long`: those concerned are counted.
pub async fn all(
    snapshot: &mut Snapshot,
    (before, id): (Timestamp, OutageId),
) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.receipt, s.name AS supplier, t.system, t.state, t.declared_at, t.answer_by,
                (SELECT count(*) FROM outage_reply r WHERE r.outage_id = t.id) AS organisations,
                (SELECT count(*) FROM outage_reply r WHERE r.outage_id = t.id AND r.stands = 'waiting') AS waiting,
                (SELECT count(*) FROM outage_reply r WHERE r.outage_id = t.id AND r.stands = 'affected') AS affected
         FROM outage t JOIN supplier s ON s.id = t.supplier_id
         WHERE (t.declared_at, t.id) < (?1, ?2) ORDER BY t.declared_at DESC, t.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![before, id]).await
}

/// Those that concern anybody for whom `actor` stands. Indexes: `outage_reply_organisation`, the keys. On `read_long`:
/// somebody may stand for thousands.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    (before, id): (Timestamp, OutageId),
) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT t.id, t.receipt, s.name AS supplier, t.system, t.state, t.declared_at, t.answer_by,
                own.organisations, own.waiting, own.affected
         FROM (SELECT r.outage_id, count(*) AS organisations,
                      CAST(sum(CASE WHEN r.stands = 'waiting' THEN 1 ELSE 0 END) AS BIGINT) AS waiting,
                      CAST(sum(CASE WHEN r.stands = 'affected' THEN 1 ELSE 0 END) AS BIGINT) AS affected
               FROM mine m CROSS JOIN outage_reply r WHERE r.organisation_id = m.organisation_id
               GROUP BY r.outage_id) own
         CROSS JOIN outage t CROSS JOIN supplier s
         WHERE t.id = own.outage_id AND s.id = t.supplier_id AND (t.declared_at, t.id) < (?7, ?8)
         ORDER BY t.declared_at DESC, t.id DESC LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![before, id])).await
}
