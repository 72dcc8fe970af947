//! `carecert serve` and `carecert work`.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::{Context, ensure};
use platform::{App, settings::Settings, web};
use tokio::net::TcpListener;

use super::{Place, open, settings, start_logging};
use crate::run;

/// Runs the portal, the API and the workers until the process is asked to end.
pub async fn serve(place: &Place) -> anyhow::Result<ExitCode> {
    start_logging();
    let app = open(complete(place)?).await?;
    let listener = listen(app.settings.bind).await?;
    tracing::info!(address = %listener.local_addr()?, url = app.settings.public_url, "serving");
    run_until_stopped(app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the workers alone.
pub async fn work(place: &Place) -> anyhow::Result<ExitCode> {
    start_logging();
    let app = open(complete(place)?).await?;
    tokio::spawn(run::stop_on_signal(app.clone()));
    tracing::info!("working");
    run::workers(app).await;
    Ok(ExitCode::SUCCESS)
}

/// The settings, with those that a service cannot do without.
fn complete(place: &Place) -> anyhow::Result<Settings> {
    let settings = settings(place)?;
    ensure!(
        !settings.cert.telephone.is_empty(),
        "cert.telephone is not set. Pages and mails tell people in trouble to ring this number: set it in the \
         settings file, or as CARECERT_CERT_TELEPHONE."
    );
    Ok(settings)
}

/// A socket at `address`.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}

/// Serves on `listener` until the process is asked to end.
pub async fn run_until_stopped(app: App, listener: TcpListener) -> anyhow::Result<()> {
    web::health::recorder();
    tokio::spawn(run::stop_on_signal(app.clone()));
    let workers = tokio::spawn(run::workers(app.clone()));
    web::serve(listener, web::router(&app), app.stop.clone()).await;
    workers.await?;
    Ok(())
}
