//! The SQL of the sources' documents.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App,
    blob::{self, BlobError},
};

use super::{DocumentId, Source};

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
        /// Its SHA-256, under which it is kept.
        pub hash: Vec<u8>,
        /// When it was taken in.
        pub taken_in_at: Timestamp,
    }
}

/// A document by its id.
pub async fn document(snapshot: &mut Snapshot, id: DocumentId) -> Result<Option<Document>, DbError> {
    let statement = sql!("SELECT id, source, name, hash, taken_in_at FROM source_document WHERE id = ?1");
    snapshot.maybe(statement, params![id]).await
}
