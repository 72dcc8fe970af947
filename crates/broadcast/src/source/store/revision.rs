//! The SQL of a document's revisions: of all that were taken in, one is believed.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::Tx;

use crate::source::{DocumentId, Source};

db::record! {
    /// The revision of a document that is believed.
    pub(crate) struct Revision {
        /// The document.
        pub document_id: DocumentId,
        /// Its version, as it says.
        pub version: Option<String>,
        /// When it was released, as it says.
        pub released_at: Option<Timestamp>,
    }
}

/// The revision that is believed of what its publisher calls `series`.
pub(crate) async fn believed(
    snapshot: &mut Snapshot,
    source: Source,
    series: &str,
) -> Result<Option<Revision>, DbError> {
    let statement = sql!(
        "SELECT document_id, version, released_at FROM document_revision WHERE source = ?1 AND series = ?2"
    );
    snapshot.maybe(statement, params![source, series]).await
}

/// From now on believes this revision; `false` where another than `before` is believed by now.
pub(crate) async fn believe(
    tx: &mut Tx,
    source: Source,
    series: &str,
    revision: &Revision,
    before: Option<DocumentId>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "INSERT INTO document_revision (source, series, document_id, version, released_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (source, series) DO UPDATE
         SET document_id = excluded.document_id, version = excluded.version, released_at = excluded.released_at
         WHERE document_revision.document_id = ?6"
    );
    let Revision { document_id, version, released_at } = revision;
    let values = params![source, series, *document_id, version.as_deref(), *released_at, before];
    Ok(tx.run(statement, values).await? == 1)
}

/// Holds the series until the transaction ends; `false` where another revision is believed by now.
pub(crate) async fn hold(
    tx: &mut Tx,
    source: Source,
    series: &str,
    document: DocumentId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE document_revision SET version = version
         WHERE source = ?1 AND series = ?2 AND document_id = ?3"
    );
    Ok(tx.run(statement, params![source, series, document]).await? == 1)
}
