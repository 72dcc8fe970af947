//! Puts the teeth back: a text that was written so that nobody clicks on it, as a machine compares it.
//!
//! The one place that knows how people defang. [`whole`] reads a field that holds one indicator;
//! [`Live`] reads running text, where a bracket may be just a bracket, and remembers where each byte
//! came from. Both look at each byte a bounded number of times.

mod entity;
mod scheme;
mod spelled;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

pub(crate) use scheme::scheme;
use spelled::name_end;

/// What stands between brackets, and what it stands for. Longer ones first.
const CORES: [(&[u8], &[u8]); 8] = [
    (b"://", b"://"),
    (b"dot", b"."),
    (b"at", b"@"),
    (b"//", b"//"),
    (b".", b"."),
    (b":", b":"),
    (b"/", b"/"),
    (b"@", b"@"),
];
/// Brackets and blanks that are looked at on either side of a tooth.
const AROUND: usize = 6;

/// The live form of a text that is one indicator and nothing else.
pub(crate) fn whole(text: &str) -> String {
    let mut live = text.to_owned();
    // "[[.]]" becomes "[.]" at first. Each round is shorter than the one before, so this ends.
    loop {
        let next = bite_once(&live);
        if next.len() == live.len() {
            break;
        }
        live = next;
    }
    match live.split_once("://") {
        Some((written, rest)) => match scheme(written) {
            Some(known) => format!("{known}://{rest}"),
            None => live,
        },
        None => live,
    }
}

fn bite_once(text: &str) -> String {
    let mut live = Vec::with_capacity(text.len());
    let (bytes, mut at) = (text.as_bytes(), 0);
    while let Some(&byte) = bytes.get(at) {
        if let Some((meant, end)) = bracketed(bytes, at) {
            live.extend_from_slice(meant);
            at = end;
        } else {
            live.push(byte);
            at += 1;
        }
    }
    // Only whole ASCII forms were taken out.
    String::from_utf8_lossy(&live).into_owned()
}

/// One core between a pair of brackets, and where it ends.
fn bracketed(text: &[u8], at: usize) -> Option<(&'static [u8], usize)> {
    let close = match text.get(at)? {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        _ => return None,
    };
    let (meant, end) = core(text, at + 1)?;
    (text.get(end) == Some(&close)).then_some((meant, end + 1))
}

fn core(text: &[u8], at: usize) -> Option<(&'static [u8], usize)> {
    CORES.iter().find_map(|(form, meant)| {
        let end = at + form.len();
        text.get(at..end).is_some_and(|here| here.eq_ignore_ascii_case(form)).then_some((*meant, end))
    })
}

/// A part of the text that was replaced.
#[derive(Debug)]
struct Edit {
    live: Range<usize>,
    from: Range<usize>,
    /// Whether it was a tooth, which nobody writes but for something that bites.
    tooth: bool,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it reads.
    #[default]
    Plain,
    /// Quoted-printable, as in mail: `=3D`, and lines that end in `=` go on.
    QuotedPrintable,
}

/// A running text with its teeth back in.
#[derive(Debug)]
pub(crate) struct Live<'t> {
    /// The text as a machine reads it.
    pub bytes: Cow<'t, [u8]>,
    edits: Vec<Edit>,
}

impl<'t> Live<'t> {
    /// Reads a text.
    pub fn of(text: &'t [u8], encoding: Encoding) -> Self {
        let mut reading = Reading {
            text,
            out: Vec::new(),
            copied: 0,
            edits: Vec::new(),
            path: false,
            spelled: memchr::memmem::find(text, b" dot ").is_some()
                || memchr::memmem::find(text, b" DOT ").is_some(),
            quoted: encoding == Encoding::QuotedPrintable,
        };
        reading.read();
        if reading.edits.is_empty() {
            return Self { bytes: Cow::Borrowed(text), edits: Vec::new() };
        }
        reading.out.extend_from_slice(&text[reading.copied..]);
        Self { bytes: Cow::Owned(reading.out), edits: reading.edits }
    }

