//! The Maildir: mail servers put each mail into `new`, and whoever has read it moves it to `cur`, by
//! renaming, which is whole or not at all.
//!
//! Files are touched on threads that may block, and none is read beyond a bound. A mail is put away behind
//! the change that it led to: killed in between, it is read again, and whoever takes it finds it known.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Read},
    path::Path,
    time::Duration,
};

use db::DbError;

/// Mails that are read in one turn, and as far as any are counted.
pub const MOST: usize = 100;

/// How a mail is marked when it is put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
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

/// Hands the next mails of `folder` to `take`, 100 at most, each up to `largest` bytes of it, and puts them
/// away with the mark that it gives; says how many were put away. `what` names them in the log.
pub async fn read_due<F>(
    folder: &Path,
    largest: usize,
    what: &str,
    mut take: impl FnMut(Vec<u8>) -> F,
) -> Result<usize, DbError>
where
    F: Future<Output = Result<Mark, DbError>>,
{
    let names = match waiting(folder).await {
        Ok(names) => names,
        Err(error) => {
            tracing::warn!(%error, folder = %folder.display(), what, "a mail folder cannot be read");
            return Ok(0);
        }
    };
    let mut done = 0;
    for name in names {
        let bytes = match read(folder, &name, largest).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(%error, what, "a mail cannot be read");
                continue;
            }
        };
        let mark = take(bytes).await?;
        match put_away(folder, &name, mark).await {
            Ok(()) => done += 1,
            Err(error) => tracing::warn!(%error, what, "a mail cannot be put away"),
        }
    }
    Ok(done)
}

/// How many mails wait in `folder`; no more than one turn reads are counted.
pub async fn count_waiting(folder: &Path) -> io::Result<usize> {
    Ok(waiting(folder).await?.len())
}

/// How many mails of the last `within` were put away for somebody to look at; no more than [`MOST`] are counted.
pub async fn count_set_aside(folder: &Path, within: Duration) -> io::Result<usize> {
    let cur = folder.join("cur");
    blocking(move || {
        let is_set_aside = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            let flags =
                name.to_str().and_then(|name| name.rsplit_once(":2,")).map(|(_, flags)| flags.to_owned());
            // A renamed file keeps the moment at which it arrived.
            let arrived = || entry.metadata().and_then(|meta| meta.modified()).ok();
            flags.is_some_and(|flags| flags.contains('F'))
                && arrived().is_some_and(|at| at.elapsed().map_or(true, |age| age <= within))
        };
        Ok(fs::read_dir(cur)?.filter_map(Result::ok).filter(is_set_aside).take(MOST).count())
    })
    .await
}

/// The names of the mails that wait, [`MOST`] at most.
async fn waiting(folder: &Path) -> io::Result<Vec<OsString>> {
    let new = folder.join("new");
    blocking(move || {
        let files = fs::read_dir(new)?.filter_map(|entry| {
            let entry = entry.ok()?;
            // A pipe would be waited for, and a link may lead anywhere.
            entry.file_type().ok()?.is_file().then(|| entry.file_name())
        });
        let mut names: Vec<_> = files.take(MOST).collect();
        names.sort_unstable();
        Ok(names)
    })
    .await
}

/// A mail that waits, up to `most` bytes of it.
async fn read(folder: &Path, name: &OsStr, most: usize) -> io::Result<Vec<u8>> {
    let file = folder.join("new").join(name);
    blocking(move || bytes_of(File::open(file)?, most)).await
}

/// All that `input` holds, up to `most` bytes.
pub async fn bounded(input: impl Read + Send + 'static, most: usize) -> io::Result<Vec<u8>> {
    blocking(move || bytes_of(input, most)).await
}

/// Moves a mail to where what was read lies; another worker may have done so first.
async fn put_away(folder: &Path, name: &OsStr, mark: Mark) -> io::Result<()> {
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
