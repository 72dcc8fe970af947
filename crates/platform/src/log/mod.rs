//! The sealed log: what happened, who did it, about what; audit trail and event stream in one.
//!
//! A transaction inserts its entry unsealed; one sealer numbers and hashes committed entries each
//! second into an RFC 6962 tree, so that writers do not queue on one row and the order follows
//! commit. An entry holds ids, never names, so that a person can be erased and the tree verify.

mod head;
mod own;
pub(crate) mod pages;
mod part;
mod proof;
mod prove;
mod reading;
mod seal;
mod store;
mod tree;
pub(crate) mod verification;
mod verify;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Actor, Tx, organisation::OrganisationId};
pub(crate) use head::MAIL;
pub use head::mail_head;
pub(crate) use own::PART;
pub use pages::link_about;
pub use part::{Concerning, Finder, Finds, Kind, Named, Part, Reads};
pub use proof::{includes, is_consistent};
pub use prove::{Fields, Head, Proven, consistency, head, keep_blocks, prove, size_of};
pub use reading::{Found, Wanted};
pub use seal::seal;
pub use store::{Event, events_since, newest_sequence, waiting_since};
pub use tree::Hash;
pub use verification::{Verify, WAITING, ask_to_verify};
pub use verify::{Finding, Report, verify};

/// Something that happened, on its way into the log.
#[derive(Clone, Debug)]
pub struct Entry {
    verb: &'static str,
    about: (&'static str, Option<Uuid>),
    organisation: Option<OrganisationId>,
    payload: Json,
}

impl Entry {
    /// `verb` is the noun and what was done to it: `advisory.approved`.
    pub fn new(verb: &'static str) -> Self {
        let noun = verb.split('.').next().unwrap_or(verb);
        Self { verb, about: (noun, None), organisation: None, payload: Json::Null }
    }

    /// The object it is about; its kind is the verb's noun.
    #[must_use]
    pub const fn about(mut self, id: Uuid) -> Self {
        self.about.1 = Some(id);
        self
    }

    /// The object it is about, where its kind is not the verb's noun.
    #[must_use]
    pub const fn about_a(mut self, kind: &'static str, id: Uuid) -> Self {
        self.about = (kind, Some(id));
        self
    }

    /// The organisation that it concerns.
    #[must_use]
    pub const fn organisation(mut self, id: OrganisationId) -> Self {
        self.organisation = Some(id);
        self
    }

    /// What else is to be known: ids, codes, counts and what was written, never names.
    #[must_use]
    pub fn with(mut self, payload: Json) -> Self {
        self.payload = payload;
        self
    }
}

/// Writes `entry` into the log, in the transaction of what it tells.
pub async fn write(tx: &mut Tx, actor: &Actor, entry: Entry) -> Result<(), db::DbError> {
    let row = store::NewEntry::of(tx, actor, &entry);
    store::insert(tx, row).await
}

/// What a leaf of the tree is computed from: every column but the payload, which its digest stands
/// for, so that a payload can be erased.
fn leaf(entry: &store::Stored) -> Hash {
    Fields::of(entry).leaf()
}

/// The digest that stands for a payload: salted, so that a short one cannot be guessed from it.
fn digest(salt: &[u8], payload: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}
