//! Roles as they are held: who, where, from when until when.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Tx,
    access::{PersonId, Role},
    organisation::OrganisationId,
};

db::record! {
    /// A role that a person holds, with the place's name.
    pub struct Held {
        /// The membership.
        pub id: Uuid,
        /// At which organisation; `None` at the CERT.
        pub organisation_id: Option<OrganisationId>,
        /// Its name.
        pub organisation: Option<String>,
        /// The role.
        pub role: Role,
        /// Since when.
        pub from_at: Timestamp,
        /// Whether the person has still to accept it.
        pub awaits_acceptance: bool,
    }
}

db::record! {
    /// A row of the list of an organisation's people.
    pub struct Staff {
        /// The membership.
        pub id: Uuid,
        /// Who.
        pub person_id: PersonId,
        /// The person's name.
        pub name: String,
        /// The person's address.
        pub email: Option<String>,
        /// The role held here.
        pub role: Role,
        /// Since when.
        pub from_at: Timestamp,
        /// Whether the person has still to accept it: then whoever gave it is not told who they are.
        pub awaits_acceptance: bool,
        /// Whether the person has used the invitation.
        pub joined: bool,
    }
}

/// Gives a role, from now on.
pub async fn give(
    tx: &mut Tx,
    holder: Uuid,
    organisation: Option<OrganisationId>,
    role: Role,
    until: Option<Timestamp>,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO membership (id, holder_id, organisation_id, role, from_at, until_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    tx.run(statement, params![id, holder, organisation, role, now, until]).await?;
    Ok(id)
}

/// Marks a role as one that its holder has still to accept.
pub async fn await_acceptance(tx: &mut Tx, membership: Uuid) -> Result<(), DbError> {
    let statement = sql!("UPDATE membership SET awaits_acceptance = TRUE WHERE id = ?1");
    tx.run(statement, params![membership]).await?;
    Ok(())
}

/// Accepts a role for its holder; `false` where it awaits nothing of them.
pub async fn accept(tx: &mut Tx, holder: PersonId, membership: Uuid) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE membership SET awaits_acceptance = FALSE
         WHERE id = ?1 AND holder_id = ?2 AND awaits_acceptance"
    );
    Ok(tx.run(statement, params![membership, holder]).await? == 1)
}

/// Accepts every role that somebody was invited to, as they join. Index: `membership_holder`.
pub async fn accept_all(tx: &mut Tx, holder: PersonId) -> Result<(), DbError> {
    let statement =
        sql!("UPDATE membership SET awaits_acceptance = FALSE WHERE holder_id = ?1 AND awaits_acceptance");
    tx.run(statement, params![holder]).await?;
    Ok(())
}

/// Ends a role now; `false` where it has ended before.
pub async fn end(tx: &mut Tx, membership: Uuid) -> Result<bool, DbError> {
    let now = tx.now;
    let statement =
        sql!("UPDATE membership SET until_at = ?1 WHERE id = ?2 AND (until_at IS NULL OR until_at > ?1)");
    Ok(tx.run(statement, params![now, membership]).await? == 1)
}

/// The roles that a person holds at `now`. Index: `membership_holder`.
pub async fn of_person(
    snapshot: &mut Snapshot,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Held>, DbError> {
    let statement = sql!(
        "SELECT m.id, m.organisation_id, o.name AS organisation, m.role, m.from_at,
                m.awaits_acceptance
         FROM membership m LEFT JOIN organisation o ON o.id = m.organisation_id
         WHERE m.holder_id = ?1 AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
         ORDER BY m.from_at, m.id"
    );
    snapshot.all(statement, params![person, now]).await
}

/// Whose membership it is, where and which, if it holds at `now`.
pub async fn find(
    snapshot: &mut Snapshot,
    membership: Uuid,
    now: Timestamp,
) -> Result<Option<(PersonId, Option<OrganisationId>, Role)>, DbError> {
    let statement = sql!(
        "SELECT m.holder_id, m.organisation_id, m.role
         FROM membership m JOIN person p ON p.id = m.holder_id
         WHERE m.id = ?1 AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)"
    );
    snapshot.maybe(statement, params![membership, now]).await
}

db::listing! {
    /// Index: `membership_organisation`.
    static STAFF =
        "SELECT m.id, m.holder_id AS person_id, p.name, p.email, m.role, m.from_at, m.awaits_acceptance,
                p.password_hash IS NOT NULL AS joined
         FROM membership m JOIN person p ON p.id = m.holder_id";
    at: "m.organisation_id = ?1",
    at_cert: "m.organisation_id IS NULL",
    held: "m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1)",
    after: "(m.role, m.id) > (?1, ?2)",
    tail: "ORDER BY m.role, m.id LIMIT 51",
}

/// The people of an organisation, or of the CERT, by role; one more than a page holds.
pub async fn staff(
    snapshot: &mut Snapshot,
    organisation: Option<OrganisationId>,
    now: Timestamp,
    after: Option<(String, Uuid)>,
) -> Result<Vec<Staff>, DbError> {
    let mut selection = STAFF.select(params![]);
    selection = match organisation {
        Some(organisation) => selection.when("at", params![organisation]),
        None => selection.when("at_cert", params![]),
    };
    selection = selection.when("held", params![now]);
    if let Some((role, id)) = after {
        selection = selection.when("after", params![role, id]);
    }
    snapshot.list(selection).await
}

/// How many administrators there are. Their rows are touched first, so that two who remove each
/// other at the same moment are seen one after the other. Index: `membership_organisation`.
pub async fn administrators(tx: &mut Tx) -> Result<u64, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE membership SET role = role
         WHERE organisation_id IS NULL AND role = 'admin'
           AND from_at <= ?1 AND (until_at IS NULL OR until_at > ?1)"
    );
    tx.run(statement, params![now]).await
}

/// Whether there is an administrator. Index: `membership_organisation`.
pub async fn has_administrator(snapshot: &mut Snapshot, now: Timestamp) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT holder_id FROM membership
         WHERE organisation_id IS NULL AND role = 'admin'
           AND from_at <= ?1 AND (until_at IS NULL OR until_at > ?1) LIMIT 1"
    );
    let found: Option<(PersonId,)> = snapshot.maybe(statement, params![now]).await?;
    Ok(found.is_some())
}

/// The code and the name of an organisation.
pub async fn organisation(
    snapshot: &mut Snapshot,
    id: OrganisationId,
) -> Result<Option<(String, String)>, DbError> {
    snapshot.maybe(sql!("SELECT code, name FROM organisation WHERE id = ?1"), params![id]).await
}

/// The organisation with this code.
pub async fn by_code(snapshot: &mut Snapshot, code: &str) -> Result<Option<OrganisationId>, DbError> {
    let found: Option<(OrganisationId,)> =
        snapshot.maybe(sql!("SELECT id FROM organisation WHERE code = ?1"), params![code]).await?;
    Ok(found.map(|(id,)| id))
}
