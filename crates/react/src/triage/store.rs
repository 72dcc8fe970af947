//! The SQL of triage.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    organisation::OrganisationId,
    retention::{Rule, rows},
};

use super::{Answer, Because, Facts, Outlook, Priority, Question, Source, Verdict};
use crate::incident::IncidentId;

/// The reasons of people, and references of the NCSC. That there were any, and what was set, stays.
pub const FORGOTTEN: Rule = Rule {
    name: "triage_words",
    // Index: triage_words.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE triage SET set_why = '', ncsc_reference = '', words_at = NULL WHERE incident_id IN (
                 SELECT incident_id FROM triage WHERE words_at < ?1 ORDER BY words_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// What was decided about an incident.
    pub struct Triage {
        /// What follows from the answers.
        pub computed: Priority,
        /// What a person set instead.
        pub set_to: Option<Priority>,
        /// Why; empty where it was forgotten.
        pub set_why: String,
        /// Who, where they have not left.
        pub setter: Option<String>,
        /// When.
        pub set_at: Option<Timestamp>,
        /// What kind of incident it is: a code of the taxonomy.
        pub kind: Option<String>,
        /// Who said so, where they have not left.
        pub classifier: Option<String>,
        /// When.
        pub kind_at: Option<Timestamp>,
        /// The category of the NCSC that we compute.
        pub ncsc_computed: i64,
        /// What a person proposes instead.
        pub ncsc_proposed: Option<i64>,
        /// Who, where they have not left.
        pub proposer: Option<String>,
        /// When.
        pub ncsc_proposed_at: Option<Timestamp>,
        /// What the NCSC assigned.
        pub ncsc_assigned: Option<i64>,
        /// On which day.
        pub ncsc_assigned_on: Option<Timestamp>,
        /// The NCSC's reference.
        pub ncsc_reference: String,
        /// Who entered it, where they have not left.
        pub enterer: Option<String>,
        /// When.
        pub ncsc_entered_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Triage {
    /// The priority that holds.
    pub fn priority(&self) -> Priority {
        self.set_to.unwrap_or(self.computed)
    }

    /// The category that we propose.
    pub fn proposed(&self) -> i64 {
        self.ncsc_proposed.unwrap_or(self.ncsc_computed)
    }
}

/// What was decided about an incident; none where nothing was yet. Index: the key.
pub async fn triage(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Option<Triage>, DbError> {
    let statement = sql!(
        "SELECT t.computed, t.set_to, t.set_why, s.name AS setter, t.set_at, t.kind, k.name AS classifier, t.kind_at,
                t.ncsc_computed, t.ncsc_proposed, p.name AS proposer, t.ncsc_proposed_at, t.ncsc_assigned,
                t.ncsc_assigned_on, t.ncsc_reference, e.name AS enterer, t.ncsc_entered_at, t.version
         FROM triage t
         LEFT JOIN person s ON s.id = t.set_by AND s.erased_at IS NULL
         LEFT JOIN person k ON k.id = t.kind_by AND k.erased_at IS NULL
         LEFT JOIN person p ON p.id = t.ncsc_proposed_by AND p.erased_at IS NULL
         LEFT JOIN person e ON e.id = t.ncsc_entered_by AND e.erased_at IS NULL
         WHERE t.incident_id = ?1"
    );
    snapshot.maybe(statement, params![incident]).await
}

/// What kind of incident it was said to be: a code of the taxonomy. Index: the key.
pub async fn kind(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Option<String>, DbError> {
    let statement = sql!("SELECT kind FROM triage WHERE incident_id = ?1 AND kind IS NOT NULL");
    Ok(snapshot.maybe::<(String,)>(statement, params![incident]).await?.map(|(kind,)| kind))
}

db::record! {
    /// What was last said of a question.
    pub struct Said {
        /// Which.
        pub question: Question,
        /// What.
        pub answer: Answer,
        /// From whom.
        pub source: Source,
        /// Who said it, where it was a person who has not left.
        pub by: Option<String>,
        /// The organisation whose person that is.
        pub through: Option<String>,
        /// When.
        pub said_at: Timestamp,
    }
}

/// What is known of an incident: ten rows at most. Index: the key.
pub async fn answers(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Said>, DbError> {
    let statement = sql!(
        "SELECT a.question, a.answer, a.source, p.name AS by, o.name AS through, a.said_at
         FROM triage_answer a
         LEFT JOIN person p ON p.id = a.said_by AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = a.through_id
         WHERE a.incident_id = ?1 ORDER BY a.question LIMIT 20"
    );
    snapshot.all(statement, params![incident]).await
}

/// The same as facts, for the rule.
pub fn facts(answers: &[Said]) -> Facts {
    answers.iter().fold(Facts::UNKNOWN, |facts, said| facts.with(said.question, said.answer))
}

/// From whom an answer is.
#[derive(Clone, Copy, Debug)]
pub(super) struct From {
    pub source: Source,
    pub person: Option<PersonId>,
    pub through: Option<OrganisationId>,
}

/// Keeps an answer over what was said before.
pub(super) async fn answer(
    tx: &mut Tx,
    incident: IncidentId,
    (question, answer): (Question, Answer),
    from: From,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO triage_answer (incident_id, question, answer, source, said_by, through_id, said_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (incident_id, question) DO UPDATE
         SET answer = excluded.answer, source = excluded.source, said_by = excluded.said_by,
             through_id = excluded.through_id, said_at = excluded.said_at"
    );
    let now = tx.now;
    tx.run(statement, params![incident, question, answer, from.source, from.person, from.through, now])
        .await?;
    Ok(())
}

/// Gives an incident what it has not been said yet and another one has: of incidents that were joined.
pub(super) async fn take_answers(tx: &mut Tx, from: IncidentId, to: IncidentId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO triage_answer (incident_id, question, answer, source, said_by, through_id, said_at)
         SELECT ?2, a.question, a.answer, a.source, a.said_by, a.through_id, a.said_at
         FROM triage_answer a WHERE a.incident_id = ?1 AND a.answer <> 'unknown'
         ON CONFLICT (incident_id, question) DO UPDATE
         SET answer = excluded.answer, source = excluded.source, said_by = excluded.said_by,
             through_id = excluded.through_id, said_at = excluded.said_at
         WHERE triage_answer.answer = 'unknown'"
    );
    tx.run(statement, params![from, to]).await?;
    Ok(())
}

/// Begins the triage of an incident.
pub(super) async fn begin(
    tx: &mut Tx,
    incident: IncidentId,
    verdict: &Verdict,
    ncsc_computed: i64,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO triage (incident_id, computed, set_why, ncsc_computed, ncsc_reference, version)
         VALUES (?1, ?2, '', ?3, '', 1)"
    );
    tx.run(statement, params![incident, verdict.priority, ncsc_computed]).await?;
    place(tx, incident, verdict.priority, &Because::of(verdict, false)).await
}

/// Keeps beside the incident how urgent it is, for the list.
pub(super) async fn place(
    tx: &mut Tx,
    incident: IncidentId,
    priority: Priority,
    because: &Because,
) -> Result<(), DbError> {
    let statement = sql!("UPDATE incident SET priority = ?2, priority_because = ?3 WHERE id = ?1");
    tx.run(statement, params![incident, priority, because.code()]).await?;
    Ok(())
}

/// Keeps what follows from new answers; `false` where the version has moved.
pub(super) async fn recomputed(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    (computed, ncsc): (Priority, i64),
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage SET computed = ?3, ncsc_computed = ?4, version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    Ok(tx.run(statement, params![incident, version, computed, ncsc]).await? == 1)
}

/// Keeps the category that is computed now: of an incident of which it was said just now whose it is.
pub(super) async fn recategorised(tx: &mut Tx, incident: IncidentId, ncsc: i64) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE triage SET ncsc_computed = ?2, version = version + 1 WHERE incident_id = ?1 AND ncsc_computed <> ?2"
    );
    tx.run(statement, params![incident, ncsc]).await?;
    Ok(())
}

/// Keeps what a person sets in place of what is computed, or that nothing is set any more.
pub(super) async fn set(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    to: Option<(Priority, &str, PersonId)>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage SET set_to = ?3, set_why = ?4, set_by = ?5, set_at = ?6, words_at = coalesce(?6, words_at),
                           version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    let at = to.map(|_| tx.now);
    let (priority, by) = (to.map(|(priority, ..)| priority), to.map(|(.., by)| by));
    let why = to.map_or("", |(_, why, _)| why);
    Ok(tx.run(statement, params![incident, version, priority, why, by, at]).await? == 1)
}

/// Keeps what kind of incident it is.
pub(super) async fn classify(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    (kind, by): (&str, PersonId),
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage SET kind = ?3, kind_by = ?4, kind_at = ?5, version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![incident, version, kind, by, now]).await? == 1)
}

