//! Rows of a CSV document, read one at a time in bounded memory.
//!
//! A row takes at most 64 KiB, 32 lines and 256 fields. One that takes more, or whose quotes are
//! never closed, is refused with its line, and reading goes on at the line below: a stray quote
//! costs one row, not the rest of the file.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use crate::refusal::Refusal;
use crate::windows_1252;

/// The longest row, in bytes: no real one comes near 2 KiB.
pub const LONGEST_ROW: usize = 64 * 1024;
/// The most lines that one row may span through line breaks inside quotes. It also bounds how
/// often a line can be read again after a stray quote.
pub const MOST_LINES: usize = 32;
/// The most fields in one row.
pub const MOST_FIELDS: usize = 256;

/// How the bytes of a row were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As UTF-8, which they were.
    Utf8,
    /// As Windows-1252, since they were not UTF-8: spreadsheets on Windows still write it.
    Windows1252,
}

/// One row: its fields, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// How its bytes were read.
    pub encoding: Encoding,
    fields: Vec<String>,
}

impl Row {
    /// The field at `index`, from 0, without the spaces around it; empty where there is none.
    pub fn get(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", |field| field.trim())
    }

    /// How many fields the row has.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether the row has no field, which no row that was read has.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields, without the spaces around them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.trim())
    }
}

/// An iterator over the rows of a document. Blank lines are passed over; a byte order mark at
/// the start is dropped. A document without any row is refused once: whoever hands it in meant another.
pub struct CsvRows<R> {
    lines: Lines<R>,
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    any: bool,
}

impl<R: Read> CsvRows<R> {
    /// Reads `input` row by row.
    pub fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
            parser: ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build(),
            text: vec![0; LONGEST_ROW + 1],
            ends: vec![0; MOST_FIELDS],
            any: false,
        }
    }

    /// Whether the row that came last is the document's last one and has no end: what was cut short stands there,
    /// where that row is refused.
    pub fn is_cut(&self) -> bool {
        self.lines.is_unended && self.lines.waiting.is_empty()
    }

    fn read_row(&mut self) -> Option<Result<Row, Refusal>> {
        let first = loop {
            match self.lines.next()? {
                Ok(line) if line.bytes.iter().all(|b| matches!(b, b'\n' | b'\r')) => {}
                Ok(line) => break line,
                Err(refusal) => return Some(Err(refusal)),
            }
        };
        Some(self.read_row_from(first))
    }

    /// Gives the parser line after line until it has a whole row.
    fn read_row_from(&mut self, first: Line) -> Result<Row, Refusal> {
        self.parser.reset();
        let number = first.number;
        let (mut written, mut fields, mut taken) = (0, 0, 0);
        let mut below: Vec<Line> = Vec::new();
        let mut line = first;
        loop {
            taken += line.bytes.len();
            if taken > LONGEST_ROW {
                below.push(line);
                return Err(
                    self.give_back(below, Refusal::at(number, unclosed(&format!("{LONGEST_ROW} bytes"))))
                );
            }
            let (result, _, wrote, ended) =
                self.parser.read_record(&line.bytes, &mut self.text[written..], &mut self.ends[fields..]);
            written += wrote;
            fields += ended;
            if line.number > number {
                below.push(line);
            }
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => break,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let reason = format!("The row has more than {MOST_FIELDS} fields.");
                    return Err(self.give_back(below, Refusal::at(number, reason)));
                }
                ReadRecordResult::InputEmpty if below.len() + 1 >= MOST_LINES => {
                    return Err(
                        self.give_back(below, Refusal::at(number, unclosed(&format!("{MOST_LINES} lines"))))
                    );
                }
                ReadRecordResult::InputEmpty => {}
            }
            line = match self.lines.next() {
                Some(Ok(line)) => line,
                Some(Err(refusal)) => {
                    // The line that cannot be read is told by itself, after the row it broke.
                    self.lines.failed = Some(refusal);
                    return Err(
                        self.give_back(below, Refusal::at(number, unclosed("the lines that can be read")))
                    );
                }
                None => return Err(self.give_back(below, Refusal::at(number, unclosed("the file")))),
            };
        }
        self.row(number, fields)
    }

    /// Lays the lines below a refused one back, so that they are read for themselves.
    fn give_back(&mut self, below: Vec<Line>, refusal: Refusal) -> Refusal {
        for line in below.into_iter().rev() {
            self.lines.waiting.push_front(line);
        }
        refusal
    }

    fn row(&self, line: u64, count: usize) -> Result<Row, Refusal> {
        let ends = &self.ends[..count];
        let text = &self.text[..ends.last().copied().unwrap_or(0)];
        // NUL and its like have no place in a name, and PostgreSQL stores none.
        let odd = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r');
        if let Some(at) = text.iter().position(odd) {
            let column = ends.iter().take_while(|end| **end <= at).count() + 1;
            return Err(Refusal::at(line, "The field holds control characters; is this a text file?")
                .in_column(u32::try_from(column).unwrap_or(u32::MAX)));
        }
        let encoding = if std::str::from_utf8(text).is_ok() { Encoding::Utf8 } else { Encoding::Windows1252 };
        let mut fields = Vec::with_capacity(count);
        let mut start = 0;
        for &end in ends {
            let bytes = &text[start..end];
            fields.push(match encoding {
                Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
                Encoding::Windows1252 => windows_1252::decode(bytes)
                    .ok_or_else(|| Refusal::at(line, "The row is neither UTF-8 nor Windows-1252 text."))?,
            });
            start = end;
        }
        Ok(Row { line, encoding, fields })
    }
}