    /// Where a stretch of the live text stands in the written one.
    pub fn written(&self, live: &Range<usize>) -> Range<usize> {
        self.start(live.start)..self.end(live.end)
    }

    /// Whether somebody took teeth out of it.
    pub fn was_defanged(&self, live: &Range<usize>) -> bool {
        let first = self.edits.partition_point(|edit| edit.live.end <= live.start);
        self.edits[first..].iter().take_while(|edit| edit.live.start < live.end).any(|edit| edit.tooth)
    }

    fn start(&self, at: usize) -> usize {
        let before = self.edits.partition_point(|edit| edit.live.start <= at);
        match before.checked_sub(1).map(|last| &self.edits[last]) {
            None => at,
            Some(edit) if at < edit.live.end => edit.from.start,
            Some(edit) => edit.from.end + (at - edit.live.end),
        }
    }

    fn end(&self, at: usize) -> usize {
        let before = self.edits.partition_point(|edit| edit.live.start < at);
        match before.checked_sub(1).map(|last| &self.edits[last]) {
            None => at,
            Some(edit) if at <= edit.live.end => edit.from.end,
            Some(edit) => edit.from.end + (at - edit.live.end),
        }
    }
}

struct Reading<'t> {
    text: &'t [u8],
    out: Vec<u8>,
    copied: usize,
    edits: Vec<Edit>,
    /// Whether a path of Windows began since the last blank: there a backslash only parts folders.
    path: bool,
    spelled: bool,
    quoted: bool,
}

/// What may begin a tooth.
const TRIGGER: [bool; 256] = {
    let mut table = [false; 256];
    let triggers = b"[({])}<\\&=-_ \n\t";
    let mut i = 0;
    while i < triggers.len() {
        table[triggers[i] as usize] = true;
        i += 1;
    }
    table
};

