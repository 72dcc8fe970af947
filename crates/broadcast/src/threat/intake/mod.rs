//! Taking in what sources publish, whatever its format.
//!
//! A document is kept as it came before anything is believed of it. A statement that says what it
//! said before changes nothing; one that says something else supersedes what its source said, and
//! the threat is redrawn from all that stand.

pub mod api;
mod batch;
mod called;
pub mod csaf;
mod cve;
pub mod epss;
mod kev;
mod news;
mod rejected;
pub mod stix;

use std::io::{Cursor, Read};

use db::DbError;
use formats::{
    Refusal,
    gunzip::{Gunzip, Limits},
};
use jiff::civil::Date;
use platform::{
    Actor, App, Tx,
    blob::BlobError,
    import::{ImportRemark, Incoming, Report, Taken},
    log::{self, Entry},
    uk,
};
use serde_json::json;

use super::{Said, ThreatId};
use crate::source::{self, Beside, DocumentId, Findings, Keys, Source};
pub(super) use batch::Known;
use rejected::Void;

/// The largest document, in bytes, held in memory once so that it can be kept verbatim: FIRST's file
/// of a day has 9 MB plain, CISA's catalogue 1.4 MB, the largest of CISA's advisories 4 MB.
pub const LARGEST: u64 = 64 * 1024 * 1024;
/// What a compressed one may unfold to. Its rows stream by and are never held together.
const UNFOLDED: Limits = Limits { bytes: 2 * 1024 * 1024 * 1024, ratio: 200 };

/// Why an import stopped. Bad entries do not stop it: they are refused one by one.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {error}")]
    Unreadable {
        /// The file's name.
        file: String,
        /// What the machine says.
        error: std::io::Error,
    },
    /// The document cannot be kept.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// One thing that a document says, as its reader hands it over.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// What its source calls it, so that what it says next takes this one's place.
    pub key: String,
    /// It, word for word.
    pub verbatim: String,
    /// What was read from it.
    pub said: Said,
}

/// Lets a threat leave the queue of which no more is said than that its maker has taken it back.
pub(crate) async fn leave_if_revoked(
    tx: &mut Tx,
    threat: ThreatId,
    all: &[(Source, String, Said)],
) -> Result<(), DbError> {
    match (rejected::void(all), all.first()) {
        (Some(void @ Void::Revoked), Some((_, _, said))) => rejected::dismiss(tx, threat, void, said).await,
        _ => Ok(()),
    }
}

/// A text without blanks around it, ended with an ellipsis where it is longer.
fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// What a document says, or why a part of it was refused.
type Rows = Box<dyn Iterator<Item = Result<Heard, Refusal>>>;

/// Reads a document; what is dated nowhere is of the day given.
type Reader = fn(Box<dyn Read>, Date) -> Rows;

/// How documents of a source are read.
fn reader(source: Source) -> Option<Reader> {
    match source {
        Source::Kev => Some(|input, _| Box::new(kev::read(input))),
        Source::Cve => Some(|input, _| Box::new(cve::read(input))),
        Source::News => Some(|input, today| Box::new(news::read(input, today))),
        // EPSS makes no threats, CSAF has revisions, STIX objects name each other; nobody imports what is
        // written here.
        Source::Csaf | Source::Stix | Source::Epss | Source::Hand => None,
    }
}

/// Takes in a document of `source`, gzip or plain. `on_progress` is told how many of its bytes were
/// dealt with.
pub async fn take_in<I: Read + Send + 'static>(
    app: &App,
    actor: &Actor,
    source: Source,
    input: I,
    file: &str,
    on_progress: impl Fn(u64),
) -> Result<Report, ImportError> {
    if source == Source::Epss {
        return epss::take_in(app, actor, input, file, on_progress).await;
    }
    if source == Source::Csaf {
        let mut report = Report::of(source.code());
        let Some(bytes) = whole(input, file, &mut report).await? else { return Ok(report) };
        return csaf::take_in(app, actor, file, bytes, Beside::default(), &Keys::default()).await;
    }
    if source == Source::Stix {
        return stix::take_in(app, actor, input, file, on_progress).await;
    }
    let mut report = Report::of(source.code());
    let Some(read) = reader(source) else {
        report.refuse(file, Refusal::at(1, format!("No documents are taken in of: {}.", source.label())));
        return Ok(report);
    };
    let Some(bytes) = whole(input, file, &mut report).await? else { return Ok(report) };
    let mut document = None;
    let today = uk::day(app.env.now());
    let mut incoming = Incoming::read(Cursor::new(bytes.clone()), move |input| {
        read(Box::new(Gunzip::new(input, UNFOLDED)), today)
    });
    while let Some(batch) = incoming.next().await {
        let heard = kept(batch.rows, file, &mut report);
        if !heard.is_empty() {
            let document = match document {
                Some(document) => document,
                None => *document.insert(source::store::keep(app, source, file, &bytes).await?),
            };
            store(app, source, document, &heard, file, &mut report).await?;
        }
        on_progress(batch.bytes);
    }
    note(app, actor, source, document, &report).await?;
    Ok(report)
}

/// The rows that were read; the others are refused.
fn kept<T>(rows: Vec<Result<T, Refusal>>, file: &str, report: &mut Report) -> Vec<T> {
    let read = |row: Result<T, Refusal>| row.map_err(|refusal| report.refuse(file, refusal)).ok();
    rows.into_iter().filter_map(read).collect()
}

/// The file in memory; `None`, and refused, where it is too large.
async fn whole<I: Read + Send + 'static>(
    input: I,
    file: &str,
    report: &mut Report,
) -> Result<Option<Vec<u8>>, ImportError> {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        input.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = match read.await {
        Ok(read) => read,
        Err(broken) => Err(std::io::Error::other(broken)),
    };
    let bytes = bytes.map_err(|error| ImportError::Unreadable { file: file.to_owned(), error })?;
    if bytes.len() as u64 > LARGEST {
        let mb = LARGEST / 1024 / 1024;
        report.refuse(file, Refusal::at(1, format!("The file is larger than the {mb} MB that are taken.")));
        return Ok(None);
    }
    Ok(Some(bytes))
}

/// Stores what was heard, in as many transactions as it takes to let others write in between.
async fn store(
    app: &App,
    source: Source,
    document: DocumentId,
    heard: &[Heard],
    file: &str,
    report: &mut Report,
) -> Result<(), DbError> {
    for turn in heard.chunks(batch::TURN) {
        let mut tx = app.write().await?;
        let mut known = Known::of(&mut tx, source, turn).await?;
        for heard in turn {
            if let Some(reason) = known.is_late(source, heard) {
                report.count(Taken::Same);
                report.remark(ImportRemark { file: file.to_owned(), line: None, path: None, reason });
                continue;
            }
            report.count(known.take(&mut tx, source, Some(document), heard).await?.1);
        }
        tx.commit().await?;
    }
    Ok(())
}

/// One entry of the log for the whole document, with which is kept what came of it.
async fn note(
    app: &App,
    actor: &Actor,
    source: Source,
    document: Option<DocumentId>,
    report: &Report,
) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let mut entry = Entry::new("source.imported").with(json!({
        "source": source.code(), "document": document, "new": report.new, "changed": report.changed,
        "same": report.same, "refused": report.refused, "passed_over": report.passed_over,
    }));
    if let Some(document) = document {
        entry = entry.about_a("document", document.0);
        if source != Source::Csaf {
            source::store::report(&mut tx, document, &Findings::of(report)).await?;
        }
    }
    log::write(&mut tx, actor, entry).await?;
    tx.commit().await
}
