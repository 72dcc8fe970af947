//! Files by their SHA-256: written once, never changed.
//!
//! A folder by default; the database where several nodes must see the same files and share no
//! folder. What is small is kept and read as a whole; what people upload may be of any size, and is
//! written ([`Arriving`]) and read ([`Reader`]) part by part.

mod arriving;
mod let_go;
mod reader;

use std::{
    io,
    path::{Path, PathBuf},
};

use db::{DbError, params, sql};
use sha2::{Digest, Sha256};

use crate::App;

pub use arriving::{Arrived, Arriving, clear};
pub use let_go::{LetGo, pause};
pub use reader::Reader;

/// The name of a blob.
pub type BlobHash = [u8; 32];

/// Where blobs are kept.
#[derive(Clone, Debug)]
pub enum Blobs {
    /// Files `ab/cdef…` below a folder.
    Folder(PathBuf),
    /// Parts of 256 KiB in the database.
    Database,
}

/// Why a blob cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder refuses.
    #[error("The folder for files cannot be used: {0}")]
    Folder(#[from] io::Error),
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What is kept under this name is not what was put there.
    #[error("The file {0} is missing or damaged. Restore it from the backup.")]
    Damaged(String),
    /// A backup is being made, which copies what there is.
    #[error("Files are not deleted while a backup is made.")]
    Paused,
}

const PART: usize = 256 * 1024;

/// Keeps `bytes`; keeping them again changes nothing.
///
/// A document of a feed is bounded by its reader, so that it is here as a whole.
pub async fn keep(app: &App, bytes: &[u8]) -> Result<BlobHash, BlobError> {
    let hash: BlobHash = Sha256::digest(bytes).into();
    let mut tx = app.write().await?;
    // Within the transaction: what is let go at the same moment is deleted before or written after.
    if let Blobs::Folder(folder) = &app.blobs {
        write_file(&file(folder, &hash), bytes)?;
    }
    let statement =
        sql!("INSERT INTO blob (hash, size, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING");
    let (now, size) = (tx.now, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    let new = tx.run(statement, params![hash, size, now]).await? == 1;
    if !new {
        tx.run(sql!("UPDATE blob SET loose = FALSE WHERE hash = ?1 AND loose = TRUE"), params![hash]).await?;
    }
    if new && matches!(app.blobs, Blobs::Database) {
        let statement = sql!("INSERT INTO blob_part (hash, part, bytes) VALUES (?1, ?2, ?3)");
        for (part, bytes) in (0_i64..).zip(bytes.chunks(PART)) {
            tx.run(statement, params![hash, part, bytes]).await?;
        }
    }
    tx.commit().await?;
    Ok(hash)
}

/// Reads a blob back and checks that it is what was kept.
pub async fn read(app: &App, hash: &BlobHash) -> Result<Vec<u8>, BlobError> {
    let bytes = match &app.blobs {
        Blobs::Folder(folder) => tokio::fs::read(file(folder, hash)).await?,
        Blobs::Database => {
            let statement = sql!("SELECT bytes FROM blob_part WHERE hash = ?1 ORDER BY part");
            let parts: Vec<(Vec<u8>,)> = app.read().await?.all(statement, params![*hash]).await?;
            parts.into_iter().flat_map(|(bytes,)| bytes).collect()
        }
    };
    if BlobHash::from(Sha256::digest(&bytes)) == *hash {
        Ok(bytes)
    } else {
        Err(BlobError::Damaged(hex(hash)))
    }
}

fn hex(hash: &BlobHash) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

fn file(folder: &Path, hash: &BlobHash) -> PathBuf {
    let name = hex(hash);
    folder.join(&name[..2]).join(&name[2..])
}

/// Written beside its place and moved there, so that no half file is ever found under its name.
fn write_file(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if file.try_exists()? {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder)?;
    let beside = file.with_extension("part");
    std::fs::write(&beside, bytes)?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, file)
}