impl Reading<'_> {
    fn read(&mut self) {
        let mut at = 0;
        while let Some(&byte) = self.text.get(at) {
            if !TRIGGER[usize::from(byte)] {
                at += 1;
                continue;
            }
            at = match byte {
                b'[' | b'(' | b'{' => self.bracket(at),
                b']' | b')' | b'}' => self.half(at),
                b'\\' => self.backslash(at),
                b'&' => self.entity(at),
                b'=' if self.quoted => self.quoted_printable(at),
                b'-' => self.hyphens(at),
                b'_' => self.underscores(at),
                b'<' => self.angle(at),
                b' ' | b'\n' | b'\t' => {
                    self.path = false;
                    if self.spelled && byte == b' ' { self.spelled(at) } else { at + 1 }
                }
                _ => at + 1,
            };
        }
    }

    /// Puts `meant` in place of what is written at `from`.
    fn replace(&mut self, from: Range<usize>, meant: &[u8], tooth: bool) -> usize {
        self.out.extend_from_slice(&self.text[self.copied..from.start]);
        let live = self.out.len()..self.out.len() + meant.len();
        self.out.extend_from_slice(meant);
        self.copied = from.end;
        self.edits.push(Edit { live, from: from.clone(), tooth });
        from.end
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b' ')
    }

    fn before(&self, at: usize) -> u8 {
        if at <= self.copied && self.copied > 0 {
            return self.out.last().copied().unwrap_or(b' ');
        }
        at.checked_sub(1).map_or(b' ', |before| self.text[before])
    }

    /// `[.]`, `(dot)`, `[[ . ]]`, `[at]`, `[://]`, and the half of it, `[.`
    fn bracket(&mut self, at: usize) -> usize {
        let text = self.text;
        if let Some(end) = self.bracketed_scheme(at) {
            return end;
        }
        let mut open = at;
        while open < at + AROUND && matches!(self.byte(open), b'[' | b'(' | b'{' | b' ') {
            open += 1;
        }
        let Some((meant, end)) = core(text, open) else {
            // "example.[com"
            let shut = |byte: &u8| matches!(byte, b']' | b')' | b'}' | b'|');
            let closed = text[at + 1..text.len().min(at + 17)].iter().any(shut);
            let slip = self.before(at) == b'.' && !closed && self.is_ending(at + 1);
            return if slip { self.replace(at..at + 1, b"", true) } else { at + 1 };
        };
        let mut close = end;
        while close < end + AROUND && matches!(self.byte(close), b']' | b')' | b'}' | b' ') {
            close += 1;
        }
        let closed = text[end..close.min(text.len())].iter().rposition(|&byte| byte != b' ');
        let close = match closed {
            Some(last) => end + last + 1,
            // "example[.com", but no "(at noon" and no "[.5".
            None if meant == b"." && open == at + 1 && self.byte(end).is_ascii_alphabetic() => end,
            None if meant == b"." && open == at + 1 && self.before(at).is_ascii_digit() => end,
            // "10[[[.10", and "example{.{com"
            None if meant == b"."
                && self.before(at).is_ascii_digit()
                && self.byte(end).is_ascii_digit()
                && !text[at..open].contains(&b' ') =>
            {
                end
            }
            None if meant == b"." && self.byte(end) == text[at] && self.is_ending(end + 1) => end + 1,
            None => return at + 1,
        };
        let gentle = meant == b"." || meant == b"@";
        let (mut from, mut to) = (at, close);
        if gentle {
            // "evil [.] example", with one blank or more on either side.
            while from > self.copied && at - from < 3 && self.text[from - 1] == b' ' {
                from -= 1;
            }
            while to < close + 3 && self.byte(to) == b' ' {
                to += 1;
            }
        }
        // "evil.[.]example" and "evil[.].example"
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        if meant == b"."
            && from == at
            && self.before(at) == b'.'
            && at >= self.copied + 2
            && plain(text[at - 2])
        {
            from -= 1;
        } else if meant == b"." && to == close && self.byte(to) == b'.' && plain(self.byte(to + 1)) {
            to += 1;
        }
        let (left, right) = (self.before(from), self.byte(to));
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-');
        let bites = if gentle {
            word(left) && (word(right) || matches!(right, b'[' | b'.'))
        } else {
            (word(left) || matches!(left, b':' | b'/'))
                && (word(right) || matches!(right, b'/' | b'[' | b':' | b' ' | b'\\'))
        };
        if bites { self.replace(from..to, meant, true) } else { at + 1 }
    }

    /// `h[tt]p://`, `[http]://` and `http[]://`.
    fn bracketed_scheme(&mut self, at: usize) -> Option<usize> {
        let rest = self.text[at..].get(..13).unwrap_or(&self.text[at..]);
        let says = |word: &[u8]| rest.get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word));
        if rest[0] != b'[' {
            return None;
        }
        let letter = self.before(at).to_ascii_lowercase();
        if letter == b'h' && (says(b"[tt]p") || says(b"[xx]p")) {
            return Some(self.replace(at..at + 4, b"tt", true));
        }
        if matches!(letter, b'p' | b's') && says(b"[]://") {
            return Some(self.replace(at..at + 2, b"", true));
        }
        let close = memchr::memchr(b']', rest)?;
        let live = scheme(std::str::from_utf8(&rest[1..close]).ok()?)?;
        let slashes = self.text.get(at + close + 1..at + close + 4) == Some(b"://");
        (slashes && !letter.is_ascii_alphanumeric())
            .then(|| self.replace(at..at + close + 1, live.as_bytes(), true))
    }

    /// Whether a common ending of names stands at `at`, and no bracket closes behind it.
    fn is_ending(&self, at: usize) -> bool {
        self.common_ending(at).is_some()
            && !matches!(self.byte(name_end(self.text, at)), b']' | b')' | b'}' | b'.' | b'_')
    }

    /// `example].com`, where no bracket opened before.
    fn half_before(&mut self, at: usize) -> Option<usize> {
        let opens = |byte: &u8| matches!(byte, b'[' | b'(' | b'{');
        let slip = self.before(at).is_ascii_alphanumeric()
            && self.byte(at + 1) == b'.'
            && self.is_ending(at + 2)
            && !self.text[at.saturating_sub(64)..at].iter().any(opens);
        slip.then(|| self.replace(at..at + 1, b"", true))
    }

    /// `example.]com`
    fn half(&mut self, at: usize) -> usize {
        if let Some(end) = self.half_before(at) {
            return end;
        }
        // "10.10.10.]]]10" and "example.}com"
        let mut end = at + 1;
        while end < at + AROUND && self.byte(end) == self.text[at] {
            end += 1;
        }
        if self.before(at) == b'.'
            && at >= 2
            && (self.text[at - 2].is_ascii_digit() && self.byte(end).is_ascii_digit()
                || end == at + 1 && self.text[at - 2].is_ascii_alphanumeric() && self.is_ending(end))
        {
            return self.replace(at..end, b"", true);
        }
        if self.text[at] != b']' {
            return at + 1;
        }
        let between = self.before(at) == b'.'
            && at >= 2
            && self.text[at - 2].is_ascii_alphanumeric()
            && self.byte(at + 1).is_ascii_alphanumeric();
        if between { self.replace(at..at + 1, b"", true) } else { at + 1 }
    }

    /// `evil\.example` of patterns, and `http:\/\/` of JSON; in a path of Windows nothing.
    fn backslash(&mut self, at: usize) -> usize {
        let (left, right) = (self.before(at), self.byte(at + 1));
        match right {
            b'.' if !self.path
                && !is_hive(&self.text[..at])
                && left.is_ascii_alphanumeric()
                && self.byte(at + 2).is_ascii_alphanumeric() =>
            {
                self.replace(at..at + 2, b".", true)
            }
            b'/' if left.is_ascii_alphanumeric()
                || matches!(left, b':' | b'/' | b'.' | b'=' | b'-' | b'_') =>
            {
                self.replace(at..at + 2, b"/", false)
            }
            b'u' if !self.path => match entity::unicode_escape(&self.text[at..]) {
                Some((meant, length)) => self.replace(at..at + length, &[meant], false),
                None => at + 1,
            },
            _ => {
                // `C:\a`, `\\server`, `%TEMP%\a`, `a\b`: but the `\d` of a pattern begins no path.
                self.path |=
                    left.is_ascii_alphanumeric() || matches!(left, b':' | b'\\' | b'%' | b'>' | b'}');
                at + 1
            }
        }
    }

    fn entity(&mut self, at: usize) -> usize {
        match entity::read(&self.text[at..]) {
            Some((meant, length)) => self.replace(at..at + length, &[meant], false),
            None => at + 1,
        }
    }

    fn quoted_printable(&mut self, at: usize) -> usize {
        match (self.byte(at + 1), self.byte(at + 2)) {
            (b'\n', _) => self.replace(at..at + 2, b"", false),
            (b'\r', b'\n') => self.replace(at..at + 3, b"", false),
            (high, low) => match entity::hex_pair(high, low) {
                Some(byte) => self.replace(at..at + 3, &[byte], false),
                None => at + 1,
            },
        }
    }

    /// `example<.>com`, and `user<at>example<dot>com`
    fn angle(&mut self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        let Some((meant, end)) = core(rest, 0) else { return at + 1 };
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        let bites = matches!(meant, b"." | b"@")
            && rest.get(end) == Some(&b'>')
            && plain(self.before(at))
            && plain(self.byte(at + end + 2));
        if bites { self.replace(at..at + end + 2, meant, true) } else { at + 1 }
    }
}

/// Whether a hive of the registry ends here, below which a key may begin with a dot.
fn is_hive(text: &[u8]) -> bool {
    text.ends_with(b"HKU") || text.ends_with(b"HKEY_USERS")
}
