//! The SQL of STIX objects: every version of each, and which has to do with which.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::Tx;

use super::known::{of_these, these};
use crate::{source::DocumentId, threat::ThreatId};

/// A version of an object to be kept.
#[derive(Clone, Debug)]
pub(in crate::threat) struct NewObject {
    /// Its identifier.
    pub object: String,
    pub kind: String,
    pub name: String,
    pub number: String,
    /// With spaces between them.
    pub cves: String,
    pub verbatim: String,
    /// Its SHA-256.
    pub hash: [u8; 32],
    pub modified: Option<Timestamp>,
}

/// That one object has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::threat) struct NewRelation {
    pub source: String,
    pub name: String,
    pub target: String,
    /// Whether it is worth telling.
    pub told: bool,
}

db::record! {
    /// A version that is kept, as taking in compares it.
    pub(in crate::threat) struct Version {
        pub object: String,
        pub modified: Option<Timestamp>,
        pub newest: bool,
        pub hash: Vec<u8>,
    }
}

/// Every version of these that is kept. Indexes: `stix_object_newest`, `stix_object_older`.
pub(in crate::threat) async fn versions(
    snapshot: &mut Snapshot,
    objects: &[String],
) -> Result<Vec<Version>, DbError> {
    let statement = sql!(
        "SELECT object, modified, newest, hash FROM stix_object WHERE newest = TRUE AND object IN ",
        these!(),
        " UNION ALL SELECT object, modified, newest, hash FROM stix_object WHERE newest = FALSE AND object IN ",
        these!()
    );
    of_these(snapshot, statement, objects, params![]).await
}

/// A version that is kept, as it stood. Indexes: those of [`versions`].
pub(in crate::threat) async fn as_it_stood(
    snapshot: &mut Snapshot,
    object: &str,
    modified: Option<Timestamp>,
) -> Result<String, DbError> {
    let statement = sql!(
        "SELECT verbatim FROM stix_object WHERE newest = TRUE AND object = ?1 AND coalesce(modified, 0) = ?2
         UNION ALL
         SELECT verbatim FROM stix_object WHERE newest = FALSE AND object = ?1 AND coalesce(modified, 0) = ?2"
    );
    let modified = modified.map_or(0, Timestamp::as_microsecond);
    Ok(snapshot.one::<(String,)>(statement, params![object, modified]).await?.0)
}

/// Keeps a version.
pub(in crate::threat) async fn keep(
    tx: &mut Tx,
    new: &NewObject,
    newest: bool,
    document: DocumentId,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO stix_object (object, kind, name, number, cves, verbatim, hash, size, modified, newest,
                                  document_id, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let (size, now) = (i64::try_from(new.verbatim.len()).unwrap_or(i64::MAX), tx.now);
    let NewObject { object, kind, name, number, cves, verbatim, hash, modified } = new;
    let values =
        params![object, kind, name, number, cves, verbatim, *hash, size, *modified, newest, document, now];
    tx.run_later(statement, values).await
}

/// Makes way for a newer version of an object: what the one before said of others goes.
pub(in crate::threat) async fn make_way(tx: &mut Tx, object: &str) -> Result<(), DbError> {
    let statement = sql!("UPDATE stix_object SET newest = FALSE WHERE object = ?1 AND newest = TRUE");
    tx.run_later(statement, params![object]).await?;
    tx.run_later(sql!("DELETE FROM stix_relation WHERE said_by = ?1"), params![object]).await
}

/// Keeps what an object says of others.
pub(in crate::threat) async fn relate(
    tx: &mut Tx,
    said_by: &str,
    relation: &NewRelation,
) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO stix_relation (said_by, source, name, target, told) VALUES (?1, ?2, ?3, ?4, ?5)");
    let NewRelation { source, name, target, told } = relation;
    tx.run_later(statement, params![said_by, source, name, target, *told]).await
}

db::record! {
    /// An object as lists show it, in its newest version.
    pub struct Object {
        /// Its identifier.
        pub object: String,
        /// Its type, such as `course-of-action`.
        pub kind: String,
        /// Its name; empty where it has none.
        pub name: String,
        /// The number under which ATT&CK knows it; empty where it does not.
        pub number: String,
        /// Of this version; observables have none.
        pub modified: Option<Timestamp>,
        /// The document that brought this version.
        pub document_id: DocumentId,
        /// The threat that it is, where it is one.
        pub threat: Option<ThreatId>,
    }
}

