//! The database as the program holds it: one of two engines behind one `match`.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64, atomic::Ordering::Relaxed},
    time::Duration,
};

use crate::{DbError, Engine, Migration, Snapshot, Standing, Tx, migrate};

/// A handle on the database; cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// The embedded engine.
    Sqlite(Arc<sqlite::Sqlite>),
    /// The server.
    Postgres(postgres::Postgres),
}

/// How the database is used. The defaults suit a service; tests and benches set their own.
#[derive(Clone, Debug)]
pub struct Options {
    /// Reads at the same time.
    pub readers: usize,
    /// A read on a request's path is stopped after this.
    pub read_limit: Duration,
    /// A write waits this long for another process's lock.
    pub write_wait: Duration,
    /// Whether a commit waits for the disk. Only what is made again when it is lost does without:
    /// a test's database, a demonstration in the making.
    pub durable: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 8,
            read_limit: Duration::from_millis(250),
            write_wait: Duration::from_secs(5),
            durable: true,
        }
    }
}

impl Db {
    /// Opens the database at `address`: `sqlite:PATH` or `postgres://…`.
    pub async fn open(address: &str, options: Options) -> Result<Self, DbError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            sqlite::Sqlite::open(Path::new(path), options).map(|engine| Self::Sqlite(Arc::new(engine)))
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            postgres::Postgres::open(address, &options).await.map(Self::Postgres)
        } else {
            Err(DbError::Address(address.to_owned()))
        }
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a write. Await nothing but the transaction until it is committed or dropped.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(Tx::of(match self {
            Self::Sqlite(engine) => Snapshot::sqlite(engine.write().await?, self.counter()),
            Self::Postgres(engine) => Snapshot::postgres(engine.begin("BEGIN").await?, self.counter()),
        }))
    }

    /// Begins a read of one consistent snapshot, for a page: its statements use indexes and are
    /// stopped at [`Options::read_limit`].
    pub async fn read(&self) -> Result<Snapshot, DbError> {
        self.snapshot(sqlite::Pace::Inline).await
    }

    /// Begins a read that may take its time (search, export, recount): on SQLite its statements
    /// run on blocking threads.
    pub async fn read_long(&self) -> Result<Snapshot, DbError> {
        self.snapshot(sqlite::Pace::Blocking).await
    }

    async fn snapshot(&self, pace: sqlite::Pace) -> Result<Snapshot, DbError> {
        Ok(match self {
            Self::Sqlite(engine) => Snapshot::sqlite(engine.read(pace).await?, self.counter()),
            Self::Postgres(engine) => {
                let begun = engine.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                Snapshot::postgres(begun, self.counter())
            }
        })
    }

    /// How many statements ran through this handle and its clones: what a page costs is the
    /// difference that it makes.
    pub fn statements(&self) -> u64 {
        self.counter().load(Relaxed)
    }

    fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(match self {
            Self::Sqlite(engine) => &engine.statements,
            Self::Postgres(engine) => &engine.statements,
        })
    }

    /// Brings the tables up to date with `sets`, in the order given; safe to call from many nodes.
    pub async fn migrate(&self, sets: &[&[Migration]]) -> Result<(), DbError> {
        migrate::run(self, sets).await
    }

    /// How its tables stand to `sets`.
    pub async fn standing(&self, sets: &[&[Migration]]) -> Result<Standing, DbError> {
        migrate::standing(self, sets).await
    }

    /// Whether nothing was ever made in it, so that a backup may be put there.
    pub async fn is_empty(&self) -> Result<bool, DbError> {
        let things = match self.engine() {
            Engine::Sqlite => "SELECT count(*) FROM sqlite_schema",
            Engine::Postgres => {
                "SELECT count(*) FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
            }
        };
        Ok(self.read().await?.number(things).await? == 0)
    }

    /// How many reads this process has open right now.
    pub fn readers_in_use(&self) -> usize {
        match self {
            Self::Sqlite(engine) => engine.readers_in_use(),
            Self::Postgres(engine) => engine.in_use(),
        }
    }

    /// Closes idle connections, so that the database can be copied or removed.
    pub async fn close(self) {
        match self {
            Self::Sqlite(engine) => engine.close(),
            Self::Postgres(engine) => engine.close().await,
        }
    }
}
