//! Threats of which no more is said than that their number was rejected: they leave the queue.

use db::{DbError, params, sql};
use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::json;

use super::cut;
use crate::threat::{Said, ThreatId};

/// With what the reason begins, by which it is known again.
const BEGINS: &str = "The number was rejected";
/// The longest reason that is taken over, in characters.
const LONGEST: usize = 1_000;
/// Who moves them.
const ACTOR: Actor = Actor::Job("import");

/// Dismisses a threat that waits in the queue, with the reason of whoever rejected its number. One that
/// somebody has taken on is theirs to judge.
pub(super) async fn dismiss(tx: &mut Tx, threat: ThreatId, said: &Said) -> Result<(), DbError> {
    let reason = match said.summary.trim() {
        "" => format!("{BEGINS}. No reason is told."),
        told => format!("{BEGINS}: {}", cut(told, LONGEST)),
    };
    let statement = sql!(
        "UPDATE threat SET status = 'dismissed', dismissed_reason = ?2, version = version + 1, changed_at = ?3
         WHERE id = ?1 AND status = 'new'"
    );
    let now = tx.now;
    if tx.run(statement, params![threat, &reason, now]).await? == 1 {
        let entry = Entry::new("threat.rejected").about(threat.0).with(json!({"reason": reason}));
        log::write(tx, &ACTOR, entry).await?;
    }
    Ok(())
}

/// Puts a threat back into the queue whose number stands for something after all.
/// One that has climbed by that is new already, and keeps no reason.
pub(super) async fn take_back(tx: &mut Tx, threat: ThreatId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE threat SET status = 'new', dismissed_reason = NULL, version = version + 1, changed_at = ?3
         WHERE id = ?1 AND status IN ('new', 'dismissed') AND dismissed_reason LIKE ?2"
    );
    let now = tx.now;
    if tx.run(statement, params![threat, format!("{BEGINS}%"), now]).await? == 1 {
        let entry = Entry::new("threat.reinstated").about(threat.0).with(json!({}));
        log::write(tx, &ACTOR, entry).await?;
    }
    Ok(())
}
