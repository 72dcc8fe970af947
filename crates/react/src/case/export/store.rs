//! The SQL of what is taken along: whole lists, bounded. On `read_long`.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use crate::{
    case::{Zones, timeline},
    incident::IncidentId,
    observable::store::Kept,
};

/// The observables of these zones, but for those that were no trace after all; the shared ones first, 10,001 at most.
/// Index: `observable_of`.
pub(super) async fn observables(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Kept>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT o.id, o.zone, o.kind, o.value, o.origin, o.left_out, o.listed, NULL AS by,
                NULL AS through, o.added_at
         FROM observable o
         WHERE o.incident_id = ?1 AND o.zone IN (?2, ?3, ?4) AND o.left_out <> 'withdrawn'
         ORDER BY CASE WHEN o.zone = 'shared' THEN 0 ELSE 1 END, o.id LIMIT 10001"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// The entries of these zones that were not corrected, the first first, 10,001 at most; without who wrote them. Index:
/// `case_entry_of`.
///
/// Who wrote them is not read, nor who was at work: an id that is never there has the type that PostgreSQL asks for.
pub(super) async fn entries(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<timeline::Read>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT e.id, e.zone, e.kind, e.happened_at, e.recorded_at, CASE WHEN e.id IS NULL THEN e.id END AS person_id,
                NULL AS by, NULL AS through, e.about_id, e.text, e.corrects_id,
                CASE WHEN e.id IS NULL THEN e.id END AS corrected_by
         FROM case_entry e
         WHERE e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4) AND e.kind <> 'handover'
           AND NOT EXISTS (SELECT 1 FROM case_entry c WHERE c.corrects_id = e.id)
         ORDER BY e.happened_at, e.id LIMIT 10001"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// When something was last written down in these zones. Index: `case_entry_of`.
pub(super) async fn last(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Option<Timestamp>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT max(recorded_at) AS last FROM case_entry WHERE incident_id = ?1 AND zone IN (?2, ?3, ?4)"
    );
    Ok(snapshot.one::<(Option<Timestamp>,)>(statement, params![incident, own, shared, cert]).await?.0)
}