/// Keeps the category that a person proposes, or that it is the computed one again.
pub(super) async fn propose(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    (category, by): (Option<i64>, PersonId),
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage SET ncsc_proposed = ?3, ncsc_proposed_by = ?4, ncsc_proposed_at = ?5, version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![incident, version, category, by, now]).await? == 1)
}

/// What the NCSC assigned.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// The category.
    pub category: i64,
    /// The day, as its first moment.
    pub on: Timestamp,
    /// The NCSC's reference; may be empty.
    pub reference: String,
}

/// Keeps what the NCSC assigned.
pub(super) async fn assign(
    tx: &mut Tx,
    incident: IncidentId,
    version: i64,
    (assigned, by): (&Assigned, PersonId),
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage SET ncsc_assigned = ?3, ncsc_assigned_on = ?4, ncsc_reference = ?5, ncsc_entered_by = ?6,
                           ncsc_entered_at = ?7, words_at = ?7, version = version + 1
         WHERE incident_id = ?1 AND version = ?2"
    );
    let now = tx.now;
    let values = params![incident, version, assigned.category, assigned.on, &assigned.reference, by, now];
    Ok(tx.run(statement, values).await? == 1)
}

db::record! {
    /// A judgement of whether it gets better.
    pub struct Judged {
        /// What.
        pub outlook: Outlook,
        /// Who, where they have not left.
        pub by: Option<String>,
        /// When.
        pub set_at: Timestamp,
    }
}

