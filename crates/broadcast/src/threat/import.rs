//! Taking in CISA's catalogue of known exploited vulnerabilities.
//!
//! The file is kept as it came before anything is believed of it. An entry that says what it said
//! before changes nothing; one that says something else supersedes its statement and redraws the
//! threat.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use db::DbError;
use formats::{
    Refusal,
    kev::{self, KevEntries, KevEntry},
};
use platform::{
    Actor, App, Tx,
    blob::BlobError,
    import::{Incoming, Report, TURN, Taken},
    log::{self, Entry},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Picture, Said, ThreatId,
    store::{self, Known, NewStatement},
};
use crate::source::{self, DocumentId, Source};

/// The largest catalogue, in bytes, held in memory once so that it can be kept verbatim: the real
/// one has 1.4 MB after four years.
const LARGEST: u64 = 32 * 1024 * 1024;

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

/// Takes in a catalogue. `on_progress` is told how many of its bytes were dealt with.
pub async fn kev<I: Read + Send + 'static>(
    app: &App,
    actor: &Actor,
    input: I,
    file: &str,
    on_progress: impl Fn(u64),
) -> Result<Report, ImportError> {
    let mut report = Report::of("kev");
    let Some(bytes) = whole(input, file).await? else {
        let mb = LARGEST / 1024 / 1024;
        report.refuse(
            file,
            Refusal::at(1, format!("The file is larger than {mb} MB, so it is not the KEV catalogue.")),
        );
        return Ok(report);
    };
    let mut document = None;
    let mut incoming = Incoming::read(Cursor::new(bytes.clone()), |input| Catalogue {
        entries: kev::read(input),
        refused: false,
        ended: false,
    });
    while let Some(batch) = incoming.next().await {
        let mut entries = Vec::with_capacity(batch.rows.len());
        for row in batch.rows {
            match row {
                Ok(entry) => entries.push(entry),
                Err(refusal) => report.refuse(file, refusal),
            }
        }
        if document.is_none() && !entries.is_empty() {
            document = Some(source::store::keep(app, Source::Kev, file, &bytes).await?);
        }
        if let Some(document) = document {
            take_in(app, document, &entries, &mut report).await?;
        }
        on_progress(batch.bytes);
    }
    let mut tx = app.write().await?;
    let entry = Entry::new("source.imported").with(json!({
        "source": Source::Kev.code(), "document": document, "new": report.new, "changed": report.changed,
        "same": report.same, "refused": report.refused,
    }));
    log::write(&mut tx, actor, entry).await?;
    tx.commit().await?;
    Ok(report)
}

/// The file in memory; `None` where it is too large.
async fn whole<I: Read + Send + 'static>(input: I, file: &str) -> Result<Option<Vec<u8>>, ImportError> {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        input.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = match read.await {
        Ok(read) => read,
        Err(broken) => Err(std::io::Error::other(broken)),
    };
    let bytes = bytes.map_err(|error| ImportError::Unreadable { file: file.to_owned(), error })?;
    Ok(u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST).then_some(bytes))
}

/// The entries, and at the end what is odd about a catalogue of which every entry was read.
struct Catalogue<R> {
    entries: KevEntries<R>,
    refused: bool,
    ended: bool,
}

impl<R: Read> Iterator for Catalogue<R> {
    type Item = Result<KevEntry, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.entries.next() {
            self.refused |= entry.is_err();
            return Some(entry);
        }
        if std::mem::replace(&mut self.ended, true) || self.refused {
            return None;
        }
        self.entries.warnings().into_iter().next().map(|warning| Err(Refusal::at(1, warning)))
    }
}

/// Stores a batch, in as many transactions as it takes to let others write in between.
async fn take_in(
    app: &App,
    document: DocumentId,
    entries: &[KevEntry],
    report: &mut Report,
) -> Result<(), DbError> {
    let mut left = entries.iter().peekable();
    while left.peek().is_some() {
        let mut tx = app.write().await?;
        let until = tx.now + TURN;
        let mut known = KnownEntries::of(&mut tx, entries).await?;
        while app.env.now() <= until
            && let Some(entry) = left.next()
        {
            report.count(take_one(&mut tx, document, entry, &mut known).await?);
        }
        tx.commit().await?;
    }
    Ok(())
}

/// What was known about a batch before it came: two statements for all of it.
struct KnownEntries {
    statements: HashMap<String, Known>,
    threats: HashMap<String, ThreatId>,
}

impl KnownEntries {
    async fn of(tx: &mut Tx, entries: &[KevEntry]) -> Result<Self, DbError> {
        let keys: Vec<String> = entries.iter().map(|entry| entry.cve.to_string()).collect();
        let (Some(from), Some(to)) = (keys.iter().min(), keys.iter().max()) else {
            return Ok(Self { statements: HashMap::new(), threats: HashMap::new() });
        };
        Ok(Self {
            statements: store::known(tx, Source::Kev, from, to).await?,
            threats: store::threats_of(tx, from, to).await?,
        })
    }
}

async fn take_one(
    tx: &mut Tx,
    document: DocumentId,
    entry: &KevEntry,
    known: &mut KnownEntries,
) -> Result<Taken, DbError> {
    let key = entry.cve.to_string();
    let hash: [u8; 32] = Sha256::digest(&entry.verbatim).into();
    let before = known.statements.get(&key);
    if before.is_some_and(|before| before.hash == hash) {
        return Ok(Taken::Same);
    }
    let said = Said::of_kev(entry);
    let threat = before.map(|before| before.threat).or_else(|| known.threats.get(&key).copied());
    let taken = if before.is_some() { Taken::Changed } else { Taken::New };
    if taken == Taken::Changed {
        store::supersede(tx, Source::Kev, &key).await?;
    }
    let statement = |threat| NewStatement {
        threat,
        source: Source::Kev,
        key: &key,
        document: Some(document),
        verbatim: &entry.verbatim,
        hash,
        said: &said,
    };
    let threat = add(tx, threat, &said, Source::Kev, statement).await?;
    known.threats.insert(key.clone(), threat);
    known.statements.insert(key, Known { threat, hash: hash.to_vec() });
    Ok(taken)
}

/// Adds a statement to the threat it is about, or to a new one, and redraws the threat.
pub(super) async fn add<'a>(
    tx: &mut Tx,
    threat: Option<ThreatId>,
    said: &Said,
    source: Source,
    statement: impl FnOnce(ThreatId) -> NewStatement<'a>,
) -> Result<ThreatId, DbError> {
    let mut all = match threat {
        Some(threat) => store::said(tx, threat).await?,
        None => Vec::new(),
    };
    all.push((source, said.clone()));
    let picture = Picture::of(&all).ok_or_else(|| DbError::Engine("a threat of no statement".to_owned()))?;
    let id = match threat {
        Some(threat) => threat,
        None => store::insert(tx, &picture).await?,
    };
    store::tie(tx, id, &said.cves).await?;
    store::state(tx, &statement(id)).await?;
    if threat.is_some() {
        store::redraw(tx, id, &picture).await?;
    }
    Ok(id)
}
