//! The SQL of advisories and their versions.

pub mod comment;
pub mod list;

use std::collections::HashMap;

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use formats::{CveId, Tlp};
use jiff::Timestamp;
use platform::{Tx, access::PersonId};

use super::{AdvisoryId, AdvisoryNumber, Content, Severity, State, VersionId, Wording};
use crate::threat::ThreatId;

/// One version of an advisory, whole.
#[derive(Clone, Debug)]
pub struct Version {
    /// Which.
    pub id: VersionId,
    /// Of which advisory.
    pub advisory: AdvisoryId,
    /// The advisory's number.
    pub number: AdvisoryNumber,
    /// The how-manieth version, from 1.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// What it says.
    pub wording: Wording,
    /// Grows with every change, so that two editors cannot overwrite each other.
    pub edition: i64,
    /// Who began it.
    pub created_by: PersonId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Who submitted it last.
    pub submitted_by: Option<PersonId>,
    /// When.
    pub submitted_at: Option<Timestamp>,
    /// Why it was sent back, until it is submitted again.
    pub sent_back_reason: Option<String>,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Why one person released it alone, where it was so.
    pub released_alone_reason: Option<String>,
    /// Who reviewed that afterwards.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<Timestamp>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When the whole advisory was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

impl FromRow for Version {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let unreadable = |column: &str, reason: String| DbError::Column { column: column.to_owned(), reason };
        let content: String = row.get("content")?;
        let content: Content =
            serde_json::from_str(&content).map_err(|error| unreadable("content", error.to_string()))?;
        let tlp: String = row.get("tlp")?;
        let tlp: Tlp = tlp.parse().map_err(|error| unreadable("tlp", format!("{error}")))?;
        Ok(Self {
            id: row.get("id")?,
            advisory: row.get("advisory_id")?,
            number: row.get("number")?,
            version: row.get("version")?,
            state: row.get("state")?,
            wording: Wording { title: row.get("title")?, severity: row.get("severity")?, tlp, content },
            edition: row.get("edition")?,
            created_by: row.get("created_by")?,
            created_at: row.get("created_at")?,
            submitted_by: row.get("submitted_by")?,
            submitted_at: row.get("submitted_at")?,
            sent_back_reason: row.get("sent_back_reason")?,
            approved_by: row.get("approved_by")?,
            approved_at: row.get("approved_at")?,
            released_alone_reason: row.get("released_alone_reason")?,
            reviewed_by: row.get("reviewed_by")?,
            reviewed_at: row.get("reviewed_at")?,
            published_at: row.get("published_at")?,
            withdrawn_at: row.get("withdrawn_at")?,
            withdrawn_reason: row.get("withdrawn_reason")?,
        })
    }
}

/// A version by its id.
pub async fn version(snapshot: &mut Snapshot, id: VersionId) -> Result<Option<Version>, DbError> {
    let statement = sql!(
        "SELECT v.*, a.number, a.withdrawn_at, a.withdrawn_reason
         FROM advisory_version v JOIN advisory a ON a.id = v.advisory_id WHERE v.id = ?1"
    );
    snapshot.maybe(statement, params![id]).await
}

/// Every version of an advisory, the newest first. Index: `advisory.number`, the versions' unique
/// key.
pub async fn versions(snapshot: &mut Snapshot, number: AdvisoryNumber) -> Result<Vec<Version>, DbError> {
    let statement = sql!(
        "SELECT v.*, a.number, a.withdrawn_at, a.withdrawn_reason
         FROM advisory a JOIN advisory_version v ON v.advisory_id = a.id
         WHERE a.number = ?1 ORDER BY v.version DESC"
    );
    snapshot.all(statement, params![number]).await
}

