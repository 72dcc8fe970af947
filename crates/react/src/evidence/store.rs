//! The SQL of evidence and its custody. Every list begins with zones that the caller's sight gave.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, blob::BlobHash, organisation::OrganisationId};
use uuid::Uuid;

use super::{Deed, EvidenceId, FileName};
use crate::{
    case::{Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// A piece of evidence.
    pub struct Piece {
        /// Which.
        pub id: EvidenceId,
        /// Whose it is.
        pub zone: Zone,
        /// The SHA-256 of what came.
        pub hash: Vec<u8>,
        /// Its size in bytes.
        pub size: i64,
        /// Under which name its bytes are kept; nothing where they are not any more.
        pub blob_hash: Option<Vec<u8>>,
        /// Whether whoever sent it told the same hash.
        pub compared: bool,
        /// What the file was called.
        pub name: String,
        /// What it is.
        pub about: String,
        /// Where it was found.
        pub found: String,
        /// When it was collected, where that is known.
        pub collected_at: Option<Timestamp>,
        /// By whom, in their words.
        pub collected_by: String,
        /// Who sent it, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that was.
        pub through: Option<String>,
        /// When it was kept.
        pub kept_at: Timestamp,
        /// When it was withdrawn, where it was.
        pub withdrawn_at: Option<Timestamp>,
        /// When an authority says that it was there, where one does.
        pub stamped_at: Option<Timestamp>,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Piece {
    /// Its hash as people compare it.
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.hash)
    }

    /// As much of its hash as tells it from the others of a case.
    pub fn short(&self) -> String {
        self.hex()[..16].to_owned()
    }

    /// Under which name its bytes are kept.
    pub fn blob(&self) -> Option<BlobHash> {
        self.blob_hash.as_deref().and_then(|hash| hash.try_into().ok())
    }

    /// Its size in bytes.
    pub const fn bytes(&self) -> u64 {
        self.size.unsigned_abs()
    }

    /// What it is called: as somebody described it, or by its hash where that was forgotten.
    pub fn called(&self) -> String {
        if self.about.is_empty() {
            format!("Piece {}", &self.hex()[..8])
        } else {
            self.about.lines().next().unwrap_or_default().to_owned()
        }
    }
}

macro_rules! pieces {
    () => {
        "SELECT e.id, e.zone, e.hash, e.size, e.blob_hash, e.compared, e.name, e.about, e.found, e.collected_at,
                e.collected_by, coalesce(p.name, k.name) AS by, o.name AS through, e.kept_at, e.withdrawn_at,
                s.stamped_at, e.version
         FROM evidence e
         LEFT JOIN person p ON p.id = e.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = e.person_id
         LEFT JOIN organisation o ON o.id = e.through_id
         LEFT JOIN evidence_stamp s ON s.evidence_id = e.id "
    };
}

/// The pieces of a case in these zones, the newest first, 51 at most behind `after`. Index: `evidence_of`.
pub async fn pieces(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    after: EvidenceId,
) -> Result<Vec<Piece>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        pieces!(),
        "WHERE e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4) AND e.id < ?5 ORDER BY e.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, after]).await
}

/// A piece of a case, where it stands in one of these zones. Index: the key.
pub async fn piece(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: EvidenceId,
) -> Result<Option<Piece>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(pieces!(), "WHERE e.id = ?5 AND e.incident_id = ?1 AND e.zone IN (?2, ?3, ?4)");
    snapshot.maybe(statement, params![incident, own, shared, cert, id]).await
}

/// How many pieces a zone of a case holds: for the most that it may. Index: `evidence_of`.
pub(super) async fn count(snapshot: &mut Snapshot, incident: IncidentId, zone: Zone) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM evidence WHERE incident_id = ?1 AND zone = ?2");
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}

/// The piece that was sent with this form to this case by this person, or this key. Index: the form's unique one.
pub(super) async fn of_form(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
    person: Uuid,
) -> Result<Option<EvidenceId>, DbError> {
    let statement = sql!("SELECT id FROM evidence WHERE form = ?1 AND incident_id = ?2 AND person_id = ?3");
    let found: Option<(EvidenceId,)> = snapshot.maybe(statement, params![form, incident, person]).await?;
    Ok(found.map(|(id,)| id))
}

/// What is known of a file that came.
#[derive(Clone, Debug)]
pub struct Told {
    /// The form that it came with.
    pub form: Uuid,
    /// Whose it is to be.
    pub zone: Zone,
    /// What it was called.
    pub name: FileName,
    /// What it is.
    pub about: String,
    /// Where it was found.
    pub found: String,
    /// When it was collected, where that is known.
    pub collected_at: Option<Timestamp>,
    /// By whom.
    pub collected_by: String,
    /// The hash that its sender computed, where they did.
    pub hash: Option<BlobHash>,
}

/// Who does something: a person or a key, and through which organisation.
pub(super) type By = (Option<Uuid>, Option<OrganisationId>);

