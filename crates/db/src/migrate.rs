//! Bringing tables up to date: one text for both engines, numbered within each crate.
//!
//! The types that differ are written in braces and expanded here. A migration that was applied may
//! not change afterwards; its checksum is kept and compared at each start.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::{Db, DbError, Engine, Tx, params, sql};

/// One step of a crate's tables.
#[derive(Debug)]
pub struct Migration {
    /// The crate.
    pub set: &'static str,
    /// Its place within the crate, from 1.
    pub number: u32,
    /// The text, with `{id}`, `{int}`, `{time}`, `{bool}`, `{text}`, `{json}`, `{bytes}` for types,
    /// `{strict}` behind the closing parenthesis of each table, and `{postgres}` before a line that SQLite has no
    /// word for.
    pub text: &'static str,
}

/// What the braces mean on each engine.
///
/// `STRICT` tables of SQLite know neither `BIGINT`, `BOOLEAN` nor `JSONB`, and PostgreSQL's
/// `INTEGER` is too small for microseconds. Text sorts by bytes on both, so that cursors agree.
const TYPES: [(&str, &str, &str); 9] = [
    ("{id}", "BLOB", "UUID"),
    ("{int}", "INTEGER", "BIGINT"),
    ("{time}", "INTEGER", "BIGINT"),
    ("{bool}", "INTEGER", "BOOLEAN"),
    ("{text}", "TEXT", "TEXT COLLATE \"C\""),
    ("{json}", "TEXT", "JSONB"),
    ("{bytes}", "BLOB", "BYTEA"),
    ("{strict}", "STRICT", ""),
    ("{postgres}", "-- ", ""),
];

fn expand(text: &str, engine: Engine) -> String {
    TYPES.iter().fold(text.to_owned(), |text, (name, sqlite, postgres)| {
        text.replace(
            name,
            match engine {
                Engine::Sqlite => sqlite,
                Engine::Postgres => postgres,
            },
        )
    })
}

/// Applies what is missing, in one transaction: a start that fails leaves the tables as they were.
pub(crate) async fn run(db: &Db, sets: &[&[Migration]]) -> Result<(), DbError> {
    let mut tx = db.write().await?;
    lock(&mut tx).await?;
    tx.batch(&expand(
        "CREATE TABLE IF NOT EXISTS migration (
             set_name {text} NOT NULL, number {int} NOT NULL, checksum {bytes} NOT NULL,
             PRIMARY KEY (set_name, number)
         ) {strict}",
        tx.engine(),
    ))
    .await?;
    let applied: Vec<(String, u32, Vec<u8>)> =
        tx.all(sql!("SELECT set_name, number, checksum FROM migration"), params![]).await?;
    let applied: HashMap<_, _> = applied.into_iter().map(|(set, number, sum)| ((set, number), sum)).collect();
    for migration in sets.iter().copied().flatten() {
        let checksum = Sha256::digest(migration.text).to_vec();
        match applied.get(&(migration.set.to_owned(), migration.number)) {
            Some(kept) if *kept == checksum => {}
            Some(_) => {
                return Err(
                    migration.refused("it was changed after it had been applied. Write a new one instead.")
                );
            }
            None => {
                let text = expand(migration.text, tx.engine());
                tx.batch(&text).await.map_err(|error| migration.refused(&error.to_string()))?;
                let statement =
                    sql!("INSERT INTO migration (set_name, number, checksum) VALUES (?1, ?2, ?3)");
                tx.run(statement, params![migration.set, migration.number, checksum]).await?;
            }
        }
    }
    tx.commit().await
}

/// How the tables stand to what this program knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many steps are still to be taken.
    pub ahead: usize,
    /// How many were taken that this program does not know: a newer one was here.
    pub unknown: usize,
}

/// Compares what was applied with `sets`, and changes nothing.
pub(crate) async fn standing(db: &Db, sets: &[&[Migration]]) -> Result<Standing, DbError> {
    let statement = sql!("SELECT set_name, number FROM migration");
    let applied: Vec<(String, u32)> = db.read().await?.all(statement, params![]).await?;
    let known: Vec<_> = sets.iter().copied().flatten().collect();
    let is_known =
        |(set, number): &(String, u32)| known.iter().any(|step| step.set == set && step.number == *number);
    let unknown = applied.iter().filter(|step| !is_known(step)).count();
    Ok(Standing { ahead: known.len() - (applied.len() - unknown), unknown })
}

/// One node at a time. SQLite's write transaction is lock enough.
async fn lock(tx: &mut Tx) -> Result<(), DbError> {
    match tx.engine() {
        Engine::Sqlite => Ok(()),
        // An arbitrary number that stands for "the migrations of this program".
        Engine::Postgres => tx.batch("SELECT pg_advisory_xact_lock(4920170512)").await,
    }
}

impl Migration {
    fn refused(&self, reason: &str) -> DbError {
        DbError::Migration { set: self.set, number: self.number, reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_engine() {
        let text = "CREATE TABLE t (id {id} PRIMARY KEY, at {time} NOT NULL, done {bool}) {strict}";
        assert_eq!(
            expand(text, Engine::Sqlite),
            "CREATE TABLE t (id BLOB PRIMARY KEY, at INTEGER NOT NULL, done INTEGER) STRICT"
        );
        assert_eq!(
            expand(text, Engine::Postgres),
            "CREATE TABLE t (id UUID PRIMARY KEY, at BIGINT NOT NULL, done BOOLEAN) "
        );
    }
}
