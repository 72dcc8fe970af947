//! `changes.csv` (CSAF 2.0, 7.1.13): the path of every document and when it last changed, newest first.

use std::io::Read;

use jiff::Timestamp;
use serde::Serialize;

use super::DocumentPath;
use crate::Refusal;
use crate::csv_rows::CsvRows;
use crate::refusal::excerpt;

/// One document that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The line on which it stands.
    pub line: u64,
    /// Its path. The standard means it from the folder of `changes.csv`; CISA counts from the root
    /// of its repository.
    pub path: DocumentPath,
    /// When it last changed.
    pub date: Timestamp,
}

/// Reads a list of changes, row by row. The standard quotes both fields and CISA neither; each is read.
pub fn changes<R: Read>(input: R) -> Changes<R> {
    Changes { rows: CsvRows::new(input) }
}

/// An iterator over the rows of `changes.csv`.
pub struct Changes<R> {
    rows: CsvRows<R>,
}

impl<R: Read> Iterator for Changes<R> {
    type Item = Result<Change, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        let is_cut = self.rows.is_cut();
        let change = row.and_then(|row| {
            if row.len() != 2 {
                let reason = format!("The row has {} fields; it should have a path and a date.", row.len());
                return Err(Refusal::at(row.line, reason));
            }
            let refuse = |column: u32, reason: String| Refusal::at(row.line, reason).in_column(column);
            let path = DocumentPath::new(row.get(0)).map_err(|error| refuse(1, error.to_string()))?;
            let date = row.get(1).parse().map_err(|_| {
                refuse(2, format!("{} is not a date with a time and an offset.", excerpt(row.get(1))))
            })?;
            Ok(Change { line: row.line, path, date })
        });
        Some(change.map_err(|refusal| if is_cut { refusal.at_the_end() } else { refusal }))
    }
}
