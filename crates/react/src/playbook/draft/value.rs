//! Reading and writing in a document: a text that is there, a list a line each, and our extension, which is
//! defined where it is used and taken out where it says nothing.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::playbook::{built_ins, guidance::EXTENSION};

/// A text of a document; empty where there is none.
pub(super) fn text(value: &Value) -> String {
    clean(value.as_str().unwrap_or_default())
}

/// A list of texts, a line each.
pub(super) fn lines_of(value: &Value) -> String {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(one_line).collect::<Vec<_>>().join("\n")
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with the line ends of a document: a browser sends others than it was given.
pub(super) fn clean(text: &str) -> String {
    text.trim().replace("\r\n", "\n").replace('\r', "\n")
}

/// The lines of what was typed, without the empty ones.
pub(super) fn lines(typed: &str) -> Vec<String> {
    typed.lines().map(one_line).filter(|line| !line.is_empty()).collect()
}

/// Writes a text, or takes it out where it is empty.
pub(super) fn put(object: &mut Map<String, Value>, property: &str, text: &str) {
    if text.is_empty() {
        object.remove(property);
    } else {
        object.insert(property.to_owned(), json!(text));
    }
}

/// Writes lines as a list, or takes it out where there are none.
pub(super) fn put_lines(object: &mut Map<String, Value>, property: &str, typed: &str) {
    let lines = lines(typed);
    if lines.is_empty() {
        object.remove(property);
    } else {
        object.insert(property.to_owned(), json!(lines));
    }
}

/// Changes what our extension says within an object: under `property`, which holds extensions by their ids. Where
/// it says nothing afterwards it is not there.
pub(super) fn extend(
    object: &mut Map<String, Value>,
    property: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut all =
        object.remove(property).and_then(|all| if let Value::Object(all) = all { Some(all) } else { None });
    let all_of = all.get_or_insert_with(Map::new);
    let mut ours = match all_of.remove(EXTENSION) {
        Some(Value::Object(ours)) => ours,
        _ => Map::new(),
    };
    change(&mut ours);
    if !ours.is_empty() {
        all_of.insert(EXTENSION.to_owned(), Value::Object(ours));
    }
    if let Some(all) = all.filter(|all| !all.is_empty()) {
        object.insert(property.to_owned(), Value::Object(all));
    }
}

/// Defines our extension, which a document that uses it has to.
pub(super) fn define_extension(document: &mut Value) {
    let defined = &document["extension_definitions"][EXTENSION];
    if defined.is_null() && document.to_string().contains(EXTENSION) {
        let definition =
            built_ins().first().map(|ours| &ours.playbook.document["extension_definitions"][EXTENSION]);
        document["extension_definitions"][EXTENSION] = definition.cloned().unwrap_or_default();
    }
}

/// What names what a form was filled with: whoever saves it says which words they saw.
pub(super) fn fingerprint(fields: &impl std::fmt::Debug) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{fields:?}"))[..8])
}

/// Minutes of a number of milliseconds, rounded up; empty where there is none.
pub(super) fn minutes(value: &Value) -> String {
    let milliseconds = value.as_u64().unwrap_or_default();
    if milliseconds == 0 { String::new() } else { milliseconds.div_ceil(60_000).to_string() }
}

/// Writes minutes as milliseconds, or takes them out.
pub(super) fn put_minutes(object: &mut Map<String, Value>, property: &str, typed: &str) {
    match typed.trim().parse::<u64>() {
        Ok(minutes) if minutes > 0 => {
            object.insert(property.to_owned(), json!(minutes.saturating_mul(60_000)));
        }
        _ => _ = object.remove(property),
    }
}
