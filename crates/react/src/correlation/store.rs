//! The SQL of correlations: for the CERT alone.

use db::{DbError, MANY, Snapshot, many, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    retention::{BATCH, Rule},
};

use super::{CorrelationId, Receipt, State};
use crate::incident::{self, IncidentId, store::Incident};

/// What was found to be the same, after it last grew. That it was found, and what became of it, stays.
pub const FORGOTTEN: Rule = Rule {
    name: "correlation_values",
    // Indexes: correlation_grown, the key of correlation_observable.
    forget: |tx, before| {
        Box::pin(async move {
            let statement = sql!(
                "DELETE FROM correlation_observable WHERE correlation_id IN (
                     SELECT c.id FROM correlation c
                     WHERE c.grown_at < ?1
                       AND EXISTS (SELECT 1 FROM correlation_observable o WHERE o.correlation_id = c.id)
                     ORDER BY c.grown_at LIMIT ?2)"
            );
            tx.run(statement, params![before, BATCH]).await
        })
    },
};

db::record! {
    /// An observable of an incident that another one has too.
    pub(crate) struct Match {
        pub hash: Vec<u8>,
        pub kind: String,
        /// The other one.
        pub incident_id: IncidentId,
    }
}

/// What was added to an incident from `since` on and others, of other organisations, have had since `from`, but for
/// what was dismissed: 2,000 at most. Indexes: `observable_of`, then `observable_compared` for each, and
/// `correlation_observable_hash`.
pub(crate) async fn matches(
    snapshot: &mut Snapshot,
    incident: &Incident,
    since: Timestamp,
    from: Timestamp,
) -> Result<Vec<Match>, DbError> {
    let statement = sql!(
        "SELECT o.hash, o.kind, p.incident_id
         FROM observable o
         CROSS JOIN observable p
         CROSS JOIN incident i
         WHERE o.incident_id = ?1 AND o.added_at >= ?2 AND o.zone <> 'own' AND o.left_out = ''
           AND p.hash = o.hash AND p.added_at >= ?3 AND p.zone <> 'own' AND p.left_out = '' AND p.incident_id <> ?1
           AND i.id = p.incident_id AND i.apart = FALSE AND i.state <> 'joined'
           AND (i.organisation_id IS NULL OR i.organisation_id <> ?4)
           AND NOT EXISTS (SELECT 1 FROM correlation_observable k JOIN correlation c ON c.id = k.correlation_id
                           WHERE k.hash = o.hash AND c.state = 'dismissed')
         LIMIT 2000"
    );
    snapshot.all(statement, params![incident.id, since, from, compared_as(incident)]).await
}

/// The organisation with whose other incidents one is not compared. Nobody is told apart from nobody: an incident without
/// one is compared with all.
fn compared_as(incident: &Incident) -> uuid::Uuid {
    incident.organisation_id.map_or(uuid::Uuid::nil(), |id| id.0)
}

/// The first correlation to be looked at that has this incident, with the others in it; the first 500 of them. Index:
/// `correlation_incident_of`.
pub(crate) async fn open_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Vec<(CorrelationId, IncidentId)>, DbError> {
    let statement = sql!(
        "SELECT c.id, o.incident_id
         FROM correlation_incident i
         JOIN correlation c ON c.id = i.correlation_id AND c.state = 'found'
         JOIN correlation_incident o ON o.correlation_id = c.id
         WHERE i.incident_id = ?1 ORDER BY c.id LIMIT 500"
    );
    snapshot.all(statement, params![incident]).await
}

