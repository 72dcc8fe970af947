//! The program as a process: how large, how fast up, how much while idle.
#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use tokio::net::TcpStream;

use crate::table::{Table, field, now, shown};

/// Measures it, from the release binary beside this one.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let size = std::fs::metadata(program()?).context("the program is not built")?.len();
    table.row("size of the binary", format!("{} MB", size / 1_000_000), "none set");
    let folder = tempfile::tempdir()?;
    for what in ["first start, tables made", "start"] {
        let begun = now();
        let (mut child, _) = started(folder.path()).await?;
        table.row(what, shown(begun.elapsed()), "300 ms");
        tokio::time::sleep(Duration::from_secs(3)).await;
        let process = child.id().to_string();
        let [all, own] = ["VmRSS:", "RssAnon:"].map(|name| field(&process, name) / 1024);
        let figure = format!("{all} MB, of which its own {own} MB; the rest are pages of its binary");
        table.row(&format!("idle memory after {what}"), figure, "60 MB");
        child.kill()?;
        child.wait()?;
    }
    Ok(())
}

fn program() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.parent().context("a folder")?.join("carecert"))
}

/// The program over the database in a folder, once it listens, and at which port. What the bench alone is told is kept
/// from it: it refuses what it does not know.
pub(crate) async fn started(folder: &Path) -> anyhow::Result<(Child, u16)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = Command::new(program()?);
    command
        .args(["serve", "--dir"])
        .arg(folder)
        .env("CARECERT_BIND", format!("127.0.0.1:{port}"))
        .env("CARECERT_CERT_TELEPHONE", "0300")
        .env_remove("DATABASE_URL")
        .stderr(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARECERT_BENCH_")) {
        command.env_remove(name);
    }
    let mut child = command.spawn()?;
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        anyhow::ensure!(child.try_wait()?.is_none(), "the program ended before it listened");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok((child, port))
}
