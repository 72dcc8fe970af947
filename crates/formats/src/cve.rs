//! The number of a publicly known vulnerability, such as CVE-2017-0144.
//!
//! A `CveId` that exists is well formed; whether the CVE Program ever issued it is another
//! question.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;

/// A CVE number. Ordered by year, then by number, as people expect a list to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CveId {
    year: u16,
    number: u64,
}

/// A text that is not a CVE number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a CVE number; one looks like CVE-2017-0144.")]
pub struct NotACve(String);

const PREFIX: &str = "CVE-";

impl CveId {
    /// The year in which the number was reserved.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Every CVE number in `text`, each once, in the order in which they first stand there.
    pub fn find_in(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut rest = text;
        let mut before = None;
        while let Some(start) = find_prefix(rest) {
            let preceding = rest[..start].chars().next_back().or(before);
            let candidate = &rest[start..];
            let length = PREFIX.len() + length_of_digits(&candidate[PREFIX.len()..]);
            let stands_alone = preceding.is_none_or(|c| !c.is_alphanumeric())
                && candidate[length..].chars().next().is_none_or(|c| !c.is_alphanumeric());
            if stands_alone
                && let Ok(cve) = candidate[..length].parse::<Self>()
                && seen.insert(cve)
            {
                found.push(cve);
            }
            before = candidate[..length].chars().next_back();
            rest = &candidate[length..];
        }
        found
    }
}

fn find_prefix(text: &str) -> Option<usize> {
    text.as_bytes().windows(PREFIX.len()).position(|w| w.eq_ignore_ascii_case(PREFIX.as_bytes()))
}

/// How long the "2017-0144" at the start of `text` is: digits, one hyphen, digits.
fn length_of_digits(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let year = digits(0);
    if text[year..].starts_with('-') { year + 1 + digits(year + 1) } else { year }
}

impl FromStr for CveId {
    type Err = NotACve;

    fn from_str(text: &str) -> Result<Self, NotACve> {
        parse(text.trim()).ok_or_else(|| NotACve(excerpt(text)))
    }
}

/// The CVE schema asks for 4 to 19 digits; 19 always fit in a `u64`. A longer number never
/// begins with 0, else one vulnerability could have two names.
fn parse(text: &str) -> Option<CveId> {
    let prefix = text.get(..PREFIX.len())?;
    let (year, number) = text.get(PREFIX.len()..)?.split_once('-')?;
    let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let well_formed = prefix.eq_ignore_ascii_case(PREFIX)
        && year.len() == 4
        && (4..=19).contains(&number.len())
        && digits_only(year)
        && digits_only(number)
        && (number.len() == 4 || !number.starts_with('0'));
    if !well_formed {
        return None;
    }
    Some(CveId { year: year.parse().ok()?, number: number.parse().ok()? })
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{:04}-{:04}", self.year, self.number)
    }
}

impl From<CveId> for String {
    fn from(cve: CveId) -> Self {
        cve.to_string()
    }
}

impl TryFrom<String> for CveId {
    type Error = NotACve;

    fn try_from(text: String) -> Result<Self, NotACve> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cve(text: &str) -> CveId {
        text.parse().unwrap()
    }

    #[test]
    fn reads_back_what_it_writes() {
        for text in ["CVE-2017-0144", "CVE-1999-0001", "CVE-2024-1234567", "CVE-2024-9999999999999999999"] {
            assert_eq!(cve(text).to_string(), text);
        }
        assert_eq!(cve("cve-2017-0144 ").to_string(), "CVE-2017-0144");
        assert_eq!(serde_json::to_string(&cve("CVE-2017-0144")).unwrap(), "\"CVE-2017-0144\"");
        assert!(serde_json::from_str::<CveId>("\"CVE-17-0144\"").is_err());
    }

    #[test]
    fn refuses_what_is_no_cve() {
        for text in [
            "",
            "CVE",
            "CVE-2017",
            "CVE-2017-",
            "CVE-2017-144",
            "CVE-17-0144",
            "CVE-2017-01444",
            "CVE-2017-99999999999999999999",
            "CWE-2017-0144",
            "CVE-2017-0144x",
            "CVE-２０１７-0144",
        ] {
            assert!(text.parse::<CveId>().is_err(), "{text}");
        }
        assert!("9".repeat(1_000_000).parse::<CveId>().unwrap_err().to_string().len() < 200);
    }

    #[test]
    fn orders_by_year_then_number() {
        assert!(cve("CVE-2017-9999") < cve("CVE-2017-10000"));
        assert!(cve("CVE-2017-10000") < cve("CVE-2018-0001"));
    }

    #[test]
    fn finds_each_number_in_a_text_once() {
        let text = "Fixes CVE-2017-0144, (cve-2017-0145) and CVE-2017-0144; not XCVE-2017-0146, \
                    CVE-2017-0147a, CVE-2017-14 or CVE-2017-CVE-2017-0148.";
        assert_eq!(CveId::find_in(text), ["CVE-2017-0144", "CVE-2017-0145", "CVE-2017-0148"].map(cve));
        assert!(CveId::find_in("éCVE-").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(CVE-|[0-9]{4}|-|é|.)*") {
            CveId::find_in(&text);
            let _ = text.parse::<CveId>();
        }
    }
}
