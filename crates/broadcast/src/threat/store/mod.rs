//! The SQL of threats and of what sources said about them.

pub mod duplicates;
pub(crate) mod known;
pub(super) mod objects;
pub mod relations;
mod scores;

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use formats::CveId;
use jiff::Timestamp;
use platform::{Tx, access::PersonId};

use super::{Flag, Kind, Looks, Picture, Said, StatementId, Status, ThreatId};
use crate::{
    advisory::{AdvisoryId, AdvisoryNumber},
    source::{DocumentId, Source},
    triage::Cause,
};
pub(crate) use known::in_person;
pub(crate) use known::known;
pub(crate) use known::said_of;
pub use known::threats;
pub(super) use known::{Before, standing, threats_of};
pub use scores::{Scores, scores_of};
pub(crate) use scores::{look, looks_of, note_change};
pub(super) use scores::{rated_of, score};

db::record! {
    /// A threat's row.
    pub struct Threat {
        /// Which.
        pub id: ThreatId,
        /// What kind.
        pub kind: Kind,
        /// Its name.
        pub title: String,
        /// What it is.
        pub summary: String,
        /// Where it stands.
        pub status: Status,
        /// Who looks into it.
        pub claimed_by: Option<PersonId>,
        /// That person's name.
        pub claimed_by_name: Option<String>,
        /// Why it was dismissed.
        pub dismissed_reason: Option<String>,
        /// Whether it is known to be exploited.
        pub known_exploited: bool,
        /// Whether ransomware is known to use it.
        pub ransomware: bool,
        /// Whether it concerns a medical device.
        pub medical: bool,
        /// The day of the newest statement, ISO 8601.
        pub dated: String,
        /// Grows with every change.
        pub version: i64,
        /// Its place in the list; see [`Looks::rank`].
        pub rank: i64,
        /// When it changed last.
        pub changed_at: Timestamp,
    }
}

/// A threat by its id.
pub async fn threat(snapshot: &mut Snapshot, id: ThreatId) -> Result<Option<Threat>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.kind, t.title, t.summary, t.status, t.claimed_by, p.name AS claimed_by_name,
                t.dismissed_reason, t.known_exploited, t.ransomware, t.medical, t.dated, t.version, t.rank, t.changed_at
         FROM threat t LEFT JOIN person p ON p.id = t.claimed_by WHERE t.id = ?1"
    );
    snapshot.maybe(statement, params![id]).await
}

/// A statement with its provenance.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Which.
    pub id: StatementId,
    /// Who made it.
    pub source: Source,
    /// The document it stood in.
    pub document: Option<DocumentId>,
    /// The name of that document's file.
    pub document_name: Option<String>,
    /// It, word for word.
    pub verbatim: String,
    /// Its SHA-256.
    pub hash: Vec<u8>,
    /// What was read from it.
    pub said: Said,
    /// When it was taken in.
    pub recorded_at: Timestamp,
    /// When the source said something else.
    pub superseded_at: Option<Timestamp>,
}

impl FromRow for Statement {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let said: String = row.get("said")?;
        let said = read_said(&said)?;
        Ok(Self {
            id: row.get("id")?,
            source: row.get("source")?,
            document: row.get("document_id")?,
            document_name: row.get("document_name")?,
            verbatim: row.get("verbatim")?,
            hash: row.get("hash")?,
            said,
            recorded_at: row.get("recorded_at")?,
            superseded_at: row.get("superseded_at")?,
        })
    }
}

fn read_said(text: &str) -> Result<Said, DbError> {
    serde_json::from_str(text)
        .map_err(|error| DbError::Column { column: "said".to_owned(), reason: error.to_string() })
}

