//! The sealer: numbers committed entries and hashes them into the tree, each second.

use db::DbError;

use super::{leaf, store};
use crate::App;

/// Seals what waits, in batches; says how many entries. Any number of nodes may call it: of two
/// that seal at once, one is refused by the keys and finds the work done at its next turn.
pub async fn seal(app: &App) -> Result<u64, DbError> {
    let mut sealed = 0;
    loop {
        let batch = match batch(app).await {
            Err(DbError::Constraint(_)) => return Ok(sealed),
            other => other?,
        };
        sealed += batch;
        if batch < 1000 {
            return Ok(sealed);
        }
    }
}

async fn batch(app: &App) -> Result<u64, DbError> {
    // Looked at before the write lock is asked for: most seconds have nothing to seal.
    if store::unsealed(&mut app.read().await?).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = app.write().await?;
    let waiting = store::unsealed(&mut tx).await?;
    let mut edge = store::edge(&mut tx).await?;
    let before = edge.size();
    for entry in &waiting {
        edge.push(leaf(entry));
        if !store::number(&mut tx, entry.id, edge.size()).await? {
            return Ok(0);
        }
    }
    if waiting.is_empty() {
        return Ok(0);
    }
    store::insert_seal(&mut tx, before, &edge).await?;
    tx.commit().await?;
    Ok(edge.size() - before)
}
