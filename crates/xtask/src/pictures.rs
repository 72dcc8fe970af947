//! `cargo xtask pictures`: the one habit that changes tracked files, since it is asked to.

use std::{path::Path, process::Command};

use anyhow::Context as _;

/// Has the test of the pictures write what it sees.
pub fn write(root: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).env("WRITE_PICTURES", "write").args([
        "test",
        "-p",
        "carecert",
        "--test",
        "it",
        "browser_the_pictures_of_the_readme",
    ]);
    let status = command.status().with_context(|| format!("Cannot run {command:?}."))?;
    anyhow::ensure!(status.success(), "The pictures were not written: the test of them failed.");
    Ok(())
}
