//! The SQL of the log.

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Entry, digest, tree::Edge};
use crate::{Actor, Tx};

/// An entry as it is inserted.
pub(super) struct NewEntry {
    stored: Stored,
    payload: String,
    salt: [u8; 16],
}

db::record! {
    /// The columns that a leaf is computed from.
    pub(super) struct Stored {
        pub id: Uuid,
        pub at: Timestamp,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub verb: String,
        pub about_kind: String,
        pub about_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        pub digest: Vec<u8>,
    }
}

impl NewEntry {
    pub(super) fn of(tx: &Tx, actor: &Actor, entry: &Entry) -> Self {
        let payload = entry.payload.to_string();
        let salt = tx.bytes();
        let stored = Stored {
            id: tx.id(),
            at: tx.now,
            actor_kind: actor.kind().to_owned(),
            actor_id: actor.holder(),
            verb: entry.verb.to_owned(),
            about_kind: entry.about.0.to_owned(),
            about_id: entry.about.1,
            organisation_id: entry.organisation.map(|id| id.0),
            digest: digest(&salt, &payload).to_vec(),
        };
        Self { stored, payload, salt }
    }
}

pub(super) async fn insert(tx: &mut Tx, entry: NewEntry) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO log_entry (id, at, actor_kind, actor_id, verb, about_kind, about_id,
                                organisation_id, digest, payload, salt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    let NewEntry { stored, payload, salt } = entry;
    let values = params![
        stored.id,
        stored.at,
        stored.actor_kind,
        stored.actor_id,
        stored.verb,
        stored.about_kind,
        stored.about_id,
        stored.organisation_id,
        stored.digest,
        payload,
        salt.as_slice()
    ];
    tx.run_later(statement, values).await
}

/// The tree as the last seal left it.
pub(super) async fn edge(snapshot: &mut Snapshot) -> Result<Edge, DbError> {
    let statement = sql!("SELECT size, edge FROM log_seal ORDER BY size DESC LIMIT 1");
    let Some((size, bytes)) = snapshot.maybe::<(i64, Vec<u8>)>(statement, params![]).await? else {
        return Ok(Edge::default());
    };
    Edge::restore(size.unsigned_abs(), &bytes).ok_or_else(|| DbError::Column {
        column: "log_seal.edge".to_owned(),
        reason: format!("not the edge of a tree of {size} entries"),
    })
}

/// The next entries to be sealed, oldest first. Index: `log_entry_unsealed`.
pub(super) async fn unsealed(snapshot: &mut Snapshot) -> Result<Vec<Stored>, DbError> {
    let statement = sql!(
        "SELECT id, at, actor_kind, actor_id, verb, about_kind, about_id, organisation_id, digest
         FROM log_entry WHERE sequence IS NULL ORDER BY id LIMIT 1000"
    );
    snapshot.all(statement, params![]).await
}

/// Gives an entry its number; `false` where another sealer was first.
pub(super) async fn number(tx: &mut Tx, id: Uuid, sequence: u64) -> Result<bool, DbError> {
    let statement = sql!("UPDATE log_entry SET sequence = ?2 WHERE id = ?1 AND sequence IS NULL");
    Ok(tx.run(statement, params![id, signed(sequence)]).await? == 1)
}

pub(super) async fn insert_seal(tx: &mut Tx, previous: u64, edge: &Edge) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO log_seal (size, previous_size, root, edge, sealed_at) VALUES (?1, ?2, ?3, ?4, ?5)");
    let values = params![signed(edge.size()), signed(previous), edge.root(), edge.bytes(), tx.now];
    tx.run(statement, values).await?;
    Ok(())
}

/// A sealed entry with all that verifying needs.
pub(super) struct Sealed {
    pub stored: Stored,
    pub sequence: u64,
    pub payload: Option<String>,
    pub salt: Option<Vec<u8>>,
}

impl FromRow for Sealed {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            stored: Stored::from_row(row)?,
            sequence: row.get::<i64>("sequence")?.unsigned_abs(),
            payload: row.get("payload")?,
            salt: row.get("salt")?,
        })
    }
}

/// Sealed entries behind `after`, in order.
pub(super) async fn sealed_after(snapshot: &mut Snapshot, after: u64) -> Result<Vec<Sealed>, DbError> {
    let statement = sql!(
        "SELECT id, at, actor_kind, actor_id, verb, about_kind, about_id, organisation_id, digest,
                sequence, payload, salt
         FROM log_entry WHERE sequence > ?1 ORDER BY sequence LIMIT 1000"
    );
    snapshot.all(statement, params![signed(after)]).await
}

/// Seals behind `after`, in order: size and root.
pub(super) async fn seals_after(
    snapshot: &mut Snapshot,
    after: u64,
) -> Result<Vec<(u64, Vec<u8>, Timestamp)>, DbError> {
    let statement =
        sql!("SELECT size, root, sealed_at FROM log_seal WHERE size > ?1 ORDER BY size LIMIT 1000");
    let seals: Vec<(i64, Vec<u8>, Timestamp)> = snapshot.all(statement, params![signed(after)]).await?;
    Ok(seals.into_iter().map(|(size, root, at)| (size.unsigned_abs(), root, at)).collect())
}