/// The first correlation to be looked at that has one of the first of these. Index: `correlation_incident_of` for each.
pub(crate) async fn open_with_any(
    snapshot: &mut Snapshot,
    incidents: &[IncidentId],
) -> Result<Option<CorrelationId>, DbError> {
    let statement = sql!(
        "SELECT c.id FROM correlation_incident i JOIN correlation c ON c.id = i.correlation_id AND c.state = 'found'
         WHERE i.incident_id IN (",
        many!(),
        ")
         ORDER BY i.incident_id, c.id LIMIT 1"
    );
    let some = &incidents[..incidents.len().min(MANY)];
    let found: Option<(CorrelationId,)> = snapshot.maybe(statement, many(some).collect()).await?;
    Ok(found.map(|(id,)| id))
}

/// Keeps that a correlation was found just now.
pub(crate) async fn insert(tx: &mut Tx, score: i64) -> Result<CorrelationId, DbError> {
    let (id, now): (CorrelationId, _) = (tx.id(), tx.now);
    let receipt = Receipt::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO correlation (id, receipt, state, score, found_at, grown_at, reason, version)
         VALUES (?1, ?2, 'found', ?3, ?4, ?4, '', 1)"
    );
    tx.run(statement, params![id, &receipt, score, now]).await?;
    Ok(id)
}

/// Notes that these incidents are in a correlation; says how many of them were not.
pub(crate) async fn has_incidents(
    tx: &mut Tx,
    id: CorrelationId,
    incidents: &[IncidentId],
) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO correlation_incident (correlation_id, incident_id)
         SELECT ?33, i.id FROM incident i
         WHERE i.id IN (",
        many!(),
        ")
         ON CONFLICT (correlation_id, incident_id) DO NOTHING"
    );
    let mut new = 0;
    for some in incidents.chunks(MANY) {
        new += tx.run(statement, many(some).chain(params![id]).collect()).await?;
    }
    Ok(new)
}

/// Notes that what was added to an incident from `since` on, and others of a correlation have had since `from`, is in
/// that; says how much of it was not. It is what [`matches()`] finds, of these. Indexes: `observable_of`, then
/// `observable_compared` and the key of `correlation_incident` for each.
pub(crate) async fn has_shared(
    tx: &mut Tx,
    id: CorrelationId,
    incident: &Incident,
    since: Timestamp,
    from: Timestamp,
) -> Result<u64, DbError> {
    let statement = sql!(
        "INSERT INTO correlation_observable (correlation_id, hash, kind, value)
         SELECT ?1, o.hash, o.kind, o.value
         FROM observable o
         WHERE o.incident_id = ?2 AND o.added_at >= ?3 AND o.zone <> 'own' AND o.left_out = ''
           AND EXISTS (SELECT 1 FROM observable p
                       CROSS JOIN correlation_incident m
                       CROSS JOIN incident i
                       WHERE p.hash = o.hash AND p.added_at >= ?4 AND p.zone <> 'own' AND p.left_out = ''
                         AND p.incident_id <> ?2 AND m.correlation_id = ?1 AND m.incident_id = p.incident_id
                         AND i.id = p.incident_id AND i.apart = FALSE AND i.state <> 'joined'
                         AND (i.organisation_id IS NULL OR i.organisation_id <> ?5))
           AND NOT EXISTS (SELECT 1 FROM correlation_observable k JOIN correlation c ON c.id = k.correlation_id
                           WHERE k.hash = o.hash AND c.state = 'dismissed')
         ON CONFLICT (correlation_id, hash) DO NOTHING"
    );
    tx.run(statement, params![id, incident.id, since, from, compared_as(incident)]).await
}

/// Notes that a correlation grew.
pub(crate) async fn grow(tx: &mut Tx, id: CorrelationId, score: i64) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE correlation SET grown_at = ?2, version = version + 1,
                score = CASE WHEN score < CAST(?3 AS BIGINT) THEN CAST(?3 AS BIGINT) ELSE score END
         WHERE id = ?1"
    );
    tx.run(statement, params![id, now, score]).await?;
    Ok(())
}

db::record! {
    /// A correlation.
    pub struct Correlation {
        /// Which.
        pub id: CorrelationId,
        /// Its number.
        pub receipt: Receipt,
        /// Where it stands.
        pub state: State,
        /// What the observables of two of its organisations count together.
        pub score: i64,
        /// When it was found.
        pub found_at: Timestamp,
        /// When something was last added to it.
        pub grown_at: Timestamp,
        /// Who decided about it, where somebody did and has not left.
        pub by: Option<String>,
        /// When.
        pub decided_at: Option<Timestamp>,
        /// Why it was dismissed.
        pub reason: String,
        /// The advisory that was drafted from it.
        pub advisory: Option<String>,
        /// How many incidents it has.
        pub incidents: i64,
        /// How many observables.
        pub observables: i64,
        /// Grows with every change.
        pub version: i64,
    }
}

