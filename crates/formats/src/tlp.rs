//! The Traffic Light Protocol, version 2.0 (FIRST, August 2022): who may see a piece of
//! information.
//!
//! It is a type of its own so that every door of the program asks it; the wording for readers
//! is ours.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;

/// How far information may travel, from the widest circle to the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Tlp {
    /// Everyone.
    Clear,
    /// The community.
    Green,
    /// The organisation and those it serves, where they need to know.
    Amber,
    /// The organisation alone.
    AmberStrict,
    /// The persons addressed, nobody else.
    Red,
}

/// A marking that is not one of TLP 2.0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a TLP marking; use CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")]
pub struct UnknownTlp(String);

impl Tlp {
    /// Every marking, widest first.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The stable lower-case code that is stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// Whether a mail may hold more than the number of the alert and its link.
    ///
    /// Mail is read, forwarded and indexed outside our reach, so AMBER and above stay behind
    /// the sign-in.
    pub const fn allows_details_by_mail(self) -> bool {
        matches!(self, Self::Clear | Self::Green)
    }

    /// What the marking asks of the reader, in one sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Clear => "You may share this with anyone.",
            Self::Green => "You may share this with others in health and care, but do not publish it.",
            Self::Amber => {
                "Share this only with those who need to know, in your organisation and among the clients it serves."
            }
            Self::AmberStrict => "Share this only with those who need to know inside your own organisation.",
            Self::Red => "This is for you personally: do not pass it on to anyone.",
        }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        })
    }
}

impl FromStr for Tlp {
    type Err = UnknownTlp;

    /// Reads a marking as people and feeds write it: any case, with or without the prefix,
    /// and WHITE, which TLP 2.0 renamed to CLEAR.
    fn from_str(text: &str) -> Result<Self, UnknownTlp> {
        // The longest spelling is "TLP:AMBER+STRICT"; whatever is far longer need not be folded.
        if text.len() > 64 {
            return Err(UnknownTlp(excerpt(text)));
        }
        let folded = text.trim().to_ascii_lowercase();
        let marking = folded
            .strip_prefix("tlp")
            .map_or(folded.as_str(), |rest| rest.trim_start_matches([':', '-', '_', ' ']));
        match marking {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "amber+strict" | "amber-strict" | "amber_strict" | "amber strict" => Ok(Self::AmberStrict),
            "red" => Ok(Self::Red),
            _ => Err(UnknownTlp(excerpt(text))),
        }
    }
}

impl From<Tlp> for &'static str {
    fn from(tlp: Tlp) -> Self {
        tlp.code()
    }
}

impl TryFrom<String> for Tlp {
    type Error = UnknownTlp;

    fn try_from(text: String) -> Result<Self, UnknownTlp> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for tlp in Tlp::ALL {
            assert_eq!(tlp.to_string().parse(), Ok(tlp));
            assert_eq!(tlp.code().parse(), Ok(tlp));
            let json = serde_json::to_string(&tlp).unwrap();
            assert_eq!(json, format!("\"{}\"", tlp.code()));
            assert_eq!(serde_json::from_str::<Tlp>(&json).unwrap(), tlp);
        }
    }

    #[test]
    fn accepts_the_spellings_of_feeds() {
        for (text, tlp) in [
            ("TLP:WHITE", Tlp::Clear),
            ("white", Tlp::Clear),
            ("tlp:amber+strict", Tlp::AmberStrict),
            ("amber-strict", Tlp::AmberStrict),
            (" TLP:Red ", Tlp::Red),
            ("TLP GREEN", Tlp::Green),
        ] {
            assert_eq!(text.parse(), Ok(tlp), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_marking() {
        for text in ["", "TLP:", "purple", "amber+", "reddish", &"x".repeat(100_000)] {
            assert!(text.parse::<Tlp>().is_err());
        }
        assert_eq!(
            "purple".parse::<Tlp>().unwrap_err().to_string(),
            "“purple” is not a TLP marking; use CLEAR, GREEN, AMBER, AMBER+STRICT or RED."
        );
    }

    #[test]
    fn amber_and_above_keep_details_out_of_mail() {
        assert!(Tlp::Green < Tlp::Amber && Tlp::Amber < Tlp::AmberStrict);
        for tlp in Tlp::ALL {
            assert_eq!(tlp.allows_details_by_mail(), tlp < Tlp::Amber, "{tlp}");
        }
    }
}
