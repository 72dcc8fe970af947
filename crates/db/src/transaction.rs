//! What a page or an action holds while it talks to the database.
//!
//! A [`Snapshot`] reads; a [`Tx`] also writes and dereferences to a snapshot, so that every reading
//! function takes `&mut Snapshot` and serves both.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, atomic::AtomicU64, atomic::Ordering::Relaxed},
};

use crate::{DbError, Engine, FromRow, Selection, Statement, Value, engine};

/// One consistent view of the database. Dropping it ends it.
#[derive(Debug)]
pub struct Snapshot {
    conn: Conn,
    /// PostgreSQL refuses everything after an error; SQLite would go on. Both refuse here.
    broken: bool,
    /// How many statements ran, those of every other snapshot of this database included.
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Conn {
    Sqlite(engine::sqlite::Conn),
    Postgres(engine::postgres::Conn),
}

impl Snapshot {
    pub(crate) const fn sqlite(conn: engine::sqlite::Conn, statements: Arc<AtomicU64>) -> Self {
        Self { conn: Conn::Sqlite(conn), broken: false, statements }
    }

    pub(crate) const fn postgres(conn: engine::postgres::Conn, statements: Arc<AtomicU64>) -> Self {
        Self { conn: Conn::Postgres(conn), broken: false, statements }
    }

    /// The engine underneath, for the few texts that must differ.
    pub const fn engine(&self) -> Engine {
        match self.conn {
            Conn::Sqlite(_) => Engine::Sqlite,
            Conn::Postgres(_) => Engine::Postgres,
        }
    }

    /// Every row.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.rows(statement.text(self.engine()), statement.written(), values).await
    }

    /// Every row of a list with its conditions chosen.
    pub async fn list<T: FromRow>(&mut self, selection: Selection) -> Result<Vec<T>, DbError> {
        let text = selection.text(self.engine());
        self.rows(&text, selection.written(), selection.values).await
    }

    /// The first row, where there is one.
    pub async fn maybe<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// The one row that must be there.
    pub async fn one<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<T, DbError> {
        self.maybe(statement, values).await?.ok_or(DbError::NoRow(statement.written()))
    }

    /// The one number that `text` asks for: for what the engines' own catalogues say, each in its way.
    pub(crate) async fn number(&mut self, text: &'static str) -> Result<i64, DbError> {
        let rows: Vec<(i64,)> = self.rows(text, text, Vec::new()).await?;
        rows.first().map(|(number,)| *number).ok_or(DbError::NoRow(text))
    }

    async fn rows<T: FromRow>(
        &mut self,
        text: &str,
        written: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.begin(&values)?;
        let rows = match &mut self.conn {
            Conn::Sqlite(conn) => conn.rows(text, written, values).await?,
            Conn::Postgres(conn) => conn.rows(text, &values).await?,
        };
        self.broken = false;
        rows.iter().map(T::from_row).collect()
    }

    /// Counts a statement that is about to run. The snapshot is broken until its answer is here: one
    /// that is cancelled leaves the connection mid-answer.
    fn begin(&mut self, values: &[Value]) -> Result<(), DbError> {
        if self.broken {
            return Err(DbError::Broken);
        }
        if values.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Err(DbError::Text);
        }
        self.broken = true;
        self.statements.fetch_add(1, Relaxed);
        Ok(())
    }

    /// Whether `text` can be prepared, without running it. For the test over all statements.
    pub async fn check(&mut self, text: &str) -> Result<(), DbError> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.check(text),
            Conn::Postgres(conn) => conn.check(text).await,
        }
    }

    /// How SQLite would go about `text`, a line for each step. For the test that no statement reads
    /// whole tables; PostgreSQL plans by how full its tables are, so it answers nothing.
    pub fn plan(&mut self, text: &str) -> Result<Vec<String>, DbError> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.plan(text),
            Conn::Postgres(_) => Ok(Vec::new()),
        }
    }
}

/// A write. Nothing of it is seen by others, nor kept, until [`Tx::commit`]; dropping it undoes it.
#[derive(Debug)]
pub struct Tx {
    snapshot: Snapshot,
}

impl Tx {
    pub(crate) const fn of(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// Runs a change and says how many rows it touched.
    pub async fn run(&mut self, statement: &'static Statement, values: Vec<Value>) -> Result<u64, DbError> {
        let (touched,): (i64,) = self.snapshot.one(statement, values).await?;
        Ok(touched.unsigned_abs())
    }

    /// Runs a change of which nobody asks what it touched. To PostgreSQL it travels together with
    /// others like it, at the latest before the next question or the commit: thousands of rows cost
    /// a few round trips. What fails fails the transaction, maybe at a later statement.
    pub async fn run_later(
        &mut self,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<(), DbError> {
        let snapshot = &mut self.snapshot;
        let text = statement.text(snapshot.engine());
        snapshot.begin(&values)?;
        match &mut snapshot.conn {
            Conn::Sqlite(conn) => drop(conn.rows(text, statement.written(), values).await?),
            Conn::Postgres(conn) => conn.later(text, values).await?,
        }
        snapshot.broken = false;
        Ok(())
    }

    /// Keeps everything, durably.
    pub async fn commit(self) -> Result<(), DbError> {
        if self.snapshot.broken {
            return Err(DbError::Broken);
        }
        match self.snapshot.conn {
            Conn::Sqlite(conn) => conn.commit().await,
            Conn::Postgres(conn) => conn.commit().await,
        }
    }

    /// Runs a script of several statements, for migrations.
    pub(crate) async fn batch(&mut self, text: &str) -> Result<(), DbError> {
        match &mut self.snapshot.conn {
            Conn::Sqlite(conn) => conn.batch(text).await,
            Conn::Postgres(conn) => conn.batch(text).await,
        }
    }
}

impl Deref for Tx {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }
}
