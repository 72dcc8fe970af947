//! SQLite in WAL mode: one writer behind a fair queue, a bounded number of readers.
//!
//! Statements run inline, since an indexed read takes microseconds and a thread hop more than
//! that; what may take longer, and every commit (it waits for the disk), runs on a blocking
//! thread. A connection is held through a [`Lease`], which rolls back and returns it when dropped,
//! wherever a future is cancelled.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    config::DbConfig,
    types::{ToSqlOutput, ValueRef},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Options;
use crate::{DbError, Row, Value};

/// The embedded engine.
#[derive(Debug)]
pub struct Sqlite {
    writer: Arc<Pool>,
    readers: Arc<Pool>,
    options: Options,
    path: PathBuf,
    pub(super) statements: Arc<AtomicU64>,
}

/// KiB of pages that each reader keeps.
const READER_CACHE: u32 = 8_000;
/// And the writer: an import writes all over its indexes, and pages that do not fit are read and written again.
const WRITER_CACHE: u32 = 32_000;
/// Pages that are written ahead before they are folded into the file, 32 MB. SQLite's own 1,000 are fewer than one
/// commit of an import has, so that each page was written twice by each; now the same page of many commits is folded
/// in once.
const WRITTEN_AHEAD: u32 = 8_000;

/// Connections of one kind; a permit is the right to hold one.
#[derive(Debug)]
struct Pool {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Timed>>,
    path: PathBuf,
    flags: OpenFlags,
    /// What `PRAGMA synchronous` is set to.
    synchronous: &'static str,
    /// KiB of pages that one connection keeps at most.
    cache: u32,
}

/// A connection whose statements can be stopped.
#[derive(Debug)]
struct Timed {
    connection: Connection,
    /// Milliseconds after `opened` at which the running statement is stopped; 0 for never.
    deadline: Arc<AtomicU64>,
    opened: Instant,
}

/// Whether a read's statements run where they are called or on a blocking thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Indexed reads, stopped at the limit.
    Inline,
    /// Whatever takes longer.
    Blocking,
}

