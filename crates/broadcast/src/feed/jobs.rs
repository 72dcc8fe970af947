//! The job that asks a feed, notes what came of it, and queues the next one in the same transaction.
//!
//! A feed has one job at a time, that of its turn: whoever asks it now, pauses or resumes it begins
//! another turn, and the job of an earlier one does nothing. Whatever goes wrong on the way, panics
//! included, is a run that failed, so that a feed never ceases to be asked.

use std::panic::AssertUnwindSafe;

use db::DbError;
use futures::FutureExt;
use jiff::Timestamp;
use platform::{
    App, Tx,
    import::ImportRefusal,
    job::{self, Failure, Job, Lane, Patience, When},
};
use serde::{Deserialize, Serialize};

use super::{
    Feed, FeedId, Outcome, alarm,
    ask::NotHeard,
    follow::{self, Followed},
    pause,
    store::{self, Run},
};

/// The most sentences that are kept of a run, and the longest, in characters.
const TOLD: usize = 20;
const LONGEST: usize = 500;
/// How soon what is left of a long list is read on.
const ON: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);

/// Asks a feed, where this is its turn.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Follow {
    feed: FeedId,
    turn: i64,
}

/// Queues the asking of a feed at its turn.
pub(super) async fn queue(tx: &mut Tx, feed: FeedId, turn: i64, at: Timestamp) -> Result<(), DbError> {
    let key = format!("{}/{feed}/{turn}", Follow::NAME);
    job::enqueue(tx, &Follow { feed, turn }, When { not_before: Some(at), key: Some(key) }).await
}

impl Job for Follow {
    const NAME: &'static str = "feed.follow";
    const LANE: Lane = Lane::Elsewhere;
    const PATIENCE: Patience = Patience::Endless;

    async fn run(self, app: App) -> Result<(), Failure> {
        let feed = store::feed(&mut app.read().await?, self.feed).await?;
        let Some(feed) = feed.filter(|feed| feed.turn == self.turn && feed.next_at.is_some()) else {
            return Ok(());
        };
        let began = app.env.now();
        let followed = AssertUnwindSafe(follow::follow(&app, &feed)).catch_unwind().await;
        let came = match followed {
            Ok(Ok(came)) => came,
            Ok(Err(error)) => Followed::failed(&feed, error.to_string()),
            Err(_) => Followed::failed(&feed, "It stopped unexpectedly; the program's own log says where."),
        };
        let mut tx = app.write().await?;
        if settle(&mut tx, feed, began, &came).await? {
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Followed {
    /// Nothing came, for this reason.
    fn failed(feed: &Feed, reason: impl Into<String>) -> Self {
        Self { failure: Some(NotHeard::because(reason)), ..Self::nothing(feed.source) }
    }

    fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Failed
        } else if self.report.new + self.report.changed > 0 {
            Outcome::Heard
        } else {
            Outcome::Same
        }
    }

    /// What to know of it, in sentences: why it failed, what was missed and refused, what was remarked.
    fn told(&self) -> Vec<String> {
        let failure = self.failure.iter().map(|failure| failure.reason.clone());
        // A document that was refused as a whole is told of once, as why it, or the feed, failed.
        let is_told = |it: &&ImportRefusal| {
            let placed = format!("line {}: {}", it.line, it.reason);
            let is_why = |why: &String| *why == it.reason || why.contains(&placed);
            self.failure.as_ref().is_some_and(|failure| is_why(&failure.reason))
                || self.missed.contains(&format!("{}: {}", it.file, it.reason))
        };
        let refused = self.report.refusals.iter().filter(|it| !is_told(it));
        let refused = refused.map(|it| format!("{}, line {}: {}", it.file, it.line, it.reason));
        let passed_over = (self.report.passed_over > 0).then(|| {
            format!(
                "Passed over, as rejected before it was a threat here or older than what is known: {}.",
                self.report.passed_over
            )
        });
        let remarked = self.report.remarks.iter().map(|it| format!("{}: {}", it.file, it.reason));
        let all =
            failure.chain(self.missed.iter().cloned()).chain(refused).chain(remarked).chain(passed_over);
        all.take(TOLD).map(|sentence| sentence.chars().take(LONGEST).collect()).collect()
    }
}

/// Notes what came of the asking of `feed` that began then, and queues the next one; nothing where
/// another turn has begun since.
async fn settle(tx: &mut Tx, feed: Feed, began: Timestamp, came: &Followed) -> Result<bool, DbError> {
    let (now, outcome) = (tx.now, came.outcome());
    let heard = came.report.new + came.report.changed > 0;
    let failures = if outcome == Outcome::Failed { feed.failures + 1 } else { 0 };
    let every = feed.every();
    let wait = match &came.failure {
        Some(failure) => pause::after_failure(every, failures, failure.retry_after, |bound| tx.below(bound)),
        None if came.remaining > 0 => ON,
        None => pause::after_success(every, |bound| tx.below(bound)),
    };
    let mut next = Feed {
        turn: feed.turn + 1,
        next_at: Some(now + wait),
        asked_at: Some(now),
        heard_at: if heard { Some(now) } else { feed.heard_at },
        failures,
        failing_since: (failures > 0).then(|| feed.failing_since.unwrap_or(began)),
        ..feed
    };
    next.alarmed_at = alarm::judge(tx, &next).await?;
    if !store::settle(tx, &next).await? {
        return Ok(false);
    }
    let told = serde_json::to_string(&came.told()).map_err(|error| DbError::Engine(error.to_string()))?;
    let run = Run {
        id: tx.id(),
        at: began,
        outcome,
        told,
        took: now.duration_since(began).as_micros().try_into().unwrap_or(i64::MAX),
        asked: came.asked,
        bytes: counted(came.bytes),
        new: counted(came.report.new),
        changed: counted(came.report.changed),
        same: counted(came.report.same),
        refused: counted(came.report.refused),
        remarked: counted(came.report.remarked),
        remaining: came.remaining.try_into().unwrap_or(i64::MAX),
    };
    store::keep_run(tx, next.id, &run).await?;
    queue(tx, next.id, next.turn, now + wait).await?;
    Ok(true)
}

fn counted(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
