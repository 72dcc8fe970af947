//! CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0, and the scores that they yield.
//!
//! A vector is read leniently where its meaning is clear and then written in one way only, so that
//! two that mean the same are the same text. A `Cvss` that exists has its scores.

mod metrics;
mod score;
mod scoring;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::refusal::excerpt;
use metrics::{Group, Metric};
use scoring::Scores;

pub use score::{NamedScore, NotAScore, NotASeverity, Score, ScoreName, Severity};

/// The longest vector, in bytes: a 4.0 vector that defines every metric has 178.
const LONGEST: usize = 1024;

/// A version of CVSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// Version 2.0, of 2007.
    #[serde(rename = "2.0")]
    V2_0,
    /// Version 3.0, of 2015.
    #[serde(rename = "3.0")]
    V3_0,
    /// Version 3.1, of 2019.
    #[serde(rename = "3.1")]
    V3_1,
    /// Version 4.0, of 2023.
    #[serde(rename = "4.0")]
    V4_0,
}

impl Version {
    /// Every version, the oldest first.
    pub const ALL: [Self; 4] = [Self::V2_0, Self::V3_0, Self::V3_1, Self::V4_0];

    /// The version as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V4_0 => "4.0",
        }
    }

    /// What begins a vector of this version; one of 2.0 begins with its first metric.
    const fn prefix(self) -> &'static str {
        match self {
            Self::V2_0 => "",
            Self::V3_0 => "CVSS:3.0/",
            Self::V3_1 => "CVSS:3.1/",
            Self::V4_0 => "CVSS:4.0/",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A CVSS vector with the scores that its metrics yield. Stored and sent as the vector's text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cvss {
    version: Version,
    vector: String,
    scores: Scores,
}

/// Why a text is not a CVSS vector.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotCvss {
    /// It is empty, very long, or not a list of metrics.
    #[error("{0} is not a CVSS vector; one looks like CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H.")]
    Shape(String),
    /// Its version is not among those that are read.
    #[error("The vector is of CVSS {0}; versions 2.0, 3.0, 3.1 and 4.0 are read.")]
    Version(String),
    /// It does not say its version, and more than one would fit.
    #[error(
        "The vector does not say which version of CVSS it is of; it should begin with CVSS:3.1/ or the like."
    )]
    NoVersion,
    /// A metric is not one of its version.
    #[error("CVSS {version} has no metric {metric}.")]
    UnknownMetric {
        /// The version.
        version: Version,
        /// What stands in the vector.
        metric: String,
    },
    /// A metric has a value that it cannot have.
    #[error("The metric {metric} of CVSS {version} cannot be {value}; it is one of {values}.")]
    UnknownValue {
        /// The version.
        version: Version,
        /// The metric.
        metric: &'static str,
        /// What stands in the vector.
        value: String,
        /// What may stand there.
        values: String,
    },
    /// A metric stands there twice.
    #[error("The metric {0} stands in the vector twice.")]
    Twice(&'static str),
    /// A base metric is missing, so there is no score.
    #[error("The vector lacks the metric {0}, without which there is no score.")]
    Missing(&'static str),
}

impl Cvss {
    /// The version of CVSS.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The vector in its normal form: metrics in the order of the specification, those that are
    /// not defined left out, a prefix except in 2.0.
    pub fn vector(&self) -> &str {
        &self.vector
    }

    /// The score of the base metrics alone, which sources publish and people compare.
    pub const fn base(&self) -> Score {
        self.scores.base
    }

    /// What the temporal equation yields (in 4.0: base and threat metrics), also where the vector
    /// defines no such metric.
    pub const fn temporal(&self) -> Score {
        self.scores.temporal
    }

    /// What the environmental equation yields, also where the vector defines no such metric. In
    /// 2.0 and 3.1 it can then lie 0.1 beside the base score, for which [`scores`](Self::scores)
    /// leaves it out; it is for comparing with what a source published.
    pub const fn environmental(&self) -> Score {
        self.scores.environmental
    }

    /// The rating of the base score.
    pub const fn base_severity(&self) -> Severity {
        Severity::of(self.version, self.base())
    }

    /// The scores for which the vector has metrics, each with its name: base, then temporal (in
    /// 4.0 threat), then environmental.
    pub fn scores(&self) -> impl Iterator<Item = NamedScore> + use<> {
        use ScoreName::{B, Base, Be, Bt, Bte, Environmental, Temporal};
        let Scores { base, temporal, environmental, has_temporal, has_environmental } = self.scores;
        let [first, second, third] = match (self.version, has_temporal) {
            (Version::V4_0, true) => [B, Bt, Bte],
            (Version::V4_0, false) => [B, Bt, Be],
            _ => [Base, Temporal, Environmental],
        };
        [
            Some(NamedScore { name: first, score: base }),
            has_temporal.then_some(NamedScore { name: second, score: temporal }),
            has_environmental.then_some(NamedScore { name: third, score: environmental }),
        ]
        .into_iter()
        .flatten()
    }

    /// The score of all metrics in the vector, with its name: the last of [`scores`](Self::scores).
    pub fn score(&self) -> NamedScore {
        let base = NamedScore { name: ScoreName::Base, score: self.scores.base };
        self.scores().last().unwrap_or(base)
    }

    /// The rating of the score of all metrics.
    pub fn severity(&self) -> Severity {
        Severity::of(self.version, self.score().score)
    }

    /// The metrics in the vector with their values, such as AV and N.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vector[self.version.prefix().len()..].split('/').filter_map(|part| part.split_once(':'))
    }

    /// The value of one metric, unless it is not defined.
    pub fn metric(&self, key: &str) -> Option<&str> {
        self.metrics().find(|(found, _)| *found == key).map(|(_, value)| value)
    }
}

