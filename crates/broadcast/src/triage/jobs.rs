//! Judging anew what was judged under an earlier triage policy, or by a program that knew none or less of it.

use std::collections::HashMap;

use db::DbError;
use platform::{
    App, Tx,
    job::{self, Failure, Job, Lane, When},
};
use serde::{Deserialize, Serialize};

use super::{Beside, Cause, Facts, Policy, judge, store};
use crate::threat::{self, Looks, Picture};

/// Threats that are judged in one transaction.
const TURN: i64 = 256;
/// Transactions of one job: well within its lease.
const TURNS: usize = 100;

/// Judges a few threats under the policy of the day, and queues the next few.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rejudge {
    /// The policy's version.
    pub policy: u32,
}

/// Queues the judging where threats are behind the policy of the day: asked at the start and hourly. One
/// look at an index.
pub async fn keep_up(app: &App) -> Result<(), DbError> {
    let policy = Policy::current(app.env.now()).version;
    let behind = store::behind(&mut app.read().await?, policy, 1).await?;
    let Some(first) = behind.first() else { return Ok(()) };
    let mut tx = app.write().await?;
    let key = format!("{}:{}:{policy}:first", Rejudge::NAME, first.policy);
    let when = When { not_before: None, key: Some(key) };
    job::enqueue(&mut tx, &Rejudge { policy }, when).await?;
    tx.commit().await
}

impl Job for Rejudge {
    const NAME: &'static str = "triage.rejudge";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        for _ in 0..TURNS {
            let mut tx = app.write().await?;
            let (waiting, settled) = turn(&mut tx).await?;
            tx.commit().await?;
            if waiting == 0 {
                return Ok(());
            }
            if settled == 0 {
                return Err(Failure("sources change the same threats just now".to_owned()));
            }
            if app.stop.is_finishing() {
                // What is left is found at the next start.
                return Ok(());
            }
        }
        let mut tx = app.write().await?;
        let policy = Policy::current(tx.now).version;
        let next: uuid::Uuid = tx.id();
        let when = When { not_before: None, key: Some(format!("{}:{policy}:{next}", Self::NAME)) };
        job::enqueue(&mut tx, &Self { policy }, when).await?;
        Ok(tx.commit().await?)
    }
}

/// Judges the next few anew; says how many waited and how many are settled.
async fn turn(tx: &mut Tx) -> Result<(usize, usize), DbError> {
    let policy = Policy::current(tx.now);
    let behind = store::behind(tx, policy.version, TURN).await?;
    let ids: Vec<_> = behind.iter().map(|threat| threat.id).collect();
    let said = threat::store::said_of(tx, &ids).await?;
    let beside = store::beside(tx, &ids).await?;
    let looks = threat::store::looks_of(tx, &ids).await?.into_iter();
    let looks: HashMap<_, _> = looks.map(|(id, looks, rated)| (id, (looks, rated))).collect();
    let mut settled = 0;
    for threat in &behind {
        let Some((was, rated)) = looks.get(&threat.id).copied() else { continue };
        let all = said.get(&threat.id).map_or(&[][..], Vec::as_slice);
        let said: Vec<_> = all.iter().map(|(source, _, said)| (*source, said)).collect();
        let beside = beside.get(&threat.id).unwrap_or(Beside::NOTHING);
        let facts = Facts { kind: threat.kind, said: &said, beside };
        // What no policy has judged is drawn anew too: an earlier program knew other words and scores of it.
        let drawn = || Picture::of(&said, rated, beside, policy);
        let picture = if threat.policy == 0 { drawn() } else { None };
        let score = picture.as_ref().map_or(was.score, |picture| picture.looks.score);
        let looks = Looks { score, ..judge::looks(facts, policy, was) };
        if !store::settle(tx, threat, looks, policy.version).await? {
            continue;
        }
        settled += 1;
        if let Some(picture) = picture {
            threat::store::find_by(tx, threat.id, &picture.words).await?;
            threat::intake::leave_if_revoked(tx, threat.id, all).await?;
        }
        // Of what was never judged, nothing changed: it is decided for the first time.
        if threat.policy > 0 && looks.differs(was) {
            threat::store::note_change(tx, threat.id, Cause::Policy, was, looks).await?;
        }
    }
    Ok((behind.len(), settled))
}
