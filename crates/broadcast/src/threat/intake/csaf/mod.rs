//! CSAF advisories: each vulnerability of a document is a statement of its publisher's.
//!
//! A document has revisions, and the newest is believed in whatever order they come. What it no longer
//! names is withdrawn; what its reader could not read is told and kept with it.

mod exploitation;
mod heard;
pub(crate) mod products;
mod ssvc;

use std::{cmp::Ordering, collections::HashSet, io::Cursor, sync::Arc};

use db::DbError;
use formats::{
    Refusal,
    csaf::{self, Document, Reading, Tracking},
    gunzip::Gunzip,
};
use platform::{
    Actor, App, Tx,
    import::{ImportRemark, Report, Taken},
    uk,
};

use super::{ImportError, Known, UNFOLDED, batch, note};
use crate::{
    source::{
        Beside, Checks, Demand, DocumentId, Findings, Keys, Remark, Source,
        store::{self as documents, Revision},
    },
    threat::store,
};
use heard::Advisory;
pub(crate) use heard::{keys, series};

/// A document that was read, with what checking it came to.
struct Read {
    bytes: Vec<u8>,
    checks: Checks,
    reading: Reading<Document>,
}

/// How a document stands to the revisions of it that came before.
enum Standing {
    /// It is believed from now on, or was already.
    Believed,
    /// It is not, for this reason.
    Late(String),
    /// It is refused, for this reason.
    Refused(String),
}

/// Reads a document, gzip or plain.
pub(crate) fn read(bytes: &[u8]) -> Result<Reading<Document>, Refusal> {
    csaf::read(Gunzip::new(Cursor::new(bytes), UNFOLDED))
}

/// Whether a file may be an advisory. A provider's other JSON files, its feeds and lists, have no
/// document in them; what is no JSON at all may be an advisory that is broken.
pub fn may_be_advisory(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Outermost {
        document: Option<serde::de::IgnoredAny>,
    }
    if bytes.trim_ascii_start().starts_with(b"{") {
        // What is wrong with an object is the reader's to say.
        serde_json::from_slice::<Outermost>(bytes).map_or(true, |outermost| outermost.document.is_some())
    } else {
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err()
    }
}

/// Takes in one document, checked by what lies beside it.
pub async fn take_in(
    app: &App,
    actor: &Actor,
    file: &str,
    bytes: Vec<u8>,
    beside: Beside,
    keys: &Keys,
) -> Result<Report, ImportError> {
    let mut report = Report::of(Source::Csaf.code());
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
    let (called, demand, at) = (name.clone(), keys.demand(), app.env.now());
    let keys = keys.clone();
    let read = blocking(file, move || {
        let checks = beside.check(&called, &bytes, &keys, at)?;
        let reading = read(&bytes)?;
        Ok(Read { bytes, checks, reading })
    });
    let Read { bytes, checks, reading } = match read.await? {
        Ok(read) => read,
        Err(refusal) => {
            report.refuse(file, refusal);
            note(app, actor, Source::Csaf, None, &report).await?;
            return Ok(report);
        }
    };
    let document = documents::keep(app, Source::Csaf, &name, &bytes).await?;
    drop(bytes);
    let findings = findings(checks, &reading);
    for Remark { line, path, reason } in findings.remarks.clone() {
        report.remark(ImportRemark { file: file.to_owned(), line, path, reason });
    }
    report.remarked += reading.remarks.total() - reading.remarks.kept().len() as u64;
    let (standing, advisory) = settle(app, document, reading, findings, demand, file).await?;
    match standing {
        Standing::Late(reason) => {
            for _ in advisory.keys() {
                report.count(Taken::Same);
            }
            report.remark(ImportRemark { file: file.to_owned(), line: None, path: None, reason });
        }
        Standing::Refused(reason) => report.refuse(file, Refusal::at(1, reason)),
        Standing::Believed => state(app, document, Arc::new(advisory), file, &mut report).await?,
    }
    note(app, actor, Source::Csaf, Some(document), &report).await?;
    Ok(report)
}

/// Does on a thread of its own what takes long.
async fn blocking<T: Send + 'static>(
    file: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ImportError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|broken| ImportError::Unreadable {
        file: file.to_owned(),
        error: std::io::Error::other(broken),
    })
}

fn findings(checks: Checks, reading: &Reading<Document>) -> Findings {
    let remark = |remark: &csaf::Remark| Remark {
        line: Some(remark.line),
        path: Some(remark.path.clone()),
        reason: remark.reason.clone(),
    };
    Findings {
        checks,
        remarked: reading.remarks.total(),
        remarks: reading.remarks.kept().iter().map(remark).collect(),
        ..Findings::default()
    }
}

