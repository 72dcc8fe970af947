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

/// Which versions somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    Every,
    /// Those that are, or were, out.
    Published,
    /// Those in this state.
    In(State),
}

impl From<Option<State>> for Wanted {
    fn from(state: Option<State>) -> Self {
        state.map_or(Self::Every, Self::In)
    }
}

db::listing! {
    // Index: advisory_version_state with a state, the key without.
    static VERSIONS = "SELECT v.id, a.number, v.version, v.title, v.severity, v.tlp, v.state, v.created_at,
                              v.approved_at, v.released_alone_reason
                       FROM advisory_version v JOIN advisory a ON a.id = v.advisory_id";
    state: "v.state = ?1",
    published: "v.state IN ('published', 'withdrawn', 'superseded')",
    after: "v.id < ?1",
    tail: "ORDER BY v.id DESC LIMIT 51",
}

/// A page of the versions that are wanted, newest first, 51 at most.
pub async fn list(
    snapshot: &mut Snapshot,
    wanted: Wanted,
    after: Option<VersionId>,
) -> Result<Vec<Listed>, DbError> {
    let selection = VERSIONS.select(params![]).when_some("after", after);
    let selection = match wanted {
        Wanted::Every => selection,
        Wanted::Published => selection.when("published", params![]),
        Wanted::In(state) => selection.when("state", params![state]),
    };
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
