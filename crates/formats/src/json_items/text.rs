//! What a piece of JSON says, or where in the document, and in which field, it is wrong.

use serde::Deserialize;

use super::Text;
use crate::Refusal;

impl Text {
    /// What it says. A refusal names the field, and the place in the document.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Refusal> {
        let mut json = serde_json::Deserializer::from_str(&self.text);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            let field = if path == "." { String::new() } else { format!("{path}: ") };
            self.refuse_at(&inner, &field)
        })?;
        json.end().map_err(|error| self.refuse_at(&error, ""))?;
        Ok(value)
    }

    /// A refusal of the whole piece.
    pub fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal::at(self.line, reason).in_column(self.column)
    }

    /// A refusal at the place in the document to which serde's place in the piece belongs.
    fn refuse_at(&self, error: &serde_json::Error, field: &str) -> Refusal {
        let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
        let column = match error.line() {
            0 | 1 => self.column.saturating_add(column.saturating_sub(1)),
            _ => column,
        };
        let line = self.line + (error.line() as u64).saturating_sub(1);
        // serde ends its sentence with a place inside the piece, which would mislead here, and quotes
        // what it found at full length.
        let told = error.to_string();
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
        let shorten = |text: &str| text.chars().take(200).collect::<String>();
        let (field, told) = (shorten(field), shorten(told));
        Refusal::at(line, format!("{field}{}.", told.trim_end_matches('.'))).in_column(column)
    }
}
