//! Texts in UTF-16, as Windows writes them: transcripts of PowerShell, exports of the registry, what an editor saves as
//! "Unicode". They are read as UTF-8, and each place is told as it is in the original.
//!
//! Whether a text is one is seen from its first bytes: by the mark with which it begins, unless letters of one byte
//! follow it, or by every other byte being nought. A text that has neither is not taken for one.

use std::collections::VecDeque;

/// So many of the first bytes say how a text is written.
const LOOKED_AT: usize = 4 * 1024;
/// Fewer characters than this tell nothing by their noughts.
const LEAST: usize = 4;

/// In which of its two orders a text has its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// UTF-16, the lower byte first: what Windows writes.
    LittleEndian,
    /// UTF-16, the higher byte first.
    BigEndian,
}

impl Coding {
    /// How a text that begins so is written, and how long its mark is; none where it is no UTF-16.
    pub fn of(text: &[u8]) -> Option<(Self, usize)> {
        match text {
            // UTF-32 begins so too: its next character would be nought.
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, rest @ ..] if !is_of_single_bytes(rest) => Some((Self::LittleEndian, 2)),
            [0xfe, 0xff, rest @ ..] if !is_of_single_bytes(rest) => Some((Self::BigEndian, 2)),
            _ => Self::guessed(text).map(|coding| (coding, 0)),
        }
    }

    /// By the noughts: the higher byte of nearly every character is one, the lower byte of none, and what they spell is
    /// letters and signs. Numbers in a binary file are not.
    fn guessed(text: &[u8]) -> Option<Self> {
        let (pairs, _) = text[..text.len().min(LOOKED_AT)].as_chunks::<2>();
        if pairs.len() < LEAST {
            return None;
        }
        let holds = |coding: Self| {
            let (mut plain, mut spelt, mut low) = (0, 0, 0);
            for pair in pairs {
                let unit = coding.unit(*pair);
                low += usize::from(unit.trailing_zeros() >= 8);
                if unit < 0x100 {
                    plain += 1;
                    spelt += usize::from(matches!(unit, 0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0xa0..=0xff));
                }
            }
            plain * 10 >= pairs.len() * 7 && spelt * 20 >= plain * 19 && low * 20 <= pairs.len()
        };
        [Self::LittleEndian, Self::BigEndian].into_iter().find(|coding| holds(*coding))
    }

    /// The unit that two bytes are.
    const fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::LittleEndian => u16::from_le_bytes(pair),
            Self::BigEndian => u16::from_be_bytes(pair),
        }
    }

    /// What a stretch of such a text says, as an observable's `original` has it.
    pub fn text(self, stretch: &[u8]) -> String {
        let (pairs, _) = stretch.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| self.unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    }
}

/// Whether what follows a mark is no UTF-16 after all: three of four bytes are letters and signs by themselves, which is
/// so in no script.
fn is_of_single_bytes(text: &[u8]) -> bool {
    let text = &text[..text.len().min(LOOKED_AT)];
    let single = text.iter().filter(|byte| matches!(byte, 0x09 | 0x0a | 0x0d | 0x20..=0x7e)).count();
    !text.is_empty() && single * 4 >= text.len() * 3
}

/// Characters one after the other that are as long as each other in both.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where they begin in what is read, and in the original.
    read: u64,
    original: u64,
    /// How long each is in what is read, and in the original.
    length: u64,
    was: u64,
}