/// Everything that was ever said about a threat, newest first. Index: `threat_statement_threat`.
pub async fn statements(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Statement>, DbError> {
    let statement = sql!(
        "SELECT s.id, s.source, s.document_id, d.name AS document_name, s.verbatim, s.hash, s.said, s.recorded_at,
                s.superseded_at
         FROM threat_statement s LEFT JOIN source_document d ON d.id = s.document_id
         WHERE s.threat_id = ?1 ORDER BY s.recorded_at DESC, s.id DESC"
    );
    snapshot.all(statement, params![threat]).await
}

/// What sources say about a threat now.
pub(crate) async fn said(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<(Source, Said)>, DbError> {
    let all = statements(snapshot, threat).await?;
    let current = all.into_iter().filter(|statement| statement.superseded_at.is_none());
    Ok(current.map(|statement| (statement.source, statement.said)).collect())
}

/// The threat of one CVE.
pub async fn threat_of(snapshot: &mut Snapshot, cve: CveId) -> Result<Option<ThreatId>, DbError> {
    let statement = sql!("SELECT threat_id FROM threat_cve WHERE cve = ?1");
    let found: Option<(ThreatId,)> = snapshot.maybe(statement, params![cve.to_string()]).await?;
    Ok(found.map(|(threat,)| threat))
}

/// A new threat that looks like `picture`.
pub(super) async fn insert(tx: &mut Tx, picture: &Picture) -> Result<ThreatId, DbError> {
    let (id, now): (ThreatId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO threat (id, kind, title, summary, status, known_exploited, ransomware, score, epss, medical, dated,
                             rank, points, policy, version, changed_at)
         VALUES (?1, ?2, ?3, ?4, 'new', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14)"
    );
    let mut values = params![id];
    values.extend(drawn(picture));
    values.push(now.into());
    tx.run_later(statement, values).await?;
    keep_words(tx, id, &picture.words).await?;
    Ok(id)
}

/// A picture as the columns of its row have it.
fn drawn(picture: &Picture) -> Vec<db::Value> {
    let Picture { kind, title, summary, looks, medical, dated, policy, .. } = picture;
    params![
        *kind,
        title,
        summary,
        looks.known_exploited,
        looks.ransomware,
        looks.score.map(i64::from),
        looks.epss.map(i64::from),
        *medical,
        dated.to_string(),
        looks.rank(),
        looks.points.map(|points| points.to_string()),
        i64::from(*policy)
    ]
}

/// Redraws a threat; what it looked like before a source said so is noted, where it tells. A dismissed
/// one that has climbed a level since is new again.
pub(super) async fn redraw(
    tx: &mut Tx,
    id: ThreatId,
    picture: &Picture,
    was: Option<(Cause, Looks)>,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE threat
         SET kind = ?2, title = ?3, summary = ?4, known_exploited = ?5, ransomware = ?6, score = ?7, epss = ?8,
             medical = ?9, dated = ?10, rank = ?11, points = ?12, policy = ?13, version = version + 1, changed_at = ?14,
             status = CASE WHEN status = 'dismissed' AND CAST(?15 AS BIGINT) / 1000000 < CAST(?11 AS BIGINT) / 1000000 THEN 'new' ELSE status END
         WHERE id = ?1"
    );
    let mut values = params![id];
    values.extend(drawn(picture));
    values.push(tx.now.into());
    // By what the source changed, not by what a new policy does.
    values.push(was.map_or(i64::MAX, |(_, was)| was.rank()).into());
    tx.run_later(statement, values).await?;
    if let Some((cause, was)) = was {
        scores::note_change(tx, id, cause, was, picture.looks).await?;
    }
    tx.run_later(sql!("DELETE FROM threat_mention WHERE threat_id = ?1"), params![id]).await?;
    find_by(tx, id, &picture.words).await
}

/// From now on a threat is found by these words and no others.
pub(crate) async fn find_by(tx: &mut Tx, threat: ThreatId, words: &[String]) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM threat_word WHERE threat_id = ?1"), params![threat]).await?;
    keep_words(tx, threat, words).await
}

/// Eight words with one statement: an import writes more words than anything else.
async fn keep_words(tx: &mut Tx, threat: ThreatId, words: &[String]) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO threat_word (threat_id, word)
         VALUES (?1, ?2), (?1, ?3), (?1, ?4), (?1, ?5), (?1, ?6), (?1, ?7), (?1, ?8), (?1, ?9)
         ON CONFLICT (word, threat_id) DO NOTHING"
    );
    for eight in words.chunks(8) {
        let mut values = params![threat];
        // A short rest is filled up with its last word, which is then there already.
        values.extend((0..8).map(|place| eight[place.min(eight.len() - 1)].as_str().into()));
        tx.run_later(statement, values).await?;
    }
    Ok(())
}

/// Ties CVEs to a threat; one that is tied already stays where it is.
pub(super) async fn tie(tx: &mut Tx, threat: ThreatId, cves: &[CveId]) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO threat_cve (cve, threat_id) VALUES (?1, ?2) ON CONFLICT (cve) DO NOTHING");
    for cve in cves {
        tx.run_later(statement, params![cve.to_string(), threat]).await?;
    }
    Ok(())
}

/// Notes which vulnerabilities a threat speaks of: all, since [`redraw`] forgets those before.
pub(super) async fn mention(
    tx: &mut Tx,
    threat: ThreatId,
    cves: impl Iterator<Item = &CveId>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO threat_mention (cve, threat_id) VALUES (?1, ?2) ON CONFLICT (cve, threat_id) DO NOTHING"
    );
    for cve in cves {
        tx.run_later(statement, params![cve.to_string(), threat]).await?;
    }
    Ok(())
}

db::record! {
    /// Another threat that one of this one's vulnerabilities leads to.
    pub struct Related {
        /// Which.
        pub id: ThreatId,
        /// Its name.
        pub title: String,
        /// What kind it is.
        pub kind: Kind,
    }
}