/// A connection on loan, in a transaction.
#[derive(Debug)]
struct Lease {
    timed: Option<Timed>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

/// An open transaction.
#[derive(Debug)]
pub struct Conn {
    /// Empty only while a blocking thread has it.
    lease: Option<Lease>,
    pace: Pace,
    /// What an inline statement may take; `None` for writes.
    limit: Option<Duration>,
}

#[expect(clippy::disallowed_methods, reason = "measures how long a statement really takes")]
fn now() -> Instant {
    Instant::now()
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: Options) -> Result<Self, DbError> {
        // FULL, since an acknowledgement is evidence.
        let synchronous = if options.durable { "FULL" } else { "OFF" };
        let pool = |size: usize, flags: OpenFlags, cache: u32| {
            Arc::new(Pool {
                permits: Arc::new(Semaphore::new(size)),
                idle: Mutex::new(Vec::new()),
                path: path.to_owned(),
                flags: flags | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                synchronous,
                cache,
            })
        };
        let writer = pool(1, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, WRITER_CACHE);
        let readers = pool(options.readers, OpenFlags::SQLITE_OPEN_READ_WRITE, READER_CACHE);
        // The first connection makes the file and turns it to WAL, which readers rely on.
        let first = writer.open()?;
        writer.idle().push(first);
        Ok(Self { writer, readers, options, path: path.to_owned(), statements: Arc::default() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a write: waits its turn in this process, then for other processes (`import` and
    /// `work` run beside `serve`) up to [`Options::write_wait`].
    pub(crate) async fn write(&self) -> Result<Conn, DbError> {
        let lease = Pool::lease(&self.writer).await?;
        let started = now();
        let mut pause = Duration::from_millis(1);
        loop {
            match lease.connection().execute_batch("BEGIN IMMEDIATE") {
                Ok(()) => {
                    return Ok(Conn { lease: Some(lease), pace: Pace::Inline, limit: None });
                }
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    if started.elapsed() > self.options.write_wait {
                        return Err(DbError::Busy(self.options.write_wait));
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) async fn read(&self, pace: Pace) -> Result<Conn, DbError> {
        let lease = Pool::lease(&self.readers).await?;
        lease.connection().execute_batch("BEGIN DEFERRED")?;
        let limit = (pace == Pace::Inline).then_some(self.options.read_limit);
        Ok(Conn { lease: Some(lease), pace, limit })
    }

    pub(crate) fn readers_in_use(&self) -> usize {
        self.options.readers.saturating_sub(self.readers.permits.available_permits())
    }

    /// Closes idle connections; the last one folds the write-ahead log into the file.
    pub(crate) fn close(&self) {
        self.readers.idle().clear();
        self.writer.idle().clear();
    }

    /// Copies the database as it is at one moment to `target`, while others read and write.
    ///
    /// Call it on a blocking thread.
    pub fn copy_to(&self, target: &Path) -> Result<(), DbError> {
        let source = self.readers.open()?;
        // `VACUUM INTO` reads one snapshot; the backup API restarts whenever somebody writes.
        source.connection.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
        Ok(())
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Timed>> {
        // A list of connections is whole whatever its holder did.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn lease(pool: &Arc<Self>) -> Result<Lease, DbError> {
        let permit = Arc::clone(&pool.permits).acquire_owned().await.map_err(|_| DbError::Broken)?;
        let idle = pool.idle().pop();
        let timed = match idle {
            Some(timed) => timed,
            None => pool.open()?,
        };
        Ok(Lease { timed: Some(timed), pool: Arc::clone(pool), _permit: permit })
    }

    fn open(&self) -> Result<Timed, DbError> {
        let mut connection = Connection::open_with_flags(&self.path, self.flags)
            .map_err(|error| DbError::Unreachable(format!("{}: {error}", self.path.display())))?;
        // Waiting is done asynchronously in `write`.
        connection.execute_batch(&format!(
            "PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL; PRAGMA synchronous = {};
             PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{};
             PRAGMA wal_autocheckpoint = {}; PRAGMA trusted_schema = OFF;",
            self.synchronous, self.cache, WRITTEN_AHEAD
        ))?;
        connection.set_prepared_statement_cache_capacity(512);
        // A plan is of the statement, not of its values: or SQLite would prepare most statements
        // again each time (half of what a page cost), and a plan could change under a test's feet.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let (deadline, opened) = (Arc::new(AtomicU64::new(0)), now());
        let watched = Arc::clone(&deadline);
        connection.progress_handler(
            10_000,
            Some(move || {
                let deadline = watched.load(Ordering::Relaxed);
                deadline != 0 && millis(opened.elapsed()) > deadline
            }),
        )?;
        Ok(Timed { connection, deadline, opened })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Lease {
    fn connection(&self) -> &Connection {
        &self.timed.as_ref().expect("only drop takes it").connection
    }

    fn limit(&self, limit: Option<Duration>) {
        let timed = self.timed.as_ref().expect("only drop takes it");
        let deadline = limit.map_or(0, |limit| millis(timed.opened.elapsed() + limit));
        timed.deadline.store(deadline, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(timed) = self.timed.take() else {
            return;
        };
        timed.deadline.store(0, Ordering::Relaxed);
        let clean = timed.connection.is_autocommit() || timed.connection.execute_batch("ROLLBACK").is_ok();
        // A connection that cannot roll back is closed, which does.
        if clean {
            self.pool.idle().push(timed);
        }
    }
}

impl Conn {
    pub(crate) async fn rows(
        &mut self,
        text: &str,
        written: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, DbError> {
        let limit = self.limit;
        let text = text.to_owned();
        self.with(move |connection| query(connection, &text, &values)).await.map_err(|error| match error {
            Failed::Interrupted => DbError::TooSlow(limit.unwrap_or_default(), written),
            Failed::Other(error) => error,
        })
    }

    pub(crate) async fn batch(&mut self, text: &str) -> Result<(), DbError> {
        let text = text.to_owned();
        let done = self.with(move |connection| Ok(connection.execute_batch(&text)?)).await;
        done.map_err(|error| match error {
            Failed::Interrupted => DbError::Broken,
            Failed::Other(error) => error,
        })
    }

    /// Runs `work` on the connection: here, or on a blocking thread, which keeps the lease should
    /// the caller be cancelled.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        match self.pace {
            Pace::Inline => {
                let lease = self.lease.as_ref().ok_or(DbError::Broken)?;
                lease.limit(self.limit);
                work(lease.connection())
            }
            Pace::Blocking => {
                let lease = self.lease.take().ok_or(DbError::Broken)?;
                let (lease, done) = blocking(lease, work).await?;
                self.lease = Some(lease);
                done
            }
        }
    }

    pub(crate) fn check(&mut self, text: &str) -> Result<(), DbError> {
        let lease = self.lease.as_ref().ok_or(DbError::Broken)?;
        lease.connection().prepare(text)?;
        Ok(())
    }

    pub(crate) fn plan(&mut self, text: &str) -> Result<Vec<String>, DbError> {
        let lease = self.lease.as_ref().ok_or(DbError::Broken)?;
        let mut statement = lease.connection().prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
        // Raw, since values are not needed for a plan.
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get("detail")?);
        }
        Ok(steps)
    }

    pub(crate) async fn commit(mut self) -> Result<(), DbError> {
        let lease = self.lease.take().ok_or(DbError::Broken)?;
        let (_, done) = blocking(lease, |connection| Ok(connection.execute_batch("COMMIT")?)).await?;
        done
    }
}

async fn blocking<T: Send + 'static, E: Send + 'static>(
    lease: Lease,
    work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
) -> Result<(Lease, Result<T, E>), DbError> {
    let run = move || {
        let done = work(lease.connection());
        (lease, done)
    };
    tokio::task::spawn_blocking(run).await.map_err(|error| DbError::Engine(error.to_string()))
}

/// A statement that was stopped, told apart so that the caller can say which.
enum Failed {
    Interrupted,
    Other(DbError),
}

impl From<DbError> for Failed {
    fn from(error: DbError) -> Self {
        Self::Other(error)
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            _ => Self::Other(error.into()),
        }
    }
}

fn query(connection: &Connection, text: &str, values: &[Value]) -> Result<Vec<Row>, Failed> {
    let mut statement = connection.prepare_cached(text)?;
    let names: Arc<[Box<str>]> = statement.column_names().map(Into::into).collect();
    let columns = names.len();
    let mut found = statement.query(rusqlite::params_from_iter(values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns)
            .map(|place| Ok(owned(row.get_ref(place)?)))
            .collect::<Result<_, rusqlite::Error>>()?;
        rows.push(Row { names: Arc::clone(&names), values });
    }
    drop(found);
    if columns == 0 {
        // A change without RETURNING: one row that says how many rows it touched.
        let touched = i64::try_from(connection.changes()).unwrap_or(i64::MAX);
        rows.push(Row { names, values: vec![Value::Int(touched)] });
    }
    Ok(rows)
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
