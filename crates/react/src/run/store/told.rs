//! The SQL of whom a clock of a run tells.

use db::{DbError, Snapshot, params, sql};
use platform::{
    Tx,
    access::{PersonId, Role},
    organisation::OrganisationId,
};
use uuid::Uuid;

use crate::{
    case::Zone,
    incident::IncidentId,
    run::{RunId, TaskId},
};

db::record! {
    /// A task whose clock has rung, with its run and its incident.
    pub struct Late {
        /// The task.
        pub id: TaskId,
        /// Its run.
        pub run_id: RunId,
        /// The incident.
        pub incident_id: IncidentId,
        /// Whose the run is.
        pub zone: Zone,
        /// The step.
        pub step: String,
        /// The visit.
        pub visit: i64,
        /// What it is held to.
        pub hash: Vec<u8>,
        /// Who is told first: who has taken it, else who started the run.
        pub owner: PersonId,
        /// Who started the run.
        pub started_by: PersonId,
        /// The organisation; none where nobody knows which.
        pub organisation_id: Option<OrganisationId>,
    }
}

/// A task that is still open in an incident that is not over. Index: the key.
pub async fn late(snapshot: &mut Snapshot, task: Uuid) -> Result<Option<Late>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.run_id, r.incident_id, r.zone, t.step, t.visit, r.hash, coalesce(t.owner_id, r.started_by) AS owner,
                r.started_by,
                CASE WHEN i.apart = TRUE THEN NULL ELSE i.organisation_id END AS organisation_id
         FROM run_task t JOIN run r ON r.id = t.run_id JOIN incident i ON i.id = r.incident_id
         WHERE t.id = ?1 AND t.state = 'open' AND i.state IN ('reported', 'open')"
    );
    snapshot.maybe(statement, params![task]).await
}

/// The mail address of a person. Index: the key.
pub(in crate::run) async fn address(
    snapshot: &mut Snapshot,
    person: PersonId,
) -> Result<Vec<(PersonId, String)>, DbError> {
    let statement =
        sql!("SELECT id, email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    snapshot.all(statement, params![person]).await
}

/// The duty managers of the CERT, 100 at most. Index: `membership_organisation`.
pub(in crate::run) async fn duty_managers(tx: &mut Tx) -> Result<Vec<(PersonId, String)>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.email FROM person p
         WHERE p.email IS NOT NULL AND p.erased_at IS NULL AND p.id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role = 'duty_manager'
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY p.id LIMIT 100"
    );
    let now = tx.now;
    tx.all(statement, params![now]).await
}

/// Those who have this role at an organisation, 100 at most. Index: `membership_organisation`.
pub(in crate::run) async fn in_role(
    tx: &mut Tx,
    organisation: OrganisationId,
    role: Role,
) -> Result<Vec<(PersonId, String)>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.email FROM person p
         WHERE p.email IS NOT NULL AND p.erased_at IS NULL AND p.id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id = ?2 AND m.role = ?3 AND NOT m.awaits_acceptance
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY p.id LIMIT 100"
    );
    let now = tx.now;
    tx.all(statement, params![now, organisation, role.code()]).await
}