impl FromStr for Cvss {
    type Err = NotCvss;

    /// Reads a vector whose metrics stand in any order and case, also in parentheses or with a
    /// slash at its end. In 2.0 the prefix may be missing, be `CVSS:2.0/`, or be `CVSS2#`, which
    /// scanners write.
    fn from_str(text: &str) -> Result<Self, NotCvss> {
        let shape = || NotCvss::Shape(excerpt(text));
        if text.len() > LONGEST {
            return Err(shape());
        }
        let bare = text.trim();
        let bare = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare).trim();
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        let (version, rest) = split_version(bare)?;
        let parts: Vec<(&str, &str)> = rest
            .split('/')
            .map(|part| part.split_once(':').map(|(key, value)| (key.trim(), value.trim())))
            .collect::<Option<_>>()
            .ok_or_else(shape)?;
        let version = match version {
            Some(version) => version,
            None if parts.iter().any(|(key, _)| key.eq_ignore_ascii_case("Au")) => Version::V2_0,
            None => return Err(NotCvss::NoVersion),
        };
        let chosen = Chosen::read(version, &parts)?;
        let scores = scoring::scores(&chosen).ok_or_else(shape)?;
        Ok(Self { version, vector: chosen.text(|_| true), scores })
    }
}

/// What a text says of its version, and the metrics behind it.
fn split_version(text: &str) -> Result<(Option<Version>, &str), NotCvss> {
    if let Some((first, rest)) = text.split_once('#')
        && first.eq_ignore_ascii_case("CVSS2")
    {
        return Ok((Some(Version::V2_0), rest));
    }
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    let Some((key, value)) = first.split_once(':') else { return Ok((None, text)) };
    if !key.trim().eq_ignore_ascii_case("CVSS") {
        return Ok((None, text));
    }
    let version = Version::ALL.into_iter().find(|version| version.as_str() == value.trim());
    version.map(|version| (Some(version), rest)).ok_or_else(|| NotCvss::Version(excerpt(value)))
}

/// The values that a vector gives the metrics of its version; none where a metric is not defined.
struct Chosen {
    version: Version,
    values: Vec<(&'static Metric, Option<&'static str>)>,
}

impl Chosen {
    fn read(version: Version, parts: &[(&str, &str)]) -> Result<Self, NotCvss> {
        let table = metrics::of(version);
        let mut found: Vec<Option<Option<&'static str>>> = vec![None; table.len()];
        for (key, value) in parts {
            let place = table
                .iter()
                .position(|metric| metric.key.eq_ignore_ascii_case(key))
                .ok_or_else(|| NotCvss::UnknownMetric { version, metric: excerpt(key) })?;
            let metric = &table[place];
            let defined = metric.value(value);
            if defined.is_none() && !metric.is_undefined(version, value) {
                return Err(NotCvss::UnknownValue {
                    version,
                    metric: metric.key,
                    value: excerpt(value),
                    values: metric.values(),
                });
            }
            if found[place].replace(defined).is_some() {
                return Err(NotCvss::Twice(metric.key));
            }
        }
        let values: Vec<_> = table.iter().zip(found.into_iter().map(Option::flatten)).collect();
        match values.iter().find(|(metric, value)| metric.group == Group::Base && value.is_none()) {
            Some((metric, _)) => Err(NotCvss::Missing(metric.key)),
            None => Ok(Self { version, values }),
        }
    }

    /// Whether a metric of `group` is defined.
    fn has(&self, group: Group) -> bool {
        self.values.iter().any(|(metric, value)| metric.group == group && value.is_some())
    }

    /// The value of one metric.
    fn value(&self, key: &str) -> Option<&'static str> {
        self.values.iter().find(|(metric, _)| metric.key == key).and_then(|(_, value)| *value)
    }

    /// The vector in its normal form, of those groups that are `wanted`.
    fn text(&self, wanted: impl Fn(Group) -> bool) -> String {
        let parts: Vec<String> = self
            .values
            .iter()
            .filter(|(metric, _)| wanted(metric.group))
            .filter_map(|(metric, value)| value.map(|value| format!("{}:{value}", metric.key)))
            .collect();
        format!("{}{}", self.version.prefix(), parts.join("/"))
    }
}

impl fmt::Display for Cvss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.vector)
    }
}

impl From<Cvss> for String {
    fn from(cvss: Cvss) -> Self {
        cvss.vector
    }
}

impl TryFrom<String> for Cvss {
    type Error = NotCvss;

    fn try_from(text: String) -> Result<Self, NotCvss> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