macro_rules! listed {
    () => {
        "SELECT o.object, o.kind, o.name, o.number, o.modified, o.document_id, t.threat_id AS threat
         FROM stix_object o
         LEFT JOIN threat_statement t ON t.source = 'stix' AND t.source_key = o.object AND t.superseded_at IS NULL "
    };
}

/// What a document brought and is the newest still, but for relationships, behind `after` and before `until`: 51 at
/// most. Indexes: `stix_object_document`, `threat_statement_current`.
pub async fn of_document(
    snapshot: &mut Snapshot,
    document: DocumentId,
    (after, until): (&str, &str),
) -> Result<Vec<Object>, DbError> {
    let statement = sql!(
        listed!(),
        "WHERE o.document_id = ?1 AND o.newest = TRUE AND o.kind <> 'relationship' AND o.object > ?2 AND o.object < ?3
         ORDER BY o.object LIMIT 51"
    );
    snapshot.all(statement, params![document, after, until]).await
}

/// One object. Indexes: `stix_object_newest`, `threat_statement_current`.
pub async fn object(snapshot: &mut Snapshot, object: &str) -> Result<Option<Object>, DbError> {
    let statement = sql!(listed!(), "WHERE o.object = ?1 AND o.newest = TRUE");
    snapshot.maybe(statement, params![object]).await
}

/// The first `letters` of an object as it stands, and when its older versions are of, the last first, 50 at most.
/// Indexes: `stix_object_newest`, `stix_object_older`.
pub async fn words(
    snapshot: &mut Snapshot,
    object: &str,
    letters: i64,
) -> Result<(String, Vec<Timestamp>), DbError> {
    let statement =
        sql!("SELECT substr(verbatim, 1, ?2) AS words FROM stix_object WHERE newest = TRUE AND object = ?1");
    let (words,): (String,) = snapshot.one(statement, params![object, letters]).await?;
    let statement = sql!(
        "SELECT modified FROM stix_object WHERE newest = FALSE AND object = ?1 AND modified IS NOT NULL
         ORDER BY modified DESC LIMIT 50"
    );
    let older: Vec<(Timestamp,)> = snapshot.all(statement, params![object]).await?;
    Ok((words, older.into_iter().map(|(modified,)| modified).collect()))
}

db::record! {
    /// A newest version, named.
    pub(in crate::threat) struct Found {
        pub object: String,
        pub size: i64,
    }
}

/// Objects that a document brought and that may be threats, behind `after`. Index: `stix_object_document`.
pub(in crate::threat) async fn threats_in(
    snapshot: &mut Snapshot,
    document: DocumentId,
    after: &str,
) -> Result<Vec<Found>, DbError> {
    let statement = sql!(
        "SELECT object, size FROM stix_object
         WHERE document_id = ?1 AND newest = TRUE AND kind <> 'relationship' AND object > ?2
           AND kind IN ('attack-pattern', 'campaign', 'intrusion-set', 'malware', 'report', 'threat-actor', 'tool',
                        'vulnerability')
         ORDER BY object LIMIT 512"
    );
    snapshot.all(statement, params![document, after]).await
}

/// Objects that a document brought and on which statements about others rest: who made them, how they
/// are marked, which vulnerabilities they speak of. Index: `stix_object_document`.
pub(in crate::threat) async fn grounds_in(
    snapshot: &mut Snapshot,
    document: DocumentId,
    after: &str,
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT object FROM stix_object
         WHERE document_id = ?1 AND newest = TRUE AND kind <> 'relationship' AND object > ?2
           AND kind IN ('identity', 'marking-definition', 'vulnerability')
         ORDER BY object LIMIT 512"
    );
    let rows: Vec<(String,)> = snapshot.all(statement, params![document, after]).await?;
    Ok(rows.into_iter().map(|(object,)| object).collect())
}

/// Objects of other documents that may be threats and name `ground` in the property `by`, behind `after`.
/// Index: `stix_relation_target`, then `stix_object_newest`.
pub(in crate::threat) async fn resting_on(
    snapshot: &mut Snapshot,
    ground: &str,
    by: &str,
    document: DocumentId,
    after: &str,
) -> Result<Vec<Found>, DbError> {
    let statement = sql!(
        "SELECT o.object, o.size FROM stix_relation r
         JOIN stix_object o ON o.object = r.source AND o.newest = TRUE
         WHERE r.target = ?1 AND r.name = ?2 AND r.source > ?4 AND o.document_id <> ?3
           AND o.kind IN ('attack-pattern', 'campaign', 'intrusion-set', 'malware', 'report', 'threat-actor',
                          'tool', 'vulnerability')
         ORDER BY r.source LIMIT 512"
    );
    snapshot.all(statement, params![ground, by, document, after]).await
}

