//! The SQL of runs. What is read of one begins with the zones that the reader has of its case.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role},
    organisation::OrganisationId,
    retention::{BATCH, Rule},
};
use uuid::Uuid;

use super::{Happened, Kind, MOST_VISITS, RunId, Standing, TaskId, TaskState};
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

db::record! {
    /// What somebody is asked.
    pub struct Task {
        /// Which.
        pub id: TaskId,
        /// In which run.
        pub run_id: RunId,
        /// What names the stay at the step.
        pub visit: i64,
        /// The step.
        pub step: String,
        /// The branches and rounds in which it lies.
        pub scope: String,
        /// What is asked.
        pub kind: Kind,
        /// What became of it.
        pub state: TaskState,
        /// Of a question, after how many rounds.
        pub rounds: i64,
        /// Of a fact, the visit of its question.
        pub question: Option<i64>,
        /// Who has taken it.
        pub owner_id: Option<PersonId>,
        /// Their name, where they have not left.
        pub owner: Option<String>,
        /// Whether that is somebody of the CERT.
        pub owner_at_cert: bool,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// Before when nobody should begin, as the playbook says.
        pub begins_at: Option<Timestamp>,
        /// By when it should be done.
        pub due_at: Option<Timestamp>,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
        /// The name of whoever closed it.
        pub closer: Option<String>,
        /// The organisation whose person that is.
        pub through: Option<String>,
        /// Of a question, the code of the answer.
        pub answer: String,
        /// What was done, found, or how it is known.
        pub evidence: String,
        /// How it is undone.
        pub undo: String,
        /// Why not.
        pub reason: String,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! tasks {
    () => {
        "SELECT t.id, t.run_id, t.visit, t.step, t.scope, t.kind, t.state, t.rounds, t.question, t.owner_id,
                w.name AS owner, t.owner_id IS NOT NULL AND EXISTS (
                    SELECT 1 FROM membership m WHERE m.holder_id = t.owner_id AND m.organisation_id IS NULL
                ) AS owner_at_cert, t.opened_at, t.begins_at, t.due_at, t.closed_at,
                coalesce(c.name, k.name) AS closer, o.name AS through, t.answer,
                t.evidence, t.undo, t.reason, t.version
         FROM run_task t
         LEFT JOIN person w ON w.id = t.owner_id AND w.erased_at IS NULL
         LEFT JOIN person c ON c.id = t.closed_by AND c.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = t.closed_by
         LEFT JOIN organisation o ON o.id = t.through_id "
    };
}

/// What is open in a run that is read, the first first, 400 at most: `formats` opens no more. Index: `run_task_open`.
pub async fn open(snapshot: &mut Snapshot, run: RunId) -> Result<Vec<Task>, DbError> {
    let statement =
        sql!(tasks!(), "WHERE t.run_id = ?1 AND t.closed_at IS NULL ORDER BY t.run_id, t.visit LIMIT 400");
    snapshot.all(statement, params![run]).await
}

/// What was closed last in a run that is read, 100 at most. Index: `run_task_closed`.
pub async fn closed(snapshot: &mut Snapshot, run: RunId) -> Result<Vec<Task>, DbError> {
    let statement = sql!(
        tasks!(),
        "WHERE t.run_id = ?1 AND t.closed_at IS NOT NULL ORDER BY t.run_id DESC, t.closed_at DESC, t.visit DESC
         LIMIT 100"
    );
    snapshot.all(statement, params![run]).await
}

/// Everything that was asked in a run that is read, the first first, 2,000 at most: a run has no more. Index:
/// `run_task`'s (`run_id`, `visit`). On `read_long`.
pub async fn all(snapshot: &mut Snapshot, run: RunId) -> Result<Vec<Task>, DbError> {
    let most = i64::try_from(MOST_VISITS).unwrap_or(i64::MAX);
    let statement = sql!(tasks!(), "WHERE t.run_id = ?1 ORDER BY t.run_id, t.visit LIMIT CAST(?2 AS BIGINT)");
    snapshot.all(statement, params![run, most]).await
}

/// The steps that were reached, of a run that is read, 500 at most: a playbook has no more. Index: `run_task`'s
/// (`run_id`, `visit`).
pub async fn steps_reached(snapshot: &mut Snapshot, run: RunId) -> Result<Vec<String>, DbError> {
    let statement = sql!("SELECT DISTINCT step FROM run_task WHERE run_id = ?1 ORDER BY step LIMIT 500");
    let rows: Vec<(String,)> = snapshot.all(statement, params![run]).await?;
    Ok(rows.into_iter().map(|(step,)| step).collect())
}

/// A task of a run. Index: the key.
pub(super) async fn task(snapshot: &mut Snapshot, run: RunId, id: TaskId) -> Result<Option<Task>, DbError> {
    snapshot.maybe(sql!(tasks!(), "WHERE t.id = ?1 AND t.run_id = ?2"), params![id, run]).await
}

/// Something that opens.
pub(super) struct Opening<'a> {
    pub visit: i64,
    pub step: &'a str,
    pub scope: &'a str,
    pub kind: Kind,
    pub rounds: i64,
    pub question: Option<i64>,
    pub begins_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
}

/// Keeps something that opens.
pub(super) async fn open_task(tx: &mut Tx, run: RunId, opening: &Opening<'_>) -> Result<TaskId, DbError> {
    let (id, now): (TaskId, _) = (tx.id(), tx.now);
    let &Opening { visit, step, scope, kind, rounds, question, begins_at, due_at } = opening;
    let statement = sql!(
        "INSERT INTO run_task (id, run_id, visit, step, scope, kind, state, rounds, question, opened_at, begins_at,
                               due_at, answer, evidence, undo, reason, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10, ?11, '', '', '', '', 1)"
    );
    let values = params![id, run, visit, step, scope, kind, rounds, question, now, begins_at, due_at];
    tx.run(statement, values).await?;
    Ok(id)
}

