//! The SQL of notes.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::NoteId;
use crate::{
    case::{CaseError, Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// A note, as it stands.
    pub struct Note {
        /// Which.
        pub id: NoteId,
        /// Whose it is to read.
        pub zone: Zone,
        /// What it is called; empty where it was forgotten.
        pub title: String,
        /// What it says, in Markdown.
        pub text: String,
        /// Who saved it last, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub saved_at: Timestamp,
        /// Its version.
        pub version: i64,
    }
}

impl Note {
    /// What it is called.
    pub fn called(&self) -> &str {
        if self.title.is_empty() { "No longer kept" } else { &self.title }
    }
}

macro_rules! notes {
    ($text:literal) => {
        concat!(
            "SELECT n.id, n.zone, n.title, ",
            $text,
            " AS text, coalesce(p.name, k.name) AS by, o.name AS through, n.saved_at, n.version
             FROM case_note n
             LEFT JOIN person p ON p.id = n.saved_by AND p.erased_at IS NULL
             LEFT JOIN api_key k ON k.id = n.saved_by
             LEFT JOIN organisation o ON o.id = n.through_id "
        )
    };
}

/// The notes of these zones of a case without their texts, the last saved first; [`super::MOST`] of each at most. Index:
/// `case_note_of`.
pub async fn of(snapshot: &mut Snapshot, incident: IncidentId, zones: Zones) -> Result<Vec<Note>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        notes!("''"),
        "WHERE n.incident_id = ?1 AND n.zone IN (?2, ?3, ?4) ORDER BY n.saved_at DESC, n.id DESC LIMIT 600"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// The notes of these zones of a case behind `after` with their texts, the first begun first, 51 at most. Index:
/// `case_note_of`.
pub async fn after(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    after: NoteId,
) -> Result<Vec<Note>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        notes!("n.text"),
        "WHERE n.incident_id = ?1 AND n.zone IN (?2, ?3, ?4) AND n.id > ?5 ORDER BY n.id LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, after]).await
}

/// A note of a case, if it stands in one of these zones. Index: the key.
pub async fn note(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: NoteId,
) -> Result<Option<Note>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement =
        sql!(notes!("n.text"), "WHERE n.id = ?1 AND n.incident_id = ?2 AND n.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

db::record! {
    /// A version of a note, as it is listed.
    pub struct Saved {
        /// Which.
        pub version: i64,
        /// Who saved it, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub saved_at: Timestamp,
        /// Whether it was put together of what two people wrote.
        pub merged: bool,
    }
}

/// The versions of a note, the last first, 100 at most. The caller has read the note. Index: the key.
pub async fn versions(snapshot: &mut Snapshot, note: NoteId) -> Result<Vec<Saved>, DbError> {
    let statement = sql!(
        "SELECT v.version, coalesce(p.name, k.name) AS by, o.name AS through, v.saved_at, v.merged
         FROM case_note_version v
         LEFT JOIN person p ON p.id = v.saved_by AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = v.saved_by
         LEFT JOIN organisation o ON o.id = v.through_id
         WHERE v.note_id = ?1 ORDER BY v.version DESC LIMIT 100"
    );
    snapshot.all(statement, params![note]).await
}

/// What a version of a note said. The caller has read the note. Index: the key.
pub async fn text_of(snapshot: &mut Snapshot, note: NoteId, version: i64) -> Result<Option<String>, DbError> {
    let statement = sql!("SELECT text FROM case_note_version WHERE note_id = ?1 AND version = ?2");
    Ok(snapshot.maybe::<(String,)>(statement, params![note, version]).await?.map(|(text,)| text))
}

/// How many notes a zone of a case has, and the one of this form. Indexes: `case_note_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    (incident, zone): (IncidentId, Zone),
    form: Uuid,
) -> Result<(i64, Option<NoteId>), DbError> {
    let count = sql!("SELECT count(*) FROM case_note WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(count, params![incident, zone]).await?;
    let same = sql!("SELECT id FROM case_note WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(NoteId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

/// Who saves.
pub(super) type By = (PersonId, Option<OrganisationId>);

pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone, form): (IncidentId, Zone, Uuid),
    (title, text): (&str, &str),
    (by, through): By,
) -> Result<NoteId, CaseError> {
    let (id, now): (NoteId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_note (id, incident_id, zone, title, text, saved_by, through_id, saved_at, form, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)"
    );
    match tx.run(statement, params![id, incident, zone, title, text, by, through, now, form]).await {
        Err(DbError::Constraint(_)) => return Err(CaseError::Twice),
        other => other?,
    };
    keep(tx, id, 1, (text, false), (by, through)).await?;
    Ok(id)
}

/// Keeps a version.
async fn keep(
    tx: &mut Tx,
    note: NoteId,
    version: i64,
    (text, merged): (&str, bool),
    (by, through): By,
) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO case_note_version (note_id, version, text, saved_by, through_id, saved_at, merged)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    tx.run(statement, params![note, version, text, by, through, now, merged]).await?;
    Ok(())
}

/// Saves a note over the version that stands; `false` where that has moved.
pub(super) async fn save(
    tx: &mut Tx,
    note: &Note,
    (text, merged): (&str, bool),
    (by, through): By,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE case_note SET text = ?3, saved_by = ?4, through_id = ?5, saved_at = ?6, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    if tx.run(statement, params![note.id, note.version, text, by, through, now]).await? == 0 {
        return Ok(false);
    }
    keep(tx, note.id, note.version + 1, (text, merged), (by, through)).await?;
    Ok(true)
}
