//! The small parts that records are made of: texts with their language, and dates as published.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A text in one language. Its twins in HTML stay in the verbatim record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LangText {
    /// The language, such as en or en-US.
    #[serde(default = "english")]
    pub lang: String,
    /// The text, plain.
    pub value: String,
}

/// What the schema takes where no language is told.
fn english() -> String {
    "en".to_owned()
}

impl LangText {
    /// How well an English reader here is served: British, then plain English, then any other.
    fn english_rank(&self) -> Option<u8> {
        let lang = self.lang.to_ascii_lowercase().replace('_', "-");
        match lang.as_str() {
            "en-gb" => Some(0),
            "en" | "eng" => Some(1),
            _ if lang.starts_with("en-") => Some(2),
            _ => None,
        }
    }

    /// The English one among `texts`; the first of equals.
    pub fn english(texts: &[Self]) -> Option<&Self> {
        texts
            .iter()
            .filter_map(|text| Some((text.english_rank()?, text)))
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, text)| text)
    }
}

/// A point in time as a record writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublishedTime(String);

impl PublishedTime {
    /// What stands in the record.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant that is meant, where one is. Without an offset it is in UTC, as the schema says.
    pub fn at(&self) -> Option<Timestamp> {
        let text = self.0.trim();
        text.parse().ok().or_else(|| {
            let local: DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(local).ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_in_utc() {
        let at = |text: &str| PublishedTime(text.to_owned()).at().map(|at| at.to_string());
        assert_eq!(at("2009-10-14T10:00:00").as_deref(), Some("2009-10-14T10:00:00Z"));
        assert_eq!(at("2021-06-30T08:56:51.640-05:00").as_deref(), Some("2021-06-30T13:56:51.64Z"));
        assert_eq!(at("2024-06-26").as_deref(), Some("2024-06-26T00:00:00Z"));
        assert_eq!(at("soon"), None);
        assert_eq!(at("9999-12-31T23:59:59-23:59"), None);
    }

    #[test]
    fn english_is_picked_by_rule() {
        let texts = |langs: &[&str]| -> Vec<LangText> {
            langs.iter().map(|lang| LangText { lang: (*lang).into(), value: (*lang).into() }).collect()
        };
        let picked = |langs: &[&str]| LangText::english(&texts(langs)).map(|text| text.value.clone());
        assert_eq!(picked(&["de", "en-US", "en", "en_GB"]).as_deref(), Some("en_GB"));
        assert_eq!(picked(&["de", "en-US", "eng", "en"]).as_deref(), Some("eng"));
        assert_eq!(picked(&["de", "en-US"]).as_deref(), Some("en-US"));
        assert_eq!(picked(&["de", "enm"]), None);
    }
}
