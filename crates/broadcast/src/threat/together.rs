//! The same done to several threats at once: to all of them or to none.
//!
//! Each goes through the state machine as it would alone, in one transaction; whoever may not move is told
//! by name, with the reason.

use std::collections::HashMap;

use formats::ssvc::Point;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
};
use serde_json::{Value, json};

use super::{
    Event, ThreatError, ThreatId,
    store::{self, Threat},
};
use crate::{access::WRITE_ADVISORIES, triage};

/// So many are moved together: what a page of the list shows.
pub const MOST: usize = 50;

platform::vocabulary! {
    /// What is done to them.
    pub enum Verb {
        Claim = "claim", "Claim them";
        Release = "release", "Release them, for somebody else to claim";
        Dismiss = "dismiss", "Dismiss them";
        TakeUp = "take_up", "Take them up again";
    }
}

impl Verb {
    /// The event of the state machine.
    pub const fn event(self) -> Event {
        match self {
            Self::Claim => Event::Claim,
            Self::Release => Event::Release,
            Self::Dismiss => Event::Dismiss,
            Self::TakeUp => Event::TakeUp,
        }
    }

    /// What was done, at the beginning of a sentence.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Claim => "Claimed",
            Self::Release => "Released",
            Self::Dismiss => "Dismissed",
            Self::TakeUp => "Took up again",
        }
    }
}

/// One that may not move, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Its name.
    pub title: String,
    /// A sentence.
    pub reason: String,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// These may not move.
    #[error("{} of them cannot be moved so.", .0.len())]
    Obstacles(Vec<Obstacle>),
    /// It could not be tried.
    #[error(transparent)]
    Threat(#[from] ThreatError),
}

impl From<db::DbError> for NotDone {
    fn from(error: db::DbError) -> Self {
        Self::Threat(error.into())
    }
}

/// Does `verb` to each of `chosen` as the actor saw it, by its version; says to how many. `reason` is that
/// of a dismissal.
pub async fn act(
    tx: &mut Tx,
    actor: &Actor,
    chosen: &[(ThreatId, i64)],
    verb: Verb,
    reason: &str,
) -> Result<usize, NotDone> {
    const TO_DO: &str = "judge threats";
    actor.require(WRITE_ADVISORIES, TO_DO).map_err(ThreatError::from)?;
    let by = actor.person().ok_or(ThreatError::Forbidden(Forbidden(TO_DO)))?.id;
    let reason = reason.trim();
    if chosen.is_empty() || chosen.len() > MOST || (verb == Verb::Dismiss && reason.is_empty()) {
        return Err(ThreatError::Empty.into());
    }
    let chosen = read(tx, chosen).await?;
    let all = chosen.len();
    let mut obstacles = Vec::new();
    for (threat, version) in chosen {
        let moved = one(tx, actor, &threat, version, verb, reason, by).await;
        match moved {
            Ok(()) => {}
            Err(error @ (ThreatError::Refused(_) | ThreatError::Overtaken)) => {
                obstacles.push(Obstacle { title: threat.title, reason: error.to_string() });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if obstacles.is_empty() { Ok(all) } else { Err(NotDone::Obstacles(obstacles)) }
}

/// Sets a decision point of each of `chosen` as the actor saw it; says of how many. One that is not asked of some
/// of them is set of none.
pub async fn set_point(
    tx: &mut Tx,
    actor: &Actor,
    chosen: &[(ThreatId, i64)],
    (point, value): (Point, &str),
    reason: &str,
) -> Result<usize, NotDone> {
    if chosen.is_empty() || chosen.len() > MOST {
        return Err(ThreatError::Empty.into());
    }
    let chosen = read(tx, chosen).await?;
    let all = chosen.len();
    let mut obstacles = Vec::new();
    for (threat, version) in chosen {
        match triage::actions::set(tx, actor, threat.id, version, point, value, reason).await {
            Ok(()) => {}
            Err(error @ (ThreatError::NothingToDecide | ThreatError::Overtaken)) => {
                obstacles.push(Obstacle { title: threat.title, reason: error.to_string() });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if obstacles.is_empty() { Ok(all) } else { Err(NotDone::Obstacles(obstacles)) }
}

/// What was chosen as it is now, each once, with the version that was seen. In the order of their keys, so that
/// two who do it at once do not wait for each other in a circle.
async fn read(tx: &mut Tx, chosen: &[(ThreatId, i64)]) -> Result<Vec<(Threat, i64)>, ThreatError> {
    let mut chosen = chosen.to_vec();
    chosen.sort_unstable();
    chosen.dedup_by_key(|(id, _)| *id);
    let ids: Vec<_> = chosen.iter().map(|(id, _)| *id).collect();
    let mut threats: HashMap<_, _> =
        store::threats(tx, &ids).await?.into_iter().map(|threat| (threat.id, threat)).collect();
    let mut read = Vec::new();
    for (id, version) in chosen {
        read.push((threats.remove(&id).ok_or(ThreatError::NotFound)?, version));
    }
    Ok(read)
}

async fn one(
    tx: &mut Tx,
    actor: &Actor,
    threat: &Threat,
    version: i64,
    verb: Verb,
    reason: &str,
    by: PersonId,
) -> Result<(), ThreatError> {
    let status = threat.status.apply(verb.event())?;
    let (claimed_by, dismissed, name, payload): (_, _, _, Value) = match verb {
        Verb::Claim => (Some(by), None, "threat.claimed", json!({"from": threat.claimed_by})),
        Verb::Release => (None, None, "threat.released", json!({"from": threat.claimed_by})),
        Verb::Dismiss => (threat.claimed_by, Some(reason), "threat.dismissed", json!({"reason": reason})),
        Verb::TakeUp => (None, None, "threat.taken_up", json!({})),
    };
    if threat.version != version || !store::advance(tx, threat, status, claimed_by, dismissed).await? {
        return Err(ThreatError::Overtaken);
    }
    log::write(tx, actor, Entry::new(name).about(threat.id.0).with(payload)).await?;
    Ok(())
}
