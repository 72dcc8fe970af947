//! The SQL of runs. What is read of one begins with the zones that the reader has of its case.

mod tasks;
mod told;

pub(crate) use tasks::give_back;
pub(super) use tasks::{Opening, Settled, ask_again, drop_open, open_task, settle, take, task};
pub use tasks::{Task, all, closed, open, steps_reached};
pub use told::{Late, late};
pub(super) use told::{address, duty_managers, in_role};

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::PersonId,
    retention::{BATCH, Rule},
};
use uuid::Uuid;

use super::{Happened, RunId, Standing};
use crate::{
    case::{Sight, Zone, Zones},
    incident::IncidentId,
};

/// What people wrote in runs, once the incident is as long over as its own words are kept. What was done, by whom
/// and when stays.
pub const FORGOTTEN: Rule = Rule {
    name: "run_words",
    // Indexes: run_words, the key of incident, run_task's (run_id, visit).
    forget: |tx, before| {
        Box::pin(async move {
            let tasks = sql!(
                "UPDATE run_task SET evidence = '', undo = '', reason = '' WHERE run_id IN (
                     SELECT r.id FROM run r CROSS JOIN incident i
                     WHERE r.words_kept = TRUE AND i.id = r.incident_id AND i.closed_at < ?1
                     ORDER BY r.incident_id, r.id LIMIT ?2)"
            );
            tx.run(tasks, params![before, BATCH]).await?;
            let runs = sql!(
                "UPDATE run SET reason = '', words_kept = FALSE WHERE id IN (
                     SELECT r.id FROM run r CROSS JOIN incident i
                     WHERE r.words_kept = TRUE AND i.id = r.incident_id AND i.closed_at < ?1
                     ORDER BY r.incident_id, r.id LIMIT ?2)"
            );
            tx.run(runs, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// A run.
    pub struct Run {
        /// Which.
        pub id: RunId,
        /// In the case of which incident.
        pub incident_id: IncidentId,
        /// Whose it is.
        pub zone: Zone,
        /// How its address named the playbook.
        pub playbook: String,
        /// What the playbook is called.
        pub name: String,
        /// What names the version.
        pub hash: Vec<u8>,
        /// Where people stand, as JSON.
        pub state: String,
        /// Whether it is followed.
        pub standing: Standing,
        /// Who started it.
        pub started_by: PersonId,
        /// Their name, where they have not left.
        pub starter: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub starter_through: Option<String>,
        /// When.
        pub started_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Why it was stopped; empty where it was not.
        pub reason: String,
        /// How many tasks and questions are open.
        pub open: i64,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Run {
    /// How much it asks now, in words: `3 steps to do`.
    pub fn open_in_words(&self) -> String {
        if self.open == 1 { "1 step to do".to_owned() } else { format!("{} steps to do", self.open) }
    }

    /// What it asks now, as a line of a note.
    pub fn in_a_line(&self) -> String {
        format!("Playbook “{}”: {}", self.name, self.open_in_words())
    }
}

macro_rules! runs {
    () => {
        "SELECT r.id, r.incident_id, r.zone, r.playbook, r.name, r.hash, r.state, r.standing, r.started_by,
                p.name AS starter, w.name AS starter_through, r.started_at, r.ended_at, r.reason, r.version,
                (SELECT count(*) FROM run_task t WHERE t.run_id = r.id AND t.closed_at IS NULL) AS open
         FROM run r LEFT JOIN person p ON p.id = r.started_by AND p.erased_at IS NULL
         LEFT JOIN organisation w ON w.id = r.through_id "
    };
}

/// The runs of these zones, the newest first, 150 at most: there are no more. Indexes: `run_of`, `run_task_open`.
pub async fn runs(snapshot: &mut Snapshot, incident: IncidentId, zones: Zones) -> Result<Vec<Run>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        runs!(),
        "WHERE r.incident_id = ?1 AND r.zone IN (?2, ?3, ?4) ORDER BY r.incident_id, r.id DESC LIMIT 150"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// Those of them that are followed. Index: `run_of`.
pub async fn running(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Run>, DbError> {
    let mut runs = runs(snapshot, incident, zones).await?;
    runs.retain(|run| run.standing == Standing::Running);
    Ok(runs)
}

/// A run of this incident, if it is in one of these zones. Index: the key.
pub async fn run(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: RunId,
) -> Result<Option<Run>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(runs!(), "WHERE r.id = ?1 AND r.incident_id = ?2 AND r.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// How many runs a zone has. Index: `run_of`.
pub(super) async fn count(snapshot: &mut Snapshot, incident: IncidentId, zone: Zone) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM run WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(statement, params![incident, zone]).await?;
    Ok(count)
}

/// The run that was started with this form. Index: the unique form.
pub(super) async fn started_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<RunId>, DbError> {
    let statement = sql!("SELECT id FROM run WHERE form = ?1 AND incident_id = ?2");
    let found: Option<(RunId,)> = snapshot.maybe(statement, params![form, incident]).await?;
    Ok(found.map(|(id,)| id))
}

/// The run in which a zone follows this playbook now. Index: `run_of`.
pub(super) async fn followed(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    (named, zone): (&str, Zone),
) -> Result<Option<RunId>, DbError> {
    let statement = sql!(
        "SELECT id FROM run WHERE incident_id = ?1 AND zone = ?2 AND playbook = ?3 AND standing = 'running'
         ORDER BY incident_id, id LIMIT 1"
    );
    let found: Option<(RunId,)> = snapshot.maybe(statement, params![incident, zone, named]).await?;
    Ok(found.map(|(id,)| id))
}

/// Whether this form has caused something. Index: the unique form.
pub(super) async fn happened(snapshot: &mut Snapshot, run: RunId, form: Uuid) -> Result<bool, DbError> {
    let statement = sql!("SELECT run_id FROM run_event WHERE form = ?1 AND run_id = ?2");
    let found: Option<(RunId,)> = snapshot.maybe(statement, params![form, run]).await?;
    Ok(found.is_some())
}

/// The playbook to which runs are held. Index: the key.
pub async fn document(snapshot: &mut Snapshot, hash: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT document FROM run_document WHERE hash = ?1");
    let found: Option<(Vec<u8>,)> = snapshot.maybe(statement, params![hash.to_vec()]).await?;
    Ok(found.map(|(document,)| document))
}

/// Keeps a playbook, unless it is kept.
pub(super) async fn keep(tx: &mut Tx, hash: &[u8], document: &[u8]) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO run_document (hash, document, kept_at) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING"
    );
    let now = tx.now;
    tx.run(statement, params![hash.to_vec(), document.to_vec(), now]).await?;
    Ok(())
}

/// A run that begins.
pub(super) struct Beginning<'a> {
    pub zone: Zone,
    pub playbook: &'a str,
    pub name: &'a str,
    pub hash: &'a [u8],
    pub by: PersonId,
    pub form: Uuid,
}

/// Keeps a run that begins; where people stand in it is told afterwards.
pub(super) async fn insert(tx: &mut Tx, sight: &Sight, beginning: &Beginning<'_>) -> Result<Run, DbError> {
    let (id, now): (RunId, _) = (tx.id(), tx.now);
    let &Beginning { zone, playbook, name, hash, by, form } = beginning;
    let statement = sql!(
        "INSERT INTO run (id, incident_id, zone, playbook, name, hash, state, standing, started_by, through_id,
                          started_at, reason, events, words_kept, form, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{}', 'running', ?7, ?8, ?9, '', 0, TRUE, ?10, 1)"
    );
    let (incident, through) = (sight.incident.id, sight.through);
    let values = params![id, incident, zone, playbook, name, hash.to_vec(), by, through, now, form];
    tx.run(statement, values).await?;
    Ok(Run {
        id,
        incident_id: incident,
        zone,
        playbook: playbook.to_owned(),
        name: name.to_owned(),
        hash: hash.to_vec(),
        state: String::new(),
        standing: Standing::Running,
        started_by: by,
        starter: None,
        starter_through: None,
        started_at: now,
        ended_at: None,
        reason: String::new(),
        open: 0,
        version: 1,
    })
}

/// Where a run stands from now on.
pub(super) struct Moved<'a> {
    pub state: &'a str,
    pub standing: Standing,
    pub ended_at: Option<Timestamp>,
    pub reason: &'a str,
    /// How many events are added to it.
    pub events: i64,
}

/// Moves a run on; the number of its last event, or nothing where somebody else was faster.
pub(super) async fn advance(tx: &mut Tx, run: &Run, moved: &Moved<'_>) -> Result<Option<i64>, DbError> {
    let statement = sql!(
        "UPDATE run SET state = ?3, standing = ?4, ended_at = ?5, reason = ?6, events = events + CAST(?7 AS BIGINT),
                version = version + 1
         WHERE id = ?1 AND version = ?2 RETURNING events"
    );
    let &Moved { state, standing, ended_at, reason, events } = moved;
    let values = params![run.id, run.version, state, standing, ended_at, reason, events];
    let found: Option<(i64,)> = tx.maybe(statement, values).await?;
    Ok(found.map(|(last,)| last))
}

/// Counts one more event of a run that a clock causes; its number.
pub(super) async fn count_event(tx: &mut Tx, run: RunId) -> Result<i64, DbError> {
    let statement = sql!("UPDATE run SET events = events + 1 WHERE id = ?1 RETURNING events");
    let (last,): (i64,) = tx.one(statement, params![run]).await?;
    Ok(last)
}

/// Something that happened.
pub(super) struct Event<'a> {
    pub kind: Happened,
    pub step: &'a str,
    pub visit: Option<i64>,
    pub detail: &'a str,
}

