//! What the log says of a case, with the proof that it says so: a file that its organisation keeps and checks without
//! this service (`carecert audit verify-proof`).
//!
//! It holds ids and hashes alone, and no entry about what stands in a zone that its reader does not read.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::log::{self, Fields, Hash, Head, Proven};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::{Party, Sight, Zone};

/// The form of this file.
const FORM: &str = "carecert-log-proof/1";
/// What is told of an incident as such, to its organisation and the CERT: entries that name no zone.
const OF_INCIDENTS: &str = "incident.";

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogProof {
    /// Which form of file it is.
    pub form: String,
    /// The incident's number.
    pub incident: String,
    /// When the file was made.
    pub made_at: Timestamp,
    /// How many entries the log held.
    pub size: u64,
    /// The root over them, in hexadecimal.
    pub head: String,
    /// The entries.
    pub entries: Vec<ProvenEntry>,
    /// The head that was given, and the proof that its log is the beginning of this one.
    pub older: Option<Older>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenEntry {
    /// Its number in the log, counted from 1.
    pub number: u64,
    /// What its leaf is made of.
    pub fields: Fields,
    /// The hashes beside it, the nearest first.
    pub path: Vec<String>,
}

/// A head from before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// How many entries the log held then.
    pub size: u64,
    /// The root over them.
    pub head: String,
    /// The hashes that prove it, the nearest first.
    pub path: Vec<String>,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// It is another kind of file, or of a newer program.
    #[error("The file is no proof that this program can read.")]
    Form,
    /// An entry is not in the log.
    #[error("Entry {0} is not in the log of this head: it, or its proof, was changed.")]
    Entry(u64),
    /// The older head is of another log.
    #[error("The older head is not of the same log: the log was rewritten.")]
    Older,
}

/// Makes the file for whoever has the case in this sight. On `read_long`.
pub async fn make(
    snapshot: &mut Snapshot,
    sight: &Sight,
    now: Timestamp,
    older: Option<Hash>,
) -> Result<LogProof, DbError> {
    let head = log::head(snapshot).await?;
    let about = sight.incident.id.0;
    let proven = log::prove(snapshot, &head, about, Uuid::nil()).await?;
    let entries = proven.into_iter().filter(|entry| is_theirs(sight, entry)).map(ProvenEntry::of).collect();
    Ok(LogProof {
        form: FORM.to_owned(),
        incident: sight.incident.receipt.to_string(),
        made_at: now,
        size: head.size,
        head: HEX.encode(&head.root),
        entries,
        older: match older {
            Some(root) => since(snapshot, &head, root).await?,
            None => None,
        },
    })
}

/// The proof that the log of an older head is the beginning of this one; nothing where there was never such a head.
async fn since(snapshot: &mut Snapshot, head: &Head, root: Hash) -> Result<Option<Older>, DbError> {
    let Some(size) = log::size_of(snapshot, &root).await? else { return Ok(None) };
    let path = log::consistency(snapshot, size, head).await?;
    Ok(Some(Older { size, head: HEX.encode(&root), path: hexes(&path) }))
}

/// What the CERT does by itself about an incident: whom it rings, and whose it takes it to be.
const CERTS: &[&str] = &["incident.paged", "incident.page_answered", "incident.placed"];

/// Whether an entry is about what its reader reads: what names a zone by that, what names none if it is about the
/// incident as such and they are no guest.
fn is_theirs(sight: &Sight, entry: &Proven) -> bool {
    let payload: Option<serde_json::Value> =
        entry.payload.as_deref().and_then(|payload| serde_json::from_str(payload).ok());
    match payload.as_ref().and_then(|payload| payload.get("zone")) {
        Some(zone) => zone
            .as_str()
            .and_then(|zone| zone.parse::<Zone>().ok())
            .is_some_and(|zone| sight.reads.contains(zone)),
        None if CERTS.contains(&entry.fields.verb.as_str()) => sight.party == Party::Cert,
        None => entry.fields.verb.starts_with(OF_INCIDENTS) && sight.party != Party::Guest,
    }
}

impl ProvenEntry {
    fn of(entry: Proven) -> Self {
        Self { number: entry.number, fields: entry.fields, path: hexes(&entry.path) }
    }
}

fn hexes(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| HEX.encode(hash)).collect()
}

fn read(hex: &str) -> Option<Hash> {
    HEX.decode(hex.as_bytes()).ok()?.try_into().ok()
}

fn read_all(path: &[String]) -> Option<Vec<Hash>> {
    path.iter().map(|hash| read(hash)).collect()
}

impl LogProof {
    /// Checks every proof in the file against the head in it. That the head is the right one is for whoever holds
    /// one of their own to compare: see [`LogProof::agrees_with`].
    pub fn check(&self) -> Result<(), NotProven> {
        let root = read(&self.head).filter(|_| self.form == FORM).ok_or(NotProven::Form)?;
        let mut seen = BTreeSet::new();
        for entry in &self.entries {
            let wrong = NotProven::Entry(entry.number);
            let path = read_all(&entry.path).ok_or(wrong.clone())?;
            let is_in = log::includes(&entry.fields.leaf(), entry.number, &path, self.size, &root);
            if !is_in || !seen.insert(entry.number) {
                return Err(wrong);
            }
        }
        if let Some(older) = &self.older {
            let old = read(&older.head).ok_or(NotProven::Older)?;
            let path = read_all(&older.path).ok_or(NotProven::Older)?;
            if !log::is_consistent((older.size, &old), (self.size, &root), &path) {
                return Err(NotProven::Older);
            }
        }
        Ok(())
    }

    /// Whether a head that was kept elsewhere is the one of this file, or the older one that it proves to be of the
    /// same log.
    pub fn agrees_with(&self, head: &Hash) -> bool {
        read(&self.head).as_ref() == Some(head)
            || self.older.as_ref().is_some_and(|older| read(&older.head).as_ref() == Some(head))
    }
}
