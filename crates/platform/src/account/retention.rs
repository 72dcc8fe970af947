//! What of accounts and keys is deleted, and when.
//!
//! | table             | kept                                     |
//! |-------------------|------------------------------------------|
//! | one_time_link     | until a month after it expired           |
//! | sign_in_failure   | until two days without a failure         |
//! | session           | until it has expired                     |
//! | known_device      | until a year without signing in          |
//! | idempotent_answer | a day                                    |

use db::{DbError, Statement, params, sql};
use jiff::{SignedDuration, Timestamp};

use crate::App;

/// A transaction deletes so many rows, so that nobody waits long behind it.
const BATCH: u64 = 1_000;

/// Deletes what is past its time; says how many rows. Called once an hour; twice does no harm.
pub async fn sweep(app: &App) -> Result<u64, DbError> {
    let now = app.env.now();
    let days = |days: i64| now - SignedDuration::from_hours(24 * days);
    let mut deleted = 0;
    for (statement, before) in [
        (
            // Index: one_time_link_age.
            sql!(
                "DELETE FROM one_time_link WHERE hash IN
                   (SELECT hash FROM one_time_link WHERE expires_at < ?1 ORDER BY expires_at LIMIT 1000)"
            ),
            days(30),
        ),
        (
            // Index: sign_in_failure_age.
            sql!(
                "DELETE FROM sign_in_failure WHERE key IN
                   (SELECT key FROM sign_in_failure WHERE last_at < ?1 ORDER BY last_at LIMIT 1000)"
            ),
            days(2),
        ),
        (
            // Index: session_age.
            sql!(
                "DELETE FROM session WHERE hash IN
                   (SELECT hash FROM session WHERE expires_at < ?1 ORDER BY expires_at LIMIT 1000)"
            ),
            now,
        ),
        (
            // Index: known_device_age.
            sql!(
                "DELETE FROM known_device WHERE (hash, person_id) IN
                   (SELECT hash, person_id FROM known_device WHERE seen_at < ?1 ORDER BY seen_at LIMIT 1000)"
            ),
            days(365),
        ),
        (
            // Index: idempotent_answer_age.
            sql!(
                "DELETE FROM idempotent_answer WHERE (holder_id, key) IN
                   (SELECT holder_id, key FROM idempotent_answer WHERE created_at < ?1
                    ORDER BY created_at LIMIT 1000)"
            ),
            days(1),
        ),
    ] {
        deleted += all_of(app, statement, before).await?;
    }
    Ok(deleted)
}

async fn all_of(app: &App, statement: &'static Statement, before: Timestamp) -> Result<u64, DbError> {
    let mut deleted = 0;
    loop {
        let mut tx = app.write().await?;
        let batch = tx.run(statement, params![before]).await?;
        tx.commit().await?;
        deleted += batch;
        if batch < BATCH {
            return Ok(deleted);
        }
    }
}
