//! Threats of which no more is said than that their number was rejected, or that their maker has taken them
//! back: they leave the queue.

use db::{DbError, params, sql};
use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::json;

use super::cut;
use crate::{
    source::Source,
    threat::{Flag, Said, ThreatId},
};

/// Why a threat stands for nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Void {
    /// Its number was rejected.
    Rejected,
    /// Its maker has taken it back, often since another has taken its place.
    Revoked,
}

impl Void {
    /// With what the reason begins, by which it is known again.
    const fn begins(self) -> &'static str {
        match self {
            Self::Rejected => "The number was rejected",
            Self::Revoked => "Its maker has taken it back",
        }
    }
}

/// Whether all that is said of a threat is that it stands for nothing.
pub(crate) fn void(all: &[(Source, String, Said)]) -> Option<Void> {
    let has = |flag: Flag| move |(_, _, said): &(Source, String, Said)| said.flags.contains(&flag);
    let (rejected, revoked) = (has(Flag::Rejected), has(Flag::Revoked));
    if all.is_empty() || !all.iter().all(|each| rejected(each) || revoked(each)) {
        return None;
    }
    Some(if all.iter().any(rejected) { Void::Rejected } else { Void::Revoked })
}

/// The longest reason that is taken over, in characters.
const LONGEST: usize = 1_000;
/// Who moves them.
const ACTOR: Actor = Actor::Job("import");

/// Dismisses a threat that waits in the queue, with the reason of whoever rejected its number. One that
/// somebody has taken on is theirs to judge.
pub(crate) async fn dismiss(tx: &mut Tx, threat: ThreatId, void: Void, said: &Said) -> Result<(), DbError> {
    let begins = void.begins();
    let (verb, reason) = match (void, said.summary.trim()) {
        // What was said of it, in words that no longer hold, is no reason.
        (Void::Revoked, _) => {
            ("threat.revoked", format!("{begins}. What took its place, if anything, is among its relations."))
        }
        (Void::Rejected, "") => ("threat.rejected", format!("{begins}. No reason is told.")),
        (Void::Rejected, told) => ("threat.rejected", format!("{begins}: {}", cut(told, LONGEST))),
    };
    let statement = sql!(
        "UPDATE threat SET status = 'dismissed', dismissed_reason = ?2, version = version + 1, changed_at = ?3
         WHERE id = ?1 AND status = 'new'"
    );
    let now = tx.now;
    if tx.run(statement, params![threat, &reason, now]).await? == 1 {
        let entry = Entry::new(verb).about(threat.0).with(json!({"reason": reason}));
        log::write(tx, &ACTOR, entry).await?;
    }
    Ok(())
}

/// Puts a threat back into the queue that stands for something after all.
/// One that has climbed by that is new already, and keeps no reason.
pub(super) async fn take_back(tx: &mut Tx, threat: ThreatId) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE threat SET status = 'new', dismissed_reason = NULL, version = version + 1, changed_at = ?3
         WHERE id = ?1 AND status IN ('new', 'dismissed') AND (dismissed_reason LIKE ?2 OR dismissed_reason LIKE ?4)"
    );
    let (now, [rejected, revoked]) = (tx.now, [Void::Rejected, Void::Revoked].map(Void::begins));
    let values = params![threat, format!("{rejected}%"), now, format!("{revoked}%")];
    if tx.run(statement, values).await? == 1 {
        let entry = Entry::new("threat.reinstated").about(threat.0).with(json!({}));
        log::write(tx, &ACTOR, entry).await?;
    }
    Ok(())
}
