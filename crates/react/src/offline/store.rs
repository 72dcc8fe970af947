//! The SQL of the key that an installation made for itself.

use db::{DbError, Snapshot, params, sql};
use platform::Tx;

/// The key, where one was made. Index: the primary key.
pub(super) async fn secret(snapshot: &mut Snapshot) -> Result<Option<String>, DbError> {
    let statement = sql!("SELECT secret FROM offline_key WHERE place = 1");
    let found: Option<(String,)> = snapshot.maybe(statement, params![]).await?;
    Ok(found.map(|(secret,)| secret))
}

/// Keeps a key, unless another node was faster; says whether it did.
pub(super) async fn keep(tx: &mut Tx, secret: &str) -> Result<bool, DbError> {
    let statement = sql!(
        "INSERT INTO offline_key (place, secret, made_at) VALUES (1, ?1, ?2) ON CONFLICT (place) DO NOTHING"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![secret, now]).await? == 1)
}
