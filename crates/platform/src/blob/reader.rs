//! A file read part by part; what is not as it was kept is never read to its end.

use db::{DbError, params, sql};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::{BlobError, BlobHash, Blobs, PART, file, hex};
use crate::App;

/// A file that is being read.
#[derive(Debug)]
pub struct Reader {
    app: App,
    hash: BlobHash,
    size: u64,
    read: u64,
    part: i64,
    digest: Sha256,
    /// Where files are in a folder.
    file: Option<tokio::fs::File>,
}

impl Reader {
    /// Begins to read a file.
    pub async fn open(app: &App, hash: &BlobHash) -> Result<Self, BlobError> {
        let statement = sql!("SELECT size FROM blob WHERE hash = ?1");
        let found: Option<(i64,)> = app.read().await?.maybe(statement, params![*hash]).await?;
        let (size,) = found.ok_or_else(|| BlobError::Damaged(hex(hash)))?;
        let file = match &app.blobs {
            Blobs::Folder(folder) => {
                let opened = tokio::fs::File::open(file(folder, hash)).await;
                Some(opened.map_err(|_| BlobError::Damaged(hex(hash)))?)
            }
            Blobs::Database => None,
        };
        let digest = Sha256::new();
        Ok(Self { app: app.clone(), hash: *hash, size: size.unsigned_abs(), read: 0, part: 0, digest, file })
    }

    /// Its size in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The next part; nothing behind the last. [`BlobError::Damaged`] at the end, where what was read is not what
    /// was kept: whoever hands parts on must not end what they hand on as if it were whole.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError> {
        let bytes = match &mut self.file {
            Some(file) => {
                let mut bytes = Vec::with_capacity(PART);
                file.take(PART as u64).read_to_end(&mut bytes).await?;
                bytes
            }
            None => self.of_database().await?,
        };
        self.read += bytes.len() as u64;
        self.digest.update(&bytes);
        if self.read > self.size {
            return Err(BlobError::Damaged(hex(&self.hash)));
        }
        if !bytes.is_empty() {
            return Ok(Some(bytes));
        }
        let same = BlobHash::from(self.digest.finalize_reset()) == self.hash;
        if same { Ok(None) } else { Err(BlobError::Damaged(hex(&self.hash))) }
    }

    /// One part in a read of its own: none is held while somebody slow takes it. Index: the key.
    async fn of_database(&mut self) -> Result<Vec<u8>, DbError> {
        let statement = sql!("SELECT bytes FROM blob_part WHERE hash = ?1 AND part = ?2");
        let found: Option<(Vec<u8>,)> =
            self.app.read().await?.maybe(statement, params![self.hash, self.part]).await?;
        self.part += 1;
        Ok(found.map(|(bytes,)| bytes).unwrap_or_default())
    }
}
