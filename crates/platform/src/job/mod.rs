//! Work that happens later: a row written in the change's own transaction, so that neither is
//! without the other.
//!
//! A job is a serialisable struct with a name, a lane and `run`. It may run twice (a process can
//! die after the work and before the note of it), so each effect has its own idempotency key.

pub(crate) mod pages;
mod store;
mod worker;

use std::{future::Future, pin::Pin, sync::Arc};

use db::DbError;
use serde::{Serialize, de::DeserializeOwned};

use crate::{App, Tx};
pub use store::{Counts, JobId, Listed, State, counts, list, retry};
pub(crate) use worker::pause;
pub use worker::{Tick, run_due};

/// Which workers take a job: what somebody waits for is never behind what takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for it.
    Urgent,
    /// Fan-outs, recounts, imports.
    Bulk,
    /// What asks servers elsewhere, of which each takes its own time.
    Elsewhere,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Bulk, Self::Elsewhere];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Bulk => "bulk",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Why a job could not be done; it is tried again with growing pauses, for as long as [`Job::PATIENCE`] says.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

/// How long a job that fails is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until it is laid on the dead list, for a person to see to.
    Bounded,
    /// For ever, with the longest pauses: it is what queues the next of its kind.
    Endless,
}

/// Something to do later.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Its name in the table; names that a node does not know are left for newer nodes.
    const NAME: &'static str;
    /// Its lane.
    const LANE: Lane;
    /// Whether it is given up some day.
    const PATIENCE: Patience = Patience::Bounded;

    /// Does it.
    fn run(self, app: App) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// When a job may begin, and whether the same one may wait twice.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// Not before this; at once where `None`.
    pub not_before: Option<jiff::Timestamp>,
    /// A job with a key that is already in the table is not queued again.
    pub key: Option<String>,
}

/// Queues `job` in the transaction of what it follows from.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, when: When) -> Result<(), DbError> {
    let payload = serde_json::to_string(job).map_err(|error| DbError::Engine(error.to_string()))?;
    store::insert(tx, J::NAME, J::LANE, &payload, when).await
}

type Run = Arc<dyn Fn(App, &str) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

/// A row of a service's table of jobs.
#[derive(Clone, Copy)]
pub struct Kind {
    /// [`Job::NAME`].
    pub name: &'static str,
    /// [`Job::LANE`].
    pub lane: Lane,
    /// [`Job::PATIENCE`].
    pub patience: Patience,
    run: fn() -> Run,
}

impl Kind {
    /// The row for `J`.
    pub const fn of<J: Job>() -> Self {
        Self { name: J::NAME, lane: J::LANE, patience: J::PATIENCE, run: runner::<J> }
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kind").field("name", &self.name).finish_non_exhaustive()
    }
}

fn runner<J: Job>() -> Run {
    Arc::new(|app, payload| {
        let job: Result<J, _> = serde_json::from_str(payload);
        Box::pin(async move {
            match job {
                Ok(job) => job.run(app).await,
                Err(error) => Err(Failure(format!("its payload cannot be read: {error}"))),
            }
        })
    })
}
