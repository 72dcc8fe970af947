//! Workers: take due jobs, run them, settle them.

use futures::future::join_all;
use jiff::SignedDuration;

use super::{Failure, Kind, Lane, Patience, State, store};
use crate::{App, Tx};

/// What one turn of a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Jobs that were taken.
    pub taken: usize,
    /// Of these, how many failed.
    pub failed: usize,
}

/// Takes the due jobs of `lane`, `limit` at most, and runs them at the same time.
pub async fn run_due(app: &App, lane: Lane, limit: i64) -> Result<Tick, db::DbError> {
    let mut tx = app.write().await?;
    let taken = store::take(&mut tx, lane, limit).await?;
    tx.commit().await?;
    let mut tick = Tick { taken: taken.len(), failed: 0 };
    for settled in join_all(taken.into_iter().map(|job| run_one(app, job))).await {
        tick.failed += usize::from(!settled?);
    }
    Ok(tick)
}

/// Runs one job and settles it; says whether it succeeded.
async fn run_one(app: &App, job: store::Taken) -> Result<bool, db::DbError> {
    let Some(kind) = kind_of(app, &job.kind) else {
        // A newer node has queued it; look again in a minute.
        let mut tx = app.write().await?;
        let later = tx.now + SignedDuration::from_mins(1);
        store::hand_back(&mut tx, &job, later).await?;
        tx.commit().await?;
        return Ok(true);
    };
    // On its own task, so that a panic in it is a failure of this job alone.
    let mut task = tokio::spawn((kind.run)()(app.clone(), &job.payload));
    let done = tokio::select! {
        done = &mut task => done.unwrap_or_else(|broken| Err(Failure(format!("it stopped unexpectedly: {broken}")))),
        () = app.stop.over() => {
            task.abort();
            let mut tx = app.write().await?;
            let now = tx.now;
            store::hand_back(&mut tx, &job, now).await?;
            tx.commit().await?;
            return Ok(true);
        }
    };
    let mut tx = app.write().await?;
    match &done {
        Ok(()) => store::finish(&mut tx, &job).await?,
        Err(failure) => {
            tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, %failure, "a job failed");
            let is_over = kind.patience == Patience::Bounded && job.attempts >= store::ATTEMPTS;
            let state = if is_over { State::Dead } else { State::Waiting };
            let again = tx.now + pause(&tx, job.attempts);
            store::put_back(&mut tx, &job, state, again, Some(&failure.0)).await?;
        }
    }
    tx.commit().await?;
    Ok(done.is_ok())
}

fn kind_of(app: &App, name: &str) -> Option<Kind> {
    app.services.iter().flat_map(|service| service.jobs).find(|kind| kind.name == name).copied()
}

/// 10 s, 20 s, 40 s … up to an hour, each up to half as long again, so that many that failed
/// together do not come back together.
pub(crate) fn pause(tx: &Tx, attempts: i64) -> SignedDuration {
    let exponent = u32::try_from(attempts.clamp(1, 10) - 1).expect("clamped");
    let seconds = (10 * 2_u64.pow(exponent)).min(3600);
    let jittered = seconds + tx.below(seconds / 2 + 1);
    SignedDuration::from_secs(i64::try_from(jittered).expect("below 5,400"))
}
