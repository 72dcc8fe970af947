//! The SQL of ringing people for incidents.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId};

use crate::{incident::IncidentId, triage::Priority};

db::record! {
    /// The ringing for one incident.
    pub struct Paging {
        /// The most urgent priority that was rung for.
        pub priority: Priority,
        /// Whether nobody had vouched for the incident when it began.
        pub apart: bool,
        /// When it began.
        pub begun_at: Timestamp,
        /// Who is called first whatever the rota says.
        pub first_id: Option<PersonId>,
        /// Who said that they look at it, where they have not left.
        pub acknowledger: Option<String>,
        /// When.
        pub acknowledged_at: Option<Timestamp>,
        /// When it ended otherwise.
        pub ended_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Paging {
    /// Whether people are still rung, or wait to be.
    pub const fn is_ringing(&self) -> bool {
        self.acknowledged_at.is_none() && self.ended_at.is_none()
    }
}

/// The ringing for an incident. Index: the key.
pub async fn paging(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Option<Paging>, DbError> {
    let statement = sql!(
        "SELECT g.priority, g.apart, g.begun_at, g.first_id, p.name AS acknowledger, g.acknowledged_at, g.ended_at,
                g.version
         FROM incident_paging g LEFT JOIN person p ON p.id = g.acknowledged_by AND p.erased_at IS NULL
         WHERE g.incident_id = ?1"
    );
    snapshot.maybe(statement, params![incident]).await
}

/// Whether somebody was rung since this moment for an incident that nobody has vouched for and is as urgent or more. Index:
/// `incident_paging_apart`.
pub(super) async fn is_rung_apart(
    snapshot: &mut Snapshot,
    since: Timestamp,
    priority: Priority,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT incident_id FROM incident_paging WHERE apart = TRUE AND begun_at >= ?1 AND priority <= ?2 LIMIT 1"
    );
    Ok(snapshot.maybe::<(IncidentId,)>(statement, params![since, priority]).await?.is_some())
}

/// Begins, or begins anew.
pub(super) async fn begin(
    tx: &mut Tx,
    incident: IncidentId,
    (priority, apart): (Priority, bool),
    first: Option<PersonId>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO incident_paging (incident_id, priority, apart, begun_at, first_id, version)
         VALUES (?1, ?2, ?3, ?4, ?5, 1)
         ON CONFLICT (incident_id) DO UPDATE
         SET priority = excluded.priority, apart = excluded.apart, begun_at = excluded.begun_at,
             first_id = excluded.first_id, acknowledged_by = NULL, acknowledged_at = NULL, ended_at = NULL,
             version = incident_paging.version + 1"
    );
    let now = tx.now;
    tx.run(statement, params![incident, priority, apart, now, first]).await?;
    Ok(())
}

/// Notes that somebody looks at it; `false` where its version has moved.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    by: PersonId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE incident_paging SET acknowledged_by = ?3, acknowledged_at = ?4, version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![incident, version, by, now]).await? == 1)
}

/// Notes that nobody has to be rung any more.
pub(super) async fn end(tx: &mut Tx, incident: IncidentId, version: i64) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE incident_paging SET ended_at = ?3, version = version + 1 WHERE incident_id = ?1 AND version = ?2"
    );
    let now = tx.now;
    tx.run(statement, params![incident, version, now]).await?;
    Ok(())
}

/// Notes that somebody is called now.
pub(super) async fn note_call(tx: &mut Tx, incident: IncidentId, person: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO incident_page_call (incident_id, called_at, person_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (incident_id, called_at, person_id) DO NOTHING"
    );
    let now = tx.now;
    tx.run(statement, params![incident, now, person]).await?;
    Ok(())
}

/// Whether somebody was called again for an incident after this moment. Index: the key.
pub(super) async fn is_called_since(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    person: PersonId,
    moment: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT called_at FROM incident_page_call
         WHERE incident_id = ?1 AND called_at > ?2 AND person_id = ?3 LIMIT 1"
    );
    Ok(snapshot.maybe::<(Timestamp,)>(statement, params![incident, moment, person]).await?.is_some())
}

db::record! {
    /// Somebody who was called.
    pub struct Call {
        /// Who, where they have not left.
        pub name: Option<String>,
        /// When.
        pub called_at: Timestamp,
    }
}

/// Who was called for an incident, the last first, 20 at most. Index: the key.
pub(super) async fn calls(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Call>, DbError> {
    let statement = sql!(
        "SELECT p.name, c.called_at
         FROM incident_page_call c LEFT JOIN person p ON p.id = c.person_id AND p.erased_at IS NULL
         WHERE c.incident_id = ?1 ORDER BY c.called_at DESC, c.person_id DESC LIMIT 20"
    );
    snapshot.all(statement, params![incident]).await
}
