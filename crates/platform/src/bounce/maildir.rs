//! The Maildir: mail servers put each mail into `new`, and whoever has read it moves it to `cur`, by
//! renaming, which is whole or not at all.
//!
//! Files are touched on threads that may block, and none is read beyond a bound.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// How a mail is marked when it is put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It was understood.
    Seen,
    /// Somebody should look at it.
    Flagged,
}

impl Mark {
    /// As a Maildir writes it behind a name.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Seen => ":2,S",
            Self::Flagged => ":2,F",
        }
    }
}

/// The names of the mails that wait, `most` at most.
pub(super) async fn waiting(folder: &Path, most: usize) -> io::Result<Vec<OsString>> {
    let new = folder.join("new");
    blocking(move || {
        let files = fs::read_dir(new)?.filter_map(|entry| {
            let entry = entry.ok()?;
            // A pipe would be waited for, and a link may lead anywhere.
            entry.file_type().ok()?.is_file().then(|| entry.file_name())
        });
        let mut names: Vec<_> = files.take(most).collect();
        names.sort_unstable();
        Ok(names)
    })
    .await
}

/// A mail that waits, up to `most` bytes of it.
pub(super) async fn read(folder: &Path, name: &OsStr, most: usize) -> io::Result<Vec<u8>> {
    let file = folder.join("new").join(name);
    blocking(move || bytes_of(File::open(file)?, most)).await
}

/// All that `input` holds, up to `most` bytes.
pub(super) async fn bounded(input: impl Read + Send + 'static, most: usize) -> io::Result<Vec<u8>> {
    blocking(move || bytes_of(input, most)).await
}

/// Moves a mail to where what was read lies; another worker may have done so first.
pub(super) async fn put_away(folder: &Path, name: &OsStr, mark: Mark) -> io::Result<()> {
    let from = folder.join("new").join(name);
    let mut base = name.to_owned();
    base.push(mark.suffix());
    let to = folder.join("cur").join(base);
    blocking(move || match fs::rename(from, &to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => Ok(()),
        moved => moved,
    })
    .await
}

fn bytes_of(input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