/// Sealed entries from number `first` to number `last`, in order: a block at most. Index: the unique one of numbers.
pub(super) async fn sealed_between(
    snapshot: &mut Snapshot,
    first: u64,
    last: u64,
) -> Result<Vec<Stored>, DbError> {
    let statement = sql!(
        "SELECT id, at, actor_kind, actor_id, verb, about_kind, about_id, organisation_id, digest
         FROM log_entry WHERE sequence >= ?1 AND sequence <= ?2 ORDER BY sequence LIMIT 1024"
    );
    snapshot.all(statement, params![signed(first), signed(last)]).await
}

/// The sealed entries about an object, the oldest first, behind `after` and 10,000 at most. Index: `log_entry_about`.
pub(super) async fn sealed_about(
    snapshot: &mut Snapshot,
    about: Uuid,
    after: Uuid,
) -> Result<Vec<Sealed>, DbError> {
    let statement = sql!(
        "SELECT id, at, actor_kind, actor_id, verb, about_kind, about_id, organisation_id, digest,
                sequence, payload, salt
         FROM log_entry WHERE about_id = ?1 AND id > ?2 AND sequence IS NOT NULL ORDER BY id LIMIT 10000"
    );
    snapshot.all(statement, params![about, after]).await
}

/// The size that the log had under this root. Index: `log_seal_root`.
pub(super) async fn size_of(snapshot: &mut Snapshot, root: &[u8]) -> Result<Option<u64>, DbError> {
    let statement = sql!("SELECT size FROM log_seal WHERE root = ?1 ORDER BY size LIMIT 1");
    let found: Option<(i64,)> = snapshot.maybe(statement, params![root]).await?;
    Ok(found.map(|(size,)| size.unsigned_abs()))
}

/// When the log was sealed last. Index: the key.
pub(super) async fn sealed_at(snapshot: &mut Snapshot) -> Result<Option<Timestamp>, DbError> {
    let statement = sql!("SELECT sealed_at FROM log_seal ORDER BY size DESC LIMIT 1");
    Ok(snapshot.maybe::<(Timestamp,)>(statement, params![]).await?.map(|(at,)| at))
}

/// The roots of blocks from `from` on, in order, 10,000 at most. Index: the key.
pub(super) async fn blocks(snapshot: &mut Snapshot, from: u64) -> Result<Vec<Vec<u8>>, DbError> {
    let statement = sql!("SELECT root FROM log_block WHERE place >= ?1 ORDER BY place LIMIT 10000");
    let rows: Vec<(Vec<u8>,)> = snapshot.all(statement, params![signed(from)]).await?;
    Ok(rows.into_iter().map(|(root,)| root).collect())
}

/// How many blocks have their roots. Index: the key.
pub(super) async fn block_count(snapshot: &mut Snapshot) -> Result<u64, DbError> {
    let statement = sql!("SELECT place FROM log_block ORDER BY place DESC LIMIT 1");
    Ok(snapshot.maybe::<(i64,)>(statement, params![]).await?.map_or(0, |(place,)| place.unsigned_abs() + 1))
}

/// Keeps the root of a block; another process may have.
pub(super) async fn insert_block(tx: &mut Tx, place: u64, root: &[u8]) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO log_block (place, root) VALUES (?1, ?2) ON CONFLICT (place) DO NOTHING");
    tx.run(statement, params![signed(place), root]).await?;
    Ok(())
}

/// How many entries from before `moment` still wait for the sealer.
pub async fn waiting_since(snapshot: &mut Snapshot, moment: Timestamp) -> Result<u64, DbError> {
    let statement = sql!("SELECT count(*) FROM log_entry WHERE sequence IS NULL AND at < ?1");
    let (waiting,): (i64,) = snapshot.one(statement, params![moment]).await?;
    Ok(waiting.unsigned_abs())
}

db::record! {
    /// A sealed entry as live pages and machines follow it: ids only.
    pub struct Event {
        /// Its place in the log.
        pub sequence: i64,
        /// What happened.
        pub verb: String,
        /// The object it is about.
        pub about_id: Option<Uuid>,
        /// The organisation that it concerns.
        pub organisation_id: Option<Uuid>,
    }
}

/// The events behind `sequence`, oldest first, 1,000 at most.
pub async fn events_since(snapshot: &mut Snapshot, sequence: i64) -> Result<Vec<Event>, DbError> {
    let statement = sql!(
        "SELECT sequence, verb, about_id, organisation_id FROM log_entry
         WHERE sequence > ?1 ORDER BY sequence LIMIT 1000"
    );
    snapshot.all(statement, params![sequence]).await
}

/// The newest event's place, 0 in an empty log.
pub async fn newest_sequence(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let newest = sql!("SELECT size FROM log_seal ORDER BY size DESC LIMIT 1");
    Ok(snapshot.maybe::<(i64,)>(newest, params![]).await?.map_or(0, |(size,)| size))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("fewer than 2^63 entries")
}
