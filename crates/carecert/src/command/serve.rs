//! `carecert serve` and `carecert work`.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::{Context, ensure};
use broadcast::policy;
use platform::{App, web};
use react::offline;
use tokio::net::TcpListener;

use super::{Place, open, settings_with, start_logging, take_policies};
use crate::{config::OF_A_SERVICE, demo, run};

/// Runs the portal, the API and the workers until the process is asked to end.
pub async fn serve(place: &Place) -> anyhow::Result<ExitCode> {
    start_logging();
    let app = open_service(place).await?;
    let listener = listen(app.settings.bind).await?;
    tracing::info!(address = %listener.local_addr()?, url = app.settings.public_url, "serving");
    run_until_stopped(app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the workers alone.
pub async fn work(place: &Place) -> anyhow::Result<ExitCode> {
    start_logging();
    let app = open_service(place).await?;
    tokio::spawn(run::stop_on_signal(app.clone()));
    tracing::info!("working");
    run::workers(app).await;
    Ok(ExitCode::SUCCESS)
}

/// The installation, which has what a service needs and is no demonstration.
async fn open_service(place: &Place) -> anyhow::Result<App> {
    let settings = settings_with(place, OF_A_SERVICE)?;
    take_policies(&settings)?;
    let app = open(settings).await?;
    let unknown = policy::unknown(&mut app.db.read_long().await?).await?;
    if !unknown.is_empty() {
        tracing::error!(
            policies = unknown.join(", "),
            "nobody is told of deadlines under these: see `carecert doctor`"
        );
    }
    ensure!(
        !demo::is_one(&app.db).await?,
        "{} holds a demonstration, whose passwords everybody is shown. Run `carecert demo --dir {}`, or name \
         another folder.",
        app.settings.data_dir.display(),
        app.settings.data_dir.display()
    );
    Ok(app)
}

/// A socket at `address`.
#[expect(clippy::disallowed_methods, reason = "the one place that listens")]
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}

/// Serves on `listener` until the process is asked to end.
pub async fn run_until_stopped(app: App, listener: TcpListener) -> anyhow::Result<()> {
    web::health::recorder();
    if let Err(error) = offline::actions::made(&app).await {
        tracing::error!(%error, "the offline form has no key: see `carecert doctor`");
    }
    tokio::spawn(run::stop_on_signal(app.clone()));
    let workers = tokio::spawn(run::workers(app.clone()));
    web::serve(listener, web::router(&app), app.stop.clone()).await;
    workers.await?;
    Ok(())
}
