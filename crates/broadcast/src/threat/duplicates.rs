//! Threats that may be the same: suggested by rare words that they share, and judged by a person.
//!
//! One CVE is one threat by construction; what is written by hand, news, malware and campaigns may come
//! twice. A duplicate is dismissed with a link to the other: nothing is merged, so nothing is lost.

use std::collections::{HashMap, HashSet};

use db::{DbError, Snapshot};
use formats::csaf::folded_vendor;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
};
use serde_json::json;

use super::{Event, ThreatError, ThreatId, store};
use crate::access::WRITE_ADVISORIES;

/// So many are suggested.
const SUGGESTED: usize = 5;
/// Fewer words in common are chance.
const FEWEST: usize = 2;

/// A threat that may be the same.
#[derive(Clone, Debug)]
pub struct Suggested {
    /// It.
    pub threat: store::Threat,
    /// The rare words that both have.
    pub words: Vec<String>,
}

/// Those that may be the same as `threat`, the likest first.
pub async fn suggested(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Suggested>, DbError> {
    let alike = store::duplicates::alike(snapshot, threat).await?;
    let alike = alike.into_iter().map(|(id, words)| (id, each_once(words)));
    let mut alike: Vec<_> = alike.filter(|(_, words)| words.len() >= FEWEST).collect();
    alike.sort_unstable_by_key(|(id, words)| (std::cmp::Reverse(words.len()), *id));
    alike.truncate(SUGGESTED);
    let ids: Vec<_> = alike.iter().map(|(id, _)| *id).collect();
    let threats = store::threats(snapshot, &ids).await?;
    let mut words: HashMap<_, _> = alike.into_iter().collect();
    let found = threats.into_iter().map(|threat| {
        let mut words = words.remove(&threat.id).unwrap_or_default();
        words.sort_unstable();
        Suggested { threat, words }
    });
    Ok(found.collect())
}

/// Each word once: a maker's name stands among them as it is written and as it is folded.
fn each_once(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    let mut met = HashSet::new();
    words.retain(|word| met.insert(folded_vendor(word)));
    words
}

/// Dismisses a threat as a duplicate of another one.
pub async fn mark(
    tx: &mut Tx,
    actor: &Actor,
    threat: ThreatId,
    version: i64,
    of: ThreatId,
) -> Result<(), ThreatError> {
    person(actor)?;
    // Both, so that of two who tie them to each other at once the second sees what the first did.
    let mut both = [threat, of];
    both.sort_unstable();
    store::known::hold_these(tx, &both).await?;
    let threat = store::threat(tx, threat).await?.ok_or(ThreatError::NotFound)?;
    let other = store::threat(tx, of).await?.ok_or(ThreatError::NotFound)?;
    // Of a chain of duplicates nobody finds the end.
    let is_chain = store::duplicates::duplicate_of(tx, of).await?.is_some()
        || !store::duplicates::duplicates(tx, threat.id).await?.is_empty();
    if threat.id == of || is_chain {
        return Err(ThreatError::DuplicateOfItself);
    }
    let status = threat.status.apply(Event::Dismiss)?;
    let reason = format!("It is a duplicate of “{}”.", other.title);
    let moved = store::advance(tx, &threat, status, threat.claimed_by, Some(&reason)).await?;
    if threat.version != version || !moved {
        return Err(ThreatError::Overtaken);
    }
    store::duplicates::mark(tx, threat.id, of).await?;
    let entry = Entry::new("threat.marked_duplicate").about(threat.id.0).with(json!({ "of": of }));
    log::write(tx, actor, entry).await?;
    Ok(())
}

/// Says that two threats are not the same, so that neither is suggested for the other again.
pub async fn tell_apart(
    tx: &mut Tx,
    actor: &Actor,
    threat: ThreatId,
    other: ThreatId,
) -> Result<(), ThreatError> {
    let by = person(actor)?;
    let threat = store::threat(tx, threat).await?.ok_or(ThreatError::NotFound)?.id;
    let other = store::threat(tx, other).await?.ok_or(ThreatError::NotFound)?.id;
    store::duplicates::tell_apart(tx, threat, other, by).await?;
    let entry = Entry::new("threat.told_apart").about(threat.0).with(json!({ "other": other }));
    log::write(tx, actor, entry).await?;
    Ok(())
}

fn person(actor: &Actor) -> Result<PersonId, ThreatError> {
    const TO_DO: &str = "judge threats";
    actor.require(WRITE_ADVISORIES, TO_DO)?;
    Ok(actor.person().ok_or(Forbidden(TO_DO))?.id)
}
