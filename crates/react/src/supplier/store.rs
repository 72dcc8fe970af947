//! The SQL of suppliers and of what organisations use of them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Role, scope::mine_of},
    fold, mine,
    organisation::OrganisationId,
};

use super::{Said, SupplierId, UseId, folded};

db::record! {
    /// A supplier.
    pub struct Supplier {
        /// Which.
        pub id: SupplierId,
        /// What it is called.
        pub name: String,
        /// The ODS code of the organisation that it is, where that is known.
        pub code: Option<String>,
        /// How many organisations use it.
        pub organisations: i64,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! suppliers {
    () => {
        "SELECT s.id, s.name, o.code, s.version,
                (SELECT count(DISTINCT u.organisation_id) FROM supplier_use u WHERE u.supplier_id = s.id)
                    AS organisations
         FROM supplier s LEFT JOIN organisation o ON o.id = s.organisation_id "
    };
}

/// A supplier, unless it was joined to another one. Index: the key.
pub async fn supplier(snapshot: &mut Snapshot, id: SupplierId) -> Result<Option<Supplier>, DbError> {
    snapshot.maybe(sql!(suppliers!(), "WHERE s.id = ?1 AND s.joined_into IS NULL"), params![id]).await
}

// By words: the key of `supplier_word`. Else: `supplier_listed`. On `read_long`: those who use each are counted.
db::listing! {
    static LIST = suppliers!();
    alone: "s.joined_into IS NULL",
    word1: "s.id IN (SELECT supplier_id FROM supplier_word WHERE word >= ?1 AND word < ?2)",
    word2: "s.id IN (SELECT supplier_id FROM supplier_word WHERE word >= ?1 AND word < ?2)",
    word3: "s.id IN (SELECT supplier_id FROM supplier_word WHERE word >= ?1 AND word < ?2)",
    word4: "s.id IN (SELECT supplier_id FROM supplier_word WHERE word >= ?1 AND word < ?2)",
    after: "(s.folded, s.id) > (?1, ?2)",
    tail: "ORDER BY s.folded, s.id LIMIT 51",
}

/// The suppliers in whose names these words are, behind `after`, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    words: &str,
    after: Option<(String, SupplierId)>,
) -> Result<Vec<Supplier>, DbError> {
    let mut selection = LIST.select(params![]).when("alone", params![]);
    let names = ["word1", "word2", "word3", "word4"];
    for (name, prefix) in names.into_iter().zip(fold::prefixes(words)) {
        selection = selection.when(name, params![prefix.from, prefix.below]);
    }
    if let Some((name, id)) = after {
        selection = selection.when("after", params![folded(&name), id]);
    }
    snapshot.list(selection).await
}

/// The supplier of this folded name, or the one that it was joined to. Indexes: that of the name, the key.
pub(crate) async fn named(snapshot: &mut Snapshot, folded: &str) -> Result<Option<SupplierId>, DbError> {
    let statement = sql!("SELECT coalesce(joined_into, id) FROM supplier WHERE folded = ?1");
    Ok(snapshot.maybe::<(SupplierId,)>(statement, params![folded]).await?.map(|(id,)| id))
}

/// The supplier that an organisation is, or the one that it was joined to. Index: `supplier_organisation`.
pub(crate) async fn that_is(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
) -> Result<Option<SupplierId>, DbError> {
    let statement = sql!("SELECT coalesce(joined_into, id) FROM supplier WHERE organisation_id = ?1");
    Ok(snapshot.maybe::<(SupplierId,)>(statement, params![organisation]).await?.map(|(id,)| id))
}

/// Keeps a supplier, unless one of the name was kept at the same moment; says which it is.
pub(crate) async fn insert(
    tx: &mut Tx,
    name: &str,
    organisation: Option<OrganisationId>,
) -> Result<SupplierId, DbError> {
    let (id, now): (SupplierId, _) = (tx.id(), tx.now);
    let key = folded(name);
    let statement = sql!(
        "INSERT INTO supplier (id, name, folded, organisation_id, added_at, version) VALUES (?1, ?2, ?3, ?4, ?5, 1)
         ON CONFLICT DO NOTHING"
    );
    if tx.run(statement, params![id, name, &key, organisation, now]).await? == 0 {
        let there = named(tx, &key).await?;
        return there.ok_or_else(|| DbError::Constraint("a supplier of this name".to_owned()));
    }
    for word in fold::words(name) {
        let statement = sql!("INSERT INTO supplier_word (word, supplier_id) VALUES (?1, ?2)");
        tx.run(statement, params![word, id]).await?;
    }
    Ok(id)
}

/// Notes which organisation a supplier is that was only a name. Index: the key.
pub(crate) async fn is_organisation(
    tx: &mut Tx,
    id: SupplierId,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE supplier SET organisation_id = ?2, version = version + 1
         WHERE id = ?1 AND organisation_id IS NULL"
    );
    tx.run(statement, params![id, organisation]).await?;
    Ok(())
}

