//! Workers: take due jobs, run them, settle them.

use std::time::Duration;

use db::DbError;
use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{Failure, Kind, Lane, Patience, State, store};
use crate::{App, Tx};

/// While jobs run, how often it is looked for what became due.
const PAUSE: Duration = Duration::from_millis(500);

/// What one turn of a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Jobs that were taken.
    pub taken: usize,
    /// Of these, how many failed.
    pub failed: usize,
}

/// Runs the due jobs of `lane`, `most` at the same time, until nothing is due and every one is over: one that takes long,
/// as a server that answers drop by drop does, holds one place, and what becomes due meanwhile has the others.
pub async fn run_due(app: &App, lane: Lane, most: usize) -> Result<Tick, DbError> {
    // Each on a task of its own: one that has its turn to write is never kept from going on.
    let (mut running, mut tick, mut failed) = (JoinSet::new(), Tick::default(), Ok(()));
    loop {
        let free = most - running.len();
        if free > 0 && failed.is_ok() && !app.stop.is_finishing() {
            match take(app, lane, free).await {
                Ok(taken) => {
                    tick.taken += taken.len();
                    for job in taken {
                        running.spawn(run_one(app.clone(), job));
                    }
                }
                // The others go on, and are settled.
                Err(error) => failed = Err(error),
            }
        }
        if running.is_empty() {
            return failed.map(|()| tick);
        }
        let mut over = None;
        tokio::select! {
            done = running.join_next() => over = done,
            () = tokio::time::sleep(PAUSE) => {}
        }
        while let Some(done) = over.take().or_else(|| running.try_join_next()) {
            match done {
                Ok(Ok(well)) => tick.failed += usize::from(!well),
                Ok(Err(error)) => failed = failed.and(Err(error)),
                // Its lease ends, and another worker takes it.
                Err(broken) => tracing::error!(%broken, "a job was not settled"),
            }
        }
    }
}

async fn take(app: &App, lane: Lane, most: usize) -> Result<Vec<store::Taken>, DbError> {
    let mut tx = app.write().await?;
    let taken = store::take(&mut tx, lane, i64::try_from(most).unwrap_or(i64::MAX)).await?;
    if !taken.is_empty() {
        tx.commit().await?;
    }
    Ok(taken)
}

/// Runs one job and settles it; says whether it succeeded.
async fn run_one(app: App, job: store::Taken) -> Result<bool, DbError> {
    let Some(kind) = kind_of(&app, &job.kind) else {
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
