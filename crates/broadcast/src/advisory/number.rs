//! The number by which everybody knows an advisory and its alerts: CC-0001.

use std::{fmt, str::FromStr};

use db::{FromValue, Value};
use serde::{Deserialize, Serialize};

/// The number of an advisory, from 1; it never changes and is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AdvisoryNumber(u32);

/// A text that is not the number of an advisory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not the number of an advisory; one looks like CC-0001.")]
pub struct NotANumber;

impl FromStr for AdvisoryNumber {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let digits = text
            .trim()
            .get(..3)
            .filter(|prefix| prefix.eq_ignore_ascii_case("CC-"))
            .map(|prefix| &text.trim()[prefix.len()..])
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(0) | None => Err(NotANumber),
            Some(number) => Ok(Self(number)),
        }
    }
}

impl fmt::Display for AdvisoryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CC-{:04}", self.0)
    }
}

impl From<AdvisoryNumber> for String {
    fn from(number: AdvisoryNumber) -> Self {
        number.to_string()
    }
}

impl TryFrom<String> for AdvisoryNumber {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        text.parse()
    }
}

impl From<AdvisoryNumber> for Value {
    fn from(number: AdvisoryNumber) -> Self {
        Self::Int(number.0.into())
    }
}

impl FromValue for AdvisoryNumber {
    fn from_value(value: Value) -> Result<Self, String> {
        u32::from_value(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for number in [1, 42, 9999, 12345] {
            let number = AdvisoryNumber(number);
            assert_eq!(number.to_string().parse(), Ok(number));
        }
        assert_eq!(AdvisoryNumber(7).to_string(), "CC-0007");
        assert_eq!("cc-7".parse(), Ok(AdvisoryNumber(7)));
        for wrong in ["", "CC-", "CC-0", "CC-x", "CD-0001", "CC-+1", "CC-99999999999", "é-1"] {
            assert_eq!(wrong.parse::<AdvisoryNumber>(), Err(NotANumber), "{wrong}");
        }
    }
}