/// The newest versions of these as they stood, and the document that brought each. Index:
/// `stix_object_newest`.
pub(in crate::threat) async fn verbatim(
    snapshot: &mut Snapshot,
    objects: &[String],
) -> Result<Vec<(String, DocumentId)>, DbError> {
    let statement =
        sql!("SELECT verbatim, document_id FROM stix_object WHERE newest = TRUE AND object IN ", these!());
    of_these(snapshot, statement, objects, params![]).await
}

/// Those of these that are short enough to be held together, as they stood: a definition of a marking, a
/// course of action that is longer has lost its sense. Index: `stix_object_newest`.
pub(in crate::threat) async fn short(
    snapshot: &mut Snapshot,
    objects: &[String],
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT verbatim FROM stix_object WHERE newest = TRUE AND size < 65536 AND object IN ",
        these!()
    );
    let rows: Vec<(String,)> = of_these(snapshot, statement, objects, params![]).await?;
    Ok(rows.into_iter().map(|(verbatim,)| verbatim).collect())
}

db::record! {
    /// What one object tells of itself to others.
    pub(in crate::threat) struct Told {
        pub object: String,
        pub name: String,
        pub cves: String,
    }
}

/// What these are called, and their CVE numbers. Index: `stix_object_newest`.
pub(in crate::threat) async fn told(
    snapshot: &mut Snapshot,
    objects: &[String],
) -> Result<HashMap<String, Told>, DbError> {
    let statement =
        sql!("SELECT object, name, cves FROM stix_object WHERE newest = TRUE AND object IN ", these!());
    let rows: Vec<Told> = of_these(snapshot, statement, objects, params![]).await?;
    Ok(rows.into_iter().map(|row| (row.object.clone(), row)).collect())
}

db::record! {
    /// That one object exploits a vulnerability.
    pub(in crate::threat) struct Exploits {
        pub vulnerability: String,
        /// What says so.
        pub said_by: String,
        /// What exploits it.
        pub source: String,
    }
}

/// What exploits these vulnerabilities, 2,000 of each 32 at most. Indexes: `stix_relation_target`,
/// `stix_object_newest`.
pub(in crate::threat) async fn exploiting(
    snapshot: &mut Snapshot,
    vulnerabilities: &[String],
) -> Result<Vec<Exploits>, DbError> {
    let statement = sql!(
        "SELECT r.target AS vulnerability, r.said_by, r.source FROM stix_relation r
         JOIN stix_object o ON o.object = r.source AND o.newest = TRUE
         WHERE r.name = 'exploits' AND r.told = TRUE
           AND o.kind IN ('campaign', 'intrusion-set', 'malware', 'threat-actor', 'tool') AND r.target IN ",
        these!(),
        " ORDER BY r.target, r.source LIMIT 2000"
    );
    of_these(snapshot, statement, vulnerabilities, params![]).await
}

/// Those of these that are vulnerabilities and that another document brought. Index: `stix_object_newest`.
pub(in crate::threat) async fn brought_elsewhere(
    snapshot: &mut Snapshot,
    vulnerabilities: &[String],
    document: DocumentId,
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT object FROM stix_object
         WHERE newest = TRUE AND kind = 'vulnerability' AND size < 65536 AND document_id <> ?33 AND object IN ",
        these!()
    );
    let rows: Vec<(String,)> = of_these(snapshot, statement, vulnerabilities, params![document]).await?;
    Ok(rows.into_iter().map(|(object,)| object).collect())
}

/// Vulnerabilities of other documents that something in this one exploits, as relationships say that were there
/// before, behind `after`. Indexes: `stix_object_document`, `stix_relation_source`, `stix_object_newest`.
pub(in crate::threat) async fn exploited_by_those_in(
    snapshot: &mut Snapshot,
    document: DocumentId,
    after: &str,
) -> Result<Vec<Found>, DbError> {
    let statement = sql!(
        "SELECT DISTINCT v.object, v.size FROM stix_object o
         JOIN stix_relation r ON r.source = o.object AND r.name = 'exploits' AND r.told = TRUE
         JOIN stix_object v ON v.object = r.target AND v.newest = TRUE
         WHERE o.document_id = ?1 AND o.newest = TRUE AND o.kind <> 'relationship'
           AND o.kind IN ('campaign', 'intrusion-set', 'malware', 'threat-actor', 'tool')
           AND v.kind = 'vulnerability' AND v.document_id <> ?1 AND v.object > ?2
         ORDER BY v.object LIMIT 512"
    );
    snapshot.all(statement, params![document, after]).await
}
