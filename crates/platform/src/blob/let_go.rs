//! Deleting a file that no row names any more.
//!
//! Who names one does so by a foreign key, and the database refuses to delete what is named. The file goes within the
//! transaction that deletes its row, so that whoever keeps the same one again does so before or after. A backup
//! copies the database first and files afterwards: meanwhile nothing is deleted.

use std::{
    fs::{self, TryLockError},
    io,
    path::Path,
};

use data_encoding::HEXLOWER;
use db::{DbError, params, sql};
use serde::{Deserialize, Serialize};

use super::{BlobError, BlobHash, Blobs, file};
use crate::{
    App,
    job::{Failure, Job, Lane},
};

/// Deletes a file, unless something still names it. It is queued in the transaction that ceases to name it.
#[derive(Debug, Serialize, Deserialize)]
pub struct LetGo {
    hash: String,
}

impl LetGo {
    /// Of this file.
    pub fn of(hash: &BlobHash) -> Self {
        Self { hash: HEXLOWER.encode(hash) }
    }
}

impl Job for LetGo {
    const NAME: &'static str = "blob_let_go";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let hash = HEXLOWER.decode(self.hash.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(hash) = hash else { return Err(Failure("its payload names no file".to_owned())) };
        delete(&app, &hash).await.map_err(|error| Failure(error.to_string()))
    }
}

async fn delete(app: &App, hash: &BlobHash) -> Result<(), BlobError> {
    let _deleting = match &app.blobs {
        Blobs::Folder(folder) => {
            let lock = lock_file(folder)?;
            match lock.try_lock() {
                Ok(()) => Some(lock),
                Err(TryLockError::WouldBlock) => return Err(BlobError::Paused),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Blobs::Database => None,
    };
    let mut tx = app.write().await?;
    let gone = match tx.run(sql!("DELETE FROM blob WHERE hash = ?1 AND loose = TRUE"), params![*hash]).await {
        // Something names it.
        Err(DbError::Constraint(_)) => return Ok(()),
        other => other?,
    };
    if gone == 0 {
        return Ok(());
    }
    match &app.blobs {
        Blobs::Folder(folder) => match fs::remove_file(file(folder, hash)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        },
        Blobs::Database => {
            tx.run(sql!("DELETE FROM blob_part WHERE hash = ?1"), params![*hash]).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Its extension keeps it out of backups.
fn lock_file(folder: &Path) -> io::Result<fs::File> {
    fs::File::options().create(true).truncate(false).write(true).open(folder.join("deletions.lock"))
}

/// While this is held no file is deleted from this folder; nothing where there is no such folder.
pub fn pause(folder: &Path) -> io::Result<Option<fs::File>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let lock = lock_file(folder)?;
    lock.lock_shared()?;
    Ok(Some(lock))
}
