//! The metrics of a container: CVSS assessments of each version, SSVC, the KEV listing, and others.
//!
//! An assessment whose parts contradict each other is kept as it was published and flagged: which
//! part is wrong, only its author knows.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ssvc::{KevListing, Ssvc};
use super::text::LangText;
use crate::cvss::{Cvss, NotCvss, Score, Severity, Version};

/// The metrics of one container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Published>")]
pub struct Metrics {
    /// CVSS assessments, in the record's order.
    pub cvss: Vec<CvssMetric>,
    /// Assessments by SSVC.
    pub ssvc: Vec<Ssvc>,
    /// Listings among the known exploited vulnerabilities.
    pub kev: Vec<KevListing>,
    /// Anything else.
    pub others: Vec<OtherMetric>,
}

/// A CVSS assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CvssMetric {
    /// The version under which it was published.
    pub version: Version,
    /// The vector as it was published.
    pub vector_text: Option<String>,
    /// The vector, where it can be read.
    pub vector: Option<Cvss>,
    /// The base score as it was published.
    pub base_score: Option<Score>,
    /// The rating as it was published.
    pub base_severity: Option<Severity>,
    /// The temporal score as it was published.
    pub temporal_score: Option<Score>,
    /// The environmental score as it was published.
    pub environmental_score: Option<Score>,
    /// For which cases it was made, where there are several.
    pub scenarios: Vec<LangText>,
    /// What was noticed on reading it.
    pub flags: Vec<MetricFlag>,
}

impl CvssMetric {
    /// The base score: as published, else as the vector yields it. What was published is no base score
    /// where it is that of all metrics of a vector of 4.0.
    pub fn score(&self) -> Option<Score> {
        let yields = self.vector.as_ref().map(Cvss::base);
        let is_of_all = |score: &Score| self.vector.as_ref().is_some_and(|vector| is_of_all(vector, *score));
        self.base_score.filter(|score| !is_of_all(score)).or(yields)
    }

    /// The rating: as published, else that of the score.
    pub fn severity(&self) -> Option<Severity> {
        self.base_severity.or_else(|| self.score().map(|score| Severity::of(self.version, score)))
    }
}

/// What was noticed on reading an assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricFlag {
    /// It has no vector.
    NoVector,
    /// Its vector cannot be read, for a reason.
    VectorUnreadable(String),
    /// Its vector is of another version than it says.
    VectorOfVersion(Version),
    /// What stands as a score is none.
    ScoreUnreadable,
    /// What stands as a rating is none.
    SeverityUnreadable,
    /// Its vector yields this base score instead.
    VectorYields(Score),
    /// Its score has this rating instead.
    ScoreIsRated(Severity),
}

impl fmt::Display for MetricFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVector => f.write_str("It has no vector."),
            Self::VectorUnreadable(reason) => write!(f, "Its vector cannot be read: {reason}"),
            Self::VectorOfVersion(version) => write!(f, "Its vector is of CVSS {version}."),
            Self::ScoreUnreadable => f.write_str("One of its scores is none."),
            Self::SeverityUnreadable => f.write_str("Its rating is none."),
            Self::VectorYields(score) => write!(f, "Its vector yields {score} instead of its score."),
            Self::ScoreIsRated(severity) => write!(f, "Its score is rated {severity} instead of its rating."),
        }
    }
}

/// A metric of another kind, such as a vendor's own rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherMetric {
    /// Its kind, as it was published.
    pub kind: String,
    /// What it says.
    pub content: Value,
}

