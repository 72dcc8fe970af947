//! A piece of JSON as it stood in a document, and what it means by serde.

use serde::Deserialize;
use serde_path_to_error::Segment;

use super::in_words;
use crate::Refusal;

/// A piece of JSON as it stood in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The column at which it begins, from 1.
    pub column: u32,
    /// The piece itself, verbatim.
    pub text: String,
}

impl Text {
    /// What it says, or where in the document, and in which field, it is wrong.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Refusal> {
        self.parse_by_field().map_err(|(refusal, _)| refusal)
    }

    /// What it says, or where it is wrong, with the name of the property of the whole in which that is, where it is
    /// in one.
    pub fn parse_by_field<'a, T: Deserialize<'a>>(&'a self) -> Result<T, (Refusal, Option<String>)> {
        let mut json = serde_json::Deserializer::from_str(&self.text);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let property = match error.path().iter().next() {
                Some(Segment::Map { key }) => Some(key.clone()),
                _ => None,
            };
            let inner = error.into_inner();
            let field = if path == "." { String::new() } else { format!("{path}: ") };
            (self.refuse_at(&inner, &field), property)
        })?;
        json.end().map_err(|error| (self.refuse_at(&error, ""), None))?;
        Ok(value)
    }

    /// A refusal of the whole piece.
    pub fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal::at(self.line, reason).in_column(self.column)
    }

    /// Whether one of its texts holds a NUL, which JSON writes as an escape. After a backslash that
    /// is itself escaped, `u0000` is only text, as descriptions of NUL injection have it.
    pub fn holds_nul(&self) -> bool {
        self.text.match_indices(r"\u0000").any(|(at, _)| {
            let escapes = self.text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\');
            escapes.count().is_multiple_of(2)
        })
    }

    /// A refusal at the place in the document to which serde's place in the piece belongs.
    fn refuse_at(&self, error: &serde_json::Error, field: &str) -> Refusal {
        let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
        let column = match error.line() {
            0 | 1 => self.column.saturating_add(column.saturating_sub(1)),
            _ => column,
        };
        let line = self.line + (error.line() as u64).saturating_sub(1);
        let field: String = field.chars().take(200).collect();
        let mut reason = format!("{field}{}.", in_words(error));
        if field.is_empty()
            && let Some(first) = reason.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        Refusal::at(line, reason).in_column(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_told_from_a_backslash_before_u0000() {
        let holds = |text: &str| Text { line: 1, column: 1, text: text.into() }.holds_nul();
        assert!(holds(r#""\u0000""#));
        assert!(holds(r#""\\\u0000""#));
        assert!(!holds(r#""\\u0000""#));
        assert!(!holds(r#""\u0001""#));
    }
}
