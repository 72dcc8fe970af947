//! A thousand people who watch one case: what each costs the process, and how soon all hear of what was written in it.

use std::time::Duration;

use futures::future::try_join_all;
use platform::{Actor, App, access::Role};
use react::{
    case::{Zone, timeline},
    incident::IncidentId,
};

use crate::{
    evidence, open, pages, process, publish,
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
    let folder = tempfile::tempdir()?;
    let app = open(&format!("sqlite:{}", folder.path().join("carecert.db").display())).await?;
    let incident = IncidentId(evidence::incident(&app).await?);
    let analyst = publish::actor(&app, Role::Analyst, "watching").await?;
    let mut cookies = Vec::new();
    for _ in 0..WATCHERS / EACH {
        cookies.push(pages::signed_in(&app, Role::Analyst, None).await?);
    }
    let (mut child, port) = process::started(folder.path()).await?;
    let process = child.id().to_string();
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
