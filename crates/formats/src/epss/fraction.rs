//! A number from 0 to 1 with up to nine decimal places, held exactly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;

const PLACES: u32 = 9;
const ONE: u32 = 1_000_000_000;

/// A share of one, in billionths: FIRST's files have five decimal places, its API nine. Written
/// and stored as its decimal text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fraction(u32);

/// A text that is not such a number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a number from 0 to 1 with at most nine decimal places.")]
pub struct NotAFraction(String);

impl Fraction {
    /// The fraction of so many billionths, where it is not above 1.
    pub const fn from_billionths(billionths: u32) -> Option<Self> {
        if billionths <= ONE { Some(Self(billionths)) } else { None }
    }

    /// The fraction in billionths: 430,000 for 0.00043.
    pub const fn billionths(self) -> u32 {
        self.0
    }
}

impl FromStr for Fraction {
    type Err = NotAFraction;

    /// Reads `0.00043`, and `4.3e-4`, as programs write small numbers.
    fn from_str(text: &str) -> Result<Self, NotAFraction> {
        billionths(text.trim()).map(Self).ok_or_else(|| NotAFraction(excerpt(text)))
    }
}

fn billionths(text: &str) -> Option<u32> {
    const MOST_DIGITS: usize = 18;
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let (whole, places) = number.split_once('.').unwrap_or((number, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let fits = (1..=MOST_DIGITS).contains(&(whole.len() + places.len()));
    if whole.is_empty() || !fits || !digits(whole) || !digits(places) {
        return None;
    }
    let value: u64 = format!("{whole}{places}").parse().ok()?;
    let shift = i32::from(exponent) + i32::try_from(PLACES).ok()? - i32::try_from(places.len()).ok()?;
    let power = 10_u64.checked_pow(shift.unsigned_abs());
    let scaled = match (value, power) {
        (0, _) => 0,
        (_, Some(power)) if shift >= 0 => value.checked_mul(power)?,
        // What is finer than a billionth is not rounded away in silence.
        (_, Some(power)) if value.is_multiple_of(power) => value / power,
        _ => return None,
    };
    u32::try_from(scaled).ok().filter(|billionths| *billionths <= ONE)
}

impl fmt::Display for Fraction {
    /// With five decimal places, as FIRST writes it, or as many more as there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const USUAL: usize = 5;
        let places = format!("{:09}", self.0 % ONE);
        let needed = places.trim_end_matches('0').len().max(USUAL);
        write!(f, "{}.{}", self.0 / ONE, &places[..needed])
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

impl TryFrom<String> for Fraction {
    type Error = NotAFraction;

    fn try_from(text: String) -> Result<Self, NotAFraction> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_held_exactly() {
        for (text, billionths, written) in [
            ("0", 0, "0.00000"),
            ("0.00043", 430_000, "0.00043"),
            ("0.000430000", 430_000, "0.00043"),
            ("9e-05", 90_000, "0.00009"),
            ("1.5E-2", 15_000_000, "0.01500"),
            ("0.123456789", 123_456_789, "0.123456789"),
            ("0.5000000000000000", 500_000_000, "0.50000"),
            ("1", 1_000_000_000, "1.00000"),
            ("1.0", 1_000_000_000, "1.00000"),
            ("0e-99", 0, "0.00000"),
        ] {
            let fraction: Fraction = text.parse().unwrap();
            assert_eq!(fraction.billionths(), billionths, "{text}");
            assert_eq!(fraction.to_string(), written);
            assert_eq!(written.parse(), Ok(fraction));
        }
        assert_eq!(serde_json::to_string(&Fraction(430_000)).unwrap(), "\"0.00043\"");
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for text in [
            "",
            ".",
            ".5",
            "-0.1",
            "+1",
            "1.00001",
            "1.1",
            "2",
            "NaN",
            "inf",
            "0.1.2",
            "0,5",
            "1e",
            "1e1",
            "1e999",
            "5e-10",
            "0.1234567891",
            "1e-127",
            "99999999999999999999",
            "٠.٥",
            "0x1",
        ] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
        assert_eq!(Fraction::from_billionths(ONE + 1), None);
    }

    proptest::proptest! {
        #[test]
        fn every_fraction_is_read_as_it_is_written(billionths in 0..=ONE) {
            let fraction = Fraction::from_billionths(billionths).unwrap();
            proptest::prop_assert_eq!(fraction.to_string().parse(), Ok(fraction));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "[0-9.eE+-]{0,24}|.*") {
            let _ = text.parse::<Fraction>();
        }
    }
}
