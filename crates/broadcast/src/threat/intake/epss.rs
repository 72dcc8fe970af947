//! FIRST's exploit prediction scores: kept for every vulnerability, shown on those that are threats,
//! which are sorted anew.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io::{Cursor, Read},
};

use db::DbError;
use formats::{
    CveId, Refusal,
    epss::{self, EpssRow, EpssRows},
    gunzip::Gunzip,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use platform::{
    Actor, App, Tx,
    import::{ImportRemark, Incoming, Report, Taken},
};

use super::{ImportError, UNFOLDED, kept, note, whole};
use crate::{
    source::{self, DocumentId, Source},
    threat::{
        Looks, ThreatId,
        store::{self, Scores},
        tenths,
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
    /// The line on which the file scores the same vulnerability again.
    again: Option<u64>,
}

/// How far ahead of now a file may be dated: no further than the day has begun somewhere.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// So many vulnerabilities of a file are told apart: several times as many as there are.
const TOLD_APART: usize = 2_000_000;

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
    let mut older = Older::default();
    let (again, now) = (bytes.clone(), app.env.now());
    let mut incoming = Incoming::read(Cursor::new(bytes.clone()), move |input| {
        rows(epss::read(Gunzip::new(input, UNFOLDED)), repeated(&again), now)
    });
    while let Some(batch) = incoming.next().await {
        let mut predicted = kept(batch.rows, file, &mut report);
        predicted.retain(|each| {
            let remark = each.remark(file);
            let is_last = remark.is_none();
            if let Some(remark) = remark {
                report.remark(remark);
            }
            is_last
        });
        if !predicted.is_empty() {
            let document = match document {
                Some(document) => document,
                None => *document.insert(source::store::keep(app, Source::Epss, file, &bytes).await?),
            };
            for turn in predicted.chunks(TURN) {
                let mut tx = app.write().await?;
                older.add(store_turn(&mut tx, document, turn, &mut report).await?);
                tx.commit().await?;
            }
        }
        on_progress(batch.bytes);
    }
    if let Some(remark) = older.remark(file) {
        report.remark(remark);
    }
    note(app, actor, Source::Epss, document, &report).await?;
    Ok(report)
}

/// Scores of a file that are passed over, since those of a later day are known.
#[derive(Default)]
struct Older {
    count: u64,
    /// Of which day the file is; empty where it does not say.
    dated: String,
    /// The latest day of those that are known.
    known: String,
}

impl Older {
    fn add(&mut self, other: Self) {
        if other.count > 0 {
            let known = std::mem::take(&mut self.known).max(other.known);
            *self = Self { count: self.count + other.count, dated: other.dated, known };
        }
    }

    /// What to say of them, once for the file.
    fn remark(self, file: &str) -> Option<ImportRemark> {
        let Self { count, dated, known } = self;
        if count == 0 {
            return None;
        }
        let whose = if dated.is_empty() {
            "The file does not say of which day its scores are".to_owned()
        } else {
            format!("The scores are of {dated}")
        };
        let of =
            if count == 1 { "of 1 vulnerability".to_owned() } else { format!("of {count} vulnerabilities") };
        let reason = format!(
            "{whose}, and scores of a later day, up to {known}, are known {of}: those stand as they are."
        );
        Some(ImportRemark { file: file.to_owned(), line: None, path: None, reason })
    }
}

impl Predicted {
    /// What to say of a row after which the file scores the same vulnerability again.
    fn remark(&self, file: &str) -> Option<ImportRemark> {
        let again = self.again?;
        let reason =
            format!("{} is scored again on line {again}: the last of its scores counts.", self.row.cve);
        Some(ImportRemark { file: file.to_owned(), line: Some(self.row.line), path: None, reason })
    }
}

/// The vulnerabilities that a file scores more than once, each with the last line on which it does.
fn repeated(bytes: &[u8]) -> HashMap<CveId, u64> {
    let (mut met, mut repeated) = (HashSet::new(), HashMap::new());
    for row in epss::read(Gunzip::new(Cursor::new(bytes), UNFOLDED)).flatten() {
        if met.contains(&row.cve) {
            repeated.insert(row.cve, row.line);
        } else if met.len() < TOLD_APART {
            met.insert(row.cve);
        }
    }
    repeated
}

/// Why a file is refused as a whole: scores of a day to come would stand before all that follow.
fn is_ahead(dated: Option<Timestamp>, now: Timestamp) -> Option<Refusal> {
    let dated = dated.filter(|dated| dated.duration_since(now) > AHEAD)?;
    let (dated, now) = (TimeZone::UTC.to_datetime(dated).date(), TimeZone::UTC.to_datetime(now).date());
    let reason =
        format!("Its scores are dated {dated}, and today is {now}: nothing of the file is taken in.");
    Some(Refusal::at(1, reason).in_column("score_date"))
}

/// The scores with the file's header, and at the end what is odd about a file that has none.
fn rows<R: Read>(
    mut rows: EpssRows<R>,
    repeated: HashMap<CveId, u64>,
    now: Timestamp,
) -> impl Iterator<Item = Result<Predicted, Refusal>> {
    let mut any = false;
    let mut ended = false;
    std::iter::from_fn(move || {
        let next = if ended { None } else { rows.next() };
        match next {
            Some(row) => {
                any = true;
                let header = rows.header();
                if let Some(refusal) = is_ahead(header.score_date, now) {
                    ended = true;
                    return Some(Err(refusal));
                }
                let model = header.model_version.clone().unwrap_or_default();
                let dated = header.score_date.map(|at| TimeZone::UTC.to_datetime(at).date());
                Some(row.map(|row| {
                    let again = repeated.get(&row.cve).copied().filter(|last| *last > row.line);
                    Predicted { row, model, dated, again }
                }))
            }
            None if any || std::mem::replace(&mut ended, true) => None,
            None => rows.warnings().into_iter().next().map(|warning| Err(Refusal::at(1, warning))),
        }
    })
}

async fn store_turn(
    tx: &mut Tx,
    document: DocumentId,
    turn: &[Predicted],
    report: &mut Report,
) -> Result<Older, DbError> {
    let mut older = Older::default();
    let cves: Vec<String> = turn.iter().map(|each| each.row.cve.to_string()).collect();
    let mut known = store::scores_of(tx, &cves).await?;
    let (mut moved, mut rescored) = (Vec::new(), Vec::new());
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
            Some(before) if before.says(&scores) => Taken::Same,
            Some(before) if before.dated > scores.dated => {
                let (dated, known) = (scores.dated.clone(), before.dated.clone());
                older.add(Older { count: 1, dated, known });
                Taken::PassedOver
            }
            Some(_) => Taken::Changed,
            None => Taken::New,
        };
        report.count(taken);
        if matches!(taken, Taken::New | Taken::Changed) {
            store::score(tx, &cve, &scores, document).await?;
            if known.get(&cve).and_then(|before| before.cvss3) != scores.cvss3 {
                rescored.push(cve.clone());
            }
            moved.push(cve.clone());
            known.insert(cve, scores);
        }
    }
    resort(tx, &moved, &rescored).await?;
    Ok(older)
}

/// Sorts the threats of these vulnerabilities anew; those that are `rescored` have another score in the file.
async fn resort(tx: &mut Tx, moved: &[String], rescored: &[String]) -> Result<(), DbError> {
    let of = store::threats_of(tx, moved).await?;
    let each_once = |cves: &[String]| {
        let threats: BTreeSet<ThreatId> = cves.iter().filter_map(|cve| of.get(cve).copied()).collect();
        threats.into_iter().collect::<Vec<_>>()
    };
    let threats = each_once(moved);
    store::known::hold_these(tx, &threats).await?;
    // What sources say of it goes before the file's score, and is looked up where that matters alone.
    let said = store::said_of(tx, &each_once(rescored)).await?;
    for (threat, looks, rated) in store::looks_of(tx, &threats).await? {
        let score = match said.get(&threat) {
            Some(said) => tenths(said.iter().flat_map(|(_, _, said)| &said.scores), rated),
            None => looks.score,
        };
        let now = Looks { epss: rated.epss, score, ..looks };
        if now != looks {
            let was = now.differs(looks).then_some((Cause::Source(Source::Epss), looks));
            store::look(tx, threat, now, was).await?;
        }
    }
    Ok(())
}
