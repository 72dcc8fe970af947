//! Words without dots: hashes, CVE and ATT&CK numbers, Bitcoin addresses, NHS numbers.

use super::{ObservableKind, checksum, nhs_number, scan::Scanner};

/// What a hash of 32 digits is not the MD5 of a file after.
const OTHER_HASHES: [&[u8]; 9] = [
    b"imphash",
    b"import hash",
    b"authentihash",
    b"rich hash",
    b"richhash",
    b"pehash",
    b"ja3",
    b"ja3s",
    b"typelibhash",
];
/// How far before a hash its name is looked for.
const NAME_BEFORE: usize = 24;

impl Scanner<'_, '_> {
    /// Looks at the words between hyphens, dots and underscores; returns where it stopped.
    pub fn tokens(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end {
            let from = at;
            while at < end && self.bytes[at].is_ascii_alphanumeric() {
                at += 1;
            }
            self.work += at - from;
            at = if at == from { at + 1 } else { self.token(from, at).unwrap_or(at) };
        }
        at
    }

    fn token(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.bytes[start..end];
        if (24..128).contains(&word.len())
            && let Some(taken) = self.wrapped_hash(start, end)
        {
            return Some(taken);
        }
        match word.len() {
            3 if word.eq_ignore_ascii_case(b"cve") => self.cve(start, end),
            3 | 10 if word.iter().all(u8::is_ascii_digit) => self.nhs_number(start),
            5 | 6 => self.attack_id(start, end),
            7 if word[..3].eq_ignore_ascii_case(b"cve") => self.cve(start, start + 3),
            26..=31 | 33..=39 | 41..=63 | 65..=74 => self.bitcoin(start, end),
            32 | 40 | 64 | 128 => self.hash(start, end).or_else(|| self.bitcoin(start, end)),
            _ => None,
        }
    }

    fn hash(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.bytes[start..end];
        let hexadecimal = word.iter().all(u8::is_ascii_hexdigit);
        // A number alone, or one that stands for no file.
        if !hexadecimal || word.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let kind = match word.len() {
            32 => ObservableKind::Md5,
            40 => ObservableKind::Sha1,
            64 => ObservableKind::Sha256,
            _ => ObservableKind::Sha512,
        };
        if matches!(kind, ObservableKind::Md5 | ObservableKind::Sha256) && self.is_other_hash(start) {
            return Some(end);
        }
        let value = String::from_utf8_lossy(word).to_ascii_lowercase();
        self.tell(kind, start..end, &value);
        Some(end)
    }

    /// A hash that goes on in the next line: by its name before it, or since its parts are odd and their sum is even.
    fn wrapped_hash(&mut self, start: usize, end: usize) -> Option<usize> {
        let second = match (self.byte(end), self.byte(end + 1)) {
            (b'\n', _) => end + 1,
            (b'\r', b'\n') => end + 2,
            _ => return None,
        };
        if start < self.done || !self.before(start).is_ascii_whitespace() && self.before(start) != b':' {
            return None;
        }
        let (word, rest) = (&self.bytes[start..end], self.bytes.get(second..)?);
        let length = rest.iter().take(129).take_while(|byte| byte.is_ascii_hexdigit()).count();
        self.work += word.len() + length;
        let last = second + length;
        let (kind, names) = match word.len() + length {
            32 => (ObservableKind::Md5, [&b"md5"[..], b"md-5"]),
            40 => (ObservableKind::Sha1, [&b"sha1"[..], b"sha-1"]),
            64 => (ObservableKind::Sha256, [&b"sha256"[..], b"sha-256"]),
            128 => (ObservableKind::Sha512, [&b"sha512"[..], b"sha-512"]),
            _ => return None,
        };
        let from = start.saturating_sub(NAME_BEFORE).max(self.done);
        let before = self.bytes[from..start].trim_ascii_end();
        let before = before.strip_suffix(b":").unwrap_or(before);
        self.work += before.len();
        let ends = |name: &&[u8]| {
            before.len() >= name.len() && before[before.len() - name.len()..].eq_ignore_ascii_case(name)
        };
        let labelled = names.iter().any(ends);
        let odd = kind != ObservableKind::Md5
            && !matches!(word.len(), 32 | 40 | 64)
            && word.len() > length
            && word.iter().any(u8::is_ascii_alphabetic);
        let whole = word.iter().all(u8::is_ascii_hexdigit) && !self.byte(last).is_ascii_alphanumeric();
        if !whole || length < 4 || !(labelled || odd) {
            return None;
        }
        let value = String::from_utf8_lossy(&[word, &rest[..length]].concat()).to_ascii_lowercase();
        self.tell(kind, start..last, &value);
        Some(last)
    }

