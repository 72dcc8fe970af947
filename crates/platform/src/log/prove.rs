//! The log's head, and proofs for it: read from the entries near what is proven and from the roots of whole blocks,
//! so that a proof does not cost a reading of the whole log.

use std::ops::Range;

use db::{DbError, Snapshot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    leaf, proof,
    store::{self, Stored},
    tree::{self, Edge, Hash},
};
use crate::App;

/// The leaves of a block.
const BLOCK: u64 = 1024;

/// The log at one moment: how many entries, and the root over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries are sealed.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When the last of them was sealed; nothing where none is.
    pub sealed_at: Option<Timestamp>,
}

/// The head of the log as it was sealed last. To be given to others, who keep it.
pub async fn head(snapshot: &mut Snapshot) -> Result<Head, DbError> {
    let edge = store::edge(snapshot).await?;
    Ok(Head { size: edge.size(), root: edge.root(), sealed_at: store::sealed_at(snapshot).await? })
}

/// What an entry's leaf is computed from, as texts: each but the last is followed by a line feed, and then comes the
/// digest of its payload as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// The entry's id.
    pub id: String,
    /// When it happened, in microseconds since 1970.
    pub at: String,
    /// What did it: `person`, `key`, a job's name.
    pub actor_kind: String,
    /// Who, by their id; empty where it was nobody.
    pub actor_id: String,
    /// What happened.
    pub verb: String,
    /// The kind of what it is about.
    pub about_kind: String,
    /// What it is about, by its id.
    pub about_id: String,
    /// The organisation that it concerns, by its id.
    pub organisation_id: String,
    /// The salted digest of what else is known, in hexadecimal.
    pub digest: String,
}

impl Fields {
    pub(super) fn of(entry: &Stored) -> Self {
        let text = |value: Option<Uuid>| value.map(|id| id.to_string()).unwrap_or_default();
        Self {
            id: entry.id.to_string(),
            at: entry.at.as_microsecond().to_string(),
            actor_kind: entry.actor_kind.clone(),
            actor_id: text(entry.actor_id),
            verb: entry.verb.clone(),
            about_kind: entry.about_kind.clone(),
            about_id: text(entry.about_id),
            organisation_id: text(entry.organisation_id),
            digest: data_encoding::HEXLOWER.encode(&entry.digest),
        }
    }

    /// The hash of the leaf that it makes.
    pub fn leaf(&self) -> Hash {
        let fields = [
            &self.id,
            &self.at,
            &self.actor_kind,
            &self.actor_id,
            &self.verb,
            &self.about_kind,
            &self.about_id,
            &self.organisation_id,
        ];
        let mut leaf = Vec::with_capacity(256);
        for field in fields {
            leaf.extend_from_slice(field.as_bytes());
            leaf.push(b'\n');
        }
        // What is no hexadecimal makes another leaf, which is not in the tree.
        leaf.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(self.digest.as_bytes()).unwrap_or_default());
        tree::leaf(&leaf)
    }
}

/// An entry with the proof that it is in the log.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its leaf.
    pub fields: Fields,
    /// What else is known of it, as JSON; nothing where it was erased.
    pub payload: Option<String>,
    /// The roots of the subtrees beside it, the nearest first.
    pub path: Vec<Hash>,
}

/// The entries about an object, the oldest first, each with its proof under `head`; of a long history those behind
/// the entry `after` alone, 10,000 at most. On `read_long`.
pub async fn prove(
    snapshot: &mut Snapshot,
    head: &Head,
    about: Uuid,
    after: Uuid,
) -> Result<Vec<Proven>, DbError> {
    let mut hashes = Hashes::of(snapshot, head.size).await?;
    let mut proven = Vec::new();
    for entry in store::sealed_about(snapshot, about, after).await? {
        if entry.sequence > head.size {
            continue;
        }
        let path = hashes.roots(snapshot, proof::inclusion(entry.sequence - 1, head.size)).await?;
        let fields = Fields::of(&entry.stored);
        proven.push(Proven { number: entry.sequence, fields, payload: entry.payload, path });
    }
    Ok(proven)
}

/// The size that this log had under a head that was kept elsewhere; nothing where it never had that head.
pub async fn size_of(snapshot: &mut Snapshot, root: &Hash) -> Result<Option<u64>, DbError> {
    store::size_of(snapshot, root).await
}

/// The proof that the log of `old` entries is the beginning of the one under `head`. On `read_long`.
pub async fn consistency(snapshot: &mut Snapshot, old: u64, head: &Head) -> Result<Vec<Hash>, DbError> {
    let mut hashes = Hashes::of(snapshot, head.size).await?;
    hashes.roots(snapshot, proof::extension(old, head.size)).await
}

