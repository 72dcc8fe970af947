//! The SQL of the sources' documents.

mod revision;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App, Tx,
    blob::{self, BlobError, BlobHash},
};

use super::{DocumentId, Findings, Source};
use crate::threat::{StatementId, ThreatId};
pub(crate) use revision::{Revision, believe, believed, hold};

/// Where a page of the list of documents ended: when it was taken in, id.
pub type Cursor = (i64, DocumentId);

/// Keeps a document of `source` verbatim. The same document is kept once, under the name and the
/// time at which it first came: the name alone, since in which folder it lay says something of a machine and
/// nothing of the document.
pub async fn keep(app: &App, source: Source, name: &str, bytes: &[u8]) -> Result<DocumentId, BlobError> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let hash = blob::keep(app, bytes).await?;
    let mut tx = app.write().await?;
    let statement = sql!(
        "INSERT INTO source_document (id, source, name, hash, taken_in_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (source, hash) DO NOTHING"
    );
    let (id, now): (DocumentId, _) = (tx.id(), tx.now);
    tx.run(statement, params![id, source, name, hash, now]).await?;
    let statement = sql!("SELECT id FROM source_document WHERE source = ?1 AND hash = ?2");
    let (id,): (DocumentId,) = tx.one(statement, params![source, hash]).await?;
    tx.commit().await?;
    Ok(id)
}

db::record! {
    /// A document as it is listed.
    pub struct Document {
        /// Which.
        pub id: DocumentId,
        /// Whose.
        pub source: Source,
        /// The name of its file.
        pub name: String,
        /// What it calls itself, where that was read.
        pub title: Option<String>,
        /// Its SHA-256, under which it is kept.
        pub hash: Vec<u8>,
        /// When it was taken in.
        pub taken_in_at: Timestamp,
        findings: Option<String>,
    }
}

impl Document {
    /// What was found out about it; nothing where it was not asked.
    pub fn findings(&self) -> Result<Findings, DbError> {
        let read = |text: &String| {
            serde_json::from_str(text)
                .map_err(|error| DbError::Column { column: "findings".to_owned(), reason: error.to_string() })
        };
        Ok(self.findings.as_ref().map(read).transpose()?.unwrap_or_default())
    }

    /// By what to call it.
    pub fn called(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// It, byte for byte.
    pub async fn bytes(&self, app: &App) -> Result<Vec<u8>, BlobError> {
        let hash = BlobHash::try_from(self.hash.as_slice());
        let hash = hash.map_err(|_| BlobError::Damaged(data_encoding::HEXLOWER.encode(&self.hash)))?;
        blob::read(app, &hash).await
    }
}

/// A document by its id.
pub async fn document(snapshot: &mut Snapshot, id: DocumentId) -> Result<Option<Document>, DbError> {
    let statement = sql!(
        "SELECT id, source, name, title, hash, taken_in_at, findings FROM source_document WHERE id = ?1"
    );
    snapshot.maybe(statement, params![id]).await
}

db::listing! {
    // Index: source_document_taken; of one source source_document_of.
    static DOCUMENTS = "SELECT id, source, name, title, hash, taken_in_at, findings FROM source_document";
    source: "source = ?1",
    after: "(taken_in_at, id) < (?1, ?2)",
    tail: "ORDER BY taken_in_at DESC, id DESC LIMIT 51",
}

/// Documents behind `after`, the newest first, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    source: Option<Source>,
    after: Option<Cursor>,
) -> Result<Vec<Document>, DbError> {
    let mut selection = DOCUMENTS.select(params![]).when_some("source", source);
    if let Some((taken_in_at, id)) = after {
        selection = selection.when("after", params![taken_in_at, id]);
    }
    snapshot.list(selection).await
}

/// Keeps what came of taking a document in, which is all that is found out about one that nothing checks.
pub(crate) async fn report(tx: &mut Tx, document: DocumentId, findings: &Findings) -> Result<(), DbError> {
    let findings = serde_json::to_string(findings).map_err(|error| DbError::Engine(error.to_string()))?;
    tx.run_later(sql!("UPDATE source_document SET findings = ?2 WHERE id = ?1"), params![document, findings])
        .await
}

db::record! {
    /// What a document says of a threat.
    pub struct Statement {
        /// Which.
        pub id: StatementId,
        /// Of which threat.
        pub threat_id: ThreatId,
        /// What the threat is called now.
        pub title: String,
        /// What its source calls it.
        pub source_key: String,
        /// When something else took its place, where it did.
        pub superseded_at: Option<Timestamp>,
    }
}

/// What a document says of threats, in the order in which it was taken in, from behind `after`, 51 at most.
/// Index: `threat_statement_document`.
pub async fn statements(
    snapshot: &mut Snapshot,
    document: DocumentId,
    after: Option<StatementId>,
) -> Result<Vec<Statement>, DbError> {
    let statement = sql!(
        "SELECT s.id, s.threat_id, t.title, s.source_key, s.superseded_at
         FROM threat_statement s JOIN threat t ON t.id = s.threat_id
         WHERE s.document_id = ?1 AND s.id > ?2 ORDER BY s.id LIMIT 51"
    );
    snapshot.all(statement, params![document, after.unwrap_or(StatementId(uuid::Uuid::nil()))]).await
}

/// Keeps what was found out about a document. What was found out before stays where this says nothing.
pub(crate) async fn find(
    tx: &mut Tx,
    document: &Document,
    title: &str,
    findings: Findings,
) -> Result<(), DbError> {
    let before = document.findings()?;
    let findings = Findings { checks: findings.checks.or(before.checks), ..findings };
    let findings = serde_json::to_string(&findings).map_err(|error| DbError::Engine(error.to_string()))?;
    let statement = sql!("UPDATE source_document SET title = ?2, findings = ?3 WHERE id = ?1");
    tx.run_later(statement, params![document.id, title, findings]).await
}
