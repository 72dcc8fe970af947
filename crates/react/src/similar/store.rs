//! The SQL of what is like an incident: each statement reads a bounded number of rows, by an index.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{MOST, weigh::FIRST};
use crate::{
    incident::{IncidentId, Receipt, State, store::Incident},
    lesson::LessonId,
    triage::Priority,
};

/// What others are compared with.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub id: IncidentId,
    pub opened_at: Timestamp,
    /// Its type of the RSIT.
    pub kind: Option<String>,
    /// The code of its organisation's kind.
    pub of_kind: Option<String>,
    /// The code of its organisation's region.
    pub region: Option<String>,
    /// What was seen first, as codes.
    pub seen: Option<String>,
}

/// What is known of an incident. Index: the keys.
pub(super) async fn basis(snapshot: &mut Snapshot, incident: &Incident) -> Result<Basis, DbError> {
    let statement = sql!(
        "SELECT t.kind, o.kind AS of_kind, o.region FROM incident i
         LEFT JOIN triage t ON t.incident_id = i.id LEFT JOIN organisation o ON o.id = i.organisation_id
         WHERE i.id = ?1"
    );
    let (kind, of_kind, region) = snapshot.one(statement, params![incident.id]).await?;
    Ok(Basis {
        id: incident.id,
        opened_at: incident.opened_at,
        kind,
        of_kind,
        region,
        seen: incident.seen.clone(),
    })
}

db::record! {
    /// Something that was found in another incident too.
    pub(super) struct Trace {
        pub incident_id: IncidentId,
        pub kind: String,
        pub value: String,
    }
}

/// What was found in this incident, the first 300, and in others: 500 at most. What stands in an organisation's own zone
/// is left out, and so is what says nothing. Indexes: `observable_of`, then `observable_compared` for each.
pub(super) async fn traces(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Trace>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT p.incident_id, o.kind, o.value
         FROM (SELECT hash, kind, value FROM observable
               WHERE incident_id = ?1 AND zone <> 'own' AND left_out = '' ORDER BY id LIMIT 300) o
         CROSS JOIN observable p
         WHERE p.hash = o.hash AND p.zone <> 'own' AND p.left_out = '' AND p.incident_id <> ?1
         LIMIT 500"
    );
    snapshot.all(statement, params![incident]).await
}

/// Other incidents behind which the same supplier is, with its name, the newest 100: those on which an outage of it was
/// declared, and those that organisations opened from one. Indexes: `outage_incident`, `outage_reply_incident`,
/// `outage_supplier`, the key of `outage_reply`.
pub(super) async fn of_suppliers(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Vec<(IncidentId, String)>, DbError> {
    let statement = sql!(
        "WITH ours AS (
             SELECT supplier_id FROM outage WHERE incident_id = ?1
             UNION
             SELECT t.supplier_id FROM outage_reply r CROSS JOIN outage t
             WHERE r.incident_id = ?1 AND t.id = r.outage_id
         ), theirs AS (
             SELECT t.incident_id, t.supplier_id FROM ours CROSS JOIN outage t WHERE t.supplier_id = ours.supplier_id
             UNION
             SELECT r.incident_id, t.supplier_id FROM ours CROSS JOIN outage t CROSS JOIN outage_reply r
             WHERE t.supplier_id = ours.supplier_id AND r.outage_id = t.id AND r.incident_id IS NOT NULL
         )
         SELECT h.incident_id, s.name FROM theirs h CROSS JOIN supplier s
         WHERE s.id = h.supplier_id AND h.incident_id <> ?1 ORDER BY h.incident_id DESC, s.name LIMIT 100"
    );
    snapshot.all(statement, params![incident]).await
}

