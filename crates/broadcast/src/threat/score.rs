//! How severe sources say a vulnerability is: every score stands beside the others with who gave it
//! and when, and one rule chooses the headline.

use formats::cvss::{Cvss, Score, Severity, Version};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How near whoever gave a score is to the vulnerability. The order is that of the headline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scorer {
    /// The authority that gave the number, usually the vendor.
    Assigner,
    /// Whoever published an advisory about it.
    Publisher,
    /// Somebody who scores what others published, such as CISA or the NVD.
    Enricher,
    /// A list that repeats a score and tells neither whose nor of when it is.
    List,
}

impl Scorer {
    /// Who it is, as the rule calls them.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Assigner => "the authority that gave the number",
            Self::Publisher => "the publisher of an advisory",
            Self::Enricher => "somebody who scores what others publish",
            Self::List => "a list that does not tell whose score it is",
        }
    }
}

/// A CVSS score as one source gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// By which version of CVSS.
    pub version: Version,
    /// The base score, as it was published.
    pub score: Score,
    /// Its vector, where there is one that can be read.
    pub vector: Option<Cvss>,
    /// Who gave it.
    pub by: String,
    /// As what.
    pub scorer: Scorer,
    /// On which day, where that is told.
    pub on: Option<Date>,
}

impl Scored {
    /// The base score that counts: what its vector yields, where there is one.
    pub fn counts(&self) -> Score {
        self.vector.as_ref().map_or(self.score, Cvss::base)
    }

    /// What was published instead of what its vector yields, where the two contradict each other.
    pub fn contradicted(&self) -> Option<Score> {
        Some(self.score).filter(|published| *published != self.counts())
    }

    /// "9.8 Critical, CVSS 3.1"; with what contradicts it.
    pub fn words(&self) -> String {
        let counts = self.counts();
        let severity = Severity::of(self.version, counts).as_str();
        let words = format!("{counts} {severity}, CVSS {}", self.version_told());
        match self.contradicted() {
            Some(published) => format!("{words}, as its vector yields; published as {published}"),
            None => words,
        }
    }

    /// The version of CVSS as far as it is told: lists say "3" alone.
    pub const fn version_told(&self) -> &'static str {
        if matches!(self.scorer, Scorer::List) { "3" } else { self.version.as_str() }
    }

    /// Why it is the headline, said of the one that [`headline`] chose.
    pub fn rule(&self) -> String {
        format!(
            "The headline is {}, from {}. A score of {} goes first, then one of {}, then one of {}, last one \
             from {}; of several such the newer version of CVSS, the newer date, the higher score. Where a score \
             and its vector contradict each other, the vector counts.",
            self.counts(),
            self.scorer.label(),
            Scorer::Assigner.label(),
            Scorer::Publisher.label(),
            Scorer::Enricher.label(),
            Scorer::List.label(),
        )
    }
}

/// What FIRST's file of scores tells of a threat's vulnerabilities: of several the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rated {
    /// How likely exploitation is within 30 days, in billionths.
    pub epss: Option<u32>,
    /// CVSS 3 in tenths, where the file has that too.
    pub cvss3: Option<u8>,
}

impl Rated {
    /// Of both the highest.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { epss: self.epss.max(other.epss), cvss3: self.cvss3.max(other.cvss3) }
    }
}

/// The headline in tenths; where no source gives a score, what the list repeats.
pub(crate) fn tenths<'a>(scores: impl IntoIterator<Item = &'a Scored>, rated: Rated) -> Option<u8> {
    headline(scores).map(|scored| scored.counts().tenths()).or(rated.cvss3)
}

/// The one that stands for all: by nearness, version, date and then the higher one.
pub fn headline<'a>(scores: impl IntoIterator<Item = &'a Scored>) -> Option<&'a Scored> {
    scores.into_iter().min_by_key(|scored| by_nearness(scored))
}

/// The order of the headline, the first one first.
pub(crate) fn by_nearness(scored: &Scored) -> impl Ord + use<> {
    (scored.scorer, std::cmp::Reverse((scored.version, scored.on, scored.counts())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(scorer: Scorer, version: Version, on: &str, tenths: u8) -> Scored {
        let score = Score::from_tenths(tenths).unwrap();
        Scored { version, score, vector: None, by: "X".to_owned(), scorer, on: on.parse().ok() }
    }

    #[test]
    fn a_score_that_its_vector_contradicts_is_told_beside_what_the_vector_yields() {
        let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".parse().ok();
        let wrong = Scored { vector, ..scored(Scorer::Assigner, Version::V3_1, "2026-01-01", 31) };
        assert_eq!(wrong.counts().tenths(), 98);
        assert_eq!(wrong.words(), "9.8 Critical, CVSS 3.1, as its vector yields; published as 3.1");
        assert!(wrong.rule().starts_with("The headline is 9.8, from the authority that gave the number. "));
        let right = Scored { score: wrong.counts(), ..wrong };
        assert_eq!(right.words(), "9.8 Critical, CVSS 3.1");
    }

    #[test]
    fn the_headline_is_of_the_nearest_the_newest_the_highest() {
        use Scorer::{Assigner, Enricher, List, Publisher};
        use Version::{V2_0, V3_1, V4_0};
        let rising = [
            scored(List, V3_1, "2026-02-01", 100),
            scored(Enricher, V2_0, "2026-01-01", 100),
            scored(Enricher, V4_0, "", 100),
            scored(Enricher, V4_0, "2026-01-01", 70),
            scored(Publisher, V3_1, "2020-01-01", 50),
            scored(Assigner, V3_1, "2020-01-01", 60),
            scored(Assigner, V3_1, "2020-01-01", 61),
            scored(Assigner, V3_1, "2021-01-01", 40),
            scored(Assigner, V4_0, "", 30),
        ];
        for count in 1..=rising.len() {
            assert_eq!(headline(&rising[..count]), rising[..count].last());
        }
        assert_eq!(headline([]), None);
        assert_eq!(rising[0].words(), "10.0 Critical, CVSS 3");
        assert_eq!(rising[5].words(), "6.0 Medium, CVSS 3.1");
        // The rule is the same whichever it chose.
        let rule = |scored: &Scored| scored.rule().split_once(". ").map(|(_, rule)| rule.to_owned());
        assert!(rising.iter().all(|scored| rule(scored) == rule(&rising[0])));
        assert_eq!(tenths(&rising, Rated { epss: None, cvss3: Some(98) }), Some(30));
        assert_eq!(tenths([], Rated { epss: None, cvss3: Some(98) }), Some(98));
    }
}
