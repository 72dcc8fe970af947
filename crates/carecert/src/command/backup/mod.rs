//! `carecert backup DIR` while the service runs, and `carecert restore DIR`, which never overwrites.
//!
//! The database is copied first, as it is at one moment; then the files it names. Files are never
//! changed, and not deleted while a backup is made, so that every file of that moment is still there.
//! On PostgreSQL files live in the database, which its own programs copy.

mod postgres;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::Args;
use data_encoding::HEXLOWER;
use db::{Db, Options};
use platform::{blob, env::Env};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Place, existing, make_folder, settings};

/// Where from, where to.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder of the backup.
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// What a backup holds, to be checked before it is put back.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    made_at: String,
    program: String,
    /// `sqlite` or `postgres`.
    engine: String,
    database_sha256: String,
    files: u64,
}

const MANIFEST: &str = "manifest.json";

/// The engine that an address names, and what its copy is called.
fn engine_of(address: &str) -> (&'static str, &'static str) {
    if address.starts_with("sqlite:") { ("sqlite", "carecert.db") } else { ("postgres", "carecert.dump") }
}

/// Copies the installation to `DIR`, which must be new or empty.
pub async fn backup(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = settings(&arguments.place)?;
    let db = existing(&settings).await?;
    let target = &arguments.folder;
    let holds_something = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
    ensure!(!holds_something, "{} already holds something. Name a new folder.", target.display());
    make_folder(target)?;
    let (engine, name) = engine_of(&settings.database_url);
    let copy = target.join(name);
    let files = settings.data_dir.join("blobs");
    let paused = blob::pause(&files).context("the deletion of files cannot be paused")?;
    match &db {
        Db::Sqlite(engine) => {
            let (engine, copy) = (engine.clone(), copy.clone());
            tokio::task::spawn_blocking(move || engine.copy_to(&copy)).await??;
        }
        Db::Postgres(_) => postgres::dump(&settings.database_url, &copy).await?,
    }
    let files = copy_files(&files, &target.join("blobs"))?;
    drop(paused);
    let manifest = Manifest {
        made_at: Env::machine().now().to_string(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine.to_owned(),
        database_sha256: sha256_of(&copy)?,
        files,
    };
    // Last: a backup without its manifest was interrupted.
    fs::write(target.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    say!("Backed up the database and {files} files to {}.", target.display());
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup back where nothing is yet.
pub async fn restore(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = settings(&arguments.place)?;
    let (engine, name) = engine_of(&settings.database_url);
    let source = &arguments.folder;
    let manifest = fs::read(source.join(MANIFEST))
        .with_context(|| format!("{} is not a finished backup: it has no {MANIFEST}", source.display()))?;
    let manifest: Manifest = serde_json::from_slice(&manifest).context("the manifest cannot be read")?;
    ensure!(
        manifest.engine == engine,
        "This is the backup of a {} database, and the settings name a {engine} one. Set database.url.",
        manifest.engine
    );
    let file = settings.database_url.strip_prefix("sqlite:").map(PathBuf::from);
    match &file {
        Some(file) => ensure!(
            !file.exists(),
            "{} is there already. A restore never overwrites: move it away first.",
            file.display()
        ),
        None => ensure!(
            Db::open(&settings.database_url, Options::default()).await?.is_empty().await?,
            "The database holds something already. A restore never overwrites: make a new, empty one."
        ),
    }
    let blobs = settings.data_dir.join("blobs");
    ensure!(
        !blobs.exists(),
        "{} is there already. A restore never overwrites: move it away first.",
        blobs.display()
    );
    let copy = source.join(name);
    ensure!(
        sha256_of(&copy)? == manifest.database_sha256,
        "The backup's database is damaged: it does not match the manifest. Use another backup."
    );
    make_folder(&settings.data_dir)?;
    let files = copy_files(&source.join("blobs"), &blobs)?;
    ensure!(
        files == manifest.files,
        "The backup holds {files} files of {}. Use another backup.",
        manifest.files
    );
    match &file {
        Some(file) => copy_durably(&copy, file)?,
        None => postgres::put_back(&settings.database_url, &copy).await?,
    }
    say!("Restored the database and {files} files of {}.", manifest.made_at);
    Ok(ExitCode::SUCCESS)
}

/// Copies every finished file below `from`; says how many.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<u64> {
    let mut copied = 0;
    let Ok(entries) = fs::read_dir(from) else { return Ok(0) };
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            make_folder(&target)?;
            copied += copy_files(&entry.path(), &target)?;
        } else if entry.path().extension().is_none() {
            copy_durably(&entry.path(), &target)?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn copy_durably(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))?;
    fs::File::open(to)?.sync_all()?;
    Ok(())
}

fn sha256_of(file: &Path) -> anyhow::Result<String> {
    let mut reader = fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