db::record! {
    /// An incident that is perhaps like another.
    pub struct Other {
        /// Which.
        pub id: IncidentId,
        /// Its number.
        pub receipt: Receipt,
        /// Its organisation, where that is known.
        pub name: Option<String>,
        /// The code of that.
        pub code: Option<String>,
        /// The code of its kind.
        pub of_kind: Option<String>,
        /// The code of its region.
        pub region: Option<String>,
        /// Where it stands.
        pub state: State,
        /// When it was reported.
        pub opened_at: Timestamp,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
        /// Why it was closed; empty where it was not.
        pub reason: String,
        /// How urgent it is.
        pub priority: Option<Priority>,
        /// Its type of the RSIT.
        pub kind: Option<String>,
        /// What was seen first, as codes.
        pub seen: Option<String>,
    }
}

/// Incidents that somebody vouches for and that are weighed: those just before and just behind it, those of its type
/// before and behind it, and `first`. 300 or so, however many there are.
///
/// Indexes: `incident_list` and `triage_kind`, each from the incident on, and the keys. What is written as an expression
/// is so in order that no list is walked for it.
pub(super) async fn others(
    snapshot: &mut Snapshot,
    basis: &Basis,
    first: &[IncidentId],
) -> Result<Vec<Other>, DbError> {
    let statement = sql!(
        "SELECT i.id, i.receipt, o.name, o.code, o.kind AS of_kind, o.region, i.state, i.opened_at, i.closed_at, i.reason,
                i.priority, t.kind,
                (SELECT r.seen FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1) AS seen
         FROM incident i
         LEFT JOIN organisation o ON o.id = i.organisation_id
         LEFT JOIN triage t ON t.incident_id = i.id
         WHERE i.id IN (
                 SELECT id FROM (SELECT id FROM incident WHERE apart = FALSE AND id < ?1 ORDER BY id DESC LIMIT 80) b
                 UNION
                 SELECT id FROM (SELECT id FROM incident WHERE apart = FALSE AND id > ?1 ORDER BY id LIMIT 40) c
                 UNION
                 SELECT incident_id FROM (SELECT incident_id FROM triage WHERE kind = ?2 AND incident_id < ?1
                                          ORDER BY incident_id DESC LIMIT 80) d
                 UNION
                 SELECT incident_id FROM (SELECT incident_id FROM triage WHERE kind = ?2 AND incident_id > ?1
                                          ORDER BY incident_id LIMIT 40) e
                 UNION
                 SELECT id FROM incident
                 WHERE id IN (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                              ?22))
           AND i.id <> ?1 AND coalesce(i.apart, FALSE) = FALSE AND coalesce(i.state, '') <> 'joined'"
    );
    let mut values = params![basis.id, basis.kind.as_deref()];
    values.extend(
        (0..2 * FIRST).map(|place| first.get(place).copied().unwrap_or(IncidentId(Uuid::nil())).into()),
    );
    snapshot.all(statement, values).await
}

db::record! {
    /// What was learned from an incident and is shared.
    pub struct Learned {
        /// From which incident.
        pub incident_id: IncidentId,
        /// Which lesson.
        pub id: LessonId,
        /// In a line; empty where it was forgotten.
        pub title: String,
    }
}

impl Learned {
    /// What it is called.
    pub fn called(&self) -> &str {
        if self.title.is_empty() { "No longer kept" } else { &self.title }
    }
}

/// The lessons of these incidents that are shared and stand, the last first, 50 at most. Index: `lesson_of` for each.
pub(super) async fn lessons(snapshot: &mut Snapshot, of: &[IncidentId]) -> Result<Vec<Learned>, DbError> {
    let statement = sql!(
        "SELECT incident_id, id, title FROM lesson
         WHERE incident_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
           AND coalesce(zone, '') = 'shared' AND replaced_by IS NULL
         ORDER BY id DESC LIMIT 50"
    );
    let ids = (0..MOST).map(|place| of.get(place).copied().unwrap_or(IncidentId(Uuid::nil())).into());
    snapshot.all(statement, ids.collect::<Vec<_>>()).await
}
