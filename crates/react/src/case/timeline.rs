//! What happened in a case, and when it was written down: two times, kept apart. Nothing is changed; a correction is
//! appended and names what it corrects. Tasks, clocks, messages and decisions enter by themselves.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Actor, Tx};
use uuid::Uuid;

use super::{CaseError, Sight, Zone, Zones};
use crate::incident::IncidentId;

db::id! {
    /// Names an entry of a timeline.
    pub EntryId
}

platform::vocabulary! {
    /// What kind of thing an entry tells of.
    pub enum Kind {
        Event = "event", "Event";
        Note = "note", "Note";
        Task = "task", "Task";
        Message = "message", "Message";
        Decision = "decision", "Decision";
        Clock = "clock", "Clock";
        Impact = "impact", "Impact on care";
        Evidence = "evidence", "Evidence";
        Playbook = "playbook", "Playbook";
        Triage = "triage", "Priority";
        Handover = "handover", "Handover";
        Situation = "situation", "Situation report";
    }
}

/// Something that enters a timeline.
#[derive(Clone, Copy, Debug)]
pub struct Entering<'a> {
    /// Whose it is.
    pub zone: Zone,
    /// What kind of thing.
    pub kind: Kind,
    /// When it happened.
    pub happened_at: Timestamp,
    /// The row of which it tells.
    pub about: Option<Uuid>,
    /// What happened, in a sentence.
    pub text: &'a str,
    /// The entry that it corrects.
    pub corrects: Option<EntryId>,
    /// The form that it was sent with, where somebody typed it.
    pub form: Option<Uuid>,
}

impl<'a> Entering<'a> {
    /// Something that happens now, and enters by itself.
    pub const fn now(tx: &Tx, zone: Zone, kind: Kind, about: Uuid, text: &'a str) -> Self {
        Self { zone, kind, happened_at: tx.now, about: Some(about), text, corrects: None, form: None }
    }
}

/// Enters something in the timeline of the case that `actor` has in `sight`. The caller has asked [`Sight::write`].
pub async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    entering: &Entering<'_>,
) -> Result<EntryId, CaseError> {
    insert(tx, sight.incident.id, (actor.person().map(|person| person.id.0), sight.through), entering).await
}

/// Enters something that no person did: a clock that ran out, a job's report.
pub async fn enter_by_itself(
    tx: &mut Tx,
    incident: IncidentId,
    entering: &Entering<'_>,
) -> Result<EntryId, CaseError> {
    insert(tx, incident, (None, None), entering).await
}

async fn insert(
    tx: &mut Tx,
    incident: IncidentId,
    (person, through): (Option<Uuid>, Option<platform::organisation::OrganisationId>),
    entering: &Entering<'_>,
) -> Result<EntryId, CaseError> {
    let (id, now): (EntryId, _) = (tx.id(), tx.now);
    let &Entering { zone, kind, happened_at, about, text, corrects, form } = entering;
    let statement = sql!(
        "INSERT INTO case_entry (id, incident_id, zone, kind, happened_at, recorded_at, person_id, through_id,
                                 about_id, text, corrects_id, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let values = params![
        id,
        incident,
        zone,
        kind,
        happened_at,
        now,
        person,
        through,
        about,
        text.trim(),
        corrects,
        form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

db::record! {
    /// An entry, as it is read.
    pub struct Read {
        /// Which.
        pub id: EntryId,
        /// Whose it is.
        pub zone: Zone,
        /// What kind of thing it tells of.
        pub kind: Kind,
        /// When it happened.
        pub happened_at: Timestamp,
        /// When it was written down.
        pub recorded_at: Timestamp,
        /// Who wrote it down, where somebody did and has not left.
        pub by: Option<String>,
        /// The organisation whose person that is.
        pub through: Option<String>,
        /// The row of which it tells.
        pub about_id: Option<Uuid>,
        /// What happened.
        pub text: String,
        /// The entry that it corrects.
        pub corrects_id: Option<EntryId>,
    }
}

/// The entries of these zones that happened before (`before`, `id`), the last first, 51 at most. Index:
/// `case_entry_of`.
pub async fn entries(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    (before, id): (Timestamp, EntryId),
) -> Result<Vec<Read>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT e.id, e.zone, e.kind, e.happened_at, e.recorded_at, p.name AS by, o.name AS through, e.about_id,
                e.text, e.corrects_id
         FROM case_entry e
         LEFT JOIN person p ON p.id = e.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = e.through_id
         WHERE e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4) AND (e.happened_at, e.id) < (?5, ?6)
         ORDER BY e.happened_at DESC, e.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, before, id]).await
}
