//! The SQL of what is followed: numbers, entries behind one, and the secret that hides numbers.

use db::{DbError, Snapshot, params, sql};
use platform::{Tx, web::bookmark::Secret};
use uuid::Uuid;

use crate::{
    case::{
        Zone, Zones,
        timeline::{EntryId, Kind},
    },
    incident::IncidentId,
};

db::record! {
    /// An entry that has its number: what is told of it.
    pub(super) struct Numbered {
        /// Its number.
        pub number: i64,
        /// Of which case.
        pub incident_id: IncidentId,
        /// Whose it is.
        pub zone: Zone,
        /// What kind of thing it tells of.
        pub kind: Kind,
        /// The row of which it tells.
        pub about_id: Option<Uuid>,
        /// Who did it.
        pub person_id: Option<Uuid>,
    }
}

/// What was committed and has no number yet, the first first, 1,000 at most. Index: `case_entry_unnumbered`.
pub(super) async fn unnumbered(snapshot: &mut Snapshot) -> Result<Vec<EntryId>, DbError> {
    let statement = sql!("SELECT id FROM case_entry WHERE number IS NULL ORDER BY id LIMIT 1000");
    let rows: Vec<(EntryId,)> = snapshot.all(statement, params![]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives an entry its number; `false` where another node was first. Index: the key.
pub(super) async fn give(tx: &mut Tx, id: EntryId, number: i64) -> Result<bool, DbError> {
    let statement = sql!("UPDATE case_entry SET number = ?2 WHERE id = ?1 AND number IS NULL");
    Ok(tx.run(statement, params![id, number]).await? == 1)
}

/// The newest number; 0 where there is none. Index: `case_entry_number`.
pub(super) async fn newest(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement =
        sql!("SELECT number FROM case_entry WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1");
    Ok(snapshot.maybe::<(i64,)>(statement, params![]).await?.map_or(0, |(number,)| number))
}

/// What stands behind a number, of every case, 1,000 at most. Index: `case_entry_number`.
pub(super) async fn since(snapshot: &mut Snapshot, number: i64) -> Result<Vec<Numbered>, DbError> {
    let statement = sql!(
        "SELECT number, incident_id, zone, kind, about_id, person_id FROM case_entry
         WHERE number > ?1 ORDER BY number LIMIT 1000"
    );
    snapshot.all(statement, params![number]).await
}

/// What stands behind a number in these zones of a case, 1,000 at most. Index: `case_entry_follow`.
pub(super) async fn of_case_since(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    number: i64,
) -> Result<Vec<Numbered>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT number, incident_id, zone, kind, about_id, person_id FROM case_entry
         WHERE incident_id = ?1 AND number > ?5 AND zone IN (?2, ?3, ?4) ORDER BY number LIMIT 1000"
    );
    snapshot.all(statement, params![incident, own, shared, cert, number]).await
}

/// The secret that numbers are sealed under, where one was made. Index: the key.
pub(super) async fn secret(snapshot: &mut Snapshot) -> Result<Option<Secret>, DbError> {
    let statement = sql!("SELECT secret FROM case_live_key WHERE place = 1");
    let kept: Option<(Vec<u8>,)> = snapshot.maybe(statement, params![]).await?;
    kept.map(|(bytes,)| Secret::of(&bytes).ok_or(DbError::Broken)).transpose()
}

/// Keeps a secret, unless another node was faster.
pub(super) async fn keep_secret(tx: &mut Tx, secret: [u8; 32]) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO case_live_key (place, secret, made_at) VALUES (1, ?1, ?2) ON CONFLICT (place) DO NOTHING"
    );
    tx.run(statement, params![secret, now]).await?;
    Ok(())
}
