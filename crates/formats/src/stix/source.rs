//! What a document is read from, kept for as long as it may be one object that stands alone.

use std::io::{self, Read};

use super::LONGEST_OBJECT;
use crate::Refusal;
use crate::json_items::Text;

/// A reader that keeps what it read.
pub(super) struct Source<R> {
    input: R,
    kept: Vec<u8>,
    keeps: Keeps,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    All,
    /// It is more than one object may take.
    TooMuch,
    /// It is a bundle, whose objects come one by one.
    Nothing,
}

impl<R> Source<R> {
    pub fn new(input: R) -> Self {
        Self { input, kept: Vec::new(), keeps: Keeps::All }
    }

    /// Keeps nothing from here on.
    pub fn forget(&mut self) {
        self.keeps = Keeps::Nothing;
        self.kept = Vec::new();
    }

    /// The document as the one object that it is.
    pub fn whole(&mut self) -> Result<Text, Refusal> {
        if self.keeps != Keeps::All {
            let longest = crate::size::in_words(LONGEST_OBJECT as u64);
            let reason = format!("The object is longer than the {longest} that are taken at most.");
            return Err(Refusal::at(1, reason).in_column(1));
        }
        let text = String::from_utf8(std::mem::take(&mut self.kept))
            .map_err(|_| Refusal::at(1, "The object is not UTF-8 text."))?;
        let text = text.trim_start_matches('\u{feff}');
        let object = text.trim_start();
        let before = &text[..text.len() - object.len()];
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().map_or(0, |space| space.chars().count());
        let column = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1);
        Ok(Text { line, column, text: object.trim_end().to_owned() })
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if self.keeps == Keeps::All {
            if self.kept.len() + count > LONGEST_OBJECT {
                self.forget();
                self.keeps = Keeps::TooMuch;
            } else {
                self.kept.extend_from_slice(&buffer[..count]);
            }
        }
        Ok(count)
    }
}
