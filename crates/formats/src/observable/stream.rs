//! Observables of what is too long to hold: read in pieces that end with a line.

use std::io::{self, Read};

use super::{
    Nesting, Observable,
    base64::Decoded,
    scan,
    utf16::{Coding, Wide},
};
use crate::refang::{Encoding, Live};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;
/// The longest line that is read whole. What is longer is cut, at a blank where there is one.
const LONGEST_LINE: usize = 1024 * 1024;

/// The longest part of a mail in Base64 that is read whole. What is longer is cut.
const LONGEST_PART: usize = 1024 * 1024;

/// The observables of what a reader gives, in order, with offsets over the whole of it.
///
/// A part of a mail is known by its `Content-Transfer-Encoding`: of quoted-printable the broken lines are joined
/// and `=3D` is read; words in Base64 are decoded, and their offsets are those of the letters that say them. What
/// is no words, such as pictures, is not looked at in Base64. What is in UTF-16 as a whole is read as such.
pub fn read<R: Read>(reader: R, nesting: Nesting) -> Observables<R> {
    Observables {
        reader,
        nesting,
        held: Vec::new(),
        base: 0,
        begun: false,
        wide: None,
        over: false,
        written: Written::Plain,
        found: Vec::new().into_iter(),
    }
}

/// How what comes next is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Plain,
    QuotedPrintable,
    Base64,
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
    /// Whether anything was read.
    begun: bool,
    /// Where everything stands in the original, where that is in UTF-16: what is held is not.
    wide: Option<Wide>,
    over: bool,
    written: Written,
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
        let cut = self.more()?;
        let mut found = Vec::new();
        let mut at = 0;
        while at < cut {
            let Some((end, next)) = self.stretch(at, cut) else { break };
            let (written, base) = (&self.held[at..end], self.base + at as u64);
            match self.written {
                Written::Plain => look(written, Encoding::Plain, base, self.nesting, &mut found),
                Written::QuotedPrintable => {
                    look(written, Encoding::QuotedPrintable, base, self.nesting, &mut found);
                }
                Written::Base64 => decode(written, base, self.nesting, &mut found),
            }
            (self.written, at) = (next, end);
        }
        self.held.drain(..at);
        self.base += at as u64;
        if let Some(wide) = &mut self.wide {
            for each in &mut found {
                (each.start, each.end) = wide.written(each.start, each.end);
            }
            wide.forget(self.base);
        }
        self.found = found.into_iter();
        Ok(())
    }

    /// Reads on, up to where what is held may be cut.
    fn more(&mut self) -> io::Result<usize> {
        loop {
            let before = self.held.len();
            self.over = self.read_on()? == 0;
            if self.over {
                return Ok(self.held.len());
            }
            if let Some(line) = last_line(&self.held[before..]) {
                return Ok(before + line);
            }
            if self.held.len() >= LONGEST_LINE {
                let blank = self.held.iter().rposition(|byte| *byte == b' ');
                return Ok(blank.map_or(self.held.len(), |blank| blank + 1));
            }
        }
    }

    /// Reads the next piece to what is held, as UTF-8 where it is UTF-16; says how many bytes it had.
    fn read_on(&mut self) -> io::Result<usize> {
        let Some(wide) = &mut self.wide else {
            let got = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.held)?;
            if !std::mem::replace(&mut self.begun, true)
                && let Some(coding) = Coding::of(&self.held)
            {
                let raw = std::mem::take(&mut self.held);
                let wide = self.wide.insert(Wide::new(coding));
                wide.read(&raw[coding.1..], false, &mut self.held);
            }
            return Ok(got);
        };
        let mut raw = Vec::new();
        let got = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut raw)?;
        wide.read(&raw, got == 0, &mut self.held);
        Ok(got)
    }

    /// Where the text that begins at `at` comes to be written otherwise, and how: after the header that says so,
    /// or before the boundary that ends the part. None where that can only be told of more than is held.
    fn stretch(&self, at: usize, cut: usize) -> Option<(usize, Written)> {
        let rest = &self.held[at..cut];
        let enough = self.over || rest.len() >= LONGEST_PART;
        let next = match self.written {
            Written::Plain => match header(rest) {
                Header::Ends(end, next) => Some((end, next)),
                Header::GoesOn if !enough => return None,
                Header::GoesOn | Header::Absent => None,
            },
            Written::QuotedPrintable => boundary(rest).map(|end| (end, Written::Plain)),
            Written::Base64 => match boundary(rest) {
                None if !enough => return None,
                end => end.map(|end| (end, Written::Plain)),
            },
        };
        Some(next.map_or((cut, self.written), |(end, next)| (at + end, next)))
    }
}

