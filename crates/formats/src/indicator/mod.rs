//! Indicators of compromise: an address, a domain, a hash that tells that an attacker was there.
//!
//! They come defanged (`hxxp://evil[.]example`) so that nobody follows them by mistake. Here they
//! are read either way, and shown defanged always: that is what `Display` does.

mod defang;
mod kind;

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use kind::IndicatorKind;

use crate::{Refusal, refang};

/// The longest indicator, in bytes; browsers give up on longer links.
pub const LONGEST: usize = 2048;

/// One indicator, in the form in which a machine compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Indicator {
    kind: IndicatorKind,
    value: String,
}

/// A text that cannot be an indicator.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAnIndicator {
    /// Nothing is left without the spaces.
    #[error("The indicator is empty.")]
    Empty,
    /// Longer than any real one.
    #[error("The indicator is longer than {LONGEST} bytes.")]
    TooLong,
    /// It holds line breaks or other control characters.
    #[error("The indicator holds control characters.")]
    ControlCharacters,
}

impl Indicator {
    /// What it is.
    pub const fn kind(&self) -> IndicatorKind {
        self.kind
    }

    /// The live form, for machines alone: never put it on a page or into a mail.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The form in which it is shown: no program makes a link of it.
    pub fn defanged(&self) -> String {
        defang::defang(self.kind, &self.value)
    }
}

impl FromStr for Indicator {
    type Err = NotAnIndicator;

    /// Reads an indicator, defanged or not. What is of no kind that we know is kept as `Other`:
    /// a registry key or the name of a mutex is an indicator as well.
    fn from_str(text: &str) -> Result<Self, NotAnIndicator> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NotAnIndicator::Empty);
        }
        if text.len() > LONGEST {
            return Err(NotAnIndicator::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(NotAnIndicator::ControlCharacters);
        }
        let value = refang::whole(text);
        let kind = IndicatorKind::of(&value);
        let value = if kind.ignores_case() { value.to_lowercase() } else { value };
        Ok(Self { kind, value })
    }
}

impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.defanged())
    }
}

impl From<Indicator> for String {
    fn from(indicator: Indicator) -> Self {
        indicator.defanged()
    }
}

impl TryFrom<String> for Indicator {
    type Error = NotAnIndicator;

    fn try_from(text: String) -> Result<Self, NotAnIndicator> {
        text.parse()
    }
}

/// What a text of one indicator a line holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndicatorLines {
    /// The indicators, each once, in the order in which they first stand there.
    pub indicators: Vec<Indicator>,
    /// The lines that hold none.
    pub refusals: Vec<Refusal>,
}

/// Reads one indicator a line; blank lines and those that begin with `#` are passed over.
pub fn parse_lines(text: &str) -> IndicatorLines {
    let mut read = IndicatorLines::default();
    let mut seen = HashSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.parse::<Indicator>() {
            Ok(indicator) if seen.insert(indicator.clone()) => read.indicators.push(indicator),
            Ok(_) => {}
            Err(error) => read.refusals.push(Refusal::at(number, error.to_string())),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> (IndicatorKind, String) {
        let indicator: Indicator = text.parse().unwrap();
        (indicator.kind(), indicator.value().to_owned())
    }

    #[test]
    fn reads_every_kind_defanged_or_not() {
        use IndicatorKind::*;
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (text, expected_kind, value) in [
            ("198.51.100[.]7", Ipv4, "198.51.100.7"),
            ("2001[:]db8[:][:]1", Ipv6, "2001:db8::1"),
            ("Evil(.)Example", Domain, "evil.example"),
            (
                "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea[.]com",
                Domain,
                "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com",
            ),
            ("hxxps://evil[dot]example/a?b=1.2", Url, "https://evil.example/a?b=1.2"),
            ("hXXp[://]198.51.100[.]7:8080/", Url, "http://198.51.100.7:8080/"),
            ("fxp://evil[.]example/x", Url, "ftp://evil.example/x"),
            ("user[at]evil{.}example", Email, "user@evil.example"),
            (&md5.to_uppercase(), Md5, md5),
            (sha1, Sha1, sha1),
            (sha256, Sha256, sha256),
            ("tasksche.exe", FileName, "tasksche.exe"),
            ("Invoice 2024.PDF", FileName, "Invoice 2024.PDF"),
            (r"C:\Windows\mssecsvc.exe", FileName, r"C:\Windows\mssecsvc.exe"),
            (r"HKLM\Software\WanaCrypt0r", Other, r"HKLM\Software\WanaCrypt0r"),
            ("10.0.0.0/8", Other, "10.0.0.0/8"),
            ("http://", Other, "http://"),
            ("javascript:alert(1)", Other, "javascript:alert(1)"),
        ] {
            assert_eq!(kind(text), (expected_kind, value.to_owned()), "{text}");
        }
    }

    #[test]
    fn is_always_shown_defanged() {
        for (text, shown) in [
            ("https://evil.example/a.html", "hxxps://evil[.]example/a.html"),
            ("http://u.v@evil.example:80", "hxxp://u[.]v[at]evil[.]example:80"),
            ("198.51.100.7", "198[.]51[.]100[.]7"),
            ("2001:db8::1", "2001[:]db8[:][:]1"),
            ("user@evil.example", "user[at]evil[.]example"),
            ("10.0.0.0/8", "10[.]0[.]0[.]0/8"),
        ] {
            let indicator: Indicator = text.parse().unwrap();
            assert_eq!(indicator.to_string(), shown);
            assert_eq!(serde_json::to_string(&indicator).unwrap(), format!("\"{shown}\""));
        }
    }

    #[test]
    fn lines_are_read_once_each_and_bad_ones_refused() {
        let long = "x".repeat(3000);
        let read = parse_lines(&format!(
            "# seen at RWG\nevil.example\n\n evil[.]example \r\na\u{7}b\n{long}\n1.2.3.4\n"
        ));
        let shown: Vec<_> = read.indicators.iter().map(Indicator::to_string).collect();
        assert_eq!(shown, ["evil[.]example", "1[.]2[.]3[.]4"]);
        assert_eq!(read.refusals.iter().map(|r| r.line).collect::<Vec<_>>(), [5, 6]);
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_reads_back_and_holds_no_live_link(
            text in "(h..ps?://|ftp://|[a-z0-9.\\[\\]()@:/{}]|\\[\\.\\]|(dot)|é| ){0,24}|.{0,40}"
        ) {
            if let Ok(indicator) = text.parse::<Indicator>() {
                let shown = indicator.defanged();
                let lower = shown.to_ascii_lowercase();
                proptest::prop_assert!(!lower.contains("http://") && !lower.contains("https://"), "{}", shown);
                let again: Indicator = shown.parse().unwrap();
                proptest::prop_assert_eq!(again, indicator);
            }
        }
    }
}