/// An entry as the schema has it; one may hold several assessments.
#[derive(Deserialize)]
struct Published {
    #[serde(default)]
    scenarios: Vec<LangText>,
    #[serde(rename = "cvssV4_0")]
    v4_0: Option<PublishedCvss>,
    #[serde(rename = "cvssV3_1")]
    v3_1: Option<PublishedCvss>,
    #[serde(rename = "cvssV3_0")]
    v3_0: Option<PublishedCvss>,
    #[serde(rename = "cvssV2_0")]
    v2_0: Option<PublishedCvss>,
    #[serde(rename = "ssvcV1_0_1")]
    ssvc: Option<Value>,
    other: Option<PublishedOther>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedCvss {
    vector_string: Option<String>,
    base_score: Option<Value>,
    base_severity: Option<String>,
    temporal_score: Option<Value>,
    environmental_score: Option<Value>,
}

#[derive(Deserialize)]
struct PublishedOther {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    content: Value,
}

impl From<Vec<Published>> for Metrics {
    fn from(published: Vec<Published>) -> Self {
        let mut metrics = Self::default();
        for entry in published {
            let assessments = [
                (Version::V4_0, entry.v4_0),
                (Version::V3_1, entry.v3_1),
                (Version::V3_0, entry.v3_0),
                (Version::V2_0, entry.v2_0),
            ];
            for (version, cvss) in assessments {
                metrics.cvss.extend(cvss.map(|cvss| assessment(version, cvss, entry.scenarios.clone())));
            }
            if let Some(content) = entry.ssvc {
                metrics.take_other("ssvc".to_owned(), content);
            }
            if let Some(other) = entry.other {
                metrics.take_other(other.kind, other.content);
            }
        }
        metrics
    }
}

impl Metrics {
    fn take_other(&mut self, kind: String, content: Value) {
        match kind.as_str() {
            "kev" => self.kev.push(KevListing::read(&content)),
            "ssvc" if let Some(ssvc) = Ssvc::read(&content) => self.ssvc.push(ssvc),
            _ => self.others.push(OtherMetric { kind, content }),
        }
    }
}

fn assessment(version: Version, published: PublishedCvss, scenarios: Vec<LangText>) -> CvssMetric {
    let mut flags = Vec::new();
    let mut score = |value: Option<Value>| {
        let score = value.as_ref().map(score_of);
        if score == Some(None) && !flags.contains(&MetricFlag::ScoreUnreadable) {
            flags.push(MetricFlag::ScoreUnreadable);
        }
        score.flatten()
    };
    let base_score = score(published.base_score);
    let temporal_score = score(published.temporal_score);
    let environmental_score = score(published.environmental_score);
    let vector = match published.vector_string.as_deref().map(str::parse::<Cvss>) {
        None => {
            flags.push(MetricFlag::NoVector);
            None
        }
        Some(Err(reason)) => {
            flags.push(unreadable(&reason));
            None
        }
        Some(Ok(vector)) => Some(vector),
    };
    if let Some(vector) = &vector {
        if vector.version() != version {
            flags.push(MetricFlag::VectorOfVersion(vector.version()));
        }
        if base_score.is_some_and(|score| !agrees(vector, score)) {
            flags.push(MetricFlag::VectorYields(vector.base()));
        }
    }
    let base_severity = published.base_severity.as_deref().and_then(|text| text.parse().ok());
    if published.base_severity.is_some() && base_severity.is_none() {
        flags.push(MetricFlag::SeverityUnreadable);
    }
    if let (Some(score), Some(severity)) = (base_score, base_severity)
        && Severity::of(version, score) != severity
    {
        flags.push(MetricFlag::ScoreIsRated(Severity::of(version, score)));
    }
    CvssMetric {
        version,
        vector_text: published.vector_string,
        vector,
        base_score,
        base_severity,
        temporal_score,
        environmental_score,
        scenarios,
        flags,
    }
}

fn unreadable(reason: &NotCvss) -> MetricFlag {
    MetricFlag::VectorUnreadable(reason.to_string())
}

/// In 4.0 some publish the score of all metrics as the base score, as its calculator shows it.
fn agrees(vector: &Cvss, published: Score) -> bool {
    published == vector.base() || is_of_all(vector, published)
}

/// Whether this is the score of all metrics of a vector of 4.0, and not its base score.
fn is_of_all(vector: &Cvss, published: Score) -> bool {
    vector.version() == Version::V4_0 && published != vector.base() && published == vector.score().score
}

fn score_of(value: &Value) -> Option<Score> {
    match value {
        Value::Number(number) => number.as_f64().and_then(|value| Score::try_from(value).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cvss(json: &str) -> CvssMetric {
        let mut metrics: Metrics = serde_json::from_str(&format!("[{json}]")).unwrap();
        metrics.cvss.remove(0)
    }

    #[test]
    fn parts_that_contradict_each_other_are_kept_and_flagged() {
        let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        let metric = |rest: &str| cvss(&format!(r#"{{"cvssV3_1":{{"vectorString":"{vector}"{rest}}}}}"#));
        assert!(metric(r#","baseScore":9.8,"baseSeverity":"CRITICAL""#).flags.is_empty());
        assert!(metric("").flags.is_empty());
        assert_eq!(metric("").severity(), Some(Severity::Critical));
        let flagged = metric(r#","baseScore":"7.5","baseSeverity":"CRITICAL""#);
        assert_eq!(flagged.score().map(Score::tenths), Some(75));
        let flags: Vec<String> = flagged.flags.iter().map(ToString::to_string).collect();
        assert_eq!(
            flags,
            ["Its vector yields 9.8 instead of its score.", "Its score is rated High instead of its rating."]
        );
        assert_eq!(metric(r#","baseScore":[9]"#).flags, [MetricFlag::ScoreUnreadable]);
        assert_eq!(metric(r#","baseSeverity":"URGENT""#).flags, [MetricFlag::SeverityUnreadable]);
        let other = cvss(&format!(r#"{{"cvssV3_0":{{"vectorString":"{vector}"}}}}"#));
        assert_eq!(other.flags, [MetricFlag::VectorOfVersion(Version::V3_1)]);
        assert_eq!(cvss(r#"{"cvssV2_0":{"baseScore":5}}"#).flags, [MetricFlag::NoVector]);
        let unreadable = cvss(r#"{"cvssV2_0":{"vectorString":"high","baseScore":5}}"#);
        assert_eq!(unreadable.vector_text.as_deref(), Some("high"));
        assert!(matches!(unreadable.flags[..], [MetricFlag::VectorUnreadable(_)]));
    }

    #[test]
    fn the_score_of_all_metrics_agrees_in_4_0() {
        let vector = "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U";
        for (score, flags) in [("7.3", 0), ("4.1", 0), ("5.0", 1)] {
            let json = format!(r#"{{"cvssV4_0":{{"vectorString":"{vector}","baseScore":{score}}}}}"#);
            assert_eq!(cvss(&json).flags.len(), flags, "{score}");
            // The base score is that of the vector's base metrics; a contradiction is left as it was.
            let base = if flags == 0 { "7.3" } else { score };
            assert_eq!(cvss(&json).score(), base.parse().ok(), "{score}");
        }
    }
}