/// Makes one supplier a part of another; `false` where its version has moved. What organisations use of it is that
/// one's from now on, and so are the words by which it is found; what they had named of both is named once. Indexes:
/// `supplier_use_of`, `supplier_use_once`, `supplier_joined`; all words are passed, of which there are few.
pub(crate) async fn join(
    tx: &mut Tx,
    (from, version): (SupplierId, i64),
    into: SupplierId,
) -> Result<bool, DbError> {
    let joined = sql!(
        "UPDATE supplier SET joined_into = ?3, version = version + 1
         WHERE id = ?1 AND version = ?2 AND joined_into IS NULL"
    );
    if tx.run(joined, params![from, version, into]).await? == 0 {
        return Ok(false);
    }
    let before = sql!("UPDATE supplier SET joined_into = ?2 WHERE joined_into = ?1");
    tx.run(before, params![from, into]).await?;
    let words = sql!(
        "INSERT INTO supplier_word (word, supplier_id) SELECT word, ?2 FROM supplier_word WHERE supplier_id = ?1
         ON CONFLICT DO NOTHING"
    );
    tx.run(words, params![from, into]).await?;
    let twice = sql!(
        "DELETE FROM supplier_use WHERE supplier_id = ?1 AND EXISTS (
             SELECT 1 FROM supplier_use u
             WHERE u.organisation_id = supplier_use.organisation_id AND u.supplier_id = ?2
               AND u.folded = supplier_use.folded)"
    );
    tx.run(twice, params![from, into]).await?;
    let moved =
        sql!("UPDATE supplier_use SET supplier_id = ?2, version = version + 1 WHERE supplier_id = ?1");
    tx.run(moved, params![from, into]).await?;
    Ok(true)
}

db::record! {
    /// A system that an organisation uses.
    pub struct Use {
        /// Names that it does.
        pub id: UseId,
        /// The organisation.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Whose the system is.
        pub supplier_id: SupplierId,
        /// What that is called.
        pub supplier: String,
        /// What the system is called.
        pub system: String,
        /// Whether care relies on it.
        pub clinical: bool,
        /// How work goes on without it; empty where it was not said.
        pub downtime: String,
        /// When it was last said.
        pub changed_at: Timestamp,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! uses {
    () => {
        "SELECT u.id, u.organisation_id, o.code, o.name, u.supplier_id, s.name AS supplier, u.system, u.clinical,
                u.downtime, u.changed_at, u.version "
    };
}

/// What those use for whom `actor` stands, behind `after`, 51 at most. Index: the key of `supplier_use`, each against
/// those that they stand for. On `read_long`: somebody may stand for thousands.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: UseId,
) -> Result<Vec<Use>, DbError> {
    let statement = sql!(
        mine!(),
        uses!(),
        "FROM mine m CROSS JOIN supplier_use u CROSS JOIN supplier s CROSS JOIN organisation o
         WHERE u.organisation_id = m.organisation_id AND u.id > ?7 AND s.id = u.supplier_id
           AND o.id = u.organisation_id
         ORDER BY u.id LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![after])).await
}

