//! The SQL of the public feeds. Every statement here says `tlp = 'clear'` itself: nothing of another
//! marking is read, so that nothing of it can be shown.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use crate::{
    advisory::{AdvisoryNumber, Severity, VersionId, store::Version},
    alert::{AlertId, State},
};

db::record! {
    /// An alert that everybody may read.
    pub(super) struct Listed {
        pub id: AlertId,
        pub version_id: VersionId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub state: State,
        pub issued_at: Timestamp,
        pub ended_reason: Option<String>,
        pub changed_at: Timestamp,
        /// Whether what took its place may be read by everybody too.
        pub followed: bool,
    }
}

/// The alerts in force and those that ended after `ended_after`, the newest change first, 50 at most.
/// Index: `alert_in_force` and `alert_clear`, so that what ended earlier is not passed over each time;
/// `alert_advisory` for what followed.
pub(super) async fn listed(snapshot: &mut Snapshot, ended_after: Timestamp) -> Result<Vec<Listed>, DbError> {
    let statement = sql!(
        "SELECT a.id, a.version_id, a.number, a.title, a.severity, a.state, a.issued_at, a.ended_reason, a.changed_at,
                EXISTS (SELECT 1 FROM alert n
                        WHERE n.advisory_id = a.advisory_id AND n.supersedes_id = a.id AND n.tlp = 'clear'
                          AND n.state IN ('in_force', 'superseded', 'withdrawn')) AS followed
         FROM alert a
         WHERE a.tlp = 'clear' AND a.id IN (
             SELECT id FROM alert WHERE tlp = 'clear' AND state = 'in_force'
             UNION ALL
             SELECT id FROM alert
             WHERE tlp = 'clear' AND changed_at > ?1 AND state IN ('superseded', 'withdrawn') AND ended_at > ?1)
         ORDER BY a.changed_at DESC, a.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![ended_after]).await
}

/// What the 50 in force that changed last say: all of those in force that [`listed`] lists are among
/// them. Index: `alert_clear`, then the primary keys.
pub(super) async fn said(snapshot: &mut Snapshot) -> Result<HashMap<VersionId, Version>, DbError> {
    let statement = sql!(
        "SELECT v.*, d.number, d.withdrawn_at, d.withdrawn_reason
         FROM (SELECT version_id, changed_at, id FROM alert
               WHERE tlp = 'clear' AND state = 'in_force'
               ORDER BY changed_at DESC, id DESC LIMIT 50) a
         JOIN advisory_version v ON v.id = a.version_id JOIN advisory d ON d.id = v.advisory_id
         WHERE v.tlp = 'clear'"
    );
    let versions: Vec<Version> = snapshot.all(statement, params![]).await?;
    Ok(versions.into_iter().map(|version| (version.id, version)).collect())
}
