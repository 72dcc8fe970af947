//! The organisations that an actor stands for, as SQL: its own, and those that they answer for.
//!
//! A query over what organisations say begins with [`scope!`](crate::scope!); one without it looks
//! wrong, and is right only for people at the CERT.

use db::{Value, params};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Actor, Role};

/// `WITH scope AS (…)`: the organisations that the holder `?1` stands for at the moment `?2`, each
/// with the role held and the organisation it is held `through`. Columns: `organisation_id`,
/// `role`, `through_id`.
///
/// A key stands for its own organisation as a person does, or for single ones of those that its own
/// answers for: for these while the link holds, and for nobody whom they answer for in turn.
///
/// Index: `membership_holder`, then `answers_for_answering`; for a key's single ones `answers_for`'s
/// key.
#[macro_export]
macro_rules! scope {
    () => {
        "WITH scope AS (
             SELECT m.organisation_id, m.role, m.organisation_id AS through_id
             FROM membership m
             WHERE m.holder_id = ?1 AND m.organisation_id IS NOT NULL
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               AND NOT EXISTS (SELECT 1 FROM api_key k
                               WHERE k.id = m.holder_id AND k.organisation_id <> m.organisation_id)
             UNION
             SELECT a.organisation_id, m.role, a.answering_id AS through_id
             FROM membership m
             JOIN answers_for a ON a.answering_id = m.organisation_id
             WHERE m.holder_id = ?1
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
               AND NOT EXISTS (SELECT 1 FROM api_key k
                               WHERE k.id = m.holder_id AND k.organisation_id <> m.organisation_id)
             UNION
             SELECT a.organisation_id, m.role, a.answering_id AS through_id
             FROM api_key k
             JOIN membership m ON m.holder_id = k.id
             JOIN answers_for a ON a.organisation_id = m.organisation_id AND a.answering_id = k.organisation_id
             WHERE k.id = ?1
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               AND a.from_at <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)
         ) "
    };
}

/// `WITH scope AS (…), mine AS (…)`: the organisations that `?1` stands for at `?2` in one of the
/// roles `?3` to `?6`, each once; its own membership goes before that of whoever answers for it.
/// MATERIALIZED, or SQLite would work them out for each row that asks.
#[macro_export]
macro_rules! mine {
    () => {
        ::std::concat!(
            $crate::scope!(),
            ", mine AS MATERIALIZED (
                 SELECT organisation_id, through_id FROM (
                     SELECT organisation_id, through_id,
                            row_number() OVER (
                                PARTITION BY organisation_id
                                ORDER BY CASE WHEN through_id = organisation_id THEN 0 ELSE 1 END, through_id
                            ) AS place
                     FROM scope WHERE role IN (?3, ?4, ?5, ?6)
                 ) ranked WHERE place = 1
             ) "
        )
    };
}

/// The values of [`mine!`](crate::mine!), before those of the text itself.
pub fn mine_of(actor: &Actor, now: Timestamp, roles: &[Role], rest: Vec<Value>) -> Vec<Value> {
    // A key stands for its organisations in whichever role its membership has; what it may do, its
    // scopes say.
    let roles = if matches!(actor, Actor::Key(_)) { Role::READING } else { roles };
    let holder = actor.holder().unwrap_or(Uuid::nil());
    let mut values = params![holder, now];
    let last = roles.last().copied().unwrap_or(Role::Learner);
    values.extend((0..4).map(|place| Value::from(roles.get(place).copied().unwrap_or(last))));
    values.extend(rest);
    values
}
