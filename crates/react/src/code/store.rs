//! The SQL of codes and their sheets.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::{CodeId, OneTimeCode, SheetId};

db::record! {
    /// A sheet of codes.
    pub struct Sheet {
        /// Which.
        pub id: SheetId,
        /// Whose.
        pub organisation_id: OrganisationId,
        /// Who made it, where they have not left.
        pub maker: Option<String>,
        /// When.
        pub made_at: Timestamp,
        /// How many codes stood on it.
        pub size: i64,
        /// How many of them still work.
        pub unused: i64,
        /// When it was revoked as a whole.
        pub revoked_at: Option<Timestamp>,
    }
}

db::record! {
    /// A code, as far as it is known after it was printed.
    pub struct Code {
        /// Which.
        pub id: CodeId,
        /// Its place on the sheet.
        pub place: i64,
        /// When it was used.
        pub used_at: Option<Timestamp>,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
    }
}

macro_rules! sheets {
    () => {
        "SELECT s.id, s.organisation_id, p.name AS maker, s.made_at, s.size,
                (SELECT count(*) FROM report_code c
                 WHERE c.sheet_id = s.id AND c.used_at IS NULL AND c.revoked_at IS NULL) AS unused, s.revoked_at
         FROM code_sheet s LEFT JOIN person p ON p.id = s.made_by AND p.erased_at IS NULL "
    };
}

/// The sheets of an organisation, the newest first, 51 at most behind `after`. Indexes: `code_sheet_organisation`,
/// for each the unique one of its codes.
pub async fn sheets(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    after: SheetId,
) -> Result<Vec<Sheet>, DbError> {
    let statement = sql!(sheets!(), "WHERE s.organisation_id = ?1 AND s.id < ?2 ORDER BY s.id DESC LIMIT 51");
    snapshot.all(statement, params![organisation, after]).await
}

/// A sheet, whoever asks. Index: the key.
pub async fn sheet(snapshot: &mut Snapshot, id: SheetId) -> Result<Option<Sheet>, DbError> {
    snapshot.maybe(sql!(sheets!(), "WHERE s.id = ?1"), params![id]).await
}

/// The codes of a sheet in their places. Index: the unique one.
pub async fn codes(snapshot: &mut Snapshot, sheet: SheetId) -> Result<Vec<Code>, DbError> {
    let statement = sql!(
        "SELECT id, place, used_at, revoked_at FROM report_code WHERE sheet_id = ?1 ORDER BY place LIMIT 100"
    );
    snapshot.all(statement, params![sheet]).await
}

/// How many sheets of an organisation are not revoked and still hold a code that works. Index:
/// `code_sheet_organisation`.
pub(super) async fn standing(snapshot: &mut Snapshot, organisation: OrganisationId) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT count(*) FROM code_sheet s
         WHERE s.organisation_id = ?1 AND s.revoked_at IS NULL
           AND EXISTS (SELECT 1 FROM report_code c
                       WHERE c.sheet_id = s.id AND c.used_at IS NULL AND c.revoked_at IS NULL)"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![organisation]).await?.0)
}

/// Keeps a sheet, and what is kept of its codes.
pub(super) async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    by: PersonId,
    codes: &[OneTimeCode],
) -> Result<SheetId, DbError> {
    let (id, now): (SheetId, _) = (tx.id(), tx.now);
    let size = i64::try_from(codes.len()).unwrap_or(i64::MAX);
    let statement = sql!(
        "INSERT INTO code_sheet (id, organisation_id, made_by, made_at, size) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    tx.run(statement, params![id, organisation, by, now, size]).await?;
    let statement = sql!(
        "INSERT INTO report_code (id, sheet_id, organisation_id, place, hash) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    for (place, code) in (1_i64..).zip(codes) {
        let code_id: Uuid = tx.id();
        tx.run(statement, params![code_id, id, organisation, place, code.hash()]).await?;
    }
    Ok(id)
}

/// Uses the code of this hash up, if it still works. Index: its unique one.
pub(super) async fn redeem(
    tx: &mut Tx,
    hash: [u8; 32],
) -> Result<Option<(CodeId, OrganisationId, SheetId)>, DbError> {
    let statement = sql!(
        "UPDATE report_code SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL AND revoked_at IS NULL
         RETURNING id, organisation_id, sheet_id"
    );
    let now = tx.now;
    tx.maybe(statement, params![hash, now]).await
}

/// Revokes a code that still works; `false` where it does not. Index: the key.
pub(super) async fn revoke(tx: &mut Tx, sheet: SheetId, code: CodeId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE report_code SET revoked_at = ?3
         WHERE id = ?2 AND sheet_id = ?1 AND used_at IS NULL AND revoked_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![sheet, code, now]).await? == 1)
}

/// Revokes what is left of a sheet; `false` where it is revoked. Indexes: the key, the unique one.
pub(super) async fn revoke_sheet(tx: &mut Tx, sheet: SheetId, by: PersonId) -> Result<bool, DbError> {
    let now = tx.now;
    let statement =
        sql!("UPDATE code_sheet SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1 AND revoked_at IS NULL");
    if tx.run(statement, params![sheet, now, by]).await? == 0 {
        return Ok(false);
    }
    let statement = sql!(
        "UPDATE report_code SET revoked_at = ?2 WHERE sheet_id = ?1 AND used_at IS NULL AND revoked_at IS NULL"
    );
    tx.run(statement, params![sheet, now]).await?;
    Ok(true)
}
