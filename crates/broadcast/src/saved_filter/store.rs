//! The SQL of saved filters.

use db::{DbError, Snapshot, params, sql};
use platform::{Tx, access::PersonId};

use super::SavedFilterId;

db::record! {
    /// A saved filter.
    pub struct SavedFilter {
        /// Which.
        pub id: SavedFilterId,
        /// Whose.
        pub owner_id: PersonId,
        /// That person's name, where they have not left.
        pub owner: Option<String>,
        /// Its name.
        pub name: String,
        /// The list's address, behind the question mark.
        pub query: String,
        /// Whether all at the CERT have it.
        pub shared: bool,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! filters {
    () => {
        "SELECT f.id, f.owner_id, p.name AS owner, f.name, f.query, f.shared, f.version
         FROM saved_filter f LEFT JOIN person p ON p.id = f.owner_id "
    };
}

/// A filter by its id, if it is this person's or shared.
pub async fn filter(
    snapshot: &mut Snapshot,
    reader: PersonId,
    id: SavedFilterId,
) -> Result<Option<SavedFilter>, DbError> {
    let statement = sql!(filters!(), "WHERE f.id = ?1 AND (f.owner_id = ?2 OR f.shared = TRUE)");
    snapshot.maybe(statement, params![id, reader]).await
}

/// This person's filters by name, [`super::MOST`] at most. Index: the unique key.
pub async fn own(snapshot: &mut Snapshot, owner: PersonId) -> Result<Vec<SavedFilter>, DbError> {
    let statement = sql!(filters!(), "WHERE f.owner_id = ?1 ORDER BY f.name LIMIT 50");
    snapshot.all(statement, params![owner]).await
}

/// Those that are shared, by name, 51 at most behind `after`. Index: `saved_filter_shared`.
pub async fn shared(
    snapshot: &mut Snapshot,
    after: &(String, SavedFilterId),
) -> Result<Vec<SavedFilter>, DbError> {
    let statement = sql!(
        filters!(),
        "WHERE f.shared = TRUE AND (f.name, f.id) > (?1, ?2) ORDER BY f.name, f.id LIMIT 51"
    );
    snapshot.all(statement, params![&after.0, after.1]).await
}

/// Keeps a new one; `None` where the person has one of this name.
pub(super) async fn insert(
    tx: &mut Tx,
    owner: PersonId,
    name: &str,
    query: &str,
    shared: bool,
) -> Result<Option<SavedFilterId>, DbError> {
    let statement = sql!(
        "INSERT INTO saved_filter (id, owner_id, name, query, shared, version, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT (owner_id, name) DO NOTHING"
    );
    let (id, now): (SavedFilterId, _) = (tx.id(), tx.now);
    let kept = tx.run(statement, params![id, owner, name, query, shared, now]).await?;
    Ok((kept == 1).then_some(id))
}

/// Whether its owner has another one of this name.
pub(super) async fn is_taken(
    snapshot: &mut Snapshot,
    filter: &SavedFilter,
    name: &str,
) -> Result<bool, DbError> {
    let statement = sql!("SELECT id FROM saved_filter WHERE owner_id = ?1 AND name = ?2");
    let found: Option<(SavedFilterId,)> = snapshot.maybe(statement, params![filter.owner_id, name]).await?;
    Ok(found.is_some_and(|(found,)| found != filter.id))
}

/// Renames one, and shares it or not; `false` where its version has moved on.
pub(super) async fn change(
    tx: &mut Tx,
    filter: &SavedFilter,
    name: &str,
    shared: bool,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE saved_filter SET name = ?3, shared = ?4, version = version + 1, changed_at = ?5
         WHERE id = ?1 AND version = ?2"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![filter.id, filter.version, name, shared, now]).await? == 1)
}

/// Deletes one; `false` where its version has moved on.
pub(super) async fn delete(tx: &mut Tx, filter: &SavedFilter) -> Result<bool, DbError> {
    let statement = sql!("DELETE FROM saved_filter WHERE id = ?1 AND version = ?2");
    Ok(tx.run(statement, params![filter.id, filter.version]).await? == 1)
}