macro_rules! correlations {
    () => {
        "SELECT c.id, c.receipt, c.state, c.score, c.found_at, c.grown_at, p.name AS by, c.decided_at, c.reason,
                c.advisory, c.version,
                (SELECT count(*) FROM correlation_incident i WHERE i.correlation_id = c.id) AS incidents,
                (SELECT count(*) FROM correlation_observable o WHERE o.correlation_id = c.id) AS observables
         FROM correlation c LEFT JOIN person p ON p.id = c.decided_by AND p.erased_at IS NULL "
    };
}

/// A correlation. Index: the key.
pub async fn correlation(snapshot: &mut Snapshot, id: CorrelationId) -> Result<Option<Correlation>, DbError> {
    snapshot.maybe(sql!(correlations!(), "WHERE c.id = ?1"), params![id]).await
}

/// The correlations that grew before (`before`, `id`), the last first, 51 at most. Index: `correlation_grown`.
pub async fn all(
    snapshot: &mut Snapshot,
    (before, id): (Timestamp, CorrelationId),
) -> Result<Vec<Correlation>, DbError> {
    let statement = sql!(
        correlations!(),
        "WHERE (c.grown_at, c.id) < (?1, ?2) ORDER BY c.grown_at DESC, c.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![before, id]).await
}

/// Those that have this incident, the first first, 20 at most. Index: `correlation_incident_of`.
pub async fn of_incident(
    snapshot: &mut Snapshot,
    incident: IncidentId,
) -> Result<Vec<(CorrelationId, Receipt)>, DbError> {
    let statement = sql!(
        "SELECT c.id, c.receipt FROM correlation_incident i JOIN correlation c ON c.id = i.correlation_id
         WHERE i.incident_id = ?1 ORDER BY c.id LIMIT 20"
    );
    snapshot.all(statement, params![incident]).await
}

db::record! {
    /// An incident of a correlation.
    pub struct Member {
        /// Which.
        pub id: IncidentId,
        /// Its number.
        pub receipt: incident::Receipt,
        /// Its organisation, where that is known.
        pub name: Option<String>,
        /// When it was reported.
        pub opened_at: Timestamp,
    }
}

/// The incidents of a correlation, the first first, 200 at most. Index: its key.
pub async fn members(snapshot: &mut Snapshot, id: CorrelationId) -> Result<Vec<Member>, DbError> {
    let statement = sql!(
        "SELECT i.id, i.receipt, o.name, i.opened_at
         FROM correlation_incident c JOIN incident i ON i.id = c.incident_id
         LEFT JOIN organisation o ON o.id = i.organisation_id
         WHERE c.correlation_id = ?1 ORDER BY c.incident_id LIMIT 200"
    );
    snapshot.all(statement, params![id]).await
}

/// Kind and value of the observables of a correlation, 1,000 at most: those that an incident of it still has which
/// nobody has denied. Indexes: its key, and `observable_once` for each.
pub async fn observables(
    snapshot: &mut Snapshot,
    id: CorrelationId,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        "SELECT k.kind, k.value FROM correlation_observable k
         WHERE k.correlation_id = ?1 AND EXISTS (
             SELECT 1 FROM correlation_incident c
             JOIN incident i ON i.id = c.incident_id AND i.apart = FALSE
             JOIN observable o ON o.incident_id = c.incident_id AND o.hash = k.hash AND o.zone <> 'own' AND o.left_out = ''
             WHERE c.correlation_id = k.correlation_id)
         ORDER BY k.kind, k.value LIMIT 1000"
    );
    snapshot.all(statement, params![id]).await
}

/// Notes what was decided; `false` where its version has moved.
pub(crate) async fn decide(
    tx: &mut Tx,
    found: &Correlation,
    state: State,
    by: PersonId,
    reason: &str,
    advisory: Option<&str>,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE correlation SET state = ?3, decided_by = ?4, decided_at = ?5, reason = ?6, advisory = ?7,
                version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![found.id, found.version, state, by, now, reason, advisory];
    Ok(tx.run(statement, values).await? == 1)
}
