//! The SQL of decisions.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::{Decided, DecisionId};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// A decision, as it is read.
    pub struct Decision {
        /// Which.
        pub id: DecisionId,
        /// Whose it is to read.
        pub zone: Zone,
        /// What was decided; empty where it was forgotten.
        pub decided: String,
        /// By whom.
        pub decider: String,
        /// In which role.
        pub role: String,
        /// Why.
        pub why: String,
        /// What else was weighed.
        pub options: String,
        /// When.
        pub decided_at: Timestamp,
        /// When it is to be looked at again.
        pub review_at: Option<Timestamp>,
        /// The one that it reviews.
        pub reviews_id: Option<DecisionId>,
        /// The one that reviews it, which stands in the same zone.
        pub reviewed_by: Option<DecisionId>,
        /// Who wrote it down, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When it was written down.
        pub recorded_at: Timestamp,
    }
}

impl Decision {
    /// Whether it should have been looked at again before `now`.
    pub fn is_due(&self, now: &Timestamp) -> bool {
        self.reviewed_by.is_none() && self.review_at.is_some_and(|at| at <= *now)
    }
}

macro_rules! decisions {
    () => {
        "SELECT d.id, d.zone, d.decided, d.decider, d.role, d.why, d.options, d.decided_at, d.review_at, d.reviews_id,
                (SELECT r.id FROM case_decision r WHERE r.reviews_id = d.id) AS reviewed_by,
                coalesce(p.name, k.name) AS by, o.name AS through, d.recorded_at
         FROM case_decision d
         LEFT JOIN person p ON p.id = d.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = d.person_id
         LEFT JOIN organisation o ON o.id = d.through_id "
    };
}

/// The decisions of these zones of a case before (`before`, `id`), the last first, 51 at most. Index:
/// `case_decision_of`.
pub async fn of(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    (before, id): (Timestamp, DecisionId),
) -> Result<Vec<Decision>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        decisions!(),
        "WHERE d.incident_id = ?1 AND d.zone IN (?2, ?3, ?4) AND (d.decided_at, d.id) < (?5, ?6)
         ORDER BY d.decided_at DESC, d.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, before, id]).await
}

/// The last decisions of these zones, the last first: one more than `most`. For the account of the incident. Index:
/// `case_decision_of`.
pub(crate) async fn last(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    most: usize,
) -> Result<Vec<Decision>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        decisions!(),
        "WHERE d.incident_id = ?1 AND d.zone IN (?2, ?3, ?4) ORDER BY d.decided_at DESC, d.id DESC LIMIT ?5"
    );
    let more = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
    snapshot.all(statement, params![incident, own, shared, cert, more]).await
}

/// A decision of a case, if it stands in one of these zones. Index: the key.
pub async fn decision(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: DecisionId,
) -> Result<Option<Decision>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(decisions!(), "WHERE d.id = ?1 AND d.incident_id = ?2 AND d.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// What was sent with this form before. Index: its unique one.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<DecisionId>, DbError> {
    let statement = sql!("SELECT id FROM case_decision WHERE form = ?1 AND incident_id = ?2");
    Ok(snapshot.maybe::<(DecisionId,)>(statement, params![form, incident]).await?.map(|(id,)| id))
}

pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone): (IncidentId, Zone),
    decided: &Decided,
    reviews: Option<DecisionId>,
    (by, through): (PersonId, Option<OrganisationId>),
) -> Result<DecisionId, CaseError> {
    let (id, now): (DecisionId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_decision (id, incident_id, zone, decided, decider, role, why, options, decided_at, review_at,
                                    reviews_id, person_id, through_id, recorded_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    );
    let values = params![
        id,
        incident,
        zone,
        decided.decided.trim(),
        decided.decider.trim(),
        decided.role.trim(),
        decided.why.trim(),
        decided.options.trim(),
        decided.decided_at,
        decided.review_at,
        reviews,
        by,
        through,
        now,
        decided.form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

/// What was decided in the shared zone and written down after a moment, the first first, 50 at most: for situation
/// reports. Index: `case_decision_of`.
pub(crate) async fn since(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    after: Timestamp,
) -> Result<Vec<(Timestamp, String, String)>, DbError> {
    let statement = sql!(
        "SELECT decided_at, decided, role FROM case_decision
         WHERE incident_id = ?1 AND zone = 'shared' AND recorded_at > ?2 ORDER BY decided_at, id LIMIT 50"
    );
    snapshot.all(statement, params![incident, after]).await
}
