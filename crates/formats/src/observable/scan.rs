//! The one pass over the text: runs of the characters that names are made of, and what stands around
//! them, decide what is tried. Whatever is tried either takes what it read or reads a bounded stretch.

use std::ops::Range;

use super::{Nesting, Observable, ObservableKind, nhs_number, warning};
use crate::refang::Live;

/// A text to look through.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// With its teeth in.
    pub live: &'t Live<'t>,
    /// As it was written.
    pub written: &'t [u8],
    /// Where it begins in the whole.
    pub base: u64,
    /// What is told of observables within others.
    pub nesting: Nesting,
}

/// Letters, digits, dots, hyphens and underscores: what names are made of.
pub(super) const NAME: u8 = 1;
pub(super) const DOT: u8 = 2;
pub(super) const DIGIT: u8 = 4;
pub(super) const HEX: u8 = 8;
pub(super) const LETTER: u8 = 16;
pub(super) const JOIN: u8 = 32;
/// A byte of a character beyond ASCII.
pub(super) const HIGH: u8 = 64;
/// What may begin something by itself.
const MARK: u8 = 128;

const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = match byte {
            b'0'..=b'9' => NAME | DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => NAME | HEX,
            b'g'..=b'z' | b'G'..=b'Z' => NAME | LETTER,
            b'.' => NAME | DOT,
            b'-' | b'_' => NAME | JOIN,
            b'\\' | b'/' | b'%' | b':' | b'~' => MARK,
            0x80..=0xff => HIGH,
            _ => 0,
        };
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Looks through a text; returns how many bytes were looked at, those looked at twice counted twice.
pub(super) fn scan(text: &Text, found: &mut Vec<Observable>) -> usize {
    let first = found.len();
    let mut scanner = Scanner { text, bytes: &text.live.bytes, found, done: 0, no_ipv6_before: 0, work: 0 };
    let mut at = 0;
    while at < scanner.bytes.len() {
        let class = CLASS[usize::from(scanner.bytes[at])];
        at = if class & (NAME | HIGH) != 0 {
            scanner.run(at)
        } else if class & MARK != 0 {
            scanner.mark(at)
        } else {
            at + 1
        };
    }
    let work = scanner.work + scanner.bytes.len();
    // Of what lies within a link, the NHS numbers are told before the host. Sorting what is nearly in order costs
    // little more than reading it.
    found[first..].sort_by_key(|observable| observable.start);
    work
}

pub(super) struct Scanner<'t, 'f> {
    pub text: &'t Text<'t>,
    pub bytes: &'t [u8],
    found: &'f mut Vec<Observable>,
    /// What stands before this is told already.
    pub done: usize,
    /// Up to here no IPv6 address begins: it was tried.
    pub no_ipv6_before: usize,
    /// Bytes looked at besides the pass itself.
    pub work: usize,
}

