//! The SQL of clocks.

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Due, Next};
use crate::{Tx, organisation::OrganisationId};

/// A clock to be started.
#[derive(Clone, Debug)]
pub struct Running {
    /// What it is about.
    pub about: Uuid,
    /// Whom it runs for.
    pub organisation: OrganisationId,
    /// Which of the clocks about this.
    pub name: &'static str,
    /// The [`super::Kind`] that it rings.
    pub kind: &'static str,
    /// The deadline.
    pub due_at: Timestamp,
    /// The first rung.
    pub next_due_at: Timestamp,
    /// The policy and its version, such as `response/1`.
    pub policy: String,
}

/// Starts a clock, or sets it anew.
pub async fn start(tx: &mut Tx, clock: &Running) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO clock (about_id, organisation_id, name, kind, started_at, due_at, zone, policy, rung, next_due_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'Europe/London', ?7, 0, ?8)
         ON CONFLICT (about_id, organisation_id, name) DO UPDATE
         SET started_at = excluded.started_at, due_at = excluded.due_at, policy = excluded.policy,
             rung = 0, next_due_at = excluded.next_due_at, stopped_at = NULL"
    );
    let now = tx.now;
    let values = params![
        clock.about,
        clock.organisation,
        clock.name,
        clock.kind,
        now,
        clock.due_at,
        clock.policy.as_str(),
        clock.next_due_at
    ];
    tx.run_later(statement, values).await
}

/// Stops a clock; nothing where it has stopped.
pub async fn stop(tx: &mut Tx, about: Uuid, organisation: OrganisationId, name: &str) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE clock SET stopped_at = ?4, next_due_at = NULL
         WHERE about_id = ?1 AND organisation_id = ?2 AND name = ?3 AND stopped_at IS NULL"
    );
    let now = tx.now;
    tx.run_later(statement, params![about, organisation, name, now]).await
}

db::record! {
    /// A clock as pages show it.
    pub struct Shown {
        /// Which of the clocks.
        pub name: String,
        /// The deadline.
        pub due_at: Timestamp,
        /// When it stopped, where it has.
        pub stopped_at: Option<Timestamp>,
        /// The policy and its version.
        pub policy: String,
    }
}

/// The clocks about one thing for one organisation. Index: the primary key.
pub async fn running(
    snapshot: &mut Snapshot,
    about: Uuid,
    organisation: OrganisationId,
) -> Result<Vec<Shown>, DbError> {
    let statement = sql!(
        "SELECT name, due_at, stopped_at, policy FROM clock
         WHERE about_id = ?1 AND organisation_id = ?2 ORDER BY due_at"
    );
    snapshot.all(statement, params![about, organisation]).await
}

/// How many clocks run for an organisation. Index: `clock_organisation`.
pub async fn of_organisation(snapshot: &mut Snapshot, organisation: OrganisationId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM clock WHERE organisation_id = ?1 AND next_due_at IS NOT NULL");
    let (count,): (i64,) = snapshot.one(statement, params![organisation]).await?;
    Ok(count)
}

impl FromRow for Due {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            about: row.get("about_id")?,
            organisation: row.get("organisation_id")?,
            name: row.get("name")?,
            started_at: row.get("started_at")?,
            due_at: row.get("due_at")?,
            rung: row.get("rung")?,
        })
    }
}

/// The clocks of a kind that are due, in key order. Index: `clock_due`.
pub(super) async fn due(tx: &mut Tx, kind: &str, limit: i64) -> Result<Vec<Due>, DbError> {
    let statement = sql!(
        "SELECT about_id, organisation_id, name, started_at, due_at, rung FROM clock
         WHERE next_due_at <= ?1 AND kind = ?2
         ORDER BY next_due_at, about_id, organisation_id, name LIMIT ?3 /*postgres FOR UPDATE SKIP LOCKED */"
    );
    let now = tx.now;
    tx.all(statement, params![now, kind, limit]).await
}

/// Moves a clock to its next rung.
pub(super) async fn climb(tx: &mut Tx, due: &Due, next: Next) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE clock SET rung = rung + 1, next_due_at = ?4
         WHERE about_id = ?1 AND organisation_id = ?2 AND name = ?3"
    );
    let next = match next {
        Next::At(moment) => Some(moment),
        Next::Last => None,
    };
    tx.run_later(statement, params![due.about, due.organisation, due.name.as_str(), next]).await
}
