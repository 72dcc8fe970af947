//! The SQL of the sources' documents.

mod revision;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App, Tx,
    blob::{self, BlobError, BlobHash},
};

use super::{DocumentId, Findings, Source};
pub(crate) use revision::{Revision, believe, believed, hold};

/// Where a page of the list of documents ended: when it was taken in, id.
pub type Cursor = (i64, DocumentId);

/// Keeps a document of `source` verbatim. The same document is kept once, under the name and the
/// time at which it first came.
pub async fn keep(app: &App, source: Source, name: &str, bytes: &[u8]) -> Result<DocumentId, BlobError> {
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
