//! The SQL of situation reports. They all stand in the shared zone: who reads that reads them.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::{Issuing, Outlook, SituationId};
use crate::{
    case::CaseError,
    incident::{IncidentId, State},
};

db::record! {
    /// A situation report as it was issued.
    pub struct Situation {
        /// Which.
        pub id: SituationId,
        /// Its number in its case, from 1.
        pub number: i64,
        /// Where it went.
        pub outlook: Outlook,
        /// Where the incident stood.
        pub state: State,
        /// How it stood; empty where it was forgotten.
        pub summary: String,
        /// What care was affected.
        pub impact: String,
        /// What had happened since the one before.
        pub happened: String,
        /// What was to be done.
        pub tasks: String,
        /// What was decided.
        pub decisions: String,
        /// What was next.
        pub next: String,
        /// Who issued it, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub issued_at: Timestamp,
        /// How many entries of the log were sealed then.
        pub tree_size: Option<i64>,
        /// The hash that stands for them.
        pub tree_head: Option<String>,
    }
}

macro_rules! situations {
    () => {
        "SELECT s.id, s.number, s.outlook, s.state, s.summary, s.impact, s.happened, s.tasks, s.decisions, s.next,
                p.name AS by, o.name AS through, s.issued_at, s.tree_size, s.tree_head
         FROM case_situation s
         LEFT JOIN person p ON p.id = s.issued_by AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = s.through_id "
    };
}

/// The last report of a case. Index: the unique one of numbers.
pub async fn last(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Option<Situation>, DbError> {
    let statement = sql!(situations!(), "WHERE s.incident_id = ?1 ORDER BY s.number DESC LIMIT 1");
    snapshot.maybe(statement, params![incident]).await
}

/// A report of a case by its number. Index: the unique one of numbers.
pub async fn numbered(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    number: i64,
) -> Result<Option<Situation>, DbError> {
    let statement = sql!(situations!(), "WHERE s.incident_id = ?1 AND s.number = ?2");
    snapshot.maybe(statement, params![incident, number]).await
}

/// The reports of a case before a number with all that they say, the last first, 51 at most. Index: the unique one of
/// numbers.
pub async fn whole_before(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    number: i64,
) -> Result<Vec<Situation>, DbError> {
    let statement =
        sql!(situations!(), "WHERE s.incident_id = ?1 AND s.number < ?2 ORDER BY s.number DESC LIMIT 51");
    snapshot.all(statement, params![incident, number]).await
}

db::record! {
    /// A report, as it is listed.
    pub struct Listed {
        /// Its number.
        pub number: i64,
        /// Where it went.
        pub outlook: Outlook,
        /// When it was issued.
        pub issued_at: Timestamp,
    }
}

/// The reports of a case before a number, the last first, 51 at most. Index: the unique one of numbers.
pub async fn before(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    number: i64,
) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT number, outlook, issued_at FROM case_situation
         WHERE incident_id = ?1 AND number < ?2 ORDER BY number DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, number]).await
}

/// The number of the report that was sent with this form. Index: its unique one.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<i64>, DbError> {
    let statement = sql!("SELECT number FROM case_situation WHERE form = ?1 AND incident_id = ?2");
    Ok(snapshot.maybe::<(i64,)>(statement, params![form, incident]).await?.map(|(number,)| number))
}

/// Keeps a report; a number that somebody else took is refused.
pub(super) async fn insert(
    tx: &mut Tx,
    (incident, state): (IncidentId, State),
    issuing: &Issuing,
    (by, through): (PersonId, Option<OrganisationId>),
    (tree_size, tree_head): (i64, &str),
) -> Result<SituationId, CaseError> {
    let (id, now): (SituationId, _) = (tx.id(), tx.now);
    let (words, number) = (&issuing.words, issuing.after + 1);
    let statement = sql!(
        "INSERT INTO case_situation (id, incident_id, number, outlook, state, summary, impact, happened, tasks,
                                     decisions, next, issued_by, through_id, issued_at, tree_size, tree_head, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    );
    let values = params![
        id,
        incident,
        number,
        issuing.outlook,
        state,
        words.summary.trim(),
        words.impact.trim(),
        words.happened.trim(),
        words.tasks.trim(),
        words.decisions.trim(),
        words.next.trim(),
        by,
        through,
        now,
        tree_size,
        tree_head,
        issuing.form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}
