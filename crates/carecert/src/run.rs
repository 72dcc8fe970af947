//! The service's own loops: jobs, messages, webhooks, clocks, the sealer, live pages; and how they stop.

use std::{future::Future, time::Duration};

use broadcast::{bulletin, sector, triage};
use db::DbError;
use platform::{
    App, blob, bounce, clock,
    job::{self, Lane},
    log, message, metrics,
    retention::{self, Policy},
    web::live,
    webhook::{self, Health},
};
use react::{case, mail};
use tokio::{signal::unix::SignalKind, task::JoinSet};

/// What still runs is given this long to finish before it is returned.
const FINISH: Duration = Duration::from_secs(20);

/// Runs every loop until the stop; returns when all of them have come to rest.
pub async fn workers(app: App) {
    let mut loops = JoinSet::new();
    let pause = Duration::from_millis(500);
    for lane in Lane::ALL {
        loops.spawn(repeat(app.clone(), "jobs", pause, move |app| async move {
            Ok(job::run_due(&app, lane, 8).await?.taken > 0)
        }));
    }
    for lane in message::LANES {
        loops.spawn(repeat(app.clone(), "messages", pause, move |app| async move {
            Ok(message::deliver_due(&app, lane).await?.taken > 0)
        }));
    }
    loops.spawn(repeat(app.clone(), "digests", Duration::from_secs(20), |app| async move {
        Ok(message::gather_due(&app).await? > 0)
    }));
    loops.spawn(repeat(app.clone(), "bounces", Duration::from_secs(30), |app| async move {
        Ok(bounce::read_due(&app).await? > 0)
    }));
    loops.spawn(repeat(app.clone(), "mails that report", Duration::from_secs(10), |app| async move {
        Ok(mail::read_due(&app).await? > 0)
    }));
    for health in [Health::Well, Health::Failing] {
        loops.spawn(repeat(app.clone(), "webhooks", Duration::from_secs(1), move |app| async move {
            Ok(webhook::deliver_due(&app, health).await? > 0)
        }));
    }
    loops.spawn(repeat(app.clone(), "clocks", Duration::from_secs(5), |app| async move {
        Ok(clock::sweep(&app).await? > 0)
    }));
    loops.spawn(watch_the_clock(app.clone()));
    loops.spawn(repeat(app.clone(), "sealer", Duration::from_secs(1), |app| async move {
        log::seal(&app).await?;
        Ok(false)
    }));
    loops.spawn(repeat(app.clone(), "metrics", Duration::from_secs(5), |app| async move {
        metrics::gather(&app).await?;
        Ok(false)
    }));
    let hour = Duration::from_hours(1);
    loops.spawn(repeat(app.clone(), "housekeeping", hour, |app| async move {
        log::mail_head(&app).await?;
        retention::sweep(&app, &Policy::shipped()).await?;
        log::keep_blocks(&app).await?;
        if let Err(error) = blob::clear(&app).await {
            tracing::warn!(%error, "what interrupted uploads left behind cannot be removed");
        }
        triage::jobs::keep_up(&app).await?;
        bulletin::keep_up(&app).await?;
        sector::reach::keep_up(&app).await?;
        Ok(false)
    }));
    loops.spawn(tell_pages(app.clone()));
    app.stop.finishing().await;
    let finished = async { while loops.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH, finished).await.is_err() {
        app.stop.end();
        while loops.join_next().await.is_some() {}
    }
}

/// Calls `turn` again at once while it finds work, and after `pause` when it does not. A failing
/// database is asked again with growing pauses, up to half a minute.
async fn repeat<F, T>(app: App, name: &'static str, pause: Duration, mut turn: F)
where
    F: FnMut(App) -> T + Send,
    T: Future<Output = Result<bool, DbError>> + Send,
{
    let mut wait = pause;
    while !app.stop.is_finishing() {
        match turn(app.clone()).await {
            Ok(true) => {
                wait = pause;
                continue;
            }
            Ok(false) => wait = pause,
            Err(error) => {
                tracing::warn!(%error, name, "a loop could not work; it tries again");
                wait = (wait * 2).min(Duration::from_secs(30));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stop.finishing() => {}
        }
    }
}

/// Notices within seconds that somebody set this machine's clock.
async fn watch_the_clock(app: App) {
    let mut watch = clock::Watch::default();
    while !app.stop.is_finishing() {
        if let Err(error) = watch.look(&app).await {
            tracing::warn!(%error, "that this machine's clock was set is not noted yet");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            () = app.stop.finishing() => {}
        }
    }
}

async fn tell_pages(app: App) {
    let (mut seen, mut of_cases) = (None, None);
    while !app.stop.is_finishing() {
        seen = live::tell(&app, seen).await.unwrap_or(seen);
        of_cases = case::live::tell(&app, of_cases).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "who follows a case is told later");
            of_cases
        });
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = app.stop.finishing() => {}
        }
    }
}

/// Begins the stop when the process is asked to end.
pub async fn stop_on_signal(app: App) -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    tracing::info!("stopping: finishing what is running");
    app.stop.finish();
    Ok(())
}
