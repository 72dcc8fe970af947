//! The SQL of the steps of one incident, and of its times of waiting.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId};
use uuid::Uuid;

use super::{Mark, WaitId};
use crate::{case::CaseError, incident::IncidentId};

db::record! {
    /// When the steps of an incident were reached, beside those that it knows itself.
    #[derive(Default)]
    pub struct Pace {
        /// When somebody at the CERT first looked at it.
        pub acknowledged_at: Option<Timestamp>,
        /// Since when the attacker does no more.
        pub contained_at: Option<Timestamp>,
        /// Since when care is as before.
        pub recovered_at: Option<Timestamp>,
    }
}

db::record! {
    /// A time in which the CERT waited for the organisation.
    pub struct Wait {
        /// Which.
        pub id: WaitId,
        /// Since when.
        pub since_at: Timestamp,
        /// Until when; none while it goes on.
        pub until_at: Option<Timestamp>,
        /// For what; empty where it was forgotten.
        pub what: String,
    }
}

/// When the steps of an incident were reached. Index: the key.
pub async fn pace(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Pace, DbError> {
    let statement =
        sql!("SELECT acknowledged_at, contained_at, recovered_at FROM pace WHERE incident_id = ?1");
    Ok(snapshot.maybe(statement, params![incident]).await?.unwrap_or_default())
}

/// When it was waited, the first first: [`super::MOST`] at most. Index: `pace_wait_of`.
pub async fn waits(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Wait>, DbError> {
    let statement = sql!(
        "SELECT w.id, w.since_at, w.until_at, w.what FROM pace_wait w
         WHERE w.incident_id = ?1 ORDER BY w.since_at, w.id LIMIT 100"
    );
    snapshot.all(statement, params![incident]).await
}

/// Keeps that somebody at the CERT looks at an incident, where nobody did before.
pub(crate) async fn acknowledge(tx: &mut Tx, incident: IncidentId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO pace (incident_id, acknowledged_at) VALUES (?1, ?2)
         ON CONFLICT (incident_id) DO UPDATE
         SET acknowledged_at = COALESCE(pace.acknowledged_at, excluded.acknowledged_at)"
    );
    let now = tx.now;
    tx.run(statement, params![incident, now]).await?;
    Ok(())
}

/// Keeps when a step was reached.
pub(super) async fn mark(
    tx: &mut Tx,
    incident: IncidentId,
    mark: Mark,
    at: Timestamp,
) -> Result<(), DbError> {
    let contained = sql!(
        "INSERT INTO pace (incident_id, contained_at) VALUES (?1, ?2)
         ON CONFLICT (incident_id) DO UPDATE SET contained_at = excluded.contained_at"
    );
    let recovered = sql!(
        "INSERT INTO pace (incident_id, recovered_at) VALUES (?1, ?2)
         ON CONFLICT (incident_id) DO UPDATE SET recovered_at = excluded.recovered_at"
    );
    let statement = match mark {
        Mark::Contained => contained,
        Mark::Recovered => recovered,
    };
    tx.run(statement, params![incident, at]).await?;
    Ok(())
}

/// How often it was waited in a case, and the wait of this form. Indexes: `pace_wait_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<(i64, Option<WaitId>), DbError> {
    let count = sql!("SELECT count(*) FROM pace_wait WHERE incident_id = ?1");
    let (count,): (i64,) = snapshot.one(count, params![incident]).await?;
    let same = sql!("SELECT id FROM pace_wait WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(WaitId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

/// Begins to wait; refused where the case waits already.
pub(super) async fn wait(
    tx: &mut Tx,
    incident: IncidentId,
    form: Uuid,
    what: &str,
    by: PersonId,
) -> Result<WaitId, CaseError> {
    let (id, now): (WaitId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO pace_wait (id, incident_id, since_at, what, begun_by, form) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING"
    );
    if tx.run(statement, params![id, incident, now, what, by, form]).await? == 0 {
        return Err(CaseError::Refused("It is waited for something already: end that first.".into()));
    }
    Ok(id)
}

/// Ends a time of waiting; `false` where it was over.
pub(super) async fn end(
    tx: &mut Tx,
    incident: IncidentId,
    wait: WaitId,
    by: Option<PersonId>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE pace_wait SET until_at = ?3, ended_by = ?4
         WHERE id = ?1 AND incident_id = ?2 AND until_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![wait, incident, now, by]).await? == 1)
}

/// Ends whatever is waited for: the incident is closed, or a part of another one. Index: `pace_wait_running`.
pub(crate) async fn end_all(tx: &mut Tx, incident: IncidentId) -> Result<(), DbError> {
    let statement = sql!("UPDATE pace_wait SET until_at = ?2 WHERE incident_id = ?1 AND until_at IS NULL");
    let now = tx.now;
    tx.run(statement, params![incident, now]).await?;
    Ok(())
}
