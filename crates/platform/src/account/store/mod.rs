//! All SQL about people and how they sign in.

pub mod failure;
pub mod link;
pub mod membership;
pub mod session;

use db::{DbError, Snapshot, params, sql};

use super::second_factor::Secret;
use crate::{Tx, access::PersonId, notification, rota};

db::record! {
    /// A person with what is needed to let them in.
    pub struct Account {
        /// Who.
        pub id: PersonId,
        /// The person's name.
        pub name: String,
        /// The person's address.
        pub email: String,
        /// The hash of the password, once one is chosen.
        pub password_hash: Option<String>,
        /// The secret of the second factor, once one is set up.
        pub totp_secret: Option<Vec<u8>>,
        /// The last step that a code was accepted for.
        pub totp_step: Option<i64>,
    }
}

impl Account {
    /// The secret of the second factor.
    pub fn secret(&self) -> Option<Secret> {
        self.totp_secret.as_deref().and_then(Secret::from_bytes)
    }
}

/// The person of this address. An erased one has none.
pub async fn by_email(snapshot: &mut Snapshot, email: &str) -> Result<Option<Account>, DbError> {
    let statement =
        sql!("SELECT id, name, email, password_hash, totp_secret, totp_step FROM person WHERE email = ?1");
    snapshot.maybe(statement, params![email]).await
}

/// The person of this id, unless erased.
pub async fn by_id(snapshot: &mut Snapshot, id: PersonId) -> Result<Option<Account>, DbError> {
    let statement = sql!(
        "SELECT id, name, email, password_hash, totp_secret, totp_step FROM person
         WHERE id = ?1 AND erased_at IS NULL AND email IS NOT NULL"
    );
    snapshot.maybe(statement, params![id]).await
}

/// Whether somebody was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Nobody had the address.
    New,
    /// Somebody has it.
    Known,
}

/// The person of this address, who is made where nobody has it. Others who come for them wait until
/// `tx` ends, so that of two who invite at the same moment the second meets what the first gave.
pub async fn meet(tx: &mut Tx, name: &str, email: &str) -> Result<(PersonId, Met), DbError> {
    let (id, now): (PersonId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO person (id, email, name, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (email) DO UPDATE SET email = excluded.email
         RETURNING id"
    );
    let (met,): (PersonId,) = tx.one(statement, params![id, email, name, now]).await?;
    Ok((met, if met == id { Met::New } else { Met::Known }))
}

/// Keeps the name that a person gives.
pub async fn set_name(tx: &mut Tx, person: PersonId, name: &str) -> Result<(), DbError> {
    tx.run(sql!("UPDATE person SET name = ?1 WHERE id = ?2"), params![name, person]).await?;
    Ok(())
}

/// Keeps the hash of a new password.
pub async fn set_password(tx: &mut Tx, person: PersonId, hash: &str) -> Result<(), DbError> {
    let statement = sql!("UPDATE person SET password_hash = ?1 WHERE id = ?2 AND erased_at IS NULL");
    tx.run(statement, params![hash, person]).await?;
    Ok(())
}

/// Keeps a confirmed second factor and the step it was confirmed with.
pub async fn set_secret(tx: &mut Tx, person: PersonId, secret: Secret, step: i64) -> Result<(), DbError> {
    let statement = sql!("UPDATE person SET totp_secret = ?1, totp_step = ?2 WHERE id = ?3");
    tx.run(statement, params![secret.bytes(), step, person]).await?;
    Ok(())
}

/// Takes the second factor and the recovery codes away.
pub async fn clear_second_factor(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    let statement = sql!("UPDATE person SET totp_secret = NULL, totp_step = NULL WHERE id = ?1");
    tx.run(statement, params![person]).await?;
    set_codes(tx, person, &[]).await
}

/// Uses the code of a step up; `false` where it or a later one was used meanwhile.
pub async fn use_step(tx: &mut Tx, person: PersonId, step: i64) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE person SET totp_step = ?1 WHERE id = ?2 AND (totp_step IS NULL OR totp_step < ?1)");
    Ok(tx.run(statement, params![step, person]).await? == 1)
}

/// Replaces a person's recovery codes.
pub async fn set_codes(tx: &mut Tx, person: PersonId, hashes: &[[u8; 32]]) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM recovery_code WHERE person_id = ?1"), params![person]).await?;
    for hash in hashes {
        let statement = sql!("INSERT INTO recovery_code (person_id, hash) VALUES (?1, ?2)");
        tx.run(statement, params![person, *hash]).await?;
    }
    Ok(())
}

/// Uses a recovery code up; `false` where it is none, or was used.
pub async fn use_code(tx: &mut Tx, person: PersonId, hash: [u8; 32]) -> Result<bool, DbError> {
    let now = tx.now;
    let statement =
        sql!("UPDATE recovery_code SET used_at = ?1 WHERE person_id = ?2 AND hash = ?3 AND used_at IS NULL");
    Ok(tx.run(statement, params![now, person, hash]).await? == 1)
}

/// How many recovery codes a person has left.
pub async fn codes_left(snapshot: &mut Snapshot, person: PersonId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM recovery_code WHERE person_id = ?1 AND used_at IS NULL");
    let (left,): (i64,) = snapshot.one(statement, params![person]).await?;
    Ok(left)
}

/// Removes all that says who a person was. Their id stays, where others wrote it down.
pub async fn erase(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    let now = tx.now;
    session::end_all_but(tx, person, None).await?;
    notification::store::forget_of_person(tx, person).await?;
    rota::forget_of_person(tx, person).await?;
    set_codes(tx, person, &[]).await?;
    tx.run(sql!("DELETE FROM known_device WHERE person_id = ?1"), params![person]).await?;
    tx.run(sql!("DELETE FROM one_time_link WHERE subject_id = ?1"), params![person]).await?;
    let memberships = sql!(
        "UPDATE membership SET until_at = ?1 WHERE holder_id = ?2 AND (until_at IS NULL OR until_at > ?1)"
    );
    tx.run(memberships, params![now, person]).await?;
    // What was written to them about their account; the address goes, the fate stays. Those that
    // have not left are not sent: nobody can be rendered for them. Index: `message_about`.
    let messages =
        sql!("UPDATE message SET address = '', fields = '{}' WHERE about_id = ?1 AND about_kind = 'person'");
    tx.run(messages, params![person]).await?;
    let statement = sql!(
        "UPDATE person SET email = NULL, name = 'Erased person', password_hash = NULL,
                           totp_secret = NULL, totp_step = NULL, erased_at = ?1
         WHERE id = ?2"
    );
    tx.run(statement, params![now, person]).await?;
    Ok(())
}
