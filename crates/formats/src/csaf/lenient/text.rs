//! The whole document: within its limits, UTF-8, and JSON from its first to its last byte.

use std::io::Read;

use serde_json::value::RawValue;

use crate::Refusal;
use crate::json_items::DEEPEST;

/// How large a document may be, and what it is called in a refusal.
#[derive(Clone, Copy)]
pub(in crate::csaf) struct Limits {
    /// In MiB.
    pub mebibytes: u64,
    /// Such as "the document".
    pub named: &'static str,
}

/// The text of a document, if it is within its limits and UTF-8. One byte more than the limit is
/// the most that is ever read.
pub(in crate::csaf) fn whole<R: Read>(input: R, limits: Limits) -> Result<String, Refusal> {
    let Limits { mebibytes, named } = limits;
    let most = mebibytes * 1024 * 1024;
    let mut bytes = Vec::new();
    let read = input.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| Refusal::at(1, format!("The {named} cannot be read: {error}.")))?;
    if bytes.len() as u64 > most {
        return Err(Refusal::at(
            1,
            format!("The {named} is larger than the {mebibytes} MiB that are taken."),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + String::from_utf8_lossy(good).matches('\n').count() as u64;
        Refusal::at(line, format!("The {named} is not UTF-8 text, which JSON has to be."))
    })
}

/// The outermost value of `text`, if all of it is JSON and not too deep: nesting is counted, never
/// followed.
pub(in crate::csaf) fn json(text: &str, limits: Limits) -> Result<&RawValue, Refusal> {
    let named = limits.named;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Err(Refusal::at(1, format!("The {named} is empty.")));
    }
    if let Some(line) = too_deep_at(text) {
        return Err(Refusal::at(line, format!("The {named} is nested deeper than {DEEPEST} levels.")));
    }
    serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
        let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
        Refusal::at(error.line().max(1) as u64, format!("The {named} is not JSON: {told}.")).in_column(column)
    })
}

/// The line on which brackets go deeper than serde would follow, if they do.
fn too_deep_at(text: &str) -> Option<u64> {
    let (mut depth, mut line, mut in_text, mut escaped) = (0_usize, 1, false, false);
    for byte in text.bytes() {
        line += u64::from(byte == b'\n');
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(line);
        }
    }
    None
}
