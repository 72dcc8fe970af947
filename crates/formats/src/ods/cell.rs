//! One cell of a row, and what may stand in it.

use jiff::civil::Date;

use crate::refusal::{Column, excerpt};
use crate::{OdsCode, Refusal};

/// The longest text a cell may hold; the longest real name has 73 characters.
const LONGEST: usize = 500;

/// A cell that knows where it stands, so that what is wrong with it can be said.
pub(super) struct Cell<'a> {
    pub line: u64,
    pub column: Column,
    pub text: &'a str,
}

impl Cell<'_> {
    /// A refusal of this cell.
    pub fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal::at(self.line, reason).in_column(self.column.clone())
    }

    /// The text on one line, or nothing where the cell is empty.
    pub fn text(&self) -> Result<Option<String>, Refusal> {
        if self.text.chars().nth(LONGEST).is_some() {
            return Err(self.refuse(format!("The text is longer than {LONGEST} characters.")));
        }
        let words: Vec<&str> = self.text.split_whitespace().collect();
        Ok((!words.is_empty()).then(|| words.join(" ")))
    }

    /// The text, which must be there.
    pub fn required_text(&self) -> Result<String, Refusal> {
        self.text()?.ok_or_else(|| self.refuse("The cell is empty, but the row needs it."))
    }

    /// What the text means to `parse`, or nothing where the cell is empty.
    pub fn parse<T, E: ToString>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        if self.text.is_empty() {
            return Ok(None);
        }
        parse(self.text).map(Some).map_err(|error| self.refuse(error.to_string()))
    }

    /// A code of an organisation.
    pub fn code(&self) -> Result<Option<OdsCode>, Refusal> {
        self.parse(str::parse::<OdsCode>)
    }

    /// A code of an organisation, which must be there.
    pub fn required_code(&self) -> Result<OdsCode, Refusal> {
        self.code()?.ok_or_else(|| self.refuse("The row has no code."))
    }

    /// A date: 20130401 as ODS writes it, 2013-04-01, or 01/04/2013 as a British spreadsheet does.
    pub fn date(&self) -> Result<Option<Date>, Refusal> {
        self.parse(|text| {
            date(text).ok_or_else(|| {
                format!("{} is not a date; write it as 2013-04-01 or 20130401.", excerpt(text))
            })
        })
    }
}

fn date(text: &str) -> Option<Date> {
    let format = match text.len() {
        8 => "%Y%m%d",
        10 if text.contains('/') => "%d/%m/%Y",
        10 => "%Y-%m-%d",
        _ => return None,
    };
    let separators = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/'));
    if separators { Date::strptime(format, text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        let expected = jiff::civil::date(2013, 4, 1);
        for text in ["20130401", "2013-04-01", "01/04/2013"] {
            assert_eq!(date(text), Some(expected), "{text}");
        }
        for text in ["20130431", "2013", "04/31/2013", "2013-4-01", "-2013040", "++130401", "é3040100"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
