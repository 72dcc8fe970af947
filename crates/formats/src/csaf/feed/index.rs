//! `index.txt` (CSAF 2.0, 7.1.12): the path of every document, one a line.

use std::io::Read;

use super::DocumentPath;
use crate::Refusal;
use crate::csv_rows::CsvRows;

/// Reads a list of paths, line by line. Blank lines are passed over.
pub fn index<R: Read>(input: R) -> Index<R> {
    Index { rows: CsvRows::new(input) }
}

/// An iterator over the paths in `index.txt`. Lines are read as rows of one field, which gives them the
/// same limits; no path that is followed holds a quotation mark, and a comma makes it two fields.
pub struct Index<R> {
    rows: CsvRows<R>,
}

impl<R: Read> Iterator for Index<R> {
    type Item = Result<DocumentPath, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.rows.next()?.and_then(|row| {
            let path = row.iter().collect::<Vec<_>>().join(",");
            DocumentPath::new(&path).map_err(|error| Refusal::at(row.line, error.to_string()))
        }))
    }
}
