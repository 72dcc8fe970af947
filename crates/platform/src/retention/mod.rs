//! Forgetting what is no longer needed, as the policy in `content/policies/retention.toml` says.
//!
//! What is evidence (the log, responses) is not in here; a person is erased on request.

use std::collections::BTreeMap;

use db::{DbError, params, sql};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Tx};

/// How long each kind of row is kept.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Messages after they were settled, in days.
    message: u32,
    /// Who a contact was, after it ended, in days.
    contact: u32,
}

impl Policy {
    /// The policy that is shipped.
    pub fn shipped() -> Self {
        toml::from_str(include_str!("../../../../content/policies/retention.toml"))
            .expect("a test reads the shipped policy")
    }
}

/// Rows that one transaction forgets: others write in between.
const BATCH: i64 = 1000;

/// Forgets what is over its time; says how many rows.
pub async fn sweep(app: &App, policy: &Policy) -> Result<u64, DbError> {
    let mut forgotten = 0;
    loop {
        let mut tx = app.write().await?;
        let now = tx.now;
        let before = |days: u32| now - SignedDuration::from_hours(24 * i64::from(days));
        let mut batch = forget_messages(&mut tx, before(policy.message)).await?;
        batch += forget_contacts(&mut tx, before(policy.contact)).await?;
        tx.commit().await?;
        forgotten += batch;
        if batch == 0 {
            return Ok(forgotten);
        }
    }
}

db::record! {
    struct Forgotten {
        about_id: Option<db::macro_support::Uuid>,
        state: String,
    }
}

/// Deletes settled messages and keeps their counts. Index: `message_settled`.
async fn forget_messages(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let delete = sql!(
        "DELETE FROM message WHERE id IN (
             SELECT id FROM message WHERE settled_at < ?1 ORDER BY settled_at LIMIT ?2
         ) RETURNING about_id, state"
    );
    let gone: Vec<Forgotten> = tx.all(delete, params![before, BATCH]).await?;
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

/// Blanks who ended contacts were. Index: `contact_ended`.
async fn forget_contacts(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let blank = sql!(
        "UPDATE contact SET name = '', email = NULL, telephone = NULL WHERE id IN (
             SELECT id FROM contact WHERE until_at < ?1 AND name <> '' ORDER BY until_at LIMIT ?2
         )"
    );
    tx.run(blank, params![before, BATCH]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policy_can_be_read() {
        assert!(Policy::shipped().message > 0);
    }
}
