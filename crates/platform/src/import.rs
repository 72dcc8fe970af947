//! Taking in files from outside: read on a blocking thread, handed over in batches, reported.
//!
//! Whatever is imported, a bad row is refused with its place and the rest goes in. Memory is
//! bounded however large or broken the file is.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
};

use formats::{Column, Refusal};
use jiff::SignedDuration;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};

/// Rows that are read before they are handed over.
const BATCH: usize = 1_000;
/// Bytes of rows, where these are weighed, that are read before they are handed over.
const HEAVY: usize = 4 * 1024 * 1024;
/// Batches that wait while one is stored.
const WAITING: usize = 2;
/// A writing transaction of an import ends after this, so that others get their turn.
pub const TURN: SignedDuration = SignedDuration::from_millis(50);
/// Refusals, and remarks, that are told one by one; further ones are only counted.
const TOLD: usize = 10_000;

/// What became of an import; as JSON it is what `import … --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was imported: `organisations`, `kev`.
    pub kind: &'static str,
    /// Rows that were not known.
    pub new: u64,
    /// Rows that said something else than before.
    pub changed: u64,
    /// Rows that said what was known.
    pub same: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Which and why: the first 10,000.
    pub refusals: Vec<ImportRefusal>,
    /// Rows that were read and change nothing, though they do not say what is known: a number that was
    /// rejected before it was a threat here, a score of an earlier day. It stands in the JSON where there is some.
    #[serde(skip_serializing_if = "is_none")]
    pub passed_over: u64,
    /// What was taken in and yet deserves a word, such as a part that could not be read. It stands in
    /// the JSON, as `remarks` does, where there is some.
    #[serde(skip_serializing_if = "is_none")]
    pub remarked: u64,
    /// What that is: the first 10,000.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<ImportRemark>,
    /// Where and why a file was read no further, though it has not ended: what stands behind is not known.
    #[serde(skip)]
    pub broken_off: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// One row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportRefusal {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, where one can be named.
    pub column: Option<Column>,
    /// A sentence for the person who has to mend the file.
    pub reason: String,
}

/// Something to know about a file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportRemark {
    /// The file's name, or the folder's.
    pub file: String,
    /// The line, from 1, where it is about one.
    pub line: Option<u64>,
    /// The part of the document, such as `/vulnerabilities/0/cve`, where it is about one.
    pub path: Option<String>,
    /// A sentence.
    pub reason: String,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was not known.
    New,
    /// It said something else than before.
    Changed,
    /// It said what was known.
    Same,
    /// It is not to be known, or what is known is later.
    PassedOver,
}

impl Report {
    /// An import of `kind` that has read nothing yet.
    pub const fn of(kind: &'static str) -> Self {
        Self {
            kind,
            new: 0,
            changed: 0,
            same: 0,
            refused: 0,
            refusals: Vec::new(),
            passed_over: 0,
            remarked: 0,
            remarks: Vec::new(),
            broken_off: None,
        }
    }

    /// Counts a row.
    pub const fn count(&mut self, taken: Taken) {
        match taken {
            Taken::New => self.new += 1,
            Taken::Changed => self.changed += 1,
            Taken::Same => self.same += 1,
            Taken::PassedOver => self.passed_over += 1,
        }
    }

    /// Notes a refusal.
    pub fn refuse(&mut self, file: &str, refusal: Refusal) {
        self.refused += 1;
        if refusal.is_end {
            self.broken_off.get_or_insert_with(|| format!("line {}: {}", refusal.line, refusal.reason));
        }
        if self.refusals.len() < TOLD {
            let Refusal { line, column, reason, .. } = refusal;
            self.refusals.push(ImportRefusal { file: file.to_owned(), line, column, reason });
        }
    }

    /// Notes the refusal of one whole document, of which several things are wrong.
    pub fn refuse_whole(&mut self, file: &str, refusals: impl IntoIterator<Item = Refusal>) {
        let before = self.refused;
        for refusal in refusals {
            self.refuse(file, refusal);
        }
        self.refused = before + 1;
    }

    /// Notes something to know.
    pub fn remark(&mut self, remark: ImportRemark) {
        self.remarked += 1;
        if self.remarks.len() < TOLD {
            self.remarks.push(remark);
        }
    }

    /// Adds what became of another file: several files are summed.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        self.passed_over += other.passed_over;
        self.refused += other.refused;
        let room = TOLD.saturating_sub(self.refusals.len());
        self.refusals.extend(other.refusals.into_iter().take(room));
        self.remarked += other.remarked;
        let room = TOLD.saturating_sub(self.remarks.len());
        self.remarks.extend(other.remarks.into_iter().take(room));
        self.broken_off = self.broken_off.take().or(other.broken_off);
    }
}

/// A file on its way in.
#[derive(Debug)]
pub struct Incoming<T> {
    batches: mpsc::Receiver<Batch<T>>,
    reading: JoinHandle<[u8; 32]>,
}

/// Some rows of a file, in its order.
#[derive(Debug)]
pub struct Batch<T> {
    /// The rows, or why one was refused.
    pub rows: Vec<Result<T, Refusal>>,
    /// How many bytes of the file were read so far, for a progress bar.
    pub bytes: u64,
}

