//! The CERT's rota: who is rung, in which order, when something cannot wait.
//!
//! Every service that rings somebody at the CERT asks here. What is rung for, how often and how long it is waited for
//! is the service's own.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use crate::{
    Tx,
    access::PersonId,
    organisation::contact::Mobile,
    retention::{Rule, rows},
};

/// The mobiles and places of people who are no duty managers any more.
pub(crate) const FORGOTTEN: Rule = Rule {
    name: "on_call",
    // Indexes: the key of `on_call`, a handful of rows; membership_holder.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM on_call WHERE person_id IN (
                 SELECT c.person_id FROM on_call c
                 WHERE NOT EXISTS (SELECT 1 FROM membership m
                                   WHERE m.holder_id = c.person_id AND m.organisation_id IS NULL
                                     AND m.role = 'duty_manager' AND (m.until_at IS NULL OR m.until_at > ?1))
                 LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// Somebody at the CERT who can be rung.
    pub struct OnCall {
        /// Who.
        pub person_id: PersonId,
        /// Their name.
        pub name: String,
        /// Where they are mailed.
        pub email: String,
        /// Their mobile in E.164, where they gave one.
        pub mobile: Option<String>,
        /// Their place on the rota; `None` where they are not on it.
        pub position: Option<i64>,
        /// Whether they are a duty manager.
        pub decides: bool,
    }
}

/// Every duty manager and analyst: duty managers on the rota first, in its order, then the other duty managers, then
/// the analysts. Index: `membership_organisation`.
pub async fn everybody(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<OnCall>, DbError> {
    let statement = sql!(
        "WITH holder AS (
             SELECT m.holder_id AS id, max(CASE WHEN m.role = 'duty_manager' THEN 1 ELSE 0 END) AS decides
             FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('duty_manager', 'analyst')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1)
             GROUP BY m.holder_id
         )
         SELECT p.id AS person_id, p.name, p.email, c.mobile, h.decides = 1 AS decides,
                CASE WHEN h.decides = 1 THEN c.position END AS position
         FROM holder h CROSS JOIN person p LEFT JOIN on_call c ON c.person_id = p.id
         WHERE p.id = h.id AND p.email IS NOT NULL AND p.erased_at IS NULL
         ORDER BY h.decides DESC, CASE WHEN c.position IS NULL THEN 1 ELSE 0 END, c.position, p.id"
    );
    snapshot.all(statement, params![now]).await
}

/// Every duty manager, those on the rota first, in its order.
pub async fn duty_managers(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<OnCall>, DbError> {
    let mut people = everybody(snapshot, now).await?;
    people.retain(|person| person.decides);
    Ok(people)
}

/// Sets the order anew in which people are rung; mobiles stay. The caller has asked whether that is allowed, and
/// writes the log.
pub async fn set_order(tx: &mut Tx, people: &[PersonId]) -> Result<(), DbError> {
    tx.run(sql!("UPDATE on_call SET position = NULL"), params![]).await?;
    let statement = sql!(
        "INSERT INTO on_call (person_id, position) VALUES (?1, ?2)
         ON CONFLICT (person_id) DO UPDATE SET position = coalesce(on_call.position, excluded.position)"
    );
    for (position, person) in (1_i64..).zip(people) {
        tx.run(statement, params![*person, position]).await?;
    }
    Ok(())
}

/// Sets the mobile on which somebody is texted, or that there is none.
pub async fn set_mobile(tx: &mut Tx, person: PersonId, mobile: Option<&Mobile>) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO on_call (person_id, mobile) VALUES (?1, ?2)
         ON CONFLICT (person_id) DO UPDATE SET mobile = excluded.mobile"
    );
    tx.run(statement, params![person, mobile.map(|mobile| mobile.as_str().to_owned())]).await?;
    Ok(())
}

/// Forgets somebody's place and mobile.
pub(crate) async fn forget_of_person(tx: &mut Tx, person: PersonId) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM on_call WHERE person_id = ?1"), params![person]).await?;
    Ok(())
}
