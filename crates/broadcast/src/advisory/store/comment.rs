//! The SQL of the comments on a version.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId};

use crate::advisory::{VersionId, typed::Topic};

db::id! {
    /// Names a comment on a version.
    pub CommentId
}

/// The most comments on a version: whoever has more to say sends it back, or rings.
pub const MOST: i64 = 200;

db::record! {
    /// A comment on a version.
    pub struct Comment {
        /// Which.
        pub id: CommentId,
        /// What it is about; the whole where nothing is told.
        pub topic: Option<Topic>,
        /// What it says.
        pub comment: String,
        /// Who said it.
        pub commented_by: PersonId,
        /// When.
        pub commented_at: Timestamp,
        /// Who said that it is dealt with.
        pub settled_by: Option<PersonId>,
        /// When.
        pub settled_at: Option<Timestamp>,
    }
}

/// The comments on a version, oldest first: [`MOST`] at most. Index: `advisory_comment_of`.
pub async fn comments(snapshot: &mut Snapshot, version: VersionId) -> Result<Vec<Comment>, DbError> {
    let statement = sql!(
        "SELECT id, topic, comment, commented_by, commented_at, settled_by, settled_at
         FROM advisory_comment WHERE version_id = ?1 ORDER BY id"
    );
    snapshot.all(statement, params![version]).await
}

/// Adds a comment; `None` where there are enough.
pub(in crate::advisory) async fn comment(
    tx: &mut Tx,
    version: VersionId,
    topic: Option<Topic>,
    comment: &str,
    by: PersonId,
) -> Result<Option<CommentId>, DbError> {
    let counted = sql!("SELECT count(*) FROM advisory_comment WHERE version_id = ?1");
    let (count,): (i64,) = tx.one(counted, params![version]).await?;
    if count >= MOST {
        return Ok(None);
    }
    let statement = sql!(
        "INSERT INTO advisory_comment (id, version_id, topic, comment, commented_by, commented_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    let (id, now): (CommentId, _) = (tx.id(), tx.now);
    tx.run(statement, params![id, version, topic, comment, by, now]).await?;
    Ok(Some(id))
}

/// Notes that a comment on a version is dealt with; `false` where it was, or is none of it.
pub(in crate::advisory) async fn settle(
    tx: &mut Tx,
    version: VersionId,
    id: CommentId,
    by: PersonId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE advisory_comment SET settled_by = ?3, settled_at = ?4
         WHERE id = ?1 AND version_id = ?2 AND settled_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, version, by, now]).await? == 1)
}