impl<T: Send + 'static> Incoming<T> {
    /// Begins to read `input` on a blocking thread, row by row as `parse` gives them.
    pub fn read<I, P, Rows>(input: I, parse: P) -> Self
    where
        I: Read + Send + 'static,
        P: FnOnce(Watched<I>) -> Rows + Send + 'static,
        Rows: Iterator<Item = Result<T, Refusal>>,
    {
        Self::read_weighed(input, parse, |_| 0)
    }

    /// The same where single rows may be long: fewer of these are handed over at once. `weigh` says how
    /// many bytes one takes.
    pub fn read_weighed<I, P, Rows>(input: I, parse: P, weigh: fn(&T) -> usize) -> Self
    where
        I: Read + Send + 'static,
        P: FnOnce(Watched<I>) -> Rows + Send + 'static,
        Rows: Iterator<Item = Result<T, Refusal>>,
    {
        let (sender, batches) = mpsc::channel(WAITING);
        let reading = tokio::task::spawn_blocking(move || {
            let seen = Rc::new(RefCell::new(Seen { hash: Sha256::new(), bytes: 0 }));
            let mut rows = parse(Watched { input, seen: Rc::clone(&seen) });
            loop {
                let (rows, last) = batch(&mut rows, weigh);
                let bytes = seen.borrow().bytes;
                if sender.blocking_send(Batch { rows, bytes }).is_err() || last {
                    break;
                }
            }
            seen.borrow().hash.clone().finalize().into()
        });
        Self { batches, reading }
    }

    /// The next rows; `None` at the end.
    pub async fn next(&mut self) -> Option<Batch<T>> {
        self.batches.recv().await
    }

    /// The SHA-256 of what was read, once there is no next batch.
    pub async fn hash(self) -> [u8; 32] {
        // The reader panics only by a defect of ours; the rows before it are in all the same.
        self.reading.await.unwrap_or_default()
    }
}

/// The next rows, and whether they are the last.
fn batch<T, E>(
    rows: &mut impl Iterator<Item = Result<T, E>>,
    weigh: fn(&T) -> usize,
) -> (Vec<Result<T, E>>, bool) {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH && bytes < HEAVY {
        let Some(row) = rows.next() else { return (batch, true) };
        bytes += row.as_ref().map_or(0, weigh);
        batch.push(row);
    }
    (batch, false)
}

/// A reader that knows how much passed through it, and its hash.
#[derive(Debug)]
pub struct Watched<I> {
    input: I,
    seen: Rc<RefCell<Seen>>,
}

#[derive(Debug)]
struct Seen {
    hash: Sha256,
    bytes: u64,
}

impl<I: Read> Read for Watched<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let mut seen = self.seen.borrow_mut();
        seen.hash.update(&buffer[..count]);
        seen.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_the_line_that_the_command_prints() {
        let mut report = Report::of("organisations");
        report.count(Taken::New);
        report.refuse("a.csv", Refusal::at(3, "The row has no code.").in_column(1));
        let mut sum = report.clone();
        sum.add(report);
        assert_eq!(
            serde_json::to_string(&sum).unwrap(),
            r#"{"kind":"organisations","new":2,"changed":0,"same":0,"refused":2,"refusals":[{"file":"a.csv","line":3,"column":1,"reason":"The row has no code."},{"file":"a.csv","line":3,"column":1,"reason":"The row has no code."}]}"#
        );
    }

    #[test]
    fn few_long_rows_or_many_short_ones_are_handed_over_at_once() {
        let mut rows = std::iter::repeat_n(Ok::<_, ()>(HEAVY / 2), 5);
        let sizes = std::iter::from_fn(|| {
            let (rows, last) = batch(&mut rows, |row| *row);
            (!rows.is_empty()).then_some((rows.len(), last))
        });
        assert_eq!(sizes.take(9).collect::<Vec<_>>(), [(2, false), (2, false), (1, true)]);
        let mut rows = std::iter::repeat_n(Ok::<_, ()>(1), BATCH + 1);
        assert_eq!(batch(&mut rows, |row| *row).0.len(), BATCH);
        assert_eq!(batch(&mut rows, |row| *row).0.len(), 1);
    }

    #[test]
    fn remarks_follow_what_was_there_before_them() {
        let mut report = Report::of("csaf");
        report.count(Taken::New);
        let reason = "This is a number, not a text.".to_owned();
        let path = Some("/document/title".to_owned());
        report.remark(ImportRemark { file: "a.json".to_owned(), line: Some(2), path, reason });
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"kind":"csaf","new":1,"changed":0,"same":0,"refused":0,"refusals":[],"remarked":1,"remarks":[{"file":"a.json","line":2,"path":"/document/title","reason":"This is a number, not a text."}]}"#
        );
        let mut sum = Report::of("csaf");
        for _ in 0..2 * TOLD {
            sum.add(report.clone());
        }
        assert_eq!((sum.remarked, sum.remarks.len(), sum.refused), (20_000, TOLD, 0));
    }

    #[test]
    fn refusals_are_bounded_and_all_counted() {
        let mut report = Report::of("organisations");
        for line in 0..30_000 {
            report.refuse("a.csv", Refusal::at(line, "Bad."));
        }
        assert_eq!((report.refused, report.refusals.len()), (30_000, TOLD));
    }

    #[tokio::test]
    async fn a_file_comes_in_batches_with_its_hash() {
        let parse = |mut input: Watched<&'static [u8]>| {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).unwrap();
            bytes.into_iter().map(Ok)
        };
        let mut incoming = Incoming::read([7_u8; 2_500].as_slice(), parse);
        let mut counts = Vec::new();
        while let Some(batch) = incoming.next().await {
            assert_eq!(batch.bytes, 2_500);
            counts.push(batch.rows.len());
        }
        assert_eq!(counts, [1_000, 1_000, 500]);
        assert_eq!(incoming.hash().await, <[u8; 32]>::from(Sha256::digest([7_u8; 2_500])));
    }
}