    /// Whether the name of another kind of hash stands before it.
    fn is_other_hash(&mut self, start: usize) -> bool {
        let from = start.saturating_sub(NAME_BEFORE).max(self.done.min(start));
        let before = self.bytes[from..start].to_ascii_lowercase();
        self.work += before.len();
        let named = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1);
        OTHER_HASHES.iter().any(|name| before[..named].ends_with(name))
    }

    fn cve(&mut self, start: usize, end: usize) -> Option<usize> {
        let year = if end - start == 3 && self.byte(end).is_ascii_digit() { end } else { self.joint(end)? };
        if !self.bytes.get(year..year + 4)?.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = self.joint(year + 4)?;
        let rest = &self.bytes[number..self.bytes.len().min(number + 20)];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let last = number + digits;
        if !(4..=19).contains(&digits)
            || self.byte(last).is_ascii_alphabetic()
            || !matches!(self.bytes[year], b'1' | b'2')
        {
            return None;
        }
        let text = |from: usize, to: usize| String::from_utf8_lossy(&self.bytes[from..to]);
        let value = format!("CVE-{}-{}", text(year, year + 4), text(number, last));
        self.tell(ObservableKind::Cve, start..last, &value);
        Some(last)
    }

    /// After the hyphen, however it was typed, that joins the parts of a CVE number.
    fn joint(&self, at: usize) -> Option<usize> {
        match self.byte(at) {
            b'-' | b'_' | b' ' if at < self.bytes.len() => Some(at + 1),
            // U+2010 to U+2015: hyphens and dashes.
            0xe2 if self.byte(at + 1) == 0x80 && (0x90..=0x95).contains(&self.byte(at + 2)) => Some(at + 3),
            _ => None,
        }
    }

    fn attack_id(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.bytes[start..end];
        let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let digits = &word[letters..];
        if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) || !matches!(digits[0], b'0' | b'1') {
            return None;
        }
        let technique = word[..letters].eq_ignore_ascii_case(b"t");
        // "attack.t1059", as the tags of Sigma have it.
        let tagged = start >= 7
            && self.says(start - 7, b"attack.")
            && !(start >= 8 && self.bytes[start - 8].is_ascii_alphanumeric());
        let known = technique
            || tagged && matches!(&word[..letters], b"g" | b"s" | b"m")
            || word[..letters].eq_ignore_ascii_case(b"ta") && digits[0] == b'0'
            || matches!(&word[..letters], b"G" | b"S" | b"M") && !self.is_joined(start, end);
        let mut last = end;
        if self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit() {
            let sub =
                self.bytes[end + 1..].iter().take(4).take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let whole = self.bytes[end + 1..end + 1 + sub].iter().all(u8::is_ascii_digit);
            if !(technique && sub == 3 && whole) {
                return None;
            }
            last = end + 4;
        }
        if !known || self.before(start) == b'.' && !tagged {
            return None;
        }
        let value = String::from_utf8_lossy(&self.bytes[start..last]).to_ascii_uppercase();
        self.tell(ObservableKind::AttackId, start..last, &value);
        Some(last)
    }

    /// Whether a word is a part of a longer one, as in the number of a product.
    fn is_joined(&self, start: usize, end: usize) -> bool {
        let part = |byte: u8| matches!(byte, b'-' | b'_' | b'.' | b'/' | b'#');
        let after = self.byte(end);
        part(self.before(start)) && self.before(start) != b'/'
            || matches!(after, b'-' | b'_')
            || after == b'.' && self.byte(end + 1).is_ascii_alphanumeric()
    }

    fn bitcoin(&mut self, start: usize, end: usize) -> Option<usize> {
        let word = &self.bytes[start..end];
        if !checksum::is_bitcoin(word) {
            return None;
        }
        let mut value = String::from_utf8_lossy(word).into_owned();
        if matches!(word[0], b'b' | b'B') {
            value.make_ascii_lowercase();
        }
        self.tell(ObservableKind::Bitcoin, start..end, &value);
        Some(end)
    }

    fn nhs_number(&mut self, start: usize) -> Option<usize> {
        let number = nhs_number::at(self.bytes, start)?;
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
        let after = self.byte(number.end);
        let goes_on = after.is_ascii_alphanumeric()
            || matches!(after, b'.' | b'-' | b'_') && self.byte(number.end + 1).is_ascii_alphanumeric();
        // Within a link it was told with the link.
        if start < self.done || part(self.before(start)) || goes_on {
            return None;
        }
        let end = number.end;
        self.tell(ObservableKind::NhsNumber, number, nhs_number::REDACTED);
        Some(end)
    }
}
