//! Why a part of a document was not taken in, and where it stands.
//!
//! Readers in this crate never stop at the first bad row: they hand over a `Refusal` in its
//! place and read on, so that one bad line does not keep out the other 14,302.

use std::fmt;

use serde::Serialize;

/// One row or entry that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The line of the document, from 1.
    pub line: u64,
    /// The column that is wrong, where one can be named.
    pub column: Option<Column>,
    /// A sentence for the person who has to mend the document.
    pub reason: String,
    /// Whether nothing that stands behind it was read: whoever would believe that the rest of the document says
    /// nothing must know.
    #[serde(skip)]
    pub is_end: bool,
}

/// The column of a refusal: counted where the document has no header, else named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// Counted from 1.
    Number(u32),
    /// The name that the header gives it.
    Name(String),
}

impl Refusal {
    /// A refusal of a whole line.
    pub fn at(line: u64, reason: impl Into<String>) -> Self {
        Self { line, column: None, reason: reason.into(), is_end: false }
    }

    /// The same refusal, behind which nothing of the document was read.
    #[must_use]
    pub fn at_the_end(mut self) -> Self {
        self.is_end = true;
        self
    }

    /// The same refusal, pointing at one column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<Column>) -> Self {
        self.column = Some(column.into());
        self
    }
}

impl From<u32> for Column {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What a document said, cut short so that a refusal stays a sentence.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut cut: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        cut.push('…');
    }
    format!("“{cut}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_written_as_a_number_or_a_name() {
        let counted = Refusal::at(3, "The date is wrong.").in_column(11);
        let named = Refusal::at(3, "The date is wrong.").in_column("opened");
        assert_eq!(
            serde_json::to_string(&counted).unwrap(),
            r#"{"line":3,"column":11,"reason":"The date is wrong."}"#
        );
        assert_eq!(
            serde_json::to_string(&named).unwrap(),
            r#"{"line":3,"column":"opened","reason":"The date is wrong."}"#
        );
        assert_eq!(named.to_string(), "line 3, column opened: The date is wrong.");
    }

    #[test]
    fn an_excerpt_is_short_and_shows_control_characters() {
        assert_eq!(excerpt("a\nb"), "“a\\nb”");
        assert!(excerpt(&"x".repeat(1_000_000)).len() < 80);
    }
}
