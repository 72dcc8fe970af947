//! A thousand people who watch one case: what each costs the process, and how soon all hear of what was written in it.
#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use futures::future::try_join_all;
use platform::{Actor, App, access::Role};
use react::{
    case::{Zone, timeline},
    incident::IncidentId,
};
use tokio::net::TcpStream;

use crate::{
    evidence, open, pages, publish,
    table::{Table, field, now, shown},
    viewers::{hear, watch},
};

const WATCHERS: usize = 1_000;
/// Streams of one person, as many as the program lets them have.
const EACH: usize = 20;
/// Entries, one after the other.
const ENTRIES: usize = 5;

/// Measures it, on the release binary beside this one over SQLite.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let program: PathBuf = std::env::current_exe()?.parent().context("a folder")?.join("carecert");
    let folder = tempfile::tempdir()?;
    let app = open(&format!("sqlite:{}", folder.path().join("carecert.db").display())).await?;
    let incident = IncidentId(evidence::incident(&app).await?);
    let analyst = publish::actor(&app, Role::Analyst, "watching").await?;
    let mut cookies = Vec::new();
    for _ in 0..WATCHERS / EACH {
        cookies.push(pages::signed_in(&app, Role::Analyst, None).await?);
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut child = Command::new(&program)
        .args(["serve", "--dir"])
        .arg(folder.path())
        .env("CARECERT_BIND", format!("127.0.0.1:{port}"))
        .env("CARECERT_CERT_TELEPHONE", "0300")
        .env_remove("DATABASE_URL")
        .stderr(Stdio::null())
        .spawn()?;
    let process = child.id().to_string();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let path = format!("/incidents/{incident}/live");
    // One of each first, so that what is set up once is not counted for each.
    let mut streams = vec![watch(port, &cookies[0], &path).await?];
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = field(&process, "VmRSS:");
    for cookie in &cookies {
        let more = if streams.len() == 1 { EACH - 1 } else { EACH };
        streams.extend(try_join_all((0..more).map(|_| watch(port, cookie, &path))).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = (field(&process, "VmRSS:") - before) / streams.len() as u64;
    table.row(
        &format!("memory of each of {} who watch one case", streams.len()),
        format!("{each} kB"),
        "50 kB",
    );
    let mut slowest = Duration::ZERO;
    for _ in 0..ENTRIES {
        write(&app, &analyst, incident).await?;
        let begun = now();
        let hear = try_join_all(streams.iter_mut().map(|stream| hear(stream, "event: change")));
        tokio::time::timeout(Duration::from_secs(30), hear).await??;
        slowest = slowest.max(begun.elapsed());
    }
    let what = format!("until all {} heard what was written in it, the slowest of {ENTRIES}", streams.len());
    table.row(&what, shown(slowest), "none set");
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Writes an entry of the timeline.
async fn write(app: &App, by: &Actor, incident: IncidentId) -> anyhow::Result<()> {
    let mut tx = app.write().await?;
    let typed = timeline::Typed { form: tx.id(), happened_at: tx.now, text: "It goes on.".to_owned() };
    timeline::add(&mut tx, by, incident, Zone::Shared, &typed).await?;
    tx.commit().await?;
    Ok(())
}