/// Keeps what was found out about a document, and decides whether it is believed.
async fn settle(
    app: &App,
    id: DocumentId,
    reading: Reading<Document>,
    findings: Findings,
    demand: Demand,
    file: &str,
) -> Result<(Standing, Advisory), ImportError> {
    let mut tx = app.write().await?;
    let kept = documents::document(&mut tx, id).await?;
    let kept = kept.ok_or_else(|| DbError::Engine("a document that was kept is gone".to_owned()))?;
    let checks = findings.checks.clone().or(kept.findings()?.checks);
    documents::find(&mut tx, &kept, &heard::title(&reading.document), findings).await?;
    let (series, tracking) = (series(&reading.document), &reading.document.tracking);
    let standing = loop {
        let before = documents::believed(&mut tx, Source::Csaf, &series).await?;
        if let Some(before) = before.as_ref().filter(|before| before.document_id != id) {
            if let Some(reason) = is_late(tracking, before) {
                break Standing::Late(reason);
            }
            if let Some(standing) = unsigned(&mut tx, &checks, before, demand).await? {
                break standing;
            }
        }
        // A longer one is no version; the standard has no use for it.
        let version = tracking.version.clone().filter(|version| version.len() <= 256);
        let now = Revision { document_id: id, version, released_at: tracking.current_release_date };
        let before = before.map(|before| before.document_id);
        if before == Some(id) || documents::believe(&mut tx, Source::Csaf, &series, &now, before).await? {
            break Standing::Believed;
        }
    };
    tx.commit().await?;
    let taken_in = uk::day(kept.taken_in_at);
    Ok((standing, blocking(file, move || Advisory::of(reading, taken_in)).await?))
}

/// How a revision stands where the one before it was signed, and it is not by the same key.
async fn unsigned(
    tx: &mut Tx,
    now: &Checks,
    before: &Revision,
    demand: Demand,
) -> Result<Option<Standing>, DbError> {
    let (standing, instead): (fn(String) -> Standing, _) = match demand {
        Demand::AsBefore => (Standing::Late, "import its file by hand"),
        Demand::AsGiven => (Standing::Refused, "import it without the keys"),
        Demand::Nothing | Demand::Signature => return Ok(None),
    };
    let Some(before) = documents::document(tx, before.document_id).await? else { return Ok(None) };
    let before = before.findings()?.checks;
    Ok(now.lack_signer_of(&before).map(|key| {
        standing(format!(
            "The advisory that is known was signed with the key {key}, and this revision of it is not: it is \
             kept, and changes nothing. If it is meant, {instead}."
        ))
    }))
}

/// Why a revision is not believed: because it is older than the one that is. Of two that cannot be told
/// apart, the one that comes last is.
fn is_late(tracking: &Tracking, before: &Revision) -> Option<String> {
    let known = Tracking { version: before.version.clone(), ..Tracking::default() };
    let by_version = tracking.compare_versions(&known);
    let order = by_version
        .filter(|order| order.is_ne())
        .or_else(|| Some(tracking.current_release_date?.cmp(&before.released_at?)));
    (order == Some(Ordering::Less)).then(|| {
        let version = |version: Option<&String>| version.map_or("without a number", String::as_str).to_owned();
        format!(
            "This is version {} of an advisory of which version {} is known: it is kept, and changes nothing.",
            version(tracking.version.as_ref()),
            version(before.version.as_ref())
        )
    })
}

/// States what a document says, and withdraws what it said in an earlier revision and no longer says.
async fn state(
    app: &App,
    document: DocumentId,
    advisory: Arc<Advisory>,
    file: &str,
    report: &mut Report,
) -> Result<(), ImportError> {
    let statements = advisory.keys().len();
    for from in (0..statements).step_by(batch::TURN) {
        let (turn, reading) = (from..(from + batch::TURN).min(statements), Arc::clone(&advisory));
        let heard = blocking(file, move || reading.heard(turn)).await?;
        let mut tx = app.write().await?;
        if !documents::hold(&mut tx, Source::Csaf, advisory.series(), document).await? {
            return Ok(());
        }
        let mut known = Known::of(&mut tx, Source::Csaf, &heard).await?;
        for heard in &heard {
            report.count(known.take(&mut tx, Source::Csaf, Some(document), heard).await?.1);
        }
        tx.commit().await?;
    }
    let said: HashSet<&String> = advisory.keys().iter().collect();
    let mut tx = app.write().await?;
    let standing = store::standing(&mut tx, Source::Csaf, advisory.series()).await?;
    let gone: Vec<_> = standing.into_iter().filter(|(key, _)| !said.contains(key)).collect();
    if gone.is_empty() || !documents::hold(&mut tx, Source::Csaf, advisory.series(), document).await? {
        return Ok(());
    }
    for turn in gone.chunks(batch::TURN) {
        batch::withdraw(&mut tx, Source::Csaf, turn).await?;
    }
    tx.commit().await?;
    for _ in gone {
        report.count(Taken::Changed);
    }
    Ok(())
}
