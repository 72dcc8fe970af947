//! The code by which the NHS Organisation Data Service knows an organisation, such as RWG.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;

/// An ODS code, in capitals.
///
/// Trusts and commissioners in the published files have 3 characters and prescribing cost
/// centres 6; pharmacies and sites have 5, suppliers up to 8, pseudo-codes up to 12. So 2 to 12
/// letters and digits are taken, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OdsCode(String);

/// A text that is not an ODS code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not an ODS code; one has 2 to 12 letters and digits, such as RWG or A81001.")]
pub struct NotAnOdsCode(String);

impl OdsCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OdsCode {
    type Err = NotAnOdsCode;

    fn from_str(text: &str) -> Result<Self, NotAnOdsCode> {
        let code = text.trim();
        let well_formed = (2..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if well_formed { Ok(Self(code.to_ascii_uppercase())) } else { Err(NotAnOdsCode(excerpt(text))) }
    }
}

impl fmt::Display for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for OdsCode {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<OdsCode> for String {
    fn from(code: OdsCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for OdsCode {
    type Error = NotAnOdsCode;

    fn try_from(text: String) -> Result<Self, NotAnOdsCode> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_real_codes_in_capitals() {
        for (text, code) in [("RWG", "RWG"), ("a81001", "A81001"), (" 15E ", "15E"), ("112", "112")] {
            assert_eq!(text.parse::<OdsCode>().unwrap().to_string(), code);
        }
        assert_eq!(serde_json::from_str::<OdsCode>("\"rwg\"").unwrap().as_str(), "RWG");
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "R", "R W", "RWG-1", "ＲＷＧ", "ABCDEFGHIJKLM", "R\0G"] {
            assert!(text.parse::<OdsCode>().is_err(), "{text:?}");
        }
    }
}