/// The version on its way, where there is one. Index: `advisory_version_open`.
pub async fn open_version(
    snapshot: &mut Snapshot,
    number: AdvisoryNumber,
) -> Result<Option<Version>, DbError> {
    let statement = sql!(
        "SELECT v.*, a.number, a.withdrawn_at, a.withdrawn_reason
         FROM advisory a JOIN advisory_version v ON v.advisory_id = a.id
         WHERE a.number = ?1 AND v.state IN ('draft', 'in_review', 'approved')"
    );
    snapshot.maybe(statement, params![number]).await
}

/// The version that stands: published, and not withdrawn since.
pub async fn standing(snapshot: &mut Snapshot, advisory: AdvisoryId) -> Result<Option<Version>, DbError> {
    let statement = sql!(
        "SELECT v.*, a.number, a.withdrawn_at, a.withdrawn_reason
         FROM advisory a JOIN advisory_version v ON v.id = a.published_version_id
         WHERE a.id = ?1 AND a.withdrawn_at IS NULL"
    );
    snapshot.maybe(statement, params![advisory]).await
}

/// The advisory of this number.
pub async fn id_of(snapshot: &mut Snapshot, number: AdvisoryNumber) -> Result<Option<AdvisoryId>, DbError> {
    let found: Option<(AdvisoryId,)> =
        snapshot.maybe(sql!("SELECT id FROM advisory WHERE number = ?1"), params![number]).await?;
    Ok(found.map(|(id,)| id))
}

/// A new advisory under the next number.
pub(super) async fn insert_advisory(
    tx: &mut Tx,
    threat: Option<ThreatId>,
) -> Result<(AdvisoryId, AdvisoryNumber), DbError> {
    // Whoever comes second waits for this row, so that no number is given twice or left out.
    let counter = sql!("UPDATE advisory_counter SET last = last + 1 WHERE name = 'advisory' RETURNING last");
    let (number,): (AdvisoryNumber,) = tx.one(counter, params![]).await?;
    let (id, now): (AdvisoryId, _) = (tx.id(), tx.now);
    let statement = sql!("INSERT INTO advisory (id, number, threat_id, created_at) VALUES (?1, ?2, ?3, ?4)");
    tx.run(statement, params![id, number, threat, now]).await?;
    Ok((id, number))
}

/// A new draft.
pub(super) async fn insert_version(
    tx: &mut Tx,
    advisory: AdvisoryId,
    version: i64,
    wording: &Wording,
    author: PersonId,
) -> Result<VersionId, DbError> {
    let (id, now): (VersionId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO advisory_version
             (id, advisory_id, version, state, title, severity, tlp, content, edition, created_by, created_at)
         VALUES (?1, ?2, ?3, 'draft', ?4, ?5, ?6, ?7, 1, ?8, ?9)"
    );
    let values = params![
        id,
        advisory,
        version,
        &wording.title,
        wording.severity,
        wording.tlp.code(),
        json(&wording.content)?,
        author,
        now
    ];
    tx.run(statement, values).await?;
    note_editor(tx, id, author).await?;
    keep_cves(tx, advisory, &wording.content.cves).await?;
    Ok(id)
}

/// Writes `wording` over the edition that was read; `false` where it has moved on. A version whose
/// text changes is approved by nobody.
pub(super) async fn rewrite(
    tx: &mut Tx,
    version: &Version,
    state: State,
    wording: &Wording,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE advisory_version
         SET title = ?3, severity = ?4, tlp = ?5, content = ?6, state = ?7, edition = edition + 1,
             approved_by = NULL, approved_at = NULL, released_alone_reason = NULL
         WHERE id = ?1 AND edition = ?2"
    );
    let values = params![
        version.id,
        version.edition,
        &wording.title,
        wording.severity,
        wording.tlp.code(),
        json(&wording.content)?,
        state
    ];
    let written = tx.run(statement, values).await? == 1;
    if written && wording.content.cves != version.wording.content.cves {
        keep_cves(tx, version.advisory, &wording.content.cves).await?;
    }
    Ok(written)
}

fn json(content: &Content) -> Result<String, DbError> {
    serde_json::to_string(content).map_err(|error| DbError::Engine(error.to_string()))
}