/// Keeps the roots of blocks that have become whole, so that proofs are made quickly. Called once an hour; what is
/// missing is computed by whoever needs it.
pub async fn keep_blocks(app: &App) -> Result<u64, DbError> {
    let mut kept = 0;
    loop {
        let mut snapshot = app.read().await?;
        let (size, place) =
            (store::edge(&mut snapshot).await?.size(), store::block_count(&mut snapshot).await?);
        if (place + 1) * BLOCK > size {
            return Ok(kept);
        }
        let leaves = leaves(&mut snapshot, place, size).await?;
        drop(snapshot);
        // A log that is not whole gets no root for this block; `verify` says what is wrong with it.
        if leaves.len() as u64 != BLOCK {
            return Ok(kept);
        }
        let mut tx = app.write().await?;
        store::insert_block(&mut tx, place, &root_of(&leaves)).await?;
        tx.commit().await?;
        kept += 1;
    }
}

fn root_of(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    for leaf in leaves {
        edge.push(*leaf);
    }
    edge.root()
}

/// The leaves of a block within a log of this size, in order.
async fn leaves(snapshot: &mut Snapshot, block: u64, size: u64) -> Result<Vec<Hash>, DbError> {
    let last = ((block + 1) * BLOCK).min(size);
    let entries = store::sealed_between(snapshot, block * BLOCK + 1, last).await?;
    Ok(entries.iter().map(leaf).collect())
}

/// The roots of whole blocks, and the leaves of the block that was asked for last.
struct Hashes {
    size: u64,
    blocks: Vec<Hash>,
    held: (u64, Vec<Hash>),
}

impl Hashes {
    async fn of(snapshot: &mut Snapshot, size: u64) -> Result<Self, DbError> {
        let mut blocks = Vec::new();
        let whole = size / BLOCK;
        loop {
            let more = store::blocks(snapshot, blocks.len() as u64).await?;
            if more.is_empty() {
                break;
            }
            for root in more {
                let root = Hash::try_from(root.as_slice()).map_err(|_| DbError::Column {
                    column: "log_block.root".to_owned(),
                    reason: "it is no hash".to_owned(),
                })?;
                blocks.push(root);
            }
        }
        blocks.truncate(usize::try_from(whole).unwrap_or(usize::MAX));
        for block in blocks.len() as u64..whole {
            blocks.push(root_of(&leaves(snapshot, block, size).await?));
        }
        Ok(Self { size, blocks, held: (u64::MAX, Vec::new()) })
    }

    async fn roots(
        &mut self,
        snapshot: &mut Snapshot,
        ranges: Vec<Range<u64>>,
    ) -> Result<Vec<Hash>, DbError> {
        let mut roots = Vec::with_capacity(ranges.len());
        for range in ranges {
            roots.push(self.root(snapshot, range).await?);
        }
        Ok(roots)
    }

    /// The root over a subtree of the proof: it begins with a block, or lies within one.
    async fn root(&mut self, snapshot: &mut Snapshot, range: Range<u64>) -> Result<Hash, DbError> {
        let mut edge = Edge::default();
        let mut from = range.start;
        while from + BLOCK <= range.end && from.is_multiple_of(BLOCK) {
            let root = usize::try_from(from / BLOCK).ok().and_then(|block| self.blocks.get(block));
            edge.push_complete(root.copied().unwrap_or_default(), BLOCK);
            from += BLOCK;
        }
        if from < range.end {
            let block = from / BLOCK;
            if self.held.0 != block {
                self.held = (block, leaves(snapshot, block, self.size).await?);
            }
            let within = |place: u64| usize::try_from(place - block * BLOCK).unwrap_or(usize::MAX);
            // Where an entry is missing the proof does not hold, which is what is to be found out.
            let leaves = self.held.1.get(within(from)..within(range.end)).unwrap_or_default();
            for leaf in leaves {
                edge.push(*leaf);
            }
        }
        Ok(edge.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_leaves_give_the_same_root() {
        let leaves: Vec<Hash> =
            (0..5 * BLOCK + 300).map(|number| tree::leaf(&number.to_be_bytes())).collect();
        let (blocks, rest) = leaves.as_chunks::<1024>();
        let mut edge = Edge::default();
        for block in blocks {
            edge.push_complete(root_of(block), BLOCK);
        }
        for leaf in rest {
            edge.push(*leaf);
        }
        assert_eq!(edge.root(), root_of(&leaves));
    }
}
