//! Lists of versions.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use super::super::{AdvisoryNumber, Severity, State, VersionId};

db::record! {
    /// A row of a list of versions.
    pub struct Listed {
        /// Which version.
        pub id: VersionId,
        /// Of which advisory.
        pub number: AdvisoryNumber,
        /// The how-manieth.
        pub version: i64,
        /// Its title.
        pub title: String,
        /// Its severity.
        pub severity: Severity,
        /// Its marking's code.
        pub tlp: String,
        /// Where it stands.
        pub state: State,
        /// When it was begun.
        pub created_at: Timestamp,
        /// When it was approved.
        pub approved_at: Option<Timestamp>,
        /// Why one person released it alone.
        pub released_alone_reason: Option<String>,
    }
}

db::listing! {
    // Index: advisory_version_state with a state, the key without.
    static VERSIONS = "SELECT v.id, a.number, v.version, v.title, v.severity, v.tlp, v.state, v.created_at,
                              v.approved_at, v.released_alone_reason
                       FROM advisory_version v JOIN advisory a ON a.id = v.advisory_id";
    state: "v.state = ?1",
    after: "v.id < ?1",
    tail: "ORDER BY v.id DESC LIMIT 51",
}

/// A page of the versions in `state`, or in any, newest first, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    state: Option<State>,
    after: Option<VersionId>,
) -> Result<Vec<Listed>, DbError> {
    let selection = VERSIONS.select(params![]).when_some("state", state).when_some("after", after);
    snapshot.list(selection).await
}

/// What one person released alone and nobody has reviewed yet, oldest first.
/// Index: `advisory_version_alone`.
pub async fn released_alone(snapshot: &mut Snapshot) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT v.id, a.number, v.version, v.title, v.severity, v.tlp, v.state, v.created_at,
                v.approved_at, v.released_alone_reason
         FROM advisory_version v JOIN advisory a ON a.id = v.advisory_id
         WHERE v.released_alone_reason IS NOT NULL AND v.reviewed_at IS NULL ORDER BY v.id LIMIT 51"
    );
    snapshot.all(statement, params![]).await
}
