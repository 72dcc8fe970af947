//! A sealed file as text: strict PEM (RFC 7468), so that there is one way to write a file.

use std::borrow::Cow;

use data_encoding::BASE64;

use super::AgeError;

const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";
/// The length of every line but the last.
const COLUMNS: usize = 64;

/// A sealed file as text, as it may be pasted.
pub fn armoured(file: &[u8]) -> String {
    let text = BASE64.encode(file);
    let lines = text.as_bytes().chunks(COLUMNS).map(String::from_utf8_lossy);
    let mut armoured = BEGIN.to_owned();
    for line in lines {
        armoured.push('\n');
        armoured.push_str(&line);
    }
    format!("{armoured}\n{END}\n")
}

/// The file without its armour, where it has one.
pub(super) fn without(file: &[u8]) -> Result<Cow<'_, [u8]>, AgeError> {
    let trimmed = file.trim_ascii();
    if !trimmed.starts_with(BEGIN.as_bytes()) {
        return Ok(Cow::Borrowed(file));
    }
    let text = std::str::from_utf8(trimmed).map_err(|_| AgeError::Damaged)?;
    let mut lines: Vec<_> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if lines.first() != Some(&BEGIN) || lines.last() != Some(&END) || lines.len() < 2 {
        return Err(AgeError::Damaged);
    }
    lines.pop();
    let lines = &lines[1..];
    let is_whole = |(place, line): (usize, &&str)| {
        if place + 1 == lines.len() { (1..=COLUMNS).contains(&line.len()) } else { line.len() == COLUMNS }
    };
    if !lines.iter().enumerate().all(is_whole) {
        return Err(AgeError::Damaged);
    }
    BASE64.decode(lines.concat().as_bytes()).map(Cow::Owned).map_err(|_| AgeError::Damaged)
}
