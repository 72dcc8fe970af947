//! The bytes of a JSON document, one value at a time: brackets are counted and text passed over, so
//! that a value can be cut out, or left out, without being understood.

use std::io::{self, BufRead, BufReader, Read};

use super::{DEEPEST, Text};
use crate::Refusal;
use crate::refusal::excerpt;
use crate::size;

/// Why a value was not taken.
pub(super) enum Problem {
    /// It was passed over whole; reading can go on.
    Refused(Refusal),
    /// The document is broken from here on.
    Broken(Refusal),
}

/// The bytes of the document, with the place at which the next one stands.
pub(super) struct Input<R> {
    reader: BufReader<R>,
    line: u64,
    column: u32,
}

impl<R: Read> Input<R> {
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(64 * 1024, reader), line: 1, column: 1 }
    }

    pub fn source_mut(&mut self) -> &mut R {
        self.reader.get_mut()
    }

    pub fn refusal(&self, reason: String) -> Refusal {
        Refusal::at(self.line, reason).in_column(self.column)
    }

    /// The document ends, or goes on otherwise than JSON does.
    pub fn broken(&mut self, expected: &str) -> Problem {
        let found = match self.peek() {
            Ok(Some(byte)) => excerpt(&char::from(byte).to_string()),
            Ok(None) => "the end of the file".to_owned(),
            Err(problem) => return problem,
        };
        Problem::Broken(self.refusal(format!(
            "The document is broken here: it should go on with {expected}, but there is {found}."
        )))
    }

    fn peek(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            match self.reader.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let reason = format!("The file cannot be read further: {error}.");
                    return Err(Problem::Broken(self.refusal(reason)));
                }
            }
        }
    }

    fn advance(&mut self, byte: u8) {
        self.reader.consume(1);
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if byte & 0xC0 != 0x80 {
            // Bytes that continue a character do not count as a column.
            self.column = self.column.saturating_add(1);
        }
    }

    pub fn peek_past_space(&mut self) -> Result<Option<u8>, Problem> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(Some(byte));
            }
            self.advance(byte);
        }
        Ok(None)
    }

    pub fn next_if(&mut self, wanted: u8) -> Result<bool, Problem> {
        let found = self.peek_past_space()? == Some(wanted);
        if found {
            self.advance(wanted);
        }
        Ok(found)
    }

    pub fn expect(&mut self, wanted: u8, named: &str) -> Result<(), Problem> {
        if self.next_if(wanted)? { Ok(()) } else { Err(self.broken(named)) }
    }

    pub fn skip_byte_order_mark(&mut self) -> Result<(), Problem> {
        for byte in *b"\xEF\xBB\xBF" {
            if self.peek()? != Some(byte) {
                break;
            }
            self.advance(byte);
        }
        self.column = 1;
        Ok(())
    }

    /// Passes over the rest of the line.
    pub fn skip_line(&mut self) -> Result<(), Problem> {
        while let Some(byte) = self.peek()? {
            self.advance(byte);
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    /// The text of one value, of at most `longest` bytes; a longer or deeper one is passed over.
    pub fn value(&mut self, longest: usize) -> Result<Text, Problem> {
        self.value_within(longest, Lines::Any)
    }

    /// The same; `lines` says whether the next line may cut it short.
    pub fn value_within(&mut self, longest: usize, lines: Lines) -> Result<Text, Problem> {
        let first = self.peek_past_space()?;
        let (line, column) = (self.line, self.column);
        let refused = |reason| Problem::Refused(Refusal::at(line, reason).in_column(column));
        if matches!(first, None | Some(b',' | b':' | b']' | b'}')) {
            return Err(self.broken("a value"));
        }
        let mut outline = Outline::default();
        let mut bytes = Vec::new();
        let (mut length, mut deepest) = (0_usize, 0);
        let mut lines = lines;
        while let Some(byte) = self.peek()? {
            let step = outline.step(byte);
            if matches!(step, Step::EndBefore) {
                break;
            }
            self.advance(byte);
            length += 1;
            deepest = outline.depth.max(deepest);
            if length <= longest {
                bytes.push(byte);
            }
            if matches!(step, Step::EndAfter) {
                break;
            }
            if byte == b'\n'
                && std::mem::replace(&mut lines, Lines::Any) == Lines::UntilAnother
                && matches!(self.peek()?, Some(b'{' | b'\n' | b'\r'))
            {
                return Err(refused("The record does not end on its line.".into()));
            }
        }
        if !outline.is_whole() {
            return Err(self.broken("the rest of a value"));
        }
        if length > longest {
            let longest = size::in_words(longest as u64);
            return Err(refused(format!("The entry is {length} bytes long; {longest} are taken at most.")));
        }
        if deepest > DEEPEST {
            return Err(refused(format!(
                "The entry is nested {deepest} levels deep; {DEEPEST} are taken at most."
            )));
        }
        let text = String::from_utf8(bytes).map_err(|_| refused("The entry is not UTF-8 text.".into()))?;
        Ok(Text { line, column, text })
    }
}

/// Over how many lines a value may spread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// Over any number.
    Any,
    /// Over any number too, unless what follows the first line is plainly the next object: then it
    /// was cut, and the next one is whole.
    UntilAnother,
}

/// Where within a value a byte stands: brackets are counted, text is passed over.
#[derive(Default)]
struct Outline {
    depth: usize,
    in_text: bool,
    escaped: bool,
}

/// What a byte means for the end of a value.
enum Step {
    Within,
    EndAfter,
    EndBefore,
}

impl Outline {
    fn step(&mut self, byte: u8) -> Step {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_text = false;
                    return self.end_if_outermost();
                }
                _ => {}
            }
            return Step::Within;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => {
                return Step::EndBefore;
            }
            b'}' | b']' => {
                self.depth -= 1;
                return self.end_if_outermost();
            }
            _ => {}
        }
        Step::Within
    }

    fn end_if_outermost(&self) -> Step {
        if self.depth == 0 { Step::EndAfter } else { Step::Within }
    }

    fn is_whole(&self) -> bool {
        self.depth == 0 && !self.in_text
    }
}
