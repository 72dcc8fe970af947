//! What a report says: read in one place, from a form or from a file, so that every way takes the same.

use jiff::{Timestamp, civil::DateTime};
use platform::uk;
use serde::{Deserialize, Serialize};

use super::{Care, Seen};

/// The form of a report as JSON.
pub const FORM: &str = "carecert-report/1";
/// The longest file of that form that is read, in bytes.
pub const MOST_BYTES: usize = 64 * 1024;
/// The longest name, in characters: an organisation's or a person's.
pub const LONGEST_NAME: usize = 200;
/// The longest telephone number, with an extension and how to ask for somebody.
pub const LONGEST_NUMBER: usize = 60;
/// The longest of the words, in characters.
pub const LONGEST: usize = 2_000;

/// Whom to ring about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ring {
    /// Who they are.
    pub name: String,
    /// Their number, as they say it: extensions and bleeps too.
    pub telephone: String,
}

/// What a report says; any of it may be missing while it is written, and all but what is seen when it is
/// sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The organisation as it was typed: its code or its name; nothing where it is known otherwise.
    pub named: String,
    /// What is seen.
    pub seen: Vec<Seen>,
    /// Since when; `None` where they do not know.
    pub since: Option<Timestamp>,
    /// What care is affected.
    pub affected: Vec<Care>,
    /// The same in their words.
    pub care: String,
    /// Whom to ring.
    pub ring: Ring,
    /// What else they want to say.
    pub more: String,
}

/// A report as the offline form writes it and the API takes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Written {
    /// Always [`FORM`].
    pub form: String,
    /// The ODS code or the name of the organisation, as typed.
    pub organisation: String,
    /// A one-time code, or nothing.
    pub code: String,
    /// Codes of [`Seen`].
    pub seen: Vec<String>,
    /// The date and time in the UK, such as `2026-11-27T02:10`; nothing where they do not know.
    pub since: String,
    /// Codes of [`Care`].
    pub affected: Vec<String>,
    /// What care is affected, in words.
    pub care: String,
    /// Whom to ring.
    pub ring: Ring,
    /// What else they say.
    pub more: String,
}

/// Why a text is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// It is larger than any report.
    #[error("This is larger than a report can be.")]
    TooLarge,
    /// It is not JSON, or of another form.
    #[error("This is not a report that this service can read.")]
    AnotherForm,
}

impl Written {
    /// Reads the JSON of a report.
    pub fn parse(json: &[u8]) -> Result<Self, NotWritten> {
        if json.len() > MOST_BYTES {
            return Err(NotWritten::TooLarge);
        }
        let written: Self = serde_json::from_slice(json).map_err(|_| NotWritten::AnotherForm)?;
        if written.form == FORM { Ok(written) } else { Err(NotWritten::AnotherForm) }
    }

    /// What it says. Nothing is refused: whoever wrote it is gone, and may not be able to write again.
    /// Words that this version does not know are something else, a moment that cannot be read is kept in
    /// words, and what is too long is cut where it has to be.
    pub fn facts(&self) -> Facts {
        let (mut seen, mut more) = (Vec::new(), vec![self.more.trim().to_owned()]);
        for code in &self.seen {
            let known = code.parse().unwrap_or_else(|_| {
                more.push(code.clone());
                Seen::SomethingElse
            });
            if !seen.contains(&known) {
                seen.push(known);
            }
        }
        if seen.is_empty() {
            seen.push(Seen::SomethingElse);
        }
        let since = self.since.trim();
        let read = since.parse::<DateTime>().ok().and_then(uk::moment);
        if read.is_none() && !since.is_empty() {
            more.push(format!("Since: {since}"));
        }
        more.retain(|part| !part.is_empty());
        let mut affected: Vec<Care> = Vec::new();
        for code in self.affected.iter().filter_map(|code| code.parse().ok()) {
            if !affected.contains(&code) {
                affected.push(code);
            }
        }
        Facts {
            named: cut(&self.organisation, LONGEST_NAME),
            seen,
            since: read,
            affected: Care::agreeing(affected),
            care: cut(&self.care, LONGEST),
            ring: Ring {
                name: cut(&self.ring.name, LONGEST_NAME),
                telephone: cut(&self.ring.telephone, LONGEST_NUMBER),
            },
            more: cut(&more.join("\n"), LONGEST),
        }
    }
}

impl Facts {
    /// Whether it says enough to be sent: what is seen. Everything else can follow.
    pub fn can_be_sent(&self) -> bool {
        !self.seen.is_empty()
    }

    /// What is seen, in words.
    pub fn seen_in_words(&self) -> String {
        let words: Vec<_> = self.seen.iter().map(|seen| seen.label()).collect();
        words.join("; ")
    }
}

fn cut(text: &str, most: usize) -> String {
    text.trim().chars().filter(|letter| *letter != '\0').take(most).collect()
}

/// Codes of a vocabulary as a column has them, with spaces between.
pub(crate) fn codes<T: Copy + Into<&'static str>>(of: &[T]) -> String {
    of.iter().map(|each| (*each).into()).collect::<Vec<&'static str>>().join(" ")
}

/// Reads what [`codes`] wrote; a word that is known no more is left out.
pub(crate) fn read_codes<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split_whitespace().filter_map(|code| code.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_report_is_never_refused_for_what_it_says() {
        let json = r#"{"form": "carecert-report/1", "organisation": " RWA ", "seen": ["files_locked", "aliens"],
                       "since": "2026-11-27T02:10", "care": "A&E", "ring": {"name": "Pat"}, "more": "Help"}"#;
        let facts = Written::parse(json.as_bytes()).unwrap().facts();
        assert_eq!(facts.seen, [Seen::FilesLocked, Seen::SomethingElse]);
        assert_eq!((facts.named.as_str(), facts.more.as_str()), ("RWA", "Help\naliens"));
        assert_eq!(facts.since.unwrap().to_string(), "2026-11-27T02:10:00Z");
        let vague = Written { since: "last night".to_owned(), ..Written::default() }.facts();
        assert_eq!((vague.since, vague.more.as_str()), (None, "Since: last night"));
        assert!(vague.can_be_sent());
        let long = Written { care: "x".repeat(5_000), ..Written::default() }.facts();
        assert_eq!(long.care.len(), LONGEST);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert_eq!(Written::parse(b"{}").unwrap_err(), NotWritten::AnotherForm);
        assert_eq!(Written::parse(b"[").unwrap_err(), NotWritten::AnotherForm);
        assert_eq!(Written::parse(" ".repeat(MOST_BYTES + 1).as_bytes()).unwrap_err(), NotWritten::TooLarge);
    }

    #[test]
    fn codes_read_back() {
        let seen = [Seen::DataGone, Seen::DeviceLost];
        assert_eq!(read_codes::<Seen>(&codes(&seen)), seen);
        assert_eq!(read_codes::<Seen>("data_gone no_more"), [Seen::DataGone]);
    }
}