/// How a task stands from now on.
pub(super) struct Settled<'a> {
    pub state: TaskState,
    pub answer: &'a str,
    pub words: super::Words<'a>,
    pub closed: bool,
    pub by: PersonId,
    pub through: Option<OrganisationId>,
}

/// Keeps how a task stands; `false` where somebody else was faster.
pub(super) async fn settle(tx: &mut Tx, task: &Task, settled: &Settled<'_>) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE run_task SET state = ?3, answer = ?4, evidence = ?5, undo = ?6, reason = ?7, closed_at = ?8,
                closed_by = ?9, through_id = ?10, version = version + 1
         WHERE id = ?1 AND version = ?2 AND closed_at IS NULL"
    );
    let &Settled { state, answer, words, closed, by, through } = settled;
    let (at, by) = if closed { (Some(tx.now), Some(by)) } else { (None, None) };
    let values = params![
        task.id,
        task.version,
        state,
        answer,
        words.evidence.trim(),
        words.undo.trim(),
        words.reason.trim(),
        at,
        by,
        through
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Has a question asked again that was being found out. Index: `run_task`'s (`run_id`, `visit`).
pub(super) async fn ask_again(tx: &mut Tx, run: RunId, visit: i64) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE run_task SET state = 'open', version = version + 1
         WHERE run_id = ?1 AND visit = ?2 AND state = 'waiting'"
    );
    tx.run(statement, params![run, visit]).await?;
    Ok(())
}

/// Gives a task to somebody; `false` where somebody else was faster.
pub(super) async fn take(tx: &mut Tx, task: &Task, by: PersonId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE run_task SET owner_id = ?3, version = version + 1
         WHERE id = ?1 AND version = ?2 AND closed_at IS NULL"
    );
    Ok(tx.run(statement, params![task.id, task.version, by]).await? == 1)
}

/// What somebody of an organisation that is let out of a zone had taken there is nobody's again: of its people, and of
/// those who answer for it, unless they are of the case's own organisation. Indexes: `run_of`, `run_task_open`,
/// `membership_holder`.
pub(crate) async fn give_back(
    tx: &mut Tx,
    (incident, zone): (IncidentId, Zone),
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE run_task SET owner_id = NULL, version = version + 1
         WHERE closed_at IS NULL AND owner_id IS NOT NULL
           AND run_id IN (SELECT id FROM run WHERE incident_id = ?1 AND zone = ?2)
           AND EXISTS (
               SELECT 1 FROM membership m
               WHERE m.holder_id = run_task.owner_id
                 AND (m.organisation_id = ?3
                      OR m.organisation_id IN (SELECT a.answering_id FROM answers_for a
                                               WHERE a.organisation_id = ?3)))
           AND NOT EXISTS (
               SELECT 1 FROM incident i JOIN membership m ON m.organisation_id = i.organisation_id
               WHERE i.id = ?1 AND m.holder_id = run_task.owner_id)"
    );
    tx.run(statement, params![incident, zone, organisation]).await?;
    Ok(())
}

/// Closes what is open in a run that is stopped. Index: `run_task_open`.
pub(super) async fn drop_open(tx: &mut Tx, run: RunId, by: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE run_task SET state = 'dropped', closed_at = ?2, closed_by = ?3, version = version + 1
         WHERE run_id = ?1 AND closed_at IS NULL"
    );
    let now = tx.now;
    tx.run(statement, params![run, now, by]).await?;
    Ok(())
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
pub(super) async fn address(
    snapshot: &mut Snapshot,
    person: PersonId,
) -> Result<Vec<(PersonId, String)>, DbError> {
    let statement =
        sql!("SELECT id, email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    snapshot.all(statement, params![person]).await
}

/// The duty managers of the CERT, 100 at most. Index: `membership_organisation`.
pub(super) async fn duty_managers(tx: &mut Tx) -> Result<Vec<(PersonId, String)>, DbError> {
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
pub(super) async fn in_role(
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
