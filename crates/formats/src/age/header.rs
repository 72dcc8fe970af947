//! The head of a sealed file: for whom it is, each in a stanza of its own, and what proves that it is whole.

use data_encoding::BASE64_NOPAD;

use super::AgeError;

/// The line that a sealed file begins with.
pub(super) const FIRST_LINE: &str = "age-encryption.org/v1";
/// The stanzas that are looked at: ours have one, and each costs work with each of our keys.
const MOST_STANZAS: usize = 20;
/// The length of each line of a stanza's body but the last.
const COLUMNS: usize = 64;

/// The head of a file.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub stanzas: Vec<Stanza<'a>>,
    /// What is authenticated: all that stands before the proof.
    pub authenticated: &'a [u8],
    pub mac: Vec<u8>,
}

/// What one recipient needs to open the file.
#[derive(Debug)]
pub(super) struct Stanza<'a> {
    pub kind: &'a str,
    arguments: Vec<&'a str>,
    body: Vec<u8>,
}

impl<'a> Header<'a> {
    /// The head of a file, and what is sealed behind it.
    pub fn read(file: &'a [u8]) -> Result<(Self, &'a [u8]), AgeError> {
        let mut lines = Lines { file, at: 0 };
        if lines.next() != Ok(FIRST_LINE) {
            return Err(AgeError::Other);
        }
        let mut stanzas = Vec::new();
        loop {
            let begun = lines.at;
            let line = lines.next()?;
            if let Some(arguments) = line.strip_prefix("-> ") {
                if stanzas.len() == MOST_STANZAS {
                    return Err(AgeError::Damaged);
                }
                stanzas.push(Stanza::read(arguments, &mut lines)?);
            } else {
                let mac = line.strip_prefix("--- ").and_then(decoded).filter(|mac| mac.len() == 32);
                let mac = mac.filter(|_| !stanzas.is_empty()).ok_or(AgeError::Damaged)?;
                let authenticated = &file[..begun + "---".len()];
                return Ok((Self { stanzas, authenticated, mac }, &file[lines.at..]));
            }
        }
    }
}

impl<'a> Stanza<'a> {
    fn read(arguments: &'a str, lines: &mut Lines<'a>) -> Result<Self, AgeError> {
        let arguments: Vec<_> = arguments.split(' ').collect();
        let is_plain = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let Some((kind, rest)) = arguments.split_first().filter(|_| arguments.iter().all(is_plain)) else {
            return Err(AgeError::Damaged);
        };
        let mut body = Vec::new();
        loop {
            let line = lines.next()?;
            body.extend(decoded(line).filter(|_| line.len() <= COLUMNS).ok_or(AgeError::Damaged)?);
            if line.len() < COLUMNS {
                return Ok(Self { kind, arguments: rest.to_vec(), body });
            }
        }
    }

    /// The share and the wrapped key of a stanza of the kind X25519.
    pub fn of_x25519(&self) -> Option<([u8; 32], [u8; 32])> {
        let [share] = self.arguments[..] else { return None };
        Some((decoded(share)?.try_into().ok()?, self.body.as_slice().try_into().ok()?))
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_NOPAD.decode(text.as_bytes()).ok()
}

/// The lines of a head, which end in LF alone.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a str, AgeError> {
        let rest = &self.file[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(AgeError::Damaged)?;
        self.at += length + 1;
        std::str::from_utf8(&rest[..length]).map_err(|_| AgeError::Damaged)
    }
}
