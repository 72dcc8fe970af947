//! The forms in which an advisory is written, one topic each: what was typed, and its rows.
//!
//! A form is made either from the wording, as it is first shown (`show`), or from what came back, so
//! that a form with a problem is shown again as it was typed; `write` makes it part of the wording.

mod show;
mod write;

use std::borrow::Borrow;

use super::content::MOST_ROWS;

pub(crate) use write::cves;

platform::vocabulary! {
    /// One page of the task list.
    pub enum Topic {
        About = "about", "Title, summary and severity";
        Classes = "classes", "Classification";
        Platforms = "platforms", "Affected platforms";
        Details = "details", "Threat details";
        Updates = "updates", "Updates";
        Remediation = "remediation", "Remediation steps";
        Traces = "traces", "Indicators and CVEs";
        Marking = "marking", "Marking and definitive source";
    }
}

/// The fields of a posted form, in their order.
pub type Fields = Vec<(String, String)>;

/// What was typed, by field.
#[derive(Clone, Debug, Default)]
pub struct Typed(Fields);

/// What the person asked for with the button they pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Keep it.
    Save,
    /// One more row.
    AddRow,
    /// Without this row.
    RemoveRow(usize),
}

impl Typed {
    /// The form as it came back.
    pub fn of(fields: Fields) -> Self {
        // A browser sends every line end as two characters.
        Self(fields.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect())
    }

    /// Every field with its value, in the form's order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a field; empty where it is absent.
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The field of a row.
    pub fn cell(&self, name: &str, row: impl Borrow<usize>) -> &str {
        self.one(&format!("{name}-{}", row.borrow()))
    }

    /// How many rows the form has.
    pub fn rows(&self) -> usize {
        self.one("rows").parse().unwrap_or(0).min(MOST_ROWS)
    }

    /// Which button was pressed.
    pub fn pressed(&self) -> Pressed {
        match self.one("do") {
            "add" => Pressed::AddRow,
            other => other
                .strip_prefix("remove-")
                .and_then(|row| row.parse().ok())
                .map_or(Pressed::Save, Pressed::RemoveRow),
        }
    }

    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    fn put_rows<T>(&mut self, rows: &[T], cells: impl Fn(&T) -> Vec<(&'static str, String)>) {
        for (number, row) in rows.iter().enumerate() {
            for (name, value) in cells(row) {
                self.put(format!("{name}-{number}"), value);
            }
        }
        self.put("rows", rows.len().to_string());
    }

    /// The same form with one more empty row.
    #[must_use]
    pub fn with_row(mut self) -> Self {
        let rows = (self.rows() + 1).min(MOST_ROWS);
        self.0.retain(|(name, _)| name != "rows");
        self.put("rows", rows.to_string());
        self
    }

    /// The same form without one of its rows: those behind it move up.
    #[must_use]
    pub fn without_row(self, removed: usize) -> Self {
        let rows = self.rows();
        let mut kept = Self::default();
        for (name, value) in self.0 {
            match row_of(&name) {
                Some((_, row, _)) if row == removed => {}
                Some((field, row, part)) if row > removed => {
                    kept.put(format!("{field}-{}{part}", row - 1), value);
                }
                _ if name == "rows" => {}
                _ => kept.put(name, value),
            }
        }
        let rows = if removed < rows { rows - 1 } else { rows };
        kept.put("rows", rows.to_string());
        kept
    }
}

/// The field, the row and the part of a cell's name: `date-3-month` is field `date`, row 3, part
/// `-month`.
fn row_of(name: &str) -> Option<(&str, usize, &str)> {
    let (field, rest) = name.split_once('-')?;
    let digits = rest.find('-').unwrap_or(rest.len());
    Some((field, rest[..digits].parse().ok()?, &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn typed(fields: &[(&str, &str)]) -> Typed {
        Typed::of(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_row_is_added_and_taken_away_without_losing_what_was_typed() {
        let form = typed(&[
            ("platform-0", "A"),
            ("platform-1", "B"),
            ("platform-2", "C"),
            ("date-2-month", "6"),
            ("rows", "3"),
            ("do", "remove-1"),
        ]);
        assert_eq!(form.pressed(), Pressed::RemoveRow(1));
        let form = form.without_row(1).with_row();
        assert_eq!(
            (form.rows(), form.cell("platform", 0), form.cell("platform", 1), form.cell("platform", 2)),
            (3, "A", "C", "")
        );
        assert_eq!(form.one("date-1-month"), "6");
        assert_eq!(typed(&[("rows", "99999999")]).rows(), MOST_ROWS);
    }
}
