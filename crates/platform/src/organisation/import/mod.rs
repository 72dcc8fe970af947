//! Taking in organisations, who answers for whom, and contacts from files.
//!
//! Importing a file again changes only what changed in it. A bad row is refused with its place and
//! the rest goes in; what was in before a failure stays, and the next run goes on from there.

pub mod header;
mod lists;
mod store;
mod told;

use std::{collections::HashMap, io::Read};

use db::DbError;
use formats::{
    Refusal,
    ods::{self, Format, OrganisationRow},
};
use serde_json::json;

use crate::{
    Actor, App, Tx,
    access::{Forbidden, Role},
    import::{Incoming, Report, TURN, Taken},
    log::{self, Entry},
};
pub use lists::{answers, contacts};
use told::Told;

/// Why an import ended before its file did.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("The import stopped, and what was taken in before stays: {0}")]
    Db(#[from] DbError),
}

/// Takes in the organisations of `input`, and calls `on_progress` with the bytes that are done.
///
/// `file` names the file in refusals and in the log. One entry tells of the whole import.
pub async fn organisations(
    app: &App,
    actor: &Actor,
    input: impl Read + Send + 'static,
    file: &str,
    format: Format,
    on_progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, ImportError> {
    actor.require(&[Role::Admin], "import organisations")?;
    let mut report = Report::of("organisations");
    let mut lines = HashMap::new();
    let mut growth = Growth::default();
    let mut incoming = Incoming::read(input, move |input| ods::read(input, format));
    while let Some(batch) = incoming.next().await {
        let mut rows = Vec::with_capacity(batch.rows.len());
        for row in batch.rows {
            match row.and_then(|row| once(&mut lines, row)) {
                Ok(row) => rows.push(Told::of(&row, file)),
                Err(refusal) => report.refuse(file, refusal),
            }
        }
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let mut tx = app.write().await?;
            let done = turn(app, &mut tx, rest, &mut report).await?;
            tx.commit().await?;
            rest = &rest[done..];
        }
        growth.note(app, &report).await?;
        on_progress(batch.bytes);
    }
    finish(app, actor, "organisation.imported", file, incoming.hash().await, &report).await?;
    Ok(report)
}

/// How much an import has added since the engine last looked at its tables.
///
/// PostgreSQL keeps the plans that it made while a table was small: measured, the lookups of 14,303
/// rows took 15 s instead of 0.4. So it is told to look again whenever the rows have doubled.
#[derive(Debug)]
pub struct Growth {
    next_look: u64,
}

impl Default for Growth {
    fn default() -> Self {
        Self { next_look: 500 }
    }
}

impl Growth {
    /// Has the engine look again where the import has doubled what there is.
    pub async fn note(&mut self, app: &App, report: &Report) -> Result<(), DbError> {
        if report.new < self.next_look {
            return Ok(());
        }
        self.next_look = report.new * 2;
        let mut tx = app.write().await?;
        store::look_again(&mut tx).await?;
        tx.commit().await
    }
}

/// Refuses a code that stood in the file before: which of the two is right, nobody here knows.
fn once(lines: &mut HashMap<String, u64>, row: OrganisationRow) -> Result<OrganisationRow, Refusal> {
    let first = *lines.entry(row.code.to_string()).or_insert(row.line);
    if first == row.line {
        Ok(row)
    } else {
        Err(Refusal::at(row.line, format!("The code {} stands on line {first} already.", row.code)))
    }
}

/// Takes in rows until its turn is over; says how many.
async fn turn(app: &App, tx: &mut Tx, rows: &[Told], report: &mut Report) -> Result<usize, DbError> {
    let mut done = 0;
    for group in rows.chunks(store::GROUP) {
        for taken in take(tx, group).await? {
            report.count(taken);
        }
        done += group.len();
        if app.env.now().duration_since(tx.now) > TURN {
            break;
        }
    }
    Ok(done)
}

/// Takes in one group: one statement finds what is known of all of them.
async fn take(tx: &mut Tx, group: &[Told]) -> Result<Vec<Taken>, DbError> {
    let known = store::known(tx, group).await?;
    let mut words = Vec::new();
    let mut all = Vec::with_capacity(group.len());
    for told in group {
        let taken = match known.get(&told.code) {
            Some(known) if known.source_hash == told.hash => Taken::Same,
            Some(known) => {
                store::update(tx, known, told).await?;
                if known.name != told.name || known.postcode != told.postcode {
                    store::forget_words(tx, known.id).await?;
                    words.extend(told.words().map(|word| (word, known.id)));
                }
                Taken::Changed
            }
            None => {
                let id = store::insert(tx, told).await?;
                words.extend(told.words().map(|word| (word, id)));
                Taken::New
            }
        };
        all.push(taken);
    }
    store::insert_words(tx, &words).await?;
    Ok(all)
}

/// Writes the one entry of an import.
async fn finish(
    app: &App,
    actor: &Actor,
    verb: &'static str,
    file: &str,
    hash: [u8; 32],
    report: &Report,
) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let payload = json!({
        "file": file,
        "sha256": data_encoding::HEXLOWER.encode(&hash),
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "refused": report.refused,
    });
    log::write(&mut tx, actor, Entry::new(verb).with(payload)).await?;
    tx.commit().await
}
