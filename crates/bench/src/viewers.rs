//! Two thousand people who watch at the same time: what each costs the process, and how soon all hear that
//! something happened.
#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::time::Duration;

use futures::future::try_join_all;
use platform::{
    Actor,
    access::Role,
    log::{self, Entry},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    open, pages, process,
    table::{Table, field, now, shown},
};

const PEOPLE: usize = 100;
/// Streams of one person, as many as the program lets them have.
const EACH: usize = 20;

/// Measures it, on the release binary beside this one over SQLite.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let app = open(&format!("sqlite:{}", folder.path().join("carecert.db").display())).await?;
    let mut cookies = Vec::new();
    for _ in 0..PEOPLE {
        cookies.push(pages::signed_in(&app, Role::Analyst, None).await?);
    }
    let (mut child, port) = process::started(folder.path()).await?;
    let process = child.id().to_string();
    // One of each first, so that what is set up once is not counted for each.
    let first = watch(port, &cookies[0], "/live").await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = field(&process, "VmRSS:");
    let mut streams = vec![first];
    for cookie in &cookies {
        let more = if streams.len() == 1 { EACH - 1 } else { EACH };
        streams.extend(try_join_all((0..more).map(|_| watch(port, cookie, "/live"))).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = (field(&process, "VmRSS:") - before) / streams.len() as u64;
    table.row(&format!("memory of each of {} live viewers", streams.len()), format!("{each} kB"), "50 kB");
    let mut tx = app.write().await?;
    let feed = tx.id();
    log::write(&mut tx, &Actor::Job("bench"), Entry::new("feed.asked").about(feed)).await?;
    tx.commit().await?;
    let begun = now();
    let count = streams.len();
    tokio::time::timeout(
        Duration::from_secs(30),
        try_join_all(streams.iter_mut().map(|stream| hear(stream, "event: changed"))),
    )
    .await??;
    table.row(&format!("until all {count} heard what happened"), shown(begun.elapsed()), "none set");
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Opens a stream as a browser does, up to the end of the answer's head.
pub(crate) async fn watch(port: u16, cookie: &str, path: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let head = read_to(&mut stream, "\r\n\r\n").await?;
    anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "no stream: {head}");
    Ok(stream)
}

/// Waits for the next event of this name.
pub(crate) async fn hear(stream: &mut TcpStream, event: &str) -> anyhow::Result<()> {
    read_to(stream, event).await?;
    Ok(())
}

async fn read_to(stream: &mut TcpStream, end: &str) -> anyhow::Result<String> {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(end) {
        anyhow::ensure!(stream.read_buf(&mut read).await? > 0, "the stream ended");
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}