/// How the outlook was judged, the last first, 20 at most: what holds is the first. Index: `triage_outlook_of`.
pub async fn outlooks(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Judged>, DbError> {
    let statement = sql!(
        "SELECT o.outlook, p.name AS by, o.set_at
         FROM triage_outlook o LEFT JOIN person p ON p.id = o.set_by AND p.erased_at IS NULL
         WHERE o.incident_id = ?1 ORDER BY o.id DESC LIMIT 20"
    );
    snapshot.all(statement, params![incident]).await
}

/// Keeps a judgement.
pub(super) async fn judge(
    tx: &mut Tx,
    incident: IncidentId,
    outlook: Outlook,
    by: PersonId,
) -> Result<uuid::Uuid, DbError> {
    let (id, now): (uuid::Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO triage_outlook (id, incident_id, outlook, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    tx.run(statement, params![id, incident, outlook, by, now]).await?;
    Ok(id)
}

/// The kind of organisation that an incident is of. Index: keys.
pub(super) async fn kind_of_organisation(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Option<String>, DbError> {
    let statement = sql!(
        "SELECT o.kind FROM incident i CROSS JOIN organisation o WHERE i.id = ?1 AND o.id = i.organisation_id"
    );
    Ok(snapshot.maybe::<(String,)>(statement, params![incident]).await?.map(|(kind,)| kind))
}