/// Keeps who edited a version.
pub(super) async fn note_editor(tx: &mut Tx, version: VersionId, person: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO advisory_editor (version_id, person_id) VALUES (?1, ?2)
         ON CONFLICT (version_id, person_id) DO NOTHING"
    );
    tx.run(statement, params![version, person]).await?;
    Ok(())
}

/// Everybody who edited a version.
pub async fn editors(snapshot: &mut Snapshot, version: VersionId) -> Result<Vec<PersonId>, DbError> {
    let statement = sql!("SELECT person_id FROM advisory_editor WHERE version_id = ?1 ORDER BY person_id");
    let people: Vec<(PersonId,)> = snapshot.all(statement, params![version]).await?;
    Ok(people.into_iter().map(|(person,)| person).collect())
}

/// The names of everybody who had a hand in an advisory.
pub async fn names(
    snapshot: &mut Snapshot,
    advisory: AdvisoryId,
) -> Result<HashMap<PersonId, String>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.name FROM person p WHERE p.id IN (
             SELECT created_by FROM advisory_version WHERE advisory_id = ?1
             UNION SELECT submitted_by FROM advisory_version WHERE advisory_id = ?1
             UNION SELECT approved_by FROM advisory_version WHERE advisory_id = ?1
             UNION SELECT reviewed_by FROM advisory_version WHERE advisory_id = ?1
             UNION SELECT e.person_id FROM advisory_editor e
                   JOIN advisory_version v ON v.id = e.version_id WHERE v.advisory_id = ?1
             UNION SELECT c.person_id FROM approval_call c
                   JOIN advisory_version v ON v.id = c.version_id WHERE v.advisory_id = ?1
             UNION SELECT c.commented_by FROM advisory_comment c
                   JOIN advisory_version v ON v.id = c.version_id WHERE v.advisory_id = ?1
             UNION SELECT c.settled_by FROM advisory_comment c
                   JOIN advisory_version v ON v.id = c.version_id WHERE v.advisory_id = ?1)"
    );
    let names: Vec<(PersonId, String)> = snapshot.all(statement, params![advisory]).await?;
    Ok(names.into_iter().collect())
}

/// The newest version's CVEs, so that a threat's page finds its advisories.
async fn keep_cves(tx: &mut Tx, advisory: AdvisoryId, cves: &[CveId]) -> Result<(), DbError> {
    tx.run(sql!("DELETE FROM advisory_cve WHERE advisory_id = ?1"), params![advisory]).await?;
    let statement = sql!(
        "INSERT INTO advisory_cve (cve, advisory_id) VALUES (?1, ?2) ON CONFLICT (cve, advisory_id) DO NOTHING"
    );
    for cve in cves {
        tx.run(statement, params![cve.to_string(), advisory]).await?;
    }
    Ok(())
}

