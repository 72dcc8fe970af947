//! The SQL of what is stopped by a link.

use db::{DbError, Snapshot, params, sql};

use crate::Tx;

/// The secret under which links are sealed, where one was made. Index: the key.
pub(super) async fn secret(snapshot: &mut Snapshot) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT secret FROM mailing_key WHERE place = 1");
    let kept: Option<(Vec<u8>,)> = snapshot.maybe(statement, params![]).await?;
    Ok(kept.map(|(secret,)| secret))
}

/// Keeps a secret, unless another node was faster.
pub(super) async fn keep_secret(tx: &mut Tx, secret: [u8; 32]) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO mailing_key (place, secret, made_at) VALUES (1, ?1, ?2) ON CONFLICT (place) DO NOTHING"
    );
    tx.run(statement, params![secret, now]).await?;
    Ok(())
}
