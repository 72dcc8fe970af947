//! The one job that all clocks share.

use db::DbError;

use super::{Kind, store};
use crate::App;

/// How many clocks one transaction deals with: bulk work lets others write in between.
const BATCH: i64 = 500;

/// Rings every clock that is due; says how many.
pub async fn sweep(app: &App) -> Result<usize, DbError> {
    let mut rung = 0;
    for kind in app.services.iter().flat_map(|service| service.clocks) {
        loop {
            let batch = batch(app, kind).await?;
            rung += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(rung)
}

async fn batch(app: &App, kind: &Kind) -> Result<usize, DbError> {
    let mut tx = app.write().await?;
    let due = store::due(&mut tx, kind.name, BATCH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let next = (kind.ring)(&mut tx, &due).await?;
    for (due, next) in due.iter().zip(next) {
        store::climb(&mut tx, due, next).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}
