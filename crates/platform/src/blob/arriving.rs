//! A file on its way in: hashed while it comes, held on the disk alone, and gone unless a transaction keeps it.
//!
//! While it comes it is locked, so that what a killed process left behind is told from what another one is writing.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use db::{params, sql};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{BlobError, BlobHash, Blobs, PART, file};
use crate::{App, Tx};

/// Where files come in: within the folder of files, so that they are moved and not copied to their place.
fn folder(app: &App) -> PathBuf {
    match &app.blobs {
        Blobs::Folder(folder) => folder.join("arriving"),
        Blobs::Database => app.settings.data_dir.join("arriving"),
    }
}

/// A place on the disk that is freed again with whoever holds it.
#[derive(Debug)]
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        // It has been moved to where it belongs, or nobody wants it.
        let _ = fs::remove_file(&self.0);
    }
}

/// A file on its way in.
#[derive(Debug)]
pub struct Arriving {
    // First, since fields are dropped in their order: the file is gone before its lock is.
    place: Place,
    file: tokio::fs::File,
    hash: Sha256,
    size: u64,
}

/// A file that has come as a whole, and waits beside its place.
#[derive(Debug)]
pub struct Arrived {
    place: Place,
    file: fs::File,
    /// The SHA-256 of what came.
    pub hash: BlobHash,
    /// Its size in bytes.
    pub size: u64,
}

impl Arriving {
    /// Begins to take a file in.
    pub async fn begin(app: &App) -> Result<Self, BlobError> {
        let folder = folder(app);
        tokio::fs::create_dir_all(&folder).await?;
        let name: Uuid = app.env.id();
        let place = Place(folder.join(format!("{name}.part")));
        let file = private(&place.0)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Self { place, file: tokio::fs::File::from_std(file), hash: Sha256::new(), size: 0 })
    }

    /// Takes what came next.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(self.file.write_all(bytes).await?)
    }

    /// How much has come.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// It has come as a whole, and is on the disk.
    pub async fn finish(mut self) -> Result<Arrived, BlobError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let Self { place, file, hash, size } = self;
        Ok(Arrived { place, file: file.into_std().await, hash: hash.finalize().into(), size })
    }
}

/// A new file that only this account may read.
fn private(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::File::options().write(true).read(true).create_new(true).mode(0o600).open(path)
}

impl Arrived {
    /// Keeps it in the transaction of the row that names it; with that transaction undone, nothing names it. A row
    /// that names it does so by a foreign key: what no row names any more can be [let go](super::LetGo).
    pub async fn keep(mut self, app: &App, tx: &mut Tx) -> Result<BlobHash, BlobError> {
        let statement = sql!(
            "INSERT INTO blob (hash, size, created_at, loose) VALUES (?1, ?2, ?3, TRUE)
             ON CONFLICT (hash) DO NOTHING"
        );
        let (now, size) = (tx.now, i64::try_from(self.size).unwrap_or(i64::MAX));
        let new = tx.run(statement, params![self.hash, size, now]).await? == 1;
        match &app.blobs {
            // Over what is there: it is the same, and if that was damaged it is mended.
            Blobs::Folder(folder) => move_to(&self.place.0, &file(folder, &self.hash))?,
            Blobs::Database if new => self.insert(tx).await?,
            Blobs::Database => {}
        }
        Ok(self.hash)
    }

    async fn insert(&mut self, tx: &mut Tx) -> Result<(), BlobError> {
        use std::io::Seek;
        self.file.rewind()?;
        let statement = sql!("INSERT INTO blob_part (hash, part, bytes) VALUES (?1, ?2, ?3)");
        for part in 0_i64.. {
            let mut bytes = Vec::with_capacity(PART);
            (&mut self.file).take(PART as u64).read_to_end(&mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            tx.run(statement, params![self.hash, part, bytes]).await?;
        }
        Ok(())
    }
}

/// Moves a file to its place, and sees that the move outlasts a loss of power.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder)?;
    fs::rename(from, to)?;
    fs::File::open(folder)?.sync_all()
}

/// Removes what processes left behind that ended while a file came in; says how many.
pub async fn clear(app: &App) -> io::Result<u64> {
    let folder = folder(app);
    let cleared = tokio::task::spawn_blocking(move || {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        let left = entries.flatten().filter(|entry| {
            // Whoever writes a file holds its lock.
            fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        });
        left.filter(|entry| fs::remove_file(entry.path()).is_ok()).count() as u64
    });
    cleared.await.map_err(io::Error::other)
}