/// Keeps what happened under its number; what somebody did by the form that caused it.
pub(super) async fn event(
    tx: &mut Tx,
    (run, number): (RunId, i64),
    event: &Event<'_>,
    by: Option<(&Actor, &Sight)>,
    form: Option<Uuid>,
) -> Result<(), DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let person = by.and_then(|(actor, _)| actor.holder());
    let through = by.and_then(|(_, sight)| sight.through);
    let &Event { kind, step, visit, detail } = event;
    let statement = sql!(
        "INSERT INTO run_event (id, run_id, number, kind, step, visit, detail, person_id, through_id, at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    tx.run(statement, params![id, run, number, kind, step, visit, detail, person, through, now, form])
        .await?;
    Ok(())
}

db::record! {
    /// What happened in a run, as it is read.
    pub struct Past {
        /// Its number.
        pub number: i64,
        /// What happened.
        pub kind: Happened,
        /// The step.
        pub step: String,
        /// The visit.
        pub visit: Option<i64>,
        /// An answer, a round, a number of branches.
        pub detail: String,
        /// When.
        pub at: Timestamp,
    }
}

/// What happened in a run that is read, behind this number, 200 at most. Index: `run_event`'s (`run_id`, `number`).
pub async fn events(snapshot: &mut Snapshot, run: RunId, after: i64) -> Result<Vec<Past>, DbError> {
    let statement = sql!(
        "SELECT number, kind, step, visit, detail, at FROM run_event
         WHERE run_id = ?1 AND number > CAST(?2 AS BIGINT) ORDER BY number LIMIT 200"
    );
    snapshot.all(statement, params![run, after]).await
}
