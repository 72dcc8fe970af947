//! The settings file: what it gives, in the order of its lines, and where it cannot be read.
//!
//! A mistake in TOML makes the parser stumble on and guess. Of a setting that holds one, the first
//! thing that is wrong is told at the setting's line, and its value is not judged; of a line outside
//! any setting, the same.

use std::{collections::BTreeMap, ops::RangeInclusive};

use toml::de::{DeTable, DeValue};

/// A setting as the file gives it, or what is wrong at its place.
pub(super) struct Given {
    /// The file and line.
    pub place: String,
    /// The setting, such as `cert.name`; empty where a line is not even one.
    pub name: String,
    /// Its text, or why it has none.
    pub text: Result<String, String>,
}

/// What `file` gives, whose text is `text`.
pub(super) fn read(file: &str, text: &str) -> Vec<Given> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut settings = Vec::new();
    flatten(text, table.get_ref(), "", &mut settings);
    let mut given: BTreeMap<usize, (String, Result<String, String>)> = BTreeMap::new();
    let mut broken: BTreeMap<usize, String> = BTreeMap::new();
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let setting = settings.iter().find(|setting| setting.extent.contains(&at));
        let place = setting.map_or_else(|| line_start(text, at), |setting| *setting.extent.start());
        let told = broken.entry(place).or_insert_with(|| error.message().to_owned());
        // What was never closed swallows the lines below it; that they make no sense there is no news.
        if error.message().starts_with("unclosed") {
            error.message().clone_into(told);
        }
    }
    for Setting { name, extent, text } in settings {
        let text = broken.remove(extent.start()).map_or(text, Err);
        given.insert(*extent.start(), (name, text));
    }
    given.extend(broken.into_iter().map(|(at, message)| (at, (String::new(), Err(message)))));
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let told = given.into_iter();
    told.map(|(at, (name, text))| Given { place: format!("{file}:{}", line(at)), name, text }).collect()
}

/// A setting of a table.
struct Setting {
    /// As `section.name`.
    name: String,
    /// From its name to its value's end, or its line's, in bytes.
    extent: RangeInclusive<usize>,
    text: Result<String, String>,
}

/// The settings of a table and of those in it.
fn flatten(file: &str, table: &DeTable<'_>, prefix: &str, settings: &mut Vec<Setting>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let text = match value.get_ref() {
            DeValue::Table(inner) => {
                flatten(file, inner, &format!("{name}."), settings);
                continue;
            }
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Boolean(truth) => Ok(truth.to_string()),
            DeValue::Integer(number) => Ok(number.as_str().to_owned()),
            DeValue::Array(items) => items
                .iter()
                .map(|item| item.get_ref().as_str().map(ToOwned::to_owned))
                .collect::<Option<Vec<_>>>()
                .map(|items| items.join(","))
                .ok_or_else(|| "write a list of texts".to_owned()),
            _ => Err("write a text, a whole number, true or false".to_owned()),
        };
        let start = key.span().start;
        settings.push(Setting { name, extent: start..=value.span().end.max(line_end(file, start)), text });
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].rfind('\n').map_or(0, |before| before + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at.min(text.len())..].find('\n').map_or(text.len(), |length| at + length)
}