/// Threats that speak of a vulnerability that this one is about, and those about one that it speaks
/// of. Index: `threat_cve_threat`, `threat_mention`'s key and `threat_mention_of`.
pub async fn related(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Related>, DbError> {
    let statement = sql!(
        "SELECT t.id, t.title, t.kind FROM threat t WHERE t.id IN (
             SELECT m.threat_id FROM threat_cve c JOIN threat_mention m ON m.cve = c.cve WHERE c.threat_id = ?1
             UNION
             SELECT c.threat_id FROM threat_mention m JOIN threat_cve c ON c.cve = m.cve WHERE m.threat_id = ?1)
           AND t.id <> ?1
         ORDER BY t.rank DESC, t.dated DESC, t.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![threat]).await
}

/// A statement to be kept.
pub(super) struct NewStatement<'a> {
    pub threat: ThreatId,
    pub source: Source,
    pub key: &'a str,
    pub document: Option<DocumentId>,
    pub verbatim: &'a str,
    pub hash: [u8; 32],
    pub said: &'a Said,
}

/// Keeps a statement.
pub(super) async fn state(tx: &mut Tx, new: &NewStatement<'_>) -> Result<(), DbError> {
    let said = serde_json::to_string(new.said).map_err(|error| DbError::Engine(error.to_string()))?;
    let flags: Vec<_> = new.said.flags.iter().copied().map(Flag::code).collect();
    let statement = sql!(
        "INSERT INTO threat_statement
             (id, threat_id, source, source_key, document_id, verbatim, hash, said, flags, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    let (id, now): (StatementId, _) = (tx.id(), tx.now);
    let values = params![
        id,
        new.threat,
        new.source,
        new.key,
        new.document,
        new.verbatim,
        new.hash,
        said,
        flags.join(" "),
        now
    ];
    tx.run_later(statement, values).await
}

/// Ends the statement of `source` under `key` that stands.
pub(super) async fn supersede(tx: &mut Tx, source: Source, key: &str) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE threat_statement SET superseded_at = ?3
         WHERE source = ?1 AND source_key = ?2 AND superseded_at IS NULL"
    );
    let now = tx.now;
    tx.run_later(statement, params![source, key, now]).await
}

/// Holds a threat as it was read until the end of the transaction; `false` where its version has moved on.
pub(crate) async fn hold(tx: &mut Tx, threat: &Threat) -> Result<bool, DbError> {
    let statement = sql!("UPDATE threat SET version = version WHERE id = ?1 AND version = ?2");
    Ok(tx.run(statement, params![threat.id, threat.version]).await? == 1)
}

/// Moves a threat on; `false` where its version has.
pub(super) async fn advance(
    tx: &mut Tx,
    threat: &Threat,
    status: Status,
    claimed_by: Option<PersonId>,
    dismissed_reason: Option<&str>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE threat
         SET status = ?3, claimed_by = ?4, dismissed_reason = ?5, duplicate_of = NULL, version = version + 1,
             changed_at = ?6
         WHERE id = ?1 AND version = ?2"
    );
    let now = tx.now;
    let values = params![threat.id, threat.version, status, claimed_by, dismissed_reason, now];
    Ok(tx.run(statement, values).await? == 1)
}

/// Keeps a comment.
pub(super) async fn comment(
    tx: &mut Tx,
    threat: ThreatId,
    person: PersonId,
    text: &str,
) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO threat_comment (id, threat_id, person_id, at, text) VALUES (?1, ?2, ?3, ?4, ?5)");
    let (id, now): (uuid::Uuid, _) = (tx.id(), tx.now);
    tx.run_later(statement, params![id, threat, person, now, text]).await
}

/// The comments on a threat, oldest first: when, who, what. Index: `threat_comment_threat`.
pub async fn comments(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Vec<(Timestamp, Option<String>, String)>, DbError> {
    let statement = sql!(
        "SELECT c.at, p.name, c.text FROM threat_comment c LEFT JOIN person p ON p.id = c.person_id
         WHERE c.threat_id = ?1 ORDER BY c.id"
    );
    snapshot.all(statement, params![threat]).await
}

/// The CVEs of a threat.
pub async fn cves(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<String>, DbError> {
    let statement = sql!("SELECT cve FROM threat_cve WHERE threat_id = ?1 ORDER BY cve");
    let rows: Vec<(String,)> = snapshot.all(statement, params![threat]).await?;
    Ok(rows.into_iter().map(|(cve,)| cve).collect())
}

/// The advisories about a threat: those begun from it, and those that name one of its CVEs.
pub async fn advisories(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Vec<(AdvisoryId, AdvisoryNumber)>, DbError> {
    let statement = sql!(
        "SELECT id, number FROM advisory WHERE threat_id = ?1
         UNION
         SELECT a.id, a.number FROM threat_cve c
         JOIN advisory_cve ac ON ac.cve = c.cve JOIN advisory a ON a.id = ac.advisory_id
         WHERE c.threat_id = ?1 ORDER BY number"
    );
    snapshot.all(statement, params![threat]).await
}
