//! The SQL of what is to be done, answered or found out in a run.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};

use crate::{
    case::Zone,
    incident::IncidentId,
    run::{Kind, MOST_VISITS, RunId, TaskId, TaskState, Words},
};

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
pub(in crate::run) async fn task(
    snapshot: &mut Snapshot,
    run: RunId,
    id: TaskId,
) -> Result<Option<Task>, DbError> {
    snapshot.maybe(sql!(tasks!(), "WHERE t.id = ?1 AND t.run_id = ?2"), params![id, run]).await
}

/// Something that opens.
pub(in crate::run) struct Opening<'a> {
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
pub(in crate::run) async fn open_task(
    tx: &mut Tx,
    run: RunId,
    opening: &Opening<'_>,
) -> Result<TaskId, DbError> {
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
pub(in crate::run) struct Settled<'a> {
    pub state: TaskState,
    pub answer: &'a str,
    pub words: Words<'a>,
    pub closed: bool,
    pub by: PersonId,
    pub through: Option<OrganisationId>,
}

/// Keeps how a task stands; `false` where somebody else was faster.
pub(in crate::run) async fn settle(tx: &mut Tx, task: &Task, settled: &Settled<'_>) -> Result<bool, DbError> {
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
pub(in crate::run) async fn ask_again(tx: &mut Tx, run: RunId, visit: i64) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE run_task SET state = 'open', version = version + 1
         WHERE run_id = ?1 AND visit = ?2 AND state = 'waiting'"
    );
    tx.run(statement, params![run, visit]).await?;
    Ok(())
}

/// Gives a task to somebody; `false` where somebody else was faster.
pub(in crate::run) async fn take(tx: &mut Tx, task: &Task, by: PersonId) -> Result<bool, DbError> {
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
pub(in crate::run) async fn drop_open(tx: &mut Tx, run: RunId, by: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE run_task SET state = 'dropped', closed_at = ?2, closed_by = ?3, version = version + 1
         WHERE run_id = ?1 AND closed_at IS NULL"
    );
    let now = tx.now;
    tx.run(statement, params![run, now, by]).await?;
    Ok(())
}
