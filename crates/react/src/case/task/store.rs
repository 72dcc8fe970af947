//! The SQL of tasks.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
};
use uuid::Uuid;

use super::{Owner, State, TaskId, Wanted};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::{IncidentId, Receipt},
};

db::record! {
    /// A task.
    pub struct Task {
        /// Which.
        pub id: TaskId,
        /// Of which case.
        pub incident_id: IncidentId,
        /// The number of that incident.
        pub receipt: Receipt,
        /// Whose it is to read.
        pub zone: Zone,
        /// What is to be done; empty where it was forgotten.
        pub title: String,
        /// Why, and how.
        pub text: String,
        /// The kind of its owner.
        pub owner: String,
        /// The owner, where it is a person.
        pub person_id: Option<PersonId>,
        /// Their name, where they have not left.
        pub person: Option<String>,
        /// The organisation whose it is, or through which the person comes.
        pub organisation_id: Option<OrganisationId>,
        /// Its name.
        pub organisation: Option<String>,
        /// Until when.
        pub due_at: Option<Timestamp>,
        /// Where it stands.
        pub state: State,
        /// What came of it.
        pub outcome: String,
        /// When it was written down.
        pub made_at: Timestamp,
        /// When it last moved.
        pub moved_at: Timestamp,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Task {
    /// What it is called.
    pub fn called(&self) -> &str {
        if self.title.is_empty() { "No longer kept" } else { &self.title }
    }

    /// Whose it is.
    pub fn owner(&self) -> Owner {
        match (self.owner.as_str(), self.person_id, self.organisation_id) {
            ("person", Some(id), _) => Owner::Person(id),
            ("organisation", _, Some(id)) => Owner::Organisation(id),
            ("cert", ..) => Owner::Cert,
            _ => Owner::Nobody,
        }
    }

    /// Whether it should have been done before `now`.
    pub fn is_late(&self, now: &Timestamp) -> bool {
        self.state.is_to_do() && self.due_at.is_some_and(|due| due <= *now)
    }
}

macro_rules! tasks {
    () => {
        "SELECT t.id, t.incident_id, i.receipt, t.zone, t.title, t.text, t.owner, t.person_id, p.name AS person,
                t.organisation_id, o.name AS organisation, t.due_at, t.state, t.outcome, t.made_at, t.moved_at,
                t.version
         FROM case_task t
         CROSS JOIN incident i
         LEFT JOIN person p ON p.id = t.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = t.organisation_id "
    };
}

/// The tasks of these zones of a case, those to do first, by when they are due; [`super::MOST`] of each at most. Index:
/// `case_task_of`.
pub async fn of(snapshot: &mut Snapshot, incident: IncidentId, zones: Zones) -> Result<Vec<Task>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        tasks!(),
        "WHERE i.id = t.incident_id AND t.incident_id = ?1 AND t.zone IN (?2, ?3, ?4)
         ORDER BY CASE WHEN t.state IN ('open', 'doing') THEN 0 ELSE 1 END,
                  CASE WHEN t.due_at IS NULL THEN 1 ELSE 0 END, t.due_at, t.id LIMIT 1500"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// The tasks of these zones of a case behind `after`, the first written down first, 51 at most. Index: `case_task_of`.
pub async fn after(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    after: TaskId,
) -> Result<Vec<Task>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        tasks!(),
        "WHERE i.id = t.incident_id AND t.incident_id = ?1 AND t.zone IN (?2, ?3, ?4) AND t.id > ?5
         ORDER BY t.id LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, after]).await
}

/// A task of a case, if it stands in one of these zones. Index: the key.
pub async fn task(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: TaskId,
) -> Result<Option<Task>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        tasks!(),
        "WHERE i.id = t.incident_id AND t.id = ?1 AND t.incident_id = ?2 AND t.zone IN (?3, ?4, ?5)"
    );
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// A task, whoever asks: for clocks. Index: the key.
pub(in crate::case) async fn any(snapshot: &mut Snapshot, id: TaskId) -> Result<Option<Task>, DbError> {
    snapshot.maybe(sql!(tasks!(), "WHERE i.id = t.incident_id AND t.id = ?1"), params![id]).await
}

/// What stands before the first of what somebody has to do.
pub const START: (Timestamp, TaskId) = (Timestamp::UNIX_EPOCH, TaskId(Uuid::nil()));

