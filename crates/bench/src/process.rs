//! The program as a process: how large, how fast up, how much while idle.
#![expect(clippy::disallowed_methods, reason = "speaks to the process that it started")]

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context;
use tokio::net::TcpStream;

use crate::table::{Table, field, now, shown};

/// Measures it, from the release binary beside this one.
pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let program: PathBuf = std::env::current_exe()?.parent().context("a folder")?.join("carecert");
    let size =
        std::fs::metadata(&program).with_context(|| format!("{} is not built", program.display()))?.len();
    table.row("size of the binary", format!("{} MB", size / 1_000_000), "none set");
    let folder = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    for what in ["first start, tables made", "start"] {
        let begun = now();
        let mut child = Command::new(&program)
            .args(["serve", "--dir"])
            .arg(folder.path())
            .env("CARECERT_BIND", format!("127.0.0.1:{port}"))
            .env("CARECERT_CERT_TELEPHONE", "0300")
            .env_remove("DATABASE_URL")
            .stderr(Stdio::null())
            .spawn()?;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        table.row(what, shown(begun.elapsed()), "300 ms");
        tokio::time::sleep(Duration::from_secs(3)).await;
        let idle = field(&child.id().to_string(), "VmRSS:") / 1024;
        table.row(&format!("idle memory after {what}"), format!("{idle} MB"), "60 MB");
        child.kill()?;
        child.wait()?;
    }
    Ok(())
}
