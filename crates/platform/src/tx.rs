//! A write as actions see it: the transaction, the one moment it happens at, and new ids.

use std::ops::{Deref, DerefMut};

use db::DbError;
use jiff::Timestamp;
use uuid::Uuid;

use crate::env::Env;

/// A database transaction that knows its moment. Reading functions take `&mut Snapshot`, which it
/// dereferences to through [`db::Tx`].
#[derive(Debug)]
pub struct Tx {
    inner: db::Tx,
    env: Env,
    /// The moment of everything that happens in it.
    pub now: Timestamp,
}

impl Tx {
    pub(crate) fn new(inner: db::Tx, env: Env) -> Self {
        let now = env.now();
        Self { inner, env, now }
    }

    /// A new id.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.env.id()
    }

    /// Randomness, for tokens and salts.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        self.env.bytes()
    }

    /// A random number below `bound`, for jitter.
    pub fn below(&self, bound: u64) -> u64 {
        self.env.below(bound)
    }

    /// Keeps everything, durably.
    pub async fn commit(self) -> Result<(), DbError> {
        self.inner.commit().await
    }
}

impl Deref for Tx {
    type Target = db::Tx;

    fn deref(&self) -> &db::Tx {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut db::Tx {
        &mut self.inner
    }
}
