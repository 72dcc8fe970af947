//! The organisations that an actor stands for, as SQL: its own, and those that they answer for.
//!
//! A query over what organisations say begins with [`scope!`](crate::scope!); one without it looks
//! wrong, and is right only for people at the CERT.

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