/// What a person at the CERT has to do in every case, the first due first and what has no day last, 51 at most behind
/// `after`. Index: `case_task_person`.
pub async fn of_person_at_cert(
    snapshot: &mut Snapshot,
    person: PersonId,
    (due, after): (Timestamp, TaskId),
) -> Result<Vec<Task>, DbError> {
    let statement = sql!(
        tasks!(),
        "WHERE i.id = t.incident_id AND t.person_id = ?1 AND t.state IN ('open', 'doing')
           AND t.zone IN ('shared', 'cert') AND (coalesce(t.due_at, ?4), t.id) > (?2, ?3)
         ORDER BY coalesce(t.due_at, ?4), t.id LIMIT 51"
    );
    snapshot.all(statement, params![person, due, after, Timestamp::MAX]).await
}

/// What a person at an organisation has to do in every case that they still see: where they were let out, their task
/// is gone with the case. The first due first and what has no day last, 51 at most behind `after`. Indexes:
/// `case_task_person`, `case_guest_of`.
pub async fn of_person(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    (due, after): (Timestamp, TaskId),
) -> Result<Vec<Task>, DbError> {
    let statement = sql!(
        mine!(),
        tasks!(),
        "WHERE i.id = t.incident_id AND t.person_id = ?1 AND t.state IN ('open', 'doing') AND i.apart = FALSE
           AND ((t.zone IN ('own', 'shared') AND i.organisation_id IN (SELECT organisation_id FROM mine))
                OR EXISTS (SELECT 1 FROM case_guest g
                           WHERE g.incident_id = i.id AND g.zone = t.zone AND g.ended_at IS NULL
                             AND g.organisation_id IN (SELECT organisation_id FROM mine)))
           AND (coalesce(t.due_at, ?9), t.id) > (?7, ?8)
         ORDER BY coalesce(t.due_at, ?9), t.id LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![due, after, Timestamp::MAX])).await
}

/// How many tasks a zone of a case has, and the one of this form. Index: `case_task_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    (incident, zone): (IncidentId, Zone),
    form: Uuid,
) -> Result<(i64, Option<TaskId>), DbError> {
    let count = sql!("SELECT count(*) FROM case_task WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(count, params![incident, zone]).await?;
    let same = sql!("SELECT id FROM case_task WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(TaskId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

/// Who is behind an owner: the person, and the organisation.
pub(super) type Behind = (Option<PersonId>, Option<OrganisationId>);

pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone, form): (IncidentId, Zone, Uuid),
    wanted: &Wanted,
    (person, organisation): Behind,
    (by, through): Behind,
) -> Result<TaskId, CaseError> {
    let (id, now): (TaskId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_task (id, incident_id, zone, title, text, owner, person_id, organisation_id, due_at, state,
                                outcome, made_by, through_id, made_at, moved_at, form, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', '', ?10, ?11, ?12, ?12, ?13, 1)"
    );
    let (title, text, kind) = (wanted.title.trim(), wanted.text.trim(), wanted.owner.kind());
    let values = params![
        id,
        incident,
        zone,
        title,
        text,
        kind,
        person,
        organisation,
        wanted.due_at,
        by,
        through,
        now,
        form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

/// Moves a task on, or gives it to somebody else; `false` where its version has moved.
pub(super) async fn advance(
    tx: &mut Tx,
    task: &Task,
    (state, outcome): (State, &str),
    (owner, (person, organisation)): (Owner, Behind),
    due_at: Option<Timestamp>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE case_task SET state = ?3, outcome = ?4, owner = ?5, person_id = ?6, organisation_id = ?7, due_at = ?8,
                              moved_at = ?9, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let now = tx.now;
    let values =
        params![task.id, task.version, state, outcome, owner.kind(), person, organisation, due_at, now];
    Ok(tx.run(statement, values).await? == 1)
}

/// What an organisation that is let out of a zone had to do there is nobody's again. Index: `case_task_of`.
pub(crate) async fn give_back(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE case_task SET owner = 'nobody', person_id = NULL, organisation_id = NULL, version = version + 1
         WHERE incident_id = ?1 AND zone = ?2 AND organisation_id = ?3 AND state IN ('open', 'doing')"
    );
    tx.run(statement, params![incident, zone, organisation]).await?;
    Ok(())
}
