//! A CVSS score in tenths, what it is called, and how severe it is rated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Version;
use crate::refusal::excerpt;

/// A score from 0.0 to 10.0, held as tenths so that it is compared exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct Score(u8);

/// A number that is not a score.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a CVSS score; one lies from 0.0 to 10.0 and has one decimal place.")]
pub struct NotAScore(String);

impl Score {
    const HIGHEST: u8 = 100;

    /// The score of so many tenths, where it is one.
    pub const fn from_tenths(tenths: u8) -> Option<Self> {
        if tenths <= Self::HIGHEST { Some(Self(tenths)) } else { None }
    }

    /// The score in tenths: 98 for 9.8.
    pub const fn tenths(self) -> u8 {
        self.0
    }

    /// What a calculation in floating point yielded, to the tenth that it means.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is held within 0 and 100 first, and not a number becomes 0"
    )]
    pub(super) fn nearest(value: f64) -> Self {
        Self((value * 10.0).round().clamp(0.0, f64::from(Self::HIGHEST)) as u8)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl From<Score> for f64 {
    fn from(score: Score) -> Self {
        Self::from(score.0) / 10.0
    }
}

impl TryFrom<f64> for Score {
    type Error = NotAScore;

    fn try_from(value: f64) -> Result<Self, NotAScore> {
        let score = Self::nearest(value);
        // Far below a tenth, far above what writing and reading a number may lose.
        if (f64::from(score) - value).abs() < 1e-6 { Ok(score) } else { Err(NotAScore(value.to_string())) }
    }
}

impl FromStr for Score {
    type Err = NotAScore;

    /// Reads digits with at most one decimal place that is not 0, such as `8`, `8.8` or `10.00`.
    fn from_str(text: &str) -> Result<Self, NotAScore> {
        let refused = || NotAScore(excerpt(text));
        let (whole, places) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |s: &str| !s.is_empty() && s.len() <= 9 && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) || places.bytes().skip(1).any(|b| b != b'0') {
            return Err(refused());
        }
        let whole: u32 = whole.parse().map_err(|_| refused())?;
        let tenths = u32::from(places.as_bytes()[0] - b'0');
        let all = whole.checked_mul(10).and_then(|w| w.checked_add(tenths)).ok_or_else(refused)?;
        u8::try_from(all).ok().and_then(Self::from_tenths).ok_or_else(refused)
    }
}

/// Which metrics went into a score. CVSS 4.0 (section 1.3) asks that a number never stand without
/// its name, since the same vulnerability scores otherwise once threat or environment are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScoreName {
    /// Versions 2.0 to 3.1: base metrics alone.
    #[serde(rename = "base")]
    Base,
    /// Versions 2.0 to 3.1: base and temporal metrics.
    #[serde(rename = "temporal")]
    Temporal,
    /// Versions 2.0 to 3.1: base, environmental and whatever temporal metrics there are.
    #[serde(rename = "environmental")]
    Environmental,
    /// Version 4.0: base metrics alone.
    #[serde(rename = "CVSS-B")]
    B,
    /// Version 4.0: base and threat metrics.
    #[serde(rename = "CVSS-BT")]
    Bt,
    /// Version 4.0: base and environmental metrics.
    #[serde(rename = "CVSS-BE")]
    Be,
    /// Version 4.0: base, threat and environmental metrics.
    #[serde(rename = "CVSS-BTE")]
    Bte,
}

impl ScoreName {
    /// The name as it is shown beside the number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Temporal => "temporal",
            Self::Environmental => "environmental",
            Self::B => "CVSS-B",
            Self::Bt => "CVSS-BT",
            Self::Be => "CVSS-BE",
            Self::Bte => "CVSS-BTE",
        }
    }
}

impl fmt::Display for ScoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A score with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct NamedScore {
    /// Which metrics went into it.
    pub name: ScoreName,
    /// The score.
    pub score: Score,
}

/// The rating of a score in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// 0.0; never in version 2.0.
    None,
    /// Up to 3.9.
    Low,
    /// From 4.0 to 6.9.
    Medium,
    /// From 7.0; up to 8.9 except in version 2.0.
    High,
    /// From 9.0; never in version 2.0.
    Critical,
}

/// A word that is not a rating.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0} is not a CVSS rating; they are None, Low, Medium, High and Critical.")]
pub struct NotASeverity(String);

impl Severity {
    /// The rating of `score`: by section 5 of CVSS 3.0 and 3.1 and section 6 of CVSS 4.0. CVSS 2.0
    /// rates nothing itself, so the NVD's three ratings are taken.
    pub const fn of(version: Version, score: Score) -> Self {
        match (version, score.tenths()) {
            (Version::V2_0, 0..40) | (_, 1..40) => Self::Low,
            (_, 0) => Self::None,
            (_, 40..70) => Self::Medium,
            (Version::V2_0, 70..) | (_, 70..90) => Self::High,
            (_, 90..) => Self::Critical,
        }
    }

    /// The rating as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = NotASeverity;

    fn from_str(text: &str) -> Result<Self, NotASeverity> {
        [Self::None, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| NotASeverity(excerpt(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenths(tenths: u8) -> Score {
        Score::from_tenths(tenths).unwrap()
    }

    #[test]
    fn a_score_is_read_as_it_is_written() {
        for each in 0..=100 {
            let score = tenths(each);
            assert_eq!(score.to_string().parse(), Ok(score));
            let json = serde_json::to_string(&score).unwrap();
            assert_eq!(json.parse(), Ok(score));
            assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
        }
        assert_eq!(serde_json::from_str::<Score>("8").unwrap(), tenths(80));
        assert_eq!(" 10 ".parse(), Ok(tenths(100)));
        assert_eq!("7.50".parse(), Ok(tenths(75)));
    }

    #[test]
    fn what_is_no_score_is_refused() {
        for text in ["", ".", "10.1", "-1", "7.55", "7.", ".5", "1e1", "NaN", "4294967296", "९"] {
            assert!(text.parse::<Score>().is_err(), "{text}");
        }
        for value in [-0.1, 10.1, 7.55, f64::NAN, f64::INFINITY, f64::MIN] {
            assert!(Score::try_from(value).is_err(), "{value}");
        }
        assert_eq!(Score::from_tenths(101), None);
    }

    #[test]
    fn ratings_change_where_the_scales_say() {
        use Severity::{Critical, High, Low, Medium, None};
        let places = [0, 1, 39, 40, 69, 70, 89, 90, 100].map(tenths);
        let expected = [None, Low, Low, Medium, Medium, High, High, Critical, Critical];
        for version in [Version::V3_0, Version::V3_1, Version::V4_0] {
            assert_eq!(places.map(|score| Severity::of(version, score)), expected);
        }
        let expected = [Low, Low, Low, Medium, Medium, High, High, High, High];
        assert_eq!(places.map(|score| Severity::of(Version::V2_0, score)), expected);
        assert!(Critical > High && High > Medium && Medium > Low && Low > None);
        assert_eq!("CRITICAL".parse(), Ok(Critical));
        assert!("IMPORTANT".parse::<Severity>().is_err());
    }
}
