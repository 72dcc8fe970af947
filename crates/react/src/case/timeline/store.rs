//! The SQL of timelines.

use db::{DbError, Snapshot, listing, params, sql};
use jiff::Timestamp;
use platform::{Tx, organisation::OrganisationId};
use uuid::Uuid;

use super::{Entering, EntryId, Kind};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::IncidentId,
};

pub(super) async fn insert(
    tx: &mut Tx,
    incident: IncidentId,
    (person, through): (Option<Uuid>, Option<OrganisationId>),
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
        /// Who wrote it down; nobody where it entered by itself.
        pub person_id: Option<Uuid>,
        /// Their name, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is.
        pub through: Option<String>,
        /// The row of which it tells.
        pub about_id: Option<Uuid>,
        /// What happened; empty where it was forgotten.
        pub text: String,
        /// The entry that it corrects.
        pub corrects_id: Option<EntryId>,
        /// The one that corrects it, which stands in the same zone.
        pub corrected_by: Option<EntryId>,
    }
}

macro_rules! read {
    () => {
        "SELECT e.id, e.zone, e.kind, e.happened_at, e.recorded_at, e.person_id, coalesce(p.name, k.name) AS by, o.name AS through,
                e.about_id, e.text, e.corrects_id,
                (SELECT c.id FROM case_entry c WHERE c.corrects_id = e.id) AS corrected_by
         FROM case_entry e
         LEFT JOIN person p ON p.id = e.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = e.person_id
         LEFT JOIN organisation o ON o.id = e.through_id "
    };
}

listing! {
    // Index: case_entry_of.
    static LIST = read!();
    of: "e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4) AND (e.happened_at, e.id) < (?5, ?6)",
    kind: "e.kind = ?1",
    tail: "ORDER BY e.happened_at DESC, e.id DESC LIMIT 51",
}

/// The entries of these zones that happened before (`before`, `id`), the last first, 51 at most. Index:
/// `case_entry_of`.
pub async fn entries(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    before: (Timestamp, EntryId),
) -> Result<Vec<Read>, DbError> {
    entries_of(snapshot, incident, zones, None, before).await
}

/// The same of one kind, or of every one.
pub async fn entries_of(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    kind: Option<Kind>,
    (before, id): (Timestamp, EntryId),
) -> Result<Vec<Read>, DbError> {
    let [own, shared, cert] = zones.codes();
    let selection = LIST
        .select(params![])
        .when("of", params![incident, own, shared, cert, before, id])
        .when_some("kind", kind);
    snapshot.list(selection).await
}

/// The last entries of these zones, the last first: one more than `most`. For the account of the incident. Index:
/// `case_entry_of`.
pub(crate) async fn last(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    most: usize,
) -> Result<Vec<Read>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        read!(),
        "WHERE e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4) ORDER BY e.happened_at DESC, e.id DESC LIMIT ?5"
    );
    let more = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
    snapshot.all(statement, params![incident, own, shared, cert, more]).await
}

/// An entry of a case, if it stands in one of these zones. Index: the key.
pub async fn entry(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: EntryId,
) -> Result<Option<Read>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(read!(), "WHERE e.id = ?1 AND e.incident_id = ?2 AND e.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// What was sent with this form before. Index: its unique one.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<EntryId>, DbError> {
    let statement = sql!("SELECT id FROM case_entry WHERE form = ?1 AND incident_id = ?2");
    Ok(snapshot.maybe::<(EntryId,)>(statement, params![form, incident]).await?.map(|(id,)| id))
}

/// What was written down in a zone after a moment, the first first, 100 at most: for situation reports. Index:
/// `case_entry_of`.
pub(crate) async fn since(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
    after: Timestamp,
) -> Result<Vec<(Timestamp, Kind, String)>, DbError> {
    let statement = sql!(
        "SELECT e.happened_at, e.kind, e.text FROM case_entry e
         WHERE e.incident_id = ?1 AND e.zone = ?2 AND e.recorded_at > ?3
           AND NOT EXISTS (SELECT 1 FROM case_entry c WHERE c.corrects_id = e.id)
         ORDER BY e.happened_at DESC, e.id DESC LIMIT 100"
    );
    let mut rows: Vec<(Timestamp, Kind, String)> =
        snapshot.all(statement, params![incident, zone, after]).await?;
    rows.reverse();
    Ok(rows)
}
