//! FIRST's exploit prediction scores: kept for every vulnerability, shown on those that are threats,
//! which are sorted anew.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use db::DbError;
use formats::{
    Refusal,
    epss::{self, EpssRow, EpssRows},
    gunzip::Gunzip,
};
use jiff::{civil::Date, tz::TimeZone};
use platform::{
    Actor, App, Tx,
    import::{Incoming, Report, Taken},
};

use super::{ImportError, UNFOLDED, kept, note, whole};
use crate::{
    source::{self, DocumentId, Source},
    threat::{
        Looks,
        store::{self, Scores},
    },
    triage::Cause,
};

/// Scores that are stored in one transaction: some milliseconds.
const TURN: usize = 512;

/// A score with what the file says of all of them.
struct Predicted {
    row: EpssRow,
    model: String,
    dated: Option<Date>,
}

/// Takes in a file of scores. Of two files the one of the later day is believed, in whichever order
/// they come; one that names no day, before none that does.
pub(super) async fn take_in<I: Read + Send + 'static>(
    app: &App,
    actor: &Actor,
    input: I,
    file: &str,
    on_progress: impl Fn(u64),
) -> Result<Report, ImportError> {
    let mut report = Report::of(Source::Epss.code());
    let Some(bytes) = whole(input, file, &mut report).await? else { return Ok(report) };
    let mut document = None;
    let mut incoming =
        Incoming::read(Cursor::new(bytes.clone()), |input| rows(epss::read(Gunzip::new(input, UNFOLDED))));
    while let Some(batch) = incoming.next().await {
        let predicted = kept(batch.rows, file, &mut report);
        if !predicted.is_empty() {
            let document = match document {
                Some(document) => document,
                None => *document.insert(source::store::keep(app, Source::Epss, file, &bytes).await?),
            };
            for turn in predicted.chunks(TURN) {
                let mut tx = app.write().await?;
                store_turn(&mut tx, document, turn, &mut report).await?;
                tx.commit().await?;
            }
        }
        on_progress(batch.bytes);
    }
    note(app, actor, Source::Epss, document, &report).await?;
    Ok(report)
}

/// The scores with the file's header, and at the end what is odd about a file that has none.
fn rows<R: Read>(mut rows: EpssRows<R>) -> impl Iterator<Item = Result<Predicted, Refusal>> {
    let mut any = false;
    let mut ended = false;
    std::iter::from_fn(move || match rows.next() {
        Some(row) => {
            any = true;
            let header = rows.header();
            let model = header.model_version.clone().unwrap_or_default();
            let dated = header.score_date.map(|at| TimeZone::UTC.to_datetime(at).date());
            Some(row.map(|row| Predicted { row, model, dated }))
        }
        None if any || std::mem::replace(&mut ended, true) => None,
        None => rows.warnings().into_iter().next().map(|warning| Err(Refusal::at(1, warning))),
    })
}

async fn store_turn(
    tx: &mut Tx,
    document: DocumentId,
    turn: &[Predicted],
    report: &mut Report,
) -> Result<(), DbError> {
    let cves: Vec<String> = turn.iter().map(|each| each.row.cve.to_string()).collect();
    let mut known = store::scores_of(tx, &cves).await?;
    let mut moved = HashMap::new();
    for (each, cve) in turn.iter().zip(cves) {
        let EpssRow { epss, percentile, cvss3, .. } = each.row;
        let scores = Scores {
            score: epss.billionths(),
            percentile: percentile.billionths(),
            cvss3: cvss3.map(|score| score.tenths().into()),
            model: each.model.clone(),
            dated: each.dated.map(|day| day.to_string()).unwrap_or_default(),
        };
        let taken = match known.get(&cve) {
            Some(before) if before.dated > scores.dated || before.says(&scores) => Taken::Same,
            Some(_) => Taken::Changed,
            None => Taken::New,
        };
        report.count(taken);
        if taken != Taken::Same {
            store::score(tx, &cve, &scores, document).await?;
            moved.insert(cve.clone(), scores.score);
            known.insert(cve, scores);
        }
    }
    resort(tx, &moved).await
}

/// Sorts the threats of these vulnerabilities anew.
async fn resort(tx: &mut Tx, moved: &HashMap<String, u32>) -> Result<(), DbError> {
    let cves: Vec<String> = moved.keys().cloned().collect();
    let mut threats: Vec<_> = store::threats_of(tx, &cves).await?.into_values().collect();
    threats.sort_unstable();
    threats.dedup();
    store::known::hold_these(tx, &threats).await?;
    for (threat, looks, epss) in store::looks_of(tx, &threats).await? {
        let now = Looks { epss, ..looks };
        if now != looks {
            let was = now.differs(looks).then_some((Cause::Source(Source::Epss), looks));
            store::look(tx, threat, now, was).await?;
        }
    }
    Ok(())
}