fn unclosed(bound: &str) -> String {
    format!("The row does not end within {bound}; is a quotation mark missing?")
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<Row, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.read_row();
        let first = !std::mem::replace(&mut self.any, true);
        row.or_else(|| first.then(|| Err(Refusal::at(1, "The file is empty."))))
    }
}

/// One line of the document, always ending in a line feed.
struct Line {
    number: u64,
    bytes: Vec<u8>,
}

/// Whether a line was cut because it was too long.
enum Cut {
    Yes,
    No,
}

/// Lines of bounded length; a longer one is passed over and refused.
struct Lines<R> {
    input: BufReader<R>,
    number: u64,
    waiting: VecDeque<Line>,
    failed: Option<Refusal>,
    ended: bool,
    /// The last line, which was read, has no line feed.
    is_unended: bool,
}

impl<R: Read> Lines<R> {
    fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(LONGEST_ROW, input),
            number: 0,
            waiting: VecDeque::new(),
            failed: None,
            ended: false,
            is_unended: false,
        }
    }

    fn next(&mut self) -> Option<Result<Line, Refusal>> {
        if let Some(line) = self.waiting.pop_front() {
            return Some(Ok(line));
        }
        if let Some(refusal) = self.failed.take() {
            return Some(Err(refusal));
        }
        if self.ended {
            return None;
        }
        let number = self.number + 1;
        match self.read_line() {
            Ok(None) => {
                self.ended = true;
                None
            }
            Ok(Some((_, Cut::Yes))) => {
                self.number = number;
                let reason = format!("The line is longer than the {LONGEST_ROW} bytes a row may take.");
                Some(Err(Refusal::at(number, reason)))
            }
            Ok(Some((bytes, Cut::No))) => {
                self.number = number;
                Some(Ok(Line { number, bytes }))
            }
            Err(error) => {
                self.ended = true;
                let reason = format!("The file cannot be read further: {error}.");
                Some(Err(Refusal::at(number, reason).at_the_end()))
            }
        }
    }

    /// The next line, and whether a part of it was too much to keep.
    fn read_line(&mut self) -> io::Result<Option<(Vec<u8>, Cut)>> {
        let (mut bytes, mut cut) = (Vec::new(), Cut::No);
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = chunk.iter().position(|&b| b == b'\n');
            let part = end.map_or(chunk.len(), |at| at + 1);
            let kept = part.min(LONGEST_ROW - bytes.len().min(LONGEST_ROW));
            bytes.extend_from_slice(&chunk[..kept]);
            if kept < part {
                cut = Cut::Yes;
            }
            self.input.consume(part);
            if end.is_some() || part == 0 {
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        self.is_unended = bytes.last() != Some(&b'\n') && matches!(cut, Cut::No);
        if self.number == 0 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        while bytes.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            bytes.pop();
        }
        bytes.push(b'\n');
        Ok(Some((bytes, cut)))
    }
}

#[cfg(test)]
mod tests;
