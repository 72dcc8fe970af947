//! Proves that the log is as it was sealed, or names the first entry that is not.

use db::{DbError, Snapshot};
use jiff::{SignedDuration, Timestamp};

use super::{
    digest, leaf, store,
    tree::{Edge, Hash},
};

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries are sealed.
    pub size: u64,
    /// The root over them, which the daily mail to the auditors names.
    pub head: Hash,
    /// Entries that have waited for the sealer for more than a minute.
    pub unsealed: u64,
    /// How many entries there were under the head that was kept elsewhere, and when they were sealed.
    pub kept: Option<(u64, Timestamp)>,
    /// The first thing that is wrong.
    pub finding: Option<Finding>,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A number is missing: an entry was taken out.
    #[error("Entry {0} is missing.")]
    Missing(u64),
    /// A payload is not what was sealed.
    #[error("Entry {0} was changed: its payload does not match its digest.")]
    Payload(u64),
    /// A seal's root does not follow from the entries below it.
    #[error("Entries {first} to {last} do not give the root that was sealed: one of them was changed.")]
    Root {
        /// The first entry of the batch.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// Entries are numbered behind the last seal.
    #[error("Entries from {0} on carry numbers but were never sealed.")]
    Beyond(u64),
    /// A head that was kept elsewhere is not the root of any state of this log.
    #[error("The head that you gave is not one that this log has ever had: it was rewritten.")]
    Head,
}

/// Recomputes the tree over the whole log. `kept_head` is a head that somebody kept outside, such
/// as the auditors' daily mail. Reads in batches; memory does not grow with the log.
pub async fn verify(
    snapshot: &mut Snapshot,
    now: Timestamp,
    kept_head: Option<Hash>,
) -> Result<Report, DbError> {
    let mut edge = Edge::default();
    let mut finding = None;
    let mut kept = None;
    'seals: loop {
        let seals = store::seals_after(snapshot, edge.size()).await?;
        if seals.is_empty() {
            break;
        }
        for (size, root, sealed_at) in seals {
            let first = edge.size() + 1;
            if let Err(found) = advance(snapshot, &mut edge, size).await? {
                finding = Some(found);
                break 'seals;
            }
            if edge.root().as_slice() != root {
                finding = Some(Finding::Root { first, last: size });
                break 'seals;
            }
            if kept.is_none() && kept_head == Some(edge.root()) {
                kept = Some((size, sealed_at));
            }
        }
    }
    if finding.is_none() && !store::sealed_after(snapshot, edge.size()).await?.is_empty() {
        finding = Some(Finding::Beyond(edge.size() + 1));
    }
    if finding.is_none() && kept_head.is_some() && kept.is_none() {
        finding = Some(Finding::Head);
    }
    let unsealed = store::waiting_since(snapshot, now - SignedDuration::from_mins(1)).await?;
    Ok(Report { size: edge.size(), head: edge.root(), unsealed, kept, finding })
}

/// Adds the entries up to `size` to the tree, each checked against its own digest.
async fn advance(
    snapshot: &mut Snapshot,
    edge: &mut Edge,
    size: u64,
) -> Result<Result<(), Finding>, DbError> {
    while edge.size() < size {
        let entries = store::sealed_after(snapshot, edge.size()).await?;
        if entries.is_empty() {
            return Ok(Err(Finding::Missing(edge.size() + 1)));
        }
        for entry in entries {
            if edge.size() == size {
                break;
            }
            if entry.sequence != edge.size() + 1 {
                return Ok(Err(Finding::Missing(edge.size() + 1)));
            }
            // Both are absent where the payload was erased; its digest stays in the leaf.
            if let (Some(payload), Some(salt)) = (&entry.payload, &entry.salt)
                && digest(salt, payload).as_slice() != entry.stored.digest
            {
                return Ok(Err(Finding::Payload(entry.sequence)));
            }
            edge.push(leaf(&entry.stored));
        }
    }
    Ok(Ok(()))
}
