//! The SQL of shifts and of hand-over notes.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::{Duty, HandoverId, ShiftId, Wanted};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// That somebody is, was or will be at work on a case.
    pub struct Shift {
        /// Which.
        pub id: ShiftId,
        /// Whose it is to read.
        pub zone: Zone,
        /// As what.
        pub role: Duty,
        /// Their name, where they have not left.
        pub by: Option<String>,
        /// The organisation through which they come; none at the CERT.
        pub through: Option<String>,
        /// From when.
        pub from_at: Timestamp,
        /// Until when.
        pub until_at: Option<Timestamp>,
        /// When somebody said that it was over.
        pub ended_at: Option<Timestamp>,
    }
}

impl Shift {
    /// Whether it is over at `now`.
    pub fn is_over(&self, now: &Timestamp) -> bool {
        self.ended_at.is_some() || self.until_at.is_some_and(|until| until <= *now)
    }
}

macro_rules! shifts {
    () => {
        "SELECT s.id, s.zone, s.role, p.name AS by, o.name AS through, s.from_at, s.until_at, s.ended_at
         FROM case_shift s
         LEFT JOIN person p ON p.id = s.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = s.through_id "
    };
}

/// The shifts of these zones of a case, the last written down first, 100 at most. Index: `case_shift_of`.
pub async fn shifts(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Shift>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement =
        sql!(shifts!(), "WHERE s.incident_id = ?1 AND s.zone IN (?2, ?3, ?4) ORDER BY s.id DESC LIMIT 100");
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// A shift of a case, if it stands in one of these zones. Index: the key.
pub async fn shift(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: ShiftId,
) -> Result<Option<Shift>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(shifts!(), "WHERE s.id = ?1 AND s.incident_id = ?2 AND s.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// How many shifts a zone of a case has, and the one of this form. Indexes: `case_shift_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    (incident, zone): (IncidentId, Zone),
    form: Uuid,
) -> Result<(i64, Option<ShiftId>), DbError> {
    let count = sql!("SELECT count(*) FROM case_shift WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(count, params![incident, zone]).await?;
    let same = sql!("SELECT id FROM case_shift WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(ShiftId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

pub(super) async fn begin(
    tx: &mut Tx,
    (incident, zone): (IncidentId, Zone),
    wanted: &Wanted,
    through: Option<OrganisationId>,
) -> Result<ShiftId, CaseError> {
    let (id, now): (ShiftId, _) = (tx.id(), tx.now);
    let from_at = wanted.from_at.unwrap_or(now);
    let statement = sql!(
        "INSERT INTO case_shift (id, incident_id, zone, role, person_id, through_id, from_at, until_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    let values = params![
        id,
        incident,
        zone,
        wanted.duty,
        wanted.person,
        through,
        from_at,
        wanted.until_at,
        wanted.form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

/// Ends a shift; `false` where it was ended.
pub(super) async fn end(tx: &mut Tx, shift: ShiftId) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!("UPDATE case_shift SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL");
    Ok(tx.run(statement, params![shift, now]).await? == 1)
}

db::record! {
    /// A hand-over note.
    pub struct Handover {
        /// Which.
        pub id: HandoverId,
        /// Whose it is to read.
        pub zone: Zone,
        /// What it says, in Markdown; empty where it was forgotten.
        pub text: String,
        /// Who wrote it, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub written_at: Timestamp,
        /// When the next one is due.
        pub next_due_at: Option<Timestamp>,
    }
}

macro_rules! handovers {
    () => {
        "SELECT h.id, h.zone, h.text, p.name AS by, o.name AS through, h.written_at, h.next_due_at
         FROM case_handover h
         LEFT JOIN person p ON p.id = h.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = h.through_id "
    };
}

/// The last hand-over note of a zone of a case. The caller has asked whether it is read. Index: `case_handover_of`.
pub async fn last(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
) -> Result<Option<Handover>, DbError> {
    let statement = sql!(handovers!(), "WHERE h.incident_id = ?1 AND h.zone = ?2 ORDER BY h.id DESC LIMIT 1");
    snapshot.maybe(statement, params![incident, zone]).await
}

/// A hand-over note of a case, if it stands in one of these zones. Index: the key.
pub async fn handover(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: HandoverId,
) -> Result<Option<Handover>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(handovers!(), "WHERE h.id = ?1 AND h.incident_id = ?2 AND h.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// The hand-over notes of a zone of a case, the last first, 50 at most: their ids, and when they were written. Index:
/// `case_handover_of`.
pub async fn earlier(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
) -> Result<Vec<(HandoverId, Timestamp)>, DbError> {
    let statement = sql!(
        "SELECT h.id, h.written_at FROM case_handover h WHERE h.incident_id = ?1 AND h.zone = ?2
         ORDER BY h.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![incident, zone]).await
}

/// What was sent with this form before. Index: its unique one.
pub(super) async fn written_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<HandoverId>, DbError> {
    let statement = sql!("SELECT id FROM case_handover WHERE form = ?1 AND incident_id = ?2");
    Ok(snapshot.maybe::<(HandoverId,)>(statement, params![form, incident]).await?.map(|(id,)| id))
}

pub(super) async fn write(
    tx: &mut Tx,
    (incident, zone, form): (IncidentId, Zone, Uuid),
    (text, next_due_at): (&str, Option<Timestamp>),
    (by, through): (PersonId, Option<OrganisationId>),
) -> Result<HandoverId, CaseError> {
    let (id, now): (HandoverId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_handover (id, incident_id, zone, text, person_id, through_id, written_at, next_due_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    let values = params![id, incident, zone, text, by, through, now, next_due_at, form];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}
