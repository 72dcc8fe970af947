//! The SQL of jobs.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};

use super::{Lane, When};
use crate::Tx;

db::id! {
    /// Names a job.
    pub JobId
}

/// How long a worker may go on before another node takes the job over.
pub(super) const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// A job that failed this often is laid on the dead list.
pub(super) const ATTEMPTS: i64 = 8;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is due or will be.
    Waiting,
    /// A worker has it.
    Running,
    /// It failed for good and waits for a person.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Dead];

    /// The word in the database and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Dead => "Stopped",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(())
    }
}

db::text_column!(State);

pub(super) async fn insert(
    tx: &mut Tx,
    kind: &str,
    lane: Lane,
    payload: &str,
    when: When,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO job (id, kind, payload, lane, state, run_at, attempts, created_at, unique_key)
         VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, 0, ?6, ?7)
         ON CONFLICT (unique_key) DO NOTHING"
    );
    let (id, now) = (tx.id::<JobId>(), tx.now);
    let run_at = when.not_before.unwrap_or(now);
    tx.run_later(statement, params![id, kind, payload, lane.code(), run_at, now, when.key]).await
}

db::record! {
    /// A job that a worker has taken.
    pub(super) struct Taken {
        pub id: JobId,
        pub kind: String,
        pub payload: String,
        pub attempts: i64,
        pub lease_until: Timestamp,
    }
}

/// Takes the next due jobs of a lane, those of dead workers included. Index: `job_due`.
pub(super) async fn take(tx: &mut Tx, lane: Lane, limit: i64) -> Result<Vec<Taken>, DbError> {
    let statement = sql!(
        "UPDATE job SET state = 'running', lease_until = ?3, attempts = attempts + 1
         WHERE id IN (
             SELECT id FROM job
             WHERE lane = ?1 AND ((state = 'waiting' AND run_at <= ?2) OR (state = 'running' AND lease_until <= ?2))
             ORDER BY run_at, id LIMIT ?4 /*postgres FOR UPDATE SKIP LOCKED */
         )
         RETURNING id, kind, payload, attempts, lease_until"
    );
    let now = tx.now;
    tx.all(statement, params![lane.code(), now, now + LEASE, limit]).await
}

/// Deletes a finished job; nothing where its lease has passed to another worker.
pub(super) async fn finish(tx: &mut Tx, job: &Taken) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM job WHERE id = ?1 AND lease_until = ?2"), params![job.id, job.lease_until])
        .await?;
    Ok(())
}

/// Puts a job back: to be tried at `run_at`, or on the dead list.
pub(super) async fn put_back(
    tx: &mut Tx,
    job: &Taken,
    state: State,
    run_at: Timestamp,
    error: Option<&str>,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE job SET state = ?3, run_at = ?4, last_error = coalesce(?5, last_error), lease_until = NULL
         WHERE id = ?1 AND lease_until = ?2"
    );
    tx.run_later(statement, params![job.id, job.lease_until, state, run_at, error]).await
}

/// Gives a job back untried, at a shutdown or to a node that knows its name.
pub(super) async fn hand_back(tx: &mut Tx, job: &Taken, run_at: Timestamp) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE job SET state = 'waiting', run_at = ?3, attempts = attempts - 1, lease_until = NULL
         WHERE id = ?1 AND lease_until = ?2"
    );
    tx.run_later(statement, params![job.id, job.lease_until, run_at]).await
}

db::record! {
    /// How many jobs stand where.
    pub struct Counts {
        /// Due or to come.
        pub waiting: i64,
        /// With a worker.
        pub running: i64,
        /// Failed for good.
        pub dead: i64,
    }
}

/// How many jobs stand where. The table holds only unfinished ones, so that counting is cheap.
pub async fn counts(snapshot: &mut Snapshot) -> Result<Counts, DbError> {
    let statement = sql!(
        "SELECT CAST(coalesce(sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting,
                CAST(coalesce(sum(CASE WHEN state = 'running' THEN 1 ELSE 0 END), 0) AS BIGINT) AS running,
                CAST(coalesce(sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS BIGINT) AS dead
         FROM job"
    );
    snapshot.one(statement, params![]).await
}

db::record! {
    /// A row of the administrator's list.
    pub struct Listed {
        /// The job.
        pub id: JobId,
        /// Its name.
        pub kind: String,
        /// When it runs next, or was taken.
        pub run_at: Timestamp,
        /// How often it was tried.
        pub attempts: i64,
        /// What went wrong last.
        pub last_error: Option<String>,
    }
}

/// A page of jobs in `state` behind `after`, oldest first, 51 at most. Index: `job_due` by lane.
pub async fn list(
    snapshot: &mut Snapshot,
    state: State,
    after: Option<(Timestamp, JobId)>,
) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT id, kind, run_at, attempts, last_error FROM job
         WHERE lane IN ('urgent', 'bulk', 'elsewhere') AND state = ?1 AND (run_at, id) > (?2, ?3)
         ORDER BY run_at, id LIMIT 51"
    );
    let (at, id) = after.unwrap_or((Timestamp::UNIX_EPOCH, JobId(uuid::Uuid::nil())));
    snapshot.all(statement, params![state, at, id]).await
}

/// Gives a dead job another set of tries; `false` where it is not on the dead list.
pub async fn retry(tx: &mut Tx, id: JobId) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE job SET state = 'waiting', run_at = ?2, attempts = 0 WHERE id = ?1 AND state = 'dead'");
    let now = tx.now;
    Ok(tx.run(statement, params![id, now]).await? == 1)
}
