//! Observables of what is too long to hold: read in pieces that end with a line.

use std::io::{self, Read};

use super::{Nesting, Observable, scan};
use crate::refang::{Encoding, Live};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;
/// The longest line that is read whole. What is longer is cut, at a blank where there is one.
const LONGEST_LINE: usize = 1024 * 1024;

/// The observables of what a reader gives, in order, with offsets over the whole of it.
///
/// A mail is known by its `Content-Transfer-Encoding: quoted-printable`: its broken lines are joined and its
/// `=3D` read. What it has in Base64 is not read.
pub fn read<R: Read>(reader: R, nesting: Nesting) -> Observables<R> {
    Observables {
        reader,
        nesting,
        held: Vec::new(),
        base: 0,
        over: false,
        encoding: Encoding::Plain,
        found: Vec::new().into_iter(),
    }
}

/// An iterator over the observables of a reader; see [`read`].
#[derive(Debug)]
pub struct Observables<R> {
    reader: R,
    nesting: Nesting,
    /// Read and not looked at.
    held: Vec<u8>,
    /// Where that begins.
    base: u64,
    over: bool,
    encoding: Encoding,
    found: std::vec::IntoIter<Observable>,
}

impl<R: Read> Iterator for Observables<R> {
    type Item = io::Result<Observable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(observable) = self.found.next() {
                return Some(Ok(observable));
            }
            if self.over && self.held.is_empty() {
                return None;
            }
            if let Err(error) = self.fill() {
                self.over = true;
                self.held.clear();
                return Some(Err(error));
            }
        }
    }
}

impl<R: Read> Observables<R> {
    fn fill(&mut self) -> io::Result<()> {
        let cut = loop {
            let before = self.held.len();
            let got = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.held)?;
            self.over = got == 0;
            if self.over {
                break self.held.len();
            }
            if let Some(line) = last_line(&self.held[before..]) {
                break before + line;
            }
            if self.held.len() >= LONGEST_LINE {
                break self
                    .held
                    .iter()
                    .rposition(|byte| *byte == b' ')
                    .map_or(self.held.len(), |blank| blank + 1);
            }
        };
        let mut found = Vec::new();
        let mut at = 0;
        while at < cut {
            let end = self.stretch(at, cut);
            let written = &self.held[at..end];
            let live = Live::of(written, self.encoding);
            let text =
                scan::Text { live: &live, written, base: self.base + at as u64, nesting: self.nesting };
            scan::scan(&text, &mut found);
            self.encoding = match self.encoding {
                Encoding::Plain if end < cut || ends_header(written) => Encoding::QuotedPrintable,
                Encoding::QuotedPrintable if end < cut => Encoding::Plain,
                as_before => as_before,
            };
            at = end;
        }
        self.held.drain(..cut);
        self.base += cut as u64;
        self.found = found.into_iter();
        Ok(())
    }

    /// Where the text that begins at `at` changes its encoding: after the header that says so, or before the
    /// boundary that ends the part.
    fn stretch(&self, at: usize, cut: usize) -> usize {
        let rest = &self.held[at..cut];
        let end = match self.encoding {
            Encoding::Plain => header_end(rest),
            Encoding::QuotedPrintable => boundary(rest),
        };
        end.map_or(cut, |end| at + end)
    }
}

/// Where the last line ends that does not go on in the next, as lines of mail do that end in `=`.
fn last_line(text: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b'\n', text)
        .find(|at| !text[..*at].ends_with(b"=") && !text[..*at].ends_with(b"=\r"))
        .map(|at| at + 1)
}

/// The header that says that what follows is quoted-printable.
const HEADER: &[u8] = b"quoted-printable";

fn header_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    // The word is rare, and its first letter the rarest of it.
    while let Some(found) = memchr::memchr2(b'q', b'Q', &text[at..]) {
        let start = at + found;
        if text.get(start..start + HEADER.len()).is_some_and(|here| here.eq_ignore_ascii_case(HEADER)) {
            let line = memchr::memrchr(b'\n', &text[..start]).map_or(0, |end| end + 1);
            let name = b"content-transfer-encoding:";
            let header =
                text.get(line..line + name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name));
            if header && start - line < 80 {
                let line = memchr::memchr(b'\n', &text[start..])?;
                return Some(start + line + 1);
            }
        }
        at = start + 1;
    }
    None
}

fn ends_header(text: &[u8]) -> bool {
    header_end(text) == Some(text.len())
}

fn boundary(text: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, b"\n--")
        .find(|at| text.get(at + 3).is_some_and(|byte| !matches!(byte, b' ' | b'\r' | b'\n' | b'-')))
        .map(|at| at + 1)
}
