//! A list with a header: which columns it may have, and its rows by the names of their columns.

use std::{io::Read, str::FromStr};

use formats::{
    Refusal,
    csv_rows::{CsvRows, Row},
};
use jiff::civil::Date;

/// The columns of a list, which may stand in any order.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Those that it must have.
    pub required: &'static [&'static str],
    /// Those that it may have.
    pub optional: &'static [&'static str],
}

/// A row of a list: its line, and its cells under the names of their columns.
#[derive(Debug)]
pub struct Line {
    /// Its line in the file, from 1.
    pub number: u64,
    cells: Vec<(&'static str, String)>,
}

impl Line {
    /// The cell of this column; empty where the list has no such column.
    pub fn get(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, cell)| cell)
    }

    /// The refusal of the row for what stands in this column.
    pub fn refuse(&self, column: &'static str, reason: impl Into<String>) -> Refusal {
        Refusal::at(self.number, reason).in_column(column)
    }

    /// The day that stands in this column, where one does.
    pub fn day(&self, column: &'static str) -> Result<Option<Date>, Refusal> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.parse().map_err(|_| self.refuse(column, "The day is not one such as 2026-06-01."))?;
        Ok(Some(day))
    }

    /// The word of a vocabulary that stands in this column; `known` lists its words.
    pub fn word<T: FromStr>(&self, column: &'static str, known: &str) -> Result<T, Refusal> {
        let reason = || self.refuse(column, format!("The {column} is not one of {known}."));
        self.get(column).parse().map_err(|_| reason())
    }
}

impl Header {
    /// The names of the columns as the first row gives them.
    fn read(self, first: &Row) -> Result<Vec<&'static str>, Refusal> {
        let known = || self.required.iter().chain(self.optional).copied();
        let all = || known().collect::<Vec<_>>().join(", ");
        let mut names = Vec::new();
        for cell in first.iter() {
            let name = known().find(|name| name.eq_ignore_ascii_case(cell));
            let name = name.filter(|name| !names.contains(name)).ok_or_else(|| {
                Refusal::at(
                    first.line,
                    format!("The header is not made of these columns, each once: {}.", all()),
                )
            })?;
            names.push(name);
        }
        match self.required.iter().find(|name| !names.contains(name)) {
            Some(missing) => Err(Refusal::at(first.line, format!("The header lacks the column {missing}."))
                .in_column(*missing)),
            None => Ok(names),
        }
    }

    /// The rows below the header; a wrong header is the only refusal.
    pub fn lines<R: Read>(self, input: R) -> impl Iterator<Item = Result<Line, Refusal>> {
        let mut rows = CsvRows::new(input);
        let mut names = None;
        std::iter::from_fn(move || {
            if names.is_none() {
                let header = rows.next()?.and_then(|first| self.read(&first));
                match header {
                    Ok(read) => names = Some(read),
                    Err(refusal) => {
                        names = Some(Vec::new());
                        return Some(Err(refusal));
                    }
                }
            }
            let names = names.as_ref().filter(|names| !names.is_empty())?;
            Some(rows.next()?.and_then(|row| {
                if row.len() != names.len() {
                    let reason =
                        format!("The row has {} columns; the header has {}.", row.len(), names.len());
                    return Err(Refusal::at(row.line, reason));
                }
                let cells = names.iter().copied().zip(row.iter().map(str::to_owned)).collect();
                Ok(Line { number: row.line, cells })
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: Header =
        Header { required: &["answering", "organisation"], optional: &["from", "until", "note"] };

    fn read(text: &'static str) -> Vec<Result<Line, Refusal>> {
        ANSWERS.lines(text.as_bytes()).collect()
    }

    #[test]
    fn columns_stand_in_any_order() {
        let lines = read("note,Organisation,ANSWERING\nwhy,A81001,QHM\n");
        let line = lines[0].as_ref().ok().unwrap();
        assert_eq!(
            (line.number, line.get("answering"), line.get("note"), line.get("from")),
            (2, "QHM", "why", "")
        );
    }

    #[test]
    fn a_wrong_header_is_told_once_and_a_short_row_by_its_line() {
        for text in ["who,whom\nQHM,A81001\n", "answering\nQHM\n", "answering,answering,organisation\n"] {
            let lines = read(text);
            assert_eq!(lines.len(), 1, "{text}");
            assert_eq!(lines[0].as_ref().err().unwrap().line, 1);
        }
        let lines = read("answering,organisation\nQHM\nQHM,A81001\n");
        assert_eq!(lines[0].as_ref().err().unwrap().line, 2);
        assert!(lines[1].is_ok());
    }
}