pub(super) async fn insert(
    tx: &mut Tx,
    incident: IncidentId,
    told: &Told,
    (hash, size): (BlobHash, u64),
    (person, through): By,
) -> Result<EvidenceId, DbError> {
    let (id, now): (EvidenceId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO evidence (id, incident_id, zone, form, hash, size, blob_hash, compared, name, about, found,
                               collected_at, collected_by, person_id, through_id, kept_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)"
    );
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let values = params![
        id,
        incident,
        told.zone,
        told.form,
        hash,
        size,
        told.hash.is_some(),
        told.name.as_str(),
        &told.about,
        &told.found,
        told.collected_at,
        &told.collected_by,
        person,
        through,
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Withdraws a piece; `false` where its version has moved on, or it was withdrawn.
pub(super) async fn withdraw(tx: &mut Tx, id: EvidenceId, version: i64) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE evidence SET withdrawn_at = ?3, version = version + 1
         WHERE id = ?1 AND version = ?2 AND withdrawn_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, version, now]).await? == 1)
}

/// Something that was done with a piece, on its way into its custody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done<'a> {
    pub deed: Deed,
    pub why: &'a str,
    pub whom: &'a str,
    pub form: Option<Uuid>,
}

impl<'a> Done<'a> {
    pub const fn because(deed: Deed, why: &'a str) -> Self {
        Self { deed, why, whom: "", form: None }
    }
}

/// Enters what was done in the custody of a piece.
pub(super) async fn enter(
    tx: &mut Tx,
    id: EvidenceId,
    (person, through): By,
    done: Done<'_>,
) -> Result<(), DbError> {
    let (entry, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO custody (id, evidence_id, deed, at, person_id, through_id, why, whom, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    let values =
        params![entry, id, done.deed, now, person, through, done.why.trim(), done.whom.trim(), done.form];
    tx.run(statement, values).await?;
    Ok(())
}

/// Whether this form was sent before, for this piece. Index: the form's unique one.
pub(super) async fn is_done(snapshot: &mut Snapshot, id: EvidenceId, form: Uuid) -> Result<bool, DbError> {
    let statement = sql!("SELECT id FROM custody WHERE form = ?1 AND evidence_id = ?2");
    Ok(snapshot.maybe::<(Uuid,)>(statement, params![form, id]).await?.is_some())
}

db::record! {
    /// An entry of a custody.
    pub struct Entry {
        /// Which.
        pub id: Uuid,
        /// What was done.
        pub deed: Deed,
        /// When.
        pub at: Timestamp,
        /// Who did it, where somebody did and has not left.
        pub by: Option<String>,
        /// The organisation whose person that was.
        pub through: Option<String>,
        /// Whether somebody did it: a person, or a machine with its key.
        pub is_person: bool,
        /// Why; empty where it was forgotten.
        pub why: String,
        /// To whom it was handed over.
        pub whom: String,
    }
}

/// The custody of a piece, the first first, 51 at most behind `after`: of a piece that the caller's sight showed. Index:
/// `custody_of`.
pub async fn custody(snapshot: &mut Snapshot, id: EvidenceId, after: Uuid) -> Result<Vec<Entry>, DbError> {
    let statement = sql!(
        "SELECT c.id, c.deed, c.at, coalesce(p.name, k.name) AS by, o.name AS through,
                c.person_id IS NOT NULL AS is_person, c.why, c.whom
         FROM custody c
         LEFT JOIN person p ON p.id = c.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = c.person_id
         LEFT JOIN organisation o ON o.id = c.through_id
         WHERE c.evidence_id = ?1 AND c.id > ?2 ORDER BY c.id LIMIT 51"
    );
    snapshot.all(statement, params![id, after]).await
}

db::record! {
    /// What a time stamp is asked for: the case of a piece, its hash and its zone.
    pub(super) struct ToStamp {
        pub incident_id: IncidentId,
        pub organisation_id: Option<OrganisationId>,
        pub zone: Zone,
        pub hash: Vec<u8>,
        pub kept_at: Timestamp,
    }
}

/// A piece that has no time stamp yet, whoever asks. Index: the key.
pub(super) async fn to_stamp(snapshot: &mut Snapshot, id: EvidenceId) -> Result<Option<ToStamp>, DbError> {
    let statement = sql!(
        "SELECT e.incident_id, i.organisation_id, e.zone, e.hash, e.kept_at
         FROM evidence e JOIN incident i ON i.id = e.incident_id
         WHERE e.id = ?1 AND NOT EXISTS (SELECT 1 FROM evidence_stamp s WHERE s.evidence_id = e.id)"
    );
    snapshot.maybe(statement, params![id]).await
}

/// Keeps a time stamp; `false` where there is one.
pub(super) async fn insert_stamp(
    tx: &mut Tx,
    id: EvidenceId,
    at: Timestamp,
    token: &[u8],
) -> Result<bool, DbError> {
    let statement = sql!(
        "INSERT INTO evidence_stamp (evidence_id, stamped_at, token) VALUES (?1, ?2, ?3)
         ON CONFLICT (evidence_id) DO NOTHING"
    );
    Ok(tx.run(statement, params![id, at, token]).await? == 1)
}

/// The token of a piece's time stamp: of one that the caller's sight showed. Index: the key.
pub async fn token(snapshot: &mut Snapshot, id: EvidenceId) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT token FROM evidence_stamp WHERE evidence_id = ?1");
    Ok(snapshot.maybe::<(Vec<u8>,)>(statement, params![id]).await?.map(|(token,)| token))
}