/// The suppliers with a word in their names that begins so, of those that they use for whom `actor` stands, and the code
/// of each that is of the register; 51 at most. Indexes: as of [`own`], and the key of `supplier_word`.
pub(super) async fn own_named(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    word: &fold::Prefix,
) -> Result<Vec<(String, Option<String>)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT DISTINCT s.name, r.code
         FROM mine m CROSS JOIN supplier_use u CROSS JOIN supplier s LEFT JOIN organisation r ON r.id = s.organisation_id
         WHERE u.organisation_id = m.organisation_id AND s.id = u.supplier_id
           AND s.id IN (SELECT supplier_id FROM supplier_word WHERE word >= ?7 AND word < ?8)
         ORDER BY s.name LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![&word.from, &word.below])).await
}

/// Who uses a supplier, behind (`organisation`, `id`), 51 at most. Index: `supplier_use_of`.
pub async fn of_supplier(
    snapshot: &mut Snapshot,
    supplier: SupplierId,
    (organisation, id): (OrganisationId, UseId),
) -> Result<Vec<Use>, DbError> {
    let statement = sql!(
        uses!(),
        "FROM supplier_use u CROSS JOIN supplier s CROSS JOIN organisation o
         WHERE u.supplier_id = ?1 AND (u.organisation_id, u.id) > (?2, ?3) AND s.id = u.supplier_id
           AND o.id = u.organisation_id
         ORDER BY u.organisation_id, u.id LIMIT 51"
    );
    snapshot.all(statement, params![supplier, organisation, id]).await
}

/// One of them, whoever asks. Index: the key.
pub async fn one(snapshot: &mut Snapshot, id: UseId) -> Result<Option<Use>, DbError> {
    let statement = sql!(
        uses!(),
        "FROM supplier_use u JOIN supplier s ON s.id = u.supplier_id JOIN organisation o ON o.id = u.organisation_id
         WHERE u.id = ?1"
    );
    snapshot.maybe(statement, params![id]).await
}

/// What an organisation has said of a system of a supplier, and how many it names. Indexes: `supplier_use_once`.
pub(crate) async fn known(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    supplier: SupplierId,
    system: &str,
) -> Result<(Option<Use>, i64), DbError> {
    let statement = sql!(
        uses!(),
        "FROM supplier_use u JOIN supplier s ON s.id = u.supplier_id JOIN organisation o ON o.id = u.organisation_id
         WHERE u.organisation_id = ?1 AND u.supplier_id = ?2 AND u.folded = ?3"
    );
    let found = snapshot.maybe(statement, params![organisation, supplier, system]).await?;
    let count = sql!("SELECT count(*) FROM supplier_use WHERE organisation_id = ?1");
    let (count,): (i64,) = snapshot.one(count, params![organisation]).await?;
    Ok((found, count))
}

/// Keeps that an organisation uses a system.
pub(crate) async fn insert_use(
    tx: &mut Tx,
    organisation: OrganisationId,
    supplier: SupplierId,
    said: &Said,
) -> Result<UseId, DbError> {
    let (id, now): (UseId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO supplier_use (id, supplier_id, organisation_id, system, folded, clinical, downtime, changed_at,
                                   version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)"
    );
    let values = params![
        id,
        supplier,
        organisation,
        &said.system,
        folded(&said.system),
        said.clinical,
        &said.downtime,
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Says something else of it; `false` where its version has moved.
pub(crate) async fn change_use(
    tx: &mut Tx,
    (id, version): (UseId, i64),
    supplier: SupplierId,
    said: &Said,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE supplier_use SET supplier_id = ?3, system = ?4, folded = ?5, clinical = ?6, downtime = ?7,
                changed_at = ?8, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![
        id,
        version,
        supplier,
        &said.system,
        folded(&said.system),
        said.clinical,
        &said.downtime,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Takes it from the list; `false` where its version has moved.
pub(crate) async fn end_use(tx: &mut Tx, (id, version): (UseId, i64)) -> Result<bool, DbError> {
    let statement = sql!("DELETE FROM supplier_use WHERE id = ?1 AND version = ?2");
    Ok(tx.run(statement, params![id, version]).await? == 1)
}