/// Reads UTF-16 as UTF-8, bit by bit, and knows where everything came from.
#[derive(Debug)]
pub(super) struct Wide {
    coding: Coding,
    /// How much was read, and of how much.
    read: u64,
    original: u64,
    runs: VecDeque<Run>,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl Wide {
    /// For a text that is written so, behind its mark.
    pub fn new((coding, mark): (Coding, usize)) -> Self {
        Self { coding, read: 0, original: mark as u64, runs: VecDeque::new(), begun: Vec::new() }
    }

    /// A whole text, and how to find the way back.
    pub fn whole(text: &[u8], (coding, mark): (Coding, usize)) -> (Vec<u8>, Self) {
        let mut wide = Self::new((coding, mark));
        let mut read = Vec::with_capacity(text.len());
        wide.read(&text[mark..], true, &mut read);
        (read, wide)
    }

    /// Reads on; a character that goes on behind these bytes is read with the next ones, unless these are the last.
    pub fn read(&mut self, bytes: &[u8], last: bool, to: &mut Vec<u8>) {
        let joined;
        let bytes = if self.begun.is_empty() {
            bytes
        } else {
            joined = [std::mem::take(&mut self.begun).as_slice(), bytes].concat();
            &joined
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        let mut units = pairs.iter().map(|pair| self.coding.unit(*pair)).peekable();
        let mut taken = 0;
        while let Some(unit) = units.next() {
            let (letter, was) = match unit {
                0xd800..=0xdbff => match units.peek().copied() {
                    Some(low @ 0xdc00..=0xdfff) => {
                        units.next();
                        let above = ((u32::from(unit) - 0xd800) << 10) | (u32::from(low) - 0xdc00);
                        (char::from_u32(0x1_0000 + above).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
                    }
                    None if !last => break,
                    _ => (char::REPLACEMENT_CHARACTER, 2),
                },
                unit => (char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), 2),
            };
            to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            append(
                &mut self.runs,
                (&mut self.read, &mut self.original),
                letter.len_utf8() as u64,
                was as u64,
            );
            taken += was;
        }
        if !last {
            self.begun = bytes[taken..].to_vec();
        }
    }

    /// Where the stretch of what was read stands in the original.
    pub fn written(&self, start: u64, end: u64) -> (u64, u64) {
        (self.place(start).0, self.place(end.saturating_sub(1)).1)
    }

    /// Where the character of which this byte is begins and ends in the original.
    fn place(&self, at: u64) -> (u64, u64) {
        let run =
            self.runs.partition_point(|run| run.read <= at).checked_sub(1).and_then(|run| self.runs.get(run));
        run.map_or((self.original, self.original), |run| {
            let begin = run.original + (at - run.read) / run.length * run.was;
            (begin, begin + run.was)
        })
    }

    /// Forgets where stands what was read before this byte.
    pub fn forget(&mut self, before: u64) {
        while self.runs.get(1).is_some_and(|next| next.read <= before) {
            self.runs.pop_front();
        }
    }
}

fn append(runs: &mut VecDeque<Run>, (read, original): (&mut u64, &mut u64), length: u64, was: u64) {
    if runs.back().is_none_or(|run| (run.length, run.was) != (length, was)) {
        runs.push_back(Run { read: *read, original: *original, length, was });
    }
    *read += length;
    *original += was;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observable::{Nesting, Observable, REDACTED, extract, read};

    const LITTLE: (Coding, &[u8]) = (Coding::LittleEndian, &[0xff, 0xfe]);
    const BIG: (Coding, &[u8]) = (Coding::BigEndian, &[0xfe, 0xff]);

    fn wide(text: &str, coding: Coding, mark: &[u8]) -> Vec<u8> {
        let mut bytes = mark.to_vec();
        for unit in text.encode_utf16() {
            bytes.extend(match coding {
                Coding::LittleEndian => unit.to_le_bytes(),
                Coding::BigEndian => unit.to_be_bytes(),
            });
        }
        bytes
    }

    /// What is told but for where it stands.
    fn told(found: &[Observable]) -> Vec<(crate::ObservableKind, String, String)> {
        found.iter().map(|each| (each.kind, each.value.clone(), each.original.clone())).collect()
    }

    fn stand_in_their_places(bytes: &[u8], coding: Coding, found: &[Observable]) {
        let place = |at: u64| usize::try_from(at).unwrap();
        for each in found {
            let span = coding.text(&bytes[place(each.start)..place(each.end)]);
            assert!(each.original.contains(REDACTED) || span == each.original, "{each:?}: {span}");
        }
    }

    const TEXT: &str = "Windows PowerShell transcript start\r\nPS C:\\Users\\siân> iwr hxxps://evil-numbat[.]net/a🦘 \
                        203.0.113.9\r\n\"HKLM\\SOFTWARE\\Numbat\" 943 476 5919 evil.com\r\n";

    #[test]
    fn what_windows_writes_is_read_and_each_thing_stands_in_its_bytes() {
        let plain = extract(TEXT, Nesting::Every);
        assert!(plain.len() >= 6, "{plain:#?}");
        for (coding, mark) in [LITTLE, BIG] {
            for mark in [mark, &[][..]] {
                let bytes = wide(TEXT, coding, mark);
                let found = extract(&bytes, Nesting::Every);
                assert_eq!(told(&found), told(&plain), "{coding:?} {mark:?}");
                stand_in_their_places(&bytes, coding, &found);
                let first = plain.iter().find(|each| each.value == "203.0.113.9").unwrap();
                let there = found.iter().find(|each| each.value == "203.0.113.9").unwrap();
                let units = TEXT[..usize::try_from(first.start).unwrap()].encode_utf16().count();
                assert_eq!(there.start, (mark.len() + 2 * units) as u64);
                assert_eq!(there.end - there.start, 2 * 11);
            }
        }
    }

    /// A reader that gives one byte at a time, then many, so that no piece ends where a character does.
    struct Bits<'a>(&'a [u8]);

    impl std::io::Read for Bits<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let take = self.0.len().min(to.len()).min(if self.0.len().is_multiple_of(2) { 1 } else { 4_097 });
            to[..take].copy_from_slice(&self.0[..take]);
            self.0 = &self.0[take..];
            Ok(take)
        }
    }

    #[test]
    fn a_long_one_is_read_in_pieces_as_it_would_be_as_a_whole() {
        let long = TEXT.repeat(6_000);
        let plain: Vec<_> = read(long.as_bytes(), Nesting::Every).map(Result::unwrap).collect();
        for (coding, mark) in [LITTLE, BIG] {
            let bytes = wide(&long, coding, mark);
            let found: Vec<_> = read(Bits(&bytes), Nesting::Every).map(Result::unwrap).collect();
            assert_eq!(told(&found), told(&plain));
            stand_in_their_places(&bytes, coding, &found);
            assert!(found.is_sorted_by_key(|each| each.start));
        }
        // One endless line, of characters of every length.
        let line = "🦘 ŵ sian.evil-numbat.net ".repeat(100_000);
        let bytes = wide(&line, Coding::LittleEndian, &[0xff, 0xfe]);
        let found: Vec<_> = read(bytes.as_slice(), Nesting::Every).map(Result::unwrap).collect();
        assert!(found.len() > 90_000, "{}", found.len());
        stand_in_their_places(&bytes, Coding::LittleEndian, &found);
    }

    #[test]
    fn what_is_no_utf_16_is_not_taken_for_it() {
        let numbers: Vec<u8> = (0u16..2_000).flat_map(u16::to_le_bytes).collect();
        let noughts = [0; 64];
        for text in [
            &b""[..],
            b"e\0v",
            b"evil.com and more of it",
            b"\xff\xfe\0\0e\0\0\0v\0\0\0",
            b"\xff\xfesee evil.com",
            &numbers,
            &noughts,
            "słońce.example".as_bytes(),
            b"\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06",
        ] {
            assert_eq!(Coding::of(text), None, "{text:?}");
        }
        assert_eq!(Coding::of(b"e\0v\0i\0l\0"), Some((Coding::LittleEndian, 0)));
        assert_eq!(Coding::of(b"\0e\0v\0i\0l"), Some((Coding::BigEndian, 0)));
    }

    #[test]
    fn halves_of_characters_and_a_last_odd_byte_break_nothing() {
        for tail in [&[0x3e, 0xd8][..], &[0x3e], &[0x00, 0xdc, 0x41], &[0x3e, 0xd8, 0x20, 0]] {
            let mut bytes = wide("see evil-numbat.net ", Coding::LittleEndian, &[0xff, 0xfe]);
            bytes.extend(tail);
            bytes.extend(wide(" 203.0.113.9", Coding::LittleEndian, &[]));
            for found in [
                extract(&bytes, Nesting::Every),
                read(bytes.as_slice(), Nesting::Every).map(Result::unwrap).collect(),
            ] {
                assert_eq!(found[0].value, "evil-numbat.net");
                assert!(found.iter().all(|each| each.end <= bytes.len() as u64), "{found:?}");
            }
        }
    }

    #[test]
    fn a_part_of_a_mail_in_base64_may_be_in_utf_16() {
        let words = data_encoding::BASE64.encode(&wide(
            "See evil-numbat.net.\r\n",
            Coding::LittleEndian,
            &[0xff, 0xfe],
        ));
        let mail = format!(
            "Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n{words}\r\n"
        );
        let found: Vec<_> = read(mail.as_bytes(), Nesting::Every).map(Result::unwrap).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].value.as_str(), found[0].original.as_str()),
            ("evil-numbat.net", "evil-numbat.net")
        );
        let begin = u64::try_from(mail.find(&words).unwrap()).unwrap();
        assert!(found[0].start > begin && found[0].end <= begin + words.len() as u64);
    }
}
