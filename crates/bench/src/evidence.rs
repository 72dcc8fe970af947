//! A piece of evidence of four gigabytes, sent to the program and taken out again: how much memory that takes it.
//! `CARECERT_BENCH_EVIDENCE_MB` sends another size.
#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::time::Duration;

use anyhow::Context;
use db::{macro_support::Uuid, params, sql};
use platform::{App, access::Role};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    open, pages, process,
    table::{Table, field, now, peak_megabytes, shown},
};

/// What is sent at a time.
const PART: usize = 256 * 1024;

/// Measures it, on the release binary beside this one over SQLite.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let megabytes: usize = match std::env::var("CARECERT_BENCH_EVIDENCE_MB") {
        Ok(size) => size.parse().context("CARECERT_BENCH_EVIDENCE_MB is a number")?,
        Err(_) => 4 * 1024,
    };
    let folder = tempfile::tempdir()?;
    let app = open(&format!("sqlite:{}", folder.path().join("carecert.db").display())).await?;
    let cookie = pages::signed_in(&app, Role::Analyst, None).await?;
    let incident = incident(&app).await?;
    let (mut child, port) = process::started(folder.path()).await?;
    let process = child.id().to_string();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = peak_megabytes(&process);
    let begun = now();
    let piece = upload(port, &cookie, incident, megabytes).await?;
    let took = begun.elapsed();
    table.row(&format!("an upload of {megabytes} MB"), shown(took), "none set");
    let peak = peak_megabytes(&process);
    let (own, of_files) = (field(&process, "RssAnon:") / 1024, field(&process, "RssFile:") / 1024);
    let figure =
        format!("{peak} MB, {before} MB before; now {own} MB and {of_files} MB of files, its own binary");
    table.row("most memory so far, binary and all", figure, "64 MB");
    let begun = now();
    let taken = download(port, &cookie, &piece).await?;
    let took = begun.elapsed();
    table.row(&format!("its archive of {} MB", taken / 1024 / 1024), shown(took), "none set");
    table.row("most memory after that", format!("{} MB", peak_megabytes(&process)), "64 MB");
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// An incident, as somebody reported it.
pub(crate) async fn incident(app: &App) -> anyhow::Result<Uuid> {
    let mut tx = app.write().await?;
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO incident (id, receipt, standing, apart, state, opened_at, reason, words_kept, version)
         VALUES (?1, 'I-2222-2222', 'session', FALSE, 'reported', ?2, '', TRUE, 1)"
    );
    tx.run(statement, params![id, now]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Sends nothing but zeros, and says where the piece is.
async fn upload(port: u16, cookie: &str, incident: Uuid, megabytes: usize) -> anyhow::Result<String> {
    let field = |name: &str, value: &str| {
        format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"disk.img\"\r\n\r\n";
    let begin = [field("zone", "cert"), field("about", "A disk"), file.to_owned()].concat();
    let end = "\r\n--part--\r\n";
    let length = begin.len() + megabytes * 1024 * 1024 + end.len();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let head = format!(
        "POST /incidents/{incident}/evidence HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
         Cookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=part\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{begin}"
    );
    stream.write_all(head.as_bytes()).await?;
    let zeros = vec![0; PART];
    for _ in 0..megabytes * 1024 * 1024 / PART {
        stream.write_all(&zeros).await?;
    }
    stream.write_all(end.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    Ok(location.with_context(|| format!("not taken: {answer}"))?.to_owned())
}

/// Takes the archive of a piece; says how many bytes came.
async fn download(port: u16, cookie: &str, piece: &str) -> anyhow::Result<usize> {
    let form = "password=234Z2-ZBF56-789AB-CDEFG&why=To+measure";
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!(
        "POST {piece}/read HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let (mut buffer, mut taken) = (vec![0; PART], 0);
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(taken),
            read => taken += read,
        }
    }
}