/// What a transition changes besides the state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark<'a> {
    Submitted(PersonId),
    SentBack(&'a str),
    Approved(PersonId),
    ReleasedAlone(PersonId, &'a str),
    Published,
    Nothing,
}

/// Moves a version to `state`; `false` where its edition has moved on.
pub(super) async fn advance(
    tx: &mut Tx,
    version: &Version,
    state: State,
    mark: Mark<'_>,
) -> Result<bool, DbError> {
    let now = tx.now;
    let (id, edition) = (version.id, version.edition);
    let (statement, values) = match mark {
        Mark::Submitted(by) => (
            sql!(
                "UPDATE advisory_version
                 SET state = ?3, edition = edition + 1, submitted_by = ?4, submitted_at = ?5, sent_back_reason = NULL
                 WHERE id = ?1 AND edition = ?2"
            ),
            params![id, edition, state, by, now],
        ),
        Mark::SentBack(reason) => (
            sql!(
                "UPDATE advisory_version SET state = ?3, edition = edition + 1, sent_back_reason = ?4
                 WHERE id = ?1 AND edition = ?2"
            ),
            params![id, edition, state, reason],
        ),
        Mark::Approved(by) => (
            sql!(
                "UPDATE advisory_version SET state = ?3, edition = edition + 1, approved_by = ?4, approved_at = ?5
                 WHERE id = ?1 AND edition = ?2"
            ),
            params![id, edition, state, by, now],
        ),
        Mark::ReleasedAlone(by, reason) => (
            sql!(
                "UPDATE advisory_version
                 SET state = ?3, edition = edition + 1, approved_by = ?4, approved_at = ?5, released_alone_reason = ?6
                 WHERE id = ?1 AND edition = ?2"
            ),
            params![id, edition, state, by, now, reason],
        ),
        Mark::Published => (
            sql!(
                "UPDATE advisory_version SET state = ?3, edition = edition + 1, published_at = ?4
                 WHERE id = ?1 AND edition = ?2"
            ),
            params![id, edition, state, now],
        ),
        Mark::Nothing => (
            sql!("UPDATE advisory_version SET state = ?3, edition = edition + 1 WHERE id = ?1 AND edition = ?2"),
            params![id, edition, state],
        ),
    };
    Ok(tx.run(statement, values).await? == 1)
}

/// Notes the review that follows a release by one person; `false` where it was already noted.
pub(super) async fn note_review(tx: &mut Tx, version: VersionId, by: PersonId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE advisory_version SET reviewed_by = ?2, reviewed_at = ?3
         WHERE id = ?1 AND released_alone_reason IS NOT NULL AND reviewed_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![version, by, now]).await? == 1)
}

/// Makes `version` the one that stands, and keeps its severity where that is new.
pub(super) async fn let_stand(tx: &mut Tx, version: &Version) -> Result<(), DbError> {
    let statement = sql!("UPDATE advisory SET published_version_id = ?2 WHERE id = ?1");
    tx.run(statement, params![version.advisory, version.id]).await?;
    let last = severities(tx, version.advisory).await?.pop().map(|(_, severity)| severity);
    if last != Some(version.wording.severity) {
        let statement = sql!("INSERT INTO advisory_severity (advisory_id, at, severity) VALUES (?1, ?2, ?3)");
        let now = tx.now;
        tx.run(statement, params![version.advisory, now, version.wording.severity]).await?;
    }
    Ok(())
}

/// The severities under which an advisory was published, oldest first.
pub async fn severities(
    snapshot: &mut Snapshot,
    advisory: AdvisoryId,
) -> Result<Vec<(Timestamp, Severity)>, DbError> {
    let statement = sql!("SELECT at, severity FROM advisory_severity WHERE advisory_id = ?1 ORDER BY at");
    snapshot.all(statement, params![advisory]).await
}

/// Notes that the whole advisory no longer holds.
pub(super) async fn note_withdrawal(tx: &mut Tx, advisory: AdvisoryId, reason: &str) -> Result<(), DbError> {
    let statement = sql!("UPDATE advisory SET withdrawn_at = ?2, withdrawn_reason = ?3 WHERE id = ?1");
    let now = tx.now;
    tx.run(statement, params![advisory, now, reason]).await?;
    Ok(())
}

/// Makes `before` the version that stands, as if the one behind it had not been published.
pub(super) async fn stand_back(
    tx: &mut Tx,
    advisory: AdvisoryId,
    before: Option<VersionId>,
) -> Result<(), DbError> {
    // Its severity was noted under the moment of the publication.
    let severity = sql!(
        "DELETE FROM advisory_severity
         WHERE advisory_id = ?1
           AND at = (SELECT v.published_at FROM advisory a JOIN advisory_version v ON v.id = a.published_version_id
                     WHERE a.id = ?1)"
    );
    tx.run(severity, params![advisory]).await?;
    let statement = sql!("UPDATE advisory SET published_version_id = ?2 WHERE id = ?1");
    tx.run(statement, params![advisory, before]).await?;
    Ok(())
}
