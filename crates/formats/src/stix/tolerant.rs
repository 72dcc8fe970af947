//! Reading an object of which a property is wrong that it can do without.
//!
//! One broken reference must not cost a report of malware. But what says what an object is, which version of it
//! this is, who may read it and until when it holds is never passed over: what cannot be read there refuses the
//! whole.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use crate::Refusal;
use crate::json_items::Text;

/// Properties without which an object would say something else, or say it to others.
const BINDING: [&str; 9] = [
    "type",
    "id",
    "spec_version",
    "created",
    "modified",
    "revoked",
    "valid_until",
    "object_marking_refs",
    "granular_markings",
];

/// An object that is read property by property, as far as it can be.
pub(super) struct Tolerant<'a> {
    text: &'a Text,
    /// The object with what was passed over under names that nobody reads; none while all is well.
    left: Option<Text>,
    /// Markings are read whole or not at all.
    is_strict: bool,
    unread: Vec<String>,
}

impl<'a> Tolerant<'a> {
    /// The object of this type that `text` is.
    pub(super) fn of(text: &'a Text, kind: &str) -> Self {
        Self { text, left: None, is_strict: kind == "marking-definition", unread: Vec::new() }
    }

    /// What the object says by the properties of `T`.
    pub(super) fn parse<T: DeserializeOwned>(&mut self) -> Result<T, Refusal> {
        loop {
            let text = self.left.as_ref().unwrap_or(self.text);
            let (refusal, property) = match text.parse_by_field() {
                Ok(read) => return Ok(read),
                Err(wrong) => wrong,
            };
            let bound = |name: &String| self.is_strict || BINDING.contains(&name.as_str());
            let left = property.filter(|name| !bound(name)).and_then(|name| without(text, &name));
            // Required, it is missing next.
            let Some(left) = left else { return Err(self.first(refusal)) };
            self.unread.push(refusal.reason);
            self.left = Some(left);
        }
    }

    /// Why the object is refused: where a property was passed over that must be there, that one is wrong.
    fn first(&self, refusal: Refusal) -> Refusal {
        let missing = refusal.reason.strip_prefix("The field “").and_then(|rest| rest.split('”').next());
        let passed = missing
            .and_then(|name| self.unread.iter().find(|reason| reason.starts_with(&format!("{name}: "))));
        match passed {
            Some(reason) => Refusal { reason: reason.clone(), ..refusal },
            None => refusal,
        }
    }

    /// Why properties were not read.
    pub(super) fn unread(self) -> Vec<String> {
        self.unread
    }
}

/// The object with its property under a name that nobody reads, at the same place; none where the name is written
/// with escapes.
fn without(object: &Text, name: &str) -> Option<Text> {
    let properties: BTreeMap<String, &RawValue> = serde_json::from_str(&object.text).ok()?;
    let value = properties.get(name)?.get();
    let at = (value.as_ptr() as usize).checked_sub(object.text.as_ptr() as usize)?;
    let before = object.text.get(..at)?.trim_end().strip_suffix(':')?.trim_end().strip_suffix('"')?;
    let key = before.len().checked_sub(name.len()).filter(|_| before.ends_with(name))?;
    if !name.is_char_boundary(1) || !before[..key].ends_with('"') {
        return None;
    }
    let text = format!("{}~{}", &object.text[..key], &object.text[key + 1..]);
    Some(Text { text, line: object.line, column: object.column })
}