impl Scanner<'_, '_> {
    /// The byte at a place; a blank beyond the ends.
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b' ')
    }

    /// The byte before a place.
    pub fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b' ', |before| self.bytes[before])
    }

    /// Whether a word stands at a place, in any letters.
    pub fn says(&self, at: usize, word: &[u8]) -> bool {
        self.bytes.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
    }

    /// Where the run of name characters that begins at `at` ends, and the classes in it. Two dots end it,
    /// and so does the seam of letters and of ideographs, which are written without blanks.
    pub fn run_end(&self, at: usize) -> (usize, u8) {
        let (mut here, mut seen, mut last) = (at, 0, Script::Neutral);
        while let Some(&byte) = self.bytes.get(here) {
            let class = CLASS[usize::from(byte)];
            let (script, length) = if class & NAME != 0 {
                if class & DOT != 0 && self.byte(here + 1) == b'.' {
                    break;
                }
                let neutral = class & (DOT | JOIN) != 0;
                (if neutral { Script::Neutral } else { Script::Letters }, 1)
            } else if class & HIGH != 0 {
                let Some(letter) = self.letter(here) else { break };
                (Script::of(letter), letter.len_utf8())
            } else {
                break;
            };
            if matches!(
                (last, script),
                (Script::Letters, Script::Ideographs) | (Script::Ideographs, Script::Letters)
            ) {
                break;
            }
            (last, seen, here) = (script, seen | class, here + length);
        }
        (here, seen)
    }

    /// The letter beyond ASCII at a place.
    pub fn letter(&self, at: usize) -> Option<char> {
        let bytes = &self.bytes[at..self.bytes.len().min(at + 4)];
        let chunk = bytes.utf8_chunks().next()?.valid();
        // The vowel signs of India's scripts are no letters to Unicode.
        chunk.chars().next().filter(|c| c.is_alphanumeric() || ('\u{900}'..='\u{dff}').contains(c))
    }

    fn run(&mut self, start: usize) -> usize {
        let (end, seen) = self.run_end(start);
        if end == start {
            return start + 1;
        }
        let taken = match self.byte(end) {
            b':' => self.colon(start, end, seen),
            b'@' => self.email(end),
            b' ' if self.says(end, b" ://") && self.is_web(start, end) => self.url(start, end, end + 4),
            b'\\' | b'>' => self.registry_key(start, end),
            _ => None,
        };
        if let Some(taken) = taken {
            return taken;
        }
        if seen & DOT != 0
            && let Some(taken) = self.host(start, end, seen)
        {
            return taken;
        }
        // Short words without digits are nothing that is looked for, but the "CVE" before a blank.
        let word = seen & DIGIT == 0 && end - start < 32 && end - start != 3;
        if word || end - start < 3 { end } else { self.tokens(start, end) }
    }

    /// What a colon after a run makes of it.
    fn colon(&mut self, start: usize, end: usize, seen: u8) -> Option<usize> {
        // "http:\\host": somebody leaned the slashes the other way.
        let leaning = self.says(end, b":\\\\") && matches!(self.before(end), b'p' | b'P' | b's' | b'S');
        if self.says(end, b"://") || leaning && end - start >= 4 {
            return self.url(start, end, end + 3);
        }
        let web = self.is_web(start, end);
        if web && self.byte(end + 1) == b'/' && self.byte(end + 2).is_ascii_alphanumeric() {
            return self.url(start, end, end + 2);
        }
        if web && self.says(end, b":__") {
            return self.url(start, end, end + 3);
        }
        if let Some(taken) = self.environment_path(start, end) {
            return Some(taken);
        }
        let after = self.byte(end + 1);
        if end - start == 1 && self.bytes[start].is_ascii_alphabetic() && matches!(after, b'\\' | b'/') {
            return self.drive_path(start);
        }
        if after == b'\\' {
            return self.registry_key(start, end);
        }
        // "at...2001:db8::1"
        if self.bytes[start] == b'.' && self.before(start) == b'.' && end - start <= 5 {
            return self.ipv6(start + 1);
        }
        if end - start <= 4 && seen & !(NAME | DIGIT | HEX) == 0 { self.ipv6(start) } else { None }
    }

    /// Whether a run is a scheme of the web, with its teeth or without.
    fn is_web(&self, start: usize, end: usize) -> bool {
        [&b"http"[..], b"https", b"hxxp", b"hxxps"]
            .iter()
            .any(|scheme| end - start == scheme.len() && self.says(start, scheme))
    }

    fn mark(&mut self, at: usize) -> usize {
        let taken = match self.bytes[at] {
            b'\\' => self.share_path(at),
            b'/' | b'~' => self.unix_path(at),
            b'%' => self.variable_path(at),
            b':' if self.byte(at + 1) == b':' => self.ipv6(at),
            _ => None,
        };
        taken.unwrap_or(at + 1)
    }

    /// Tells one observable.
    pub fn tell(&mut self, kind: ObservableKind, live: Range<usize>, value: &str) {
        let written = self.text.live.written(&live);
        let original = String::from_utf8_lossy(&self.text.written[written.clone()]).into_owned();
        let (mut value, mut original) = (value.to_owned(), original);
        let warning = warning::of(kind, &value);
        let mut numbers = Vec::new();
        match kind {
            ObservableKind::NhsNumber => {
                nhs_number::REDACTED.clone_into(&mut value);
                nhs_number::REDACTED.clone_into(&mut original);
            }
            ObservableKind::Url
            | ObservableKind::Email
            | ObservableKind::Domain
            | ObservableKind::FilePath
            | ObservableKind::RegistryKey => {
                value = nhs_number::redacted(&value).into_owned();
                original = nhs_number::redacted(&original).into_owned();
                if value.contains(nhs_number::REDACTED) {
                    numbers = nhs_number::within(self.bytes, live.clone());
                }
            }
            _ => {}
        }
        let place = |at: usize| self.text.base + at as u64;
        let (start, end) = (place(written.start), place(written.end));
        self.found.push(Observable { kind, value, original, start, end, warning });
        self.done = self.done.max(live.end);
        for number in numbers {
            self.tell(ObservableKind::NhsNumber, number, nhs_number::REDACTED);
        }
    }

    /// Tells what lies within another observable, where that is asked for.
    pub fn tell_within(&mut self, kind: ObservableKind, live: Range<usize>, value: &str) {
        if self.text.nesting == Nesting::Every {
            self.tell(kind, live, value);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Neutral,
    Letters,
    Ideographs,
}

impl Script {
    fn of(letter: char) -> Self {
        if is_ideograph(letter) { Self::Ideographs } else { Self::Letters }
    }
}

/// Whether a character is of a script that is written without blanks: Chinese, Japanese, Korean.
pub(super) fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..)
}
