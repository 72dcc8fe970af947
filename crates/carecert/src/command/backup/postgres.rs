//! PostgreSQL is copied by its own programs, `pg_dump` and `pg_restore`: one snapshot, whatever is
//! written meanwhile. The password goes to them in their environment.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, ensure};
use tokio::process::Command;

/// Where Debian and Ubuntu keep the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Copies the database at `address` to `target`.
pub(super) async fn dump(address: &str, target: &Path) -> anyhow::Result<()> {
    let (plain, secret) = db::without_secret(address)?;
    let file = ["--file".as_ref(), target.as_os_str()];
    let plain = ["--dbname".as_ref(), OsStr::new(&plain)];
    let arguments = ["--format=custom", "--no-owner", "--no-privileges"].map(OsStr::new);
    run("pg_dump", secret, &[&arguments[..], &file, &plain].concat()).await
}

/// Puts `copy` into the empty database at `address`: whole, or not at all.
pub(super) async fn put_back(address: &str, copy: &Path) -> anyhow::Result<()> {
    let (plain, secret) = db::without_secret(address)?;
    let plain = ["--dbname".as_ref(), OsStr::new(&plain), copy.as_os_str()];
    let arguments =
        ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"].map(OsStr::new);
    run("pg_restore", secret, &[&arguments[..], &plain].concat()).await
}

async fn run(name: &str, secret: Option<String>, arguments: &[&OsStr]) -> anyhow::Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = find(name, std::env::split_paths(&path).chain(versions(Path::new(VERSIONS))))?;
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    // Never asks a person, who may not be there. Without a password in the address PGPASSWORD and
    // PGPASSFILE of this process hold for it.
    command.arg("--no-password");
    if let Some(secret) = secret {
        command.env("PGPASSWORD", secret);
    }
    let done = command.stderr(Stdio::piped()).output().await;
    let done = done.with_context(|| format!("{} cannot be started", program.display()))?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{name} failed: {}", told.trim());
    Ok(())
}

/// The folders of the versions that are installed, the newest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn find(name: &str, folders: impl Iterator<Item = PathBuf>) -> anyhow::Result<PathBuf> {
    folders.map(|folder| folder.join(name)).find(|program| program.is_file()).with_context(|| {
        format!(
            "{name} is not on this machine. Install the package postgresql-client, of the server's version or a \
             newer one, or add its folder to PATH."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "common"] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("pg_dump"), "").unwrap();
        }
        let found = find("pg_dump", versions(folder.path()).into_iter()).unwrap();
        assert_eq!(found, folder.path().join("17/bin/pg_dump"));
        let missing = find("pg_restore", versions(folder.path()).into_iter()).unwrap_err();
        assert!(missing.to_string().contains("postgresql-client"), "{missing}");
    }
}
