//! `cargo xtask bench`: the figures of `crates/bench`, once for each engine, in release.

use std::{path::Path, process::Command};

use anyhow::ensure;

use crate::postgres;

/// Builds the program and its bench, and runs the bench, or these parts of it, over SQLite and over PostgreSQL.
pub fn run(root: &Path, parts: &[String]) -> anyhow::Result<()> {
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root);
        cargo
    };
    let built = cargo().args(["build", "--release", "-p", "carecert", "-p", "bench"]).status()?;
    ensure!(built.success(), "The bench does not build.");
    let bench = || {
        let mut bench = Command::new(root.join("target/release/bench"));
        bench.args(parts);
        bench
    };
    ensure!(bench().status()?.success(), "The bench failed on SQLite.");
    let server = postgres::Server::start()?;
    let measured = bench().env("CARECERT_BENCH_DATABASE", server.url()).status()?;
    ensure!(measured.success(), "The bench failed on PostgreSQL.");
    Ok(())
}
