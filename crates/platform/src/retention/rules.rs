//! What the platform forgets, and how.

use std::collections::BTreeMap;

use db::{DbError, macro_support::Uuid, params, sql};
use jiff::Timestamp;

use super::{BATCH, Rule, rows};
use crate::{Tx, rota, webhook};

/// The platform's rows of the table of what is forgotten.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "api_answer",
        // Index: idempotent_answer_age.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM idempotent_answer WHERE (holder_id, key) IN
                   (SELECT holder_id, key FROM idempotent_answer WHERE created_at < ?1
                    ORDER BY created_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    Rule {
        name: "clock",
        // Index: clock_stopped.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM clock WHERE (about_id, organisation_id, name) IN
                   (SELECT about_id, organisation_id, name FROM clock WHERE stopped_at < ?1
                    ORDER BY stopped_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    Rule { name: "contact", forget: |tx, before| Box::pin(contacts(tx, before)) },
    Rule {
        name: "known_device",
        // Index: known_device_age.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM known_device WHERE (hash, person_id) IN
                   (SELECT hash, person_id FROM known_device WHERE seen_at < ?1 ORDER BY seen_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    Rule { name: "message", forget: |tx, before| Box::pin(messages(tx, before)) },
    Rule {
        name: "one_time_link",
        // Index: one_time_link_age.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM one_time_link WHERE hash IN
                   (SELECT hash FROM one_time_link WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    Rule {
        name: "session",
        // Index: session_age.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM session WHERE hash IN
                   (SELECT hash FROM session WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    Rule {
        name: "sign_in_failure",
        // Index: sign_in_failure_age.
        forget: |tx, before| {
            let statement = sql!(
                "DELETE FROM sign_in_failure WHERE key IN
                   (SELECT key FROM sign_in_failure WHERE last_at < ?1 ORDER BY last_at LIMIT ?2)"
            );
            rows(tx, statement, before)
        },
    },
    webhook::REMOVED,
    webhook::DELIVERIES,
    webhook::PREVIOUS,
    rota::FORGOTTEN,
];

/// Forgets who ended contacts were, and how their mailboxes and mobiles were to be told unless these are
/// still somebody's; that there was a contact stays. Indexes: `contact_ended`, `contact_email`, person's address.
async fn contacts(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    // Index: `contact_ended`, then `contact_mobile`.
    let of_mobiles = sql!(
        "DELETE FROM notification WHERE address IN (
             SELECT e.mobile FROM (
                 SELECT mobile FROM contact WHERE until_at < ?1 AND name <> '' ORDER BY until_at LIMIT ?2
             ) e
             WHERE e.mobile IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM contact c
                               WHERE c.mobile = e.mobile AND (c.until_at IS NULL OR c.until_at >= ?1))
         )"
    );
    tx.run(of_mobiles, params![before, BATCH]).await?;
    let preferences = sql!(
        "DELETE FROM notification WHERE address IN (
             SELECT lower(e.email) FROM (
                 SELECT email FROM contact WHERE until_at < ?1 AND name <> '' ORDER BY until_at LIMIT ?2
             ) e
             WHERE e.email IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM contact c
                               WHERE c.email = e.email AND (c.until_at IS NULL OR c.until_at >= ?1))
               AND NOT EXISTS (SELECT 1 FROM person p WHERE p.email = lower(e.email))
         )"
    );
    tx.run(preferences, params![before, BATCH]).await?;
    let statement = sql!(
        "UPDATE contact SET name = '', email = NULL, telephone = NULL, mobile = NULL WHERE id IN (
             SELECT id FROM contact WHERE until_at < ?1 AND name <> '' ORDER BY until_at LIMIT ?2)"
    );
    tx.run(statement, params![before, BATCH]).await
}

db::record! {
    struct Gone {
        about_id: Option<Uuid>,
        state: String,
    }
}

/// Deletes settled messages and keeps their counts. Index: `message_settled`.
async fn messages(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let delete = sql!(
        "DELETE FROM message WHERE id IN (
             SELECT id FROM message WHERE settled_at < ?1 ORDER BY settled_at LIMIT ?2
         ) RETURNING about_id, state"
    );
    let gone: Vec<Gone> = tx.all(delete, params![before, BATCH]).await?;
    let mut counts = BTreeMap::new();
    for row in &gone {
        if let Some(about) = row.about_id {
            *counts.entry((about, row.state.clone())).or_insert(0_i64) += 1;
        }
    }
    let keep = sql!(
        "INSERT INTO message_total (about_id, state, count) VALUES (?1, ?2, ?3)
         ON CONFLICT (about_id, state) DO UPDATE SET count = message_total.count + excluded.count"
    );
    for ((about, state), count) in counts {
        tx.run(keep, params![about, state, count]).await?;
    }
    Ok(gone.len() as u64)
}
