//! When evidence is forgotten: its bytes and its words, some years after the case was closed, or some time after it was
//! withdrawn. That it was, its hash and who had it stay.

use db::{DbError, Statement, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    blob::{BlobHash, LetGo},
    job::{self, When},
    retention::Rule,
};

use super::{
    Deed, EvidenceId,
    store::{self, Done},
};

/// Pieces that one transaction forgets.
const BATCH: i64 = 100;

/// Of cases that were closed. Indexes: `incident_closed`, `evidence_held`.
pub const OF_CLOSED: Rule = Rule {
    name: "evidence",
    forget: |tx, before| {
        let statement = sql!(
            "SELECT e.id, e.blob_hash FROM incident i CROSS JOIN evidence e
             WHERE i.closed_at < ?1 AND e.incident_id = i.id AND e.blob_hash IS NOT NULL
             ORDER BY i.closed_at, i.id LIMIT ?2"
        );
        Box::pin(forget(tx, statement, before))
    },
};

/// Of pieces that were withdrawn. Index: `evidence_withdrawn`.
pub const WITHDRAWN: Rule = Rule {
    name: "evidence_withdrawn",
    forget: |tx, before| {
        let statement = sql!(
            "SELECT id, blob_hash FROM evidence WHERE withdrawn_at < ?1 AND blob_hash IS NOT NULL
             ORDER BY withdrawn_at LIMIT ?2"
        );
        Box::pin(forget(tx, statement, before))
    },
};

async fn forget(tx: &mut Tx, statement: &'static Statement, before: Timestamp) -> Result<u64, DbError> {
    let pieces: Vec<(EvidenceId, Vec<u8>)> = tx.all(statement, params![before, BATCH]).await?;
    for (id, hash) in &pieces {
        let piece = sql!(
            "UPDATE evidence SET blob_hash = NULL, name = '', about = '', found = '', collected_by = '',
                                 version = version + 1
             WHERE id = ?1"
        );
        tx.run(piece, params![*id]).await?;
        // Index: `custody_of`.
        tx.run(sql!("UPDATE custody SET why = '', whom = '' WHERE evidence_id = ?1"), params![*id]).await?;
        store::enter(tx, *id, (None, None), Done::because(Deed::Forgotten, "")).await?;
        if let Ok(hash) = BlobHash::try_from(hash.as_slice()) {
            job::enqueue(tx, &LetGo::of(&hash), When::default()).await?;
        }
    }
    Ok(pieces.len() as u64)
}