fn look(written: &[u8], encoding: Encoding, base: u64, nesting: Nesting, found: &mut Vec<Observable>) {
    let live = Live::of(written, encoding);
    scan::scan(&scan::Text { live: &live, written, base, nesting }, found);
}

/// Looks through a whole text, whether it is in UTF-8 or in UTF-16.
pub(super) fn look_through(text: &[u8], nesting: Nesting, found: &mut Vec<Observable>) {
    let Some(coding) = Coding::of(text) else { return look(text, Encoding::Plain, 0, nesting, found) };
    let ((read, wide), first) = (Wide::whole(text, coding), found.len());
    look(&read, Encoding::Plain, 0, nesting, found);
    for each in &mut found[first..] {
        (each.start, each.end) = wide.written(each.start, each.end);
    }
}

fn decode(written: &[u8], base: u64, nesting: Nesting, found: &mut Vec<Observable>) {
    let (decoded, first) = (Decoded::of(written), found.len());
    look_through(&decoded.bytes, nesting, found);
    for observable in &mut found[first..] {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let written = decoded.written(&(place(observable.start)..place(observable.end)));
        (observable.start, observable.end) = (base + written.start as u64, base + written.end as u64);
    }
}

/// Where the last line ends that does not go on in the next, as lines of mail do that end in `=`.
fn last_line(text: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b'\n', text)
        .find(|at| !text[..*at].ends_with(b"=") && !text[..*at].ends_with(b"=\r"))
        .map(|at| at + 1)
}

/// What the header of a part says of how it is written.
enum Header {
    /// It says so, and up to here the text is plain.
    Ends(usize, Written),
    /// It says so, and more of it is to come.
    GoesOn,
    Absent,
}

/// The name of the header, but for its first letters, which are written large or small.
const NAME: &[u8] = b"ransfer-encoding:";
/// The header that says what a part is of.
const KIND: &[u8] = b"content-type:";
/// How far the headers of a part are looked through for the kind of it.
const HEADERS: usize = 8 * 1024;

fn header(text: &[u8]) -> Header {
    for start in memchr::memmem::find_iter(text, b"ransfer-") {
        let line = memchr::memrchr(b'\n', &text[..start]).map_or(0, |end| end + 1);
        if !says(&text[line..start], b"content-t") || !begins(&text[start..], NAME) {
            continue;
        }
        let Some(end) = memchr::memchr(b'\n', &text[start..]).map(|end| start + end + 1) else {
            return Header::GoesOn;
        };
        let value = text[start + NAME.len()..end].trim_ascii();
        if says(value, b"quoted-printable") {
            return Header::Ends(end, Written::QuotedPrintable);
        }
        if says(value, b"base64") {
            let Some(body) = blank_line(&text[line..]).map(|end| line + end) else { return Header::GoesOn };
            let from = line.saturating_sub(HEADERS);
            if of_words(&text[from..body], line - from) {
                return Header::Ends(body, Written::Base64);
            }
        }
    }
    Header::Absent
}

/// Whether a part is of words, by the headers among which a line of them ends at `line`; so is one that does not
/// say what it is.
fn of_words(text: &[u8], line: usize) -> bool {
    let before = &text[..line];
    let ends = [memchr::memmem::rfind(before, b"\n\n"), memchr::memmem::rfind(before, b"\n\r\n")];
    let begin = ends.into_iter().flatten().max().map_or(0, |end| end + 2);
    let mut lines = text[begin..].split(|byte| *byte == b'\n');
    let kind = lines.find(|line| begins(line, KIND));
    kind.is_none_or(|kind| begins(kind[KIND.len()..].trim_ascii_start(), b"text/"))
}

/// Where the first empty line ends.
fn blank_line(text: &[u8]) -> Option<usize> {
    let ends = [
        memchr::memmem::find(text, b"\n\n").map(|at| at + 2),
        memchr::memmem::find(text, b"\n\r\n").map(|at| at + 3),
    ];
    ends.into_iter().flatten().min()
}

fn says(text: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(word)
}

fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
}

fn boundary(text: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, b"\n--")
        .find(|at| text.get(at + 3).is_some_and(|byte| !matches!(byte, b' ' | b'\r' | b'\n' | b'-')))
        .map(|at| at + 1)
}
