//! Texts, numbers, dates and words of a vocabulary.

use std::sync::Arc;

use jiff::{Timestamp, civil};

use super::super::remark::RemarkKind;
use super::super::words::Word;
use super::{Cx, Form, MOST_IDS, MOST_TEXTS, Node, Object};
use crate::refusal::excerpt;

impl Node<'_> {
    /// The text that this is, or the digits of a number. An empty one tells nothing and is left out.
    pub fn text(self) -> Option<String> {
        let text = match self.form() {
            Form::Text => {
                let text = serde_json::from_str::<String>(self.raw.get());
                if text.is_err() {
                    self.remark(RemarkKind::Lost, || "This text is not valid Unicode.".to_owned());
                }
                text.ok()?
            }
            Form::Number | Form::Truth => {
                self.remark(RemarkKind::Mended, || format!("This is {}, not a text.", self.form().named()));
                self.raw.get().to_owned()
            }
            Form::Object | Form::List | Form::Null => {
                self.is_no("a text");
                return None;
            }
        };
        if text.trim().is_empty() {
            self.remark(RemarkKind::Lost, || "This text is empty.".to_owned());
            return None;
        }
        // PostgreSQL stores no NUL in a text, and no sentence has one.
        if text.contains('\0') {
            self.remark(RemarkKind::Lost, || "This text holds a NUL character.".to_owned());
            return None;
        }
        if !Cx::spend(&self.cx.texts_left) {
            self.remark(RemarkKind::Lost, || {
                format!("The document holds more than {MOST_TEXTS} texts; this is one too many.")
            });
            return None;
        }
        Some(text)
    }

    /// The identifier that this is, kept once for the whole document.
    pub fn id(self) -> Option<Arc<str>> {
        let shared = self.cx.shared(&self.text()?);
        if shared.is_none() {
            self.remark(RemarkKind::Lost, || {
                format!("The document has more than {MOST_IDS} identifiers; this is one too many.")
            });
        }
        shared
    }

    /// The number that this is, or that this text writes out.
    pub fn number(self) -> Option<f64> {
        let read = match self.form() {
            Form::Number => serde_json::from_str(self.raw.get()).ok(),
            Form::Text => {
                let number = self.text()?.trim().parse().ok();
                if number.is_some() {
                    self.remark(RemarkKind::Mended, || "This number is written as a text.".to_owned());
                }
                number
            }
            _ => None,
        };
        let finite = read.filter(|number: &f64| number.is_finite());
        if finite.is_none() {
            self.is_no("a number");
        }
        finite
    }

    /// Whether this is true.
    pub fn truth(self) -> Option<bool> {
        match self.raw.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.is_no("true or false");
                None
            }
        }
    }

    /// The moment that this is. RFC 3339 is what CSAF asks for; without an offset it is taken as
    /// UTC, and a day alone as its beginning, and either is told.
    pub fn moment(self) -> Option<Timestamp> {
        let text = self.text()?;
        let written = text.trim();
        if let Ok(moment) = written.parse::<Timestamp>() {
            return Some(moment);
        }
        let civil = written
            .parse::<civil::DateTime>()
            .ok()
            .and_then(|civil| jiff::tz::TimeZone::UTC.to_timestamp(civil).ok());
        match civil {
            Some(_) => self.remark(RemarkKind::Mended, || {
                format!("{} has no time with an offset; it is taken as UTC.", excerpt(written))
            }),
            None => {
                self.remark(RemarkKind::Lost, || format!("{} is not a date with a time.", excerpt(written)));
            }
        }
        civil
    }

    /// The word of a vocabulary that this is, in any case, or another word, which is kept.
    pub fn word<W: Word>(self) -> Option<W> {
        let text = self.text()?;
        let word = W::of(&text);
        if word.is_other() {
            self.remark(RemarkKind::Odd, || {
                format!("{} is not one of the words that the standard has here.", excerpt(&text))
            });
        } else if word.word() != text {
            self.remark(RemarkKind::Mended, || format!("{} is read as {}.", excerpt(&text), word.word()));
        }
        Some(word)
    }
}

impl Object<'_> {
    /// The text in a field.
    pub fn text(&self, name: &'static str) -> Option<String> {
        self.get(name).and_then(Node::text)
    }

    /// The identifier in a field.
    pub fn id(&self, name: &'static str) -> Option<Arc<str>> {
        self.get(name).and_then(Node::id)
    }

    /// The number in a field.
    pub fn number(&self, name: &'static str) -> Option<f64> {
        self.get(name).and_then(Node::number)
    }

    /// Whether a field is true.
    pub fn truth(&self, name: &'static str) -> Option<bool> {
        self.get(name).and_then(Node::truth)
    }

    /// The moment in a field.
    pub fn moment(&self, name: &'static str) -> Option<Timestamp> {
        self.get(name).and_then(Node::moment)
    }

    /// The word of a vocabulary in a field.
    pub fn word<W: Word>(&self, name: &'static str) -> Option<W> {
        self.get(name).and_then(Node::word)
    }
}
