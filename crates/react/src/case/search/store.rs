//! The SQL of what was said in a case, wherever it stands. On `read_long`.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Behind, Place};
use crate::{
    case::{Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// Something that was said.
    pub struct Said {
        /// In what.
        pub place: Place,
        /// Which.
        pub id: Uuid,
        /// Who reads it.
        pub zone: Zone,
        /// When.
        pub moment: Timestamp,
        /// What.
        pub text: String,
    }
}

/// What was said in these zones of a case before (`before`, `id`), the last first, 2,000 at most. Tasks, notes, messages and
/// decisions are read themselves, and not by what the timeline says of them. Indexes: each table's by its incident.
pub(super) async fn said(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    (before, id): Behind,
) -> Result<Vec<Said>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT s.place, s.id, s.zone, s.moment, s.text FROM (
             SELECT 'timeline' AS place, e.id, e.zone, e.happened_at AS moment, e.text FROM case_entry e
             WHERE e.incident_id = ?1 AND e.kind NOT IN ('task', 'note', 'message', 'decision')
             UNION ALL
             SELECT 'task' AS place, t.id, t.zone, t.moved_at AS moment,
                    t.title || ' ' || t.text || ' ' || t.outcome AS text
             FROM case_task t WHERE t.incident_id = ?1
             UNION ALL
             SELECT 'note' AS place, n.id, n.zone, n.saved_at AS moment, n.title || '
' || n.text AS text
             FROM case_note n WHERE n.incident_id = ?1
             UNION ALL
             SELECT 'message' AS place, m.id, m.zone, m.sent_at AS moment, m.text FROM case_message m
             WHERE m.incident_id = ?1
             UNION ALL
             SELECT 'decision' AS place, d.id, d.zone, d.decided_at AS moment,
                    d.decided || ' ' || d.decider || ' ' || d.role || ' ' || d.why || ' ' || d.options AS text
             FROM case_decision d WHERE d.incident_id = ?1
             UNION ALL
             SELECT 'observable' AS place, o.id, o.zone, o.added_at AS moment, o.value AS text FROM observable o
             WHERE o.incident_id = ?1
         ) s
         WHERE s.zone IN (?2, ?3, ?4) AND s.text <> '' AND (s.moment, s.id) < (?5, ?6)
         ORDER BY s.moment DESC, s.id DESC LIMIT 2000"
    );
    snapshot.all(statement, params![incident, own, shared, cert, before, id]).await
}
