//! All SQL about API keys.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Tx,
    access::{KeyId, PersonId},
    organisation::OrganisationId,
};

db::record! {
    /// A key as the list shows it.
    pub struct Listed {
        /// Which.
        pub id: KeyId,
        /// What its owners call it.
        pub name: String,
        /// What it may be used for, with a space between.
        pub scopes: String,
        /// When it was given.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
        /// When it was last used, to the hour.
        pub used_at: Option<Timestamp>,
        /// How many organisations it was given for.
        pub organisations: i64,
    }
}

/// A key that is to be kept.
pub struct NewKey<'a> {
    /// Its id.
    pub id: KeyId,
    /// Its hash.
    pub hash: [u8; 32],
    /// What its owners call it.
    pub name: &'a str,
    /// The organisation that it is given to; none for the CERT's own.
    pub organisation: Option<OrganisationId>,
    /// Its scopes, with a space between.
    pub scopes: &'a str,
    /// Who gives it; nobody where a command does.
    pub created_by: PersonId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Keeps a key.
pub async fn insert(tx: &mut Tx, key: &NewKey<'_>) -> Result<KeyId, DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO api_key (id, hash, name, organisation_id, scopes, created_by, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let NewKey { id, hash, name, organisation, scopes, created_by, expires_at } = *key;
    tx.run(statement, params![id, hash, name, organisation, scopes, created_by, now, expires_at]).await?;
    Ok(id)
}

/// Lets a key stand for an organisation until it ends.
pub async fn stand_for(
    tx: &mut Tx,
    key: KeyId,
    organisation: OrganisationId,
    until: Timestamp,
) -> Result<(), DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at, until_at)
         VALUES (?1, ?2, ?3, 'responder', ?4, ?5)"
    );
    tx.run(statement, params![id, key, organisation, now, until]).await?;
    Ok(())
}

/// The keys of one organisation, or of the CERT, the newest first. Index: `api_key_organisation`.
pub async fn of(
    snapshot: &mut Snapshot,
    organisation: Option<OrganisationId>,
    after: Option<(Timestamp, Uuid)>,
) -> Result<Vec<Listed>, DbError> {
    let selection = match organisation {
        Some(organisation) => KEYS.select(params![]).when("of", params![organisation]),
        None => KEYS.select(params![]).when("of_cert", params![]),
    };
    let selection = match after {
        Some((at, id)) => selection.when("after", params![at, id]),
        None => selection,
    };
    snapshot.list(selection).await
}

db::listing! {
    /// Index: `api_key_organisation`; the count of each row by `membership_holder`.
    static KEYS =
        "SELECT k.id, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.used_at,
                (SELECT count(*) FROM membership m WHERE m.holder_id = k.id) AS organisations
         FROM api_key k";
    of: "k.organisation_id = ?1",
    of_cert: "k.organisation_id IS NULL",
    after: "(k.created_at, k.id) < (?1, ?2)",
    tail: "ORDER BY k.created_at DESC, k.id DESC LIMIT 51",
}

/// To whom a key was given, which is the CERT where it is no organisation, and its name.
pub async fn find(
    snapshot: &mut Snapshot,
    key: KeyId,
) -> Result<Option<(Option<OrganisationId>, String)>, DbError> {
    snapshot.maybe(sql!("SELECT organisation_id, name FROM api_key WHERE id = ?1"), params![key]).await
}

/// Ends a key now; `false` where it was revoked before.
pub async fn revoke(tx: &mut Tx, key: KeyId) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE api_key SET revoked_at = ?1 WHERE id = ?2 AND revoked_at IS NULL");
    Ok(tx.run(statement, params![now, key]).await? == 1)
}

/// Those that an organisation answers for now, by name, and until when. Index:
/// `answers_for_answering`.
pub async fn answered_for(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<Vec<(OrganisationId, String, Option<Timestamp>)>, DbError> {
    let statement = sql!(
        "SELECT o.id, o.name, a.until_at FROM answers_for a JOIN organisation o ON o.id = a.organisation_id
         WHERE a.answering_id = ?1 AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
         ORDER BY o.name, o.id"
    );
    snapshot.all(statement, params![organisation, now]).await
}

db::record! {
    /// What is kept of a request that was named.
    pub struct Kept {
        /// The hash of the request.
        pub request: Vec<u8>,
        /// The answer's status; 0 while it is being answered.
        pub status: i64,
        /// The answer.
        pub body: String,
    }
}

/// Takes a name for a request, or gives what is kept under it.
pub async fn take_name(
    tx: &mut Tx,
    holder: Uuid,
    name: &str,
    request: [u8; 32],
    abandoned_before: Timestamp,
) -> Result<Option<Kept>, DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO idempotent_answer (holder_id, key, request, status, body, created_at)
         VALUES (?1, ?2, ?3, 0, '', ?4)
         ON CONFLICT (holder_id, key) DO UPDATE SET request = ?3, created_at = ?4
         WHERE idempotent_answer.status = 0 AND idempotent_answer.created_at < ?5"
    );
    let taken = tx.run(statement, params![holder, name, request, now, abandoned_before]).await?;
    if taken == 1 {
        return Ok(None);
    }
    let statement =
        sql!("SELECT request, status, body FROM idempotent_answer WHERE holder_id = ?1 AND key = ?2");
    tx.maybe(statement, params![holder, name]).await
}

/// Keeps the answer to a named request.
pub async fn keep_answer(
    tx: &mut Tx,
    holder: Uuid,
    name: &str,
    status: i64,
    body: &str,
) -> Result<(), DbError> {
    let statement =
        sql!("UPDATE idempotent_answer SET status = ?1, body = ?2 WHERE holder_id = ?3 AND key = ?4");
    tx.run(statement, params![status, body, holder, name]).await?;
    Ok(())
}

/// Frees the name of a request that was refused.
pub async fn free_name(tx: &mut Tx, holder: Uuid, name: &str) -> Result<(), DbError> {
    let statement = sql!("DELETE FROM idempotent_answer WHERE holder_id = ?1 AND key = ?2 AND status = 0");
    tx.run(statement, params![holder, name]).await?;
    Ok(())
}
