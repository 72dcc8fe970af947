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
}

impl Scorer {
    /// Who it is, as the rule calls them.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Assigner => "the authority that gave the number",
            Self::Publisher => "the publisher of an advisory",
            Self::Enricher => "somebody who scores what others publish",
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
        let words =
            format!("{counts} {}, CVSS {}", Severity::of(self.version, counts).as_str(), self.version);
        match self.contradicted() {
            Some(published) => format!("{words}, as its vector yields; published as {published}"),
            None => words,
        }
    }

    /// Why it is the headline, said of the one that [`headline`] chose.
    pub fn rule(&self) -> String {
        format!(
            "The headline is {}: that of {} goes before others, then the newer version of CVSS, the newer \
             date, the higher score. Where a score and its vector contradict each other, the vector counts.",
            self.counts(),
            self.scorer.label()
        )
    }
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
        assert!(wrong.rule().starts_with("The headline is 9.8:"));
        let right = Scored { score: wrong.counts(), ..wrong };
        assert_eq!(right.words(), "9.8 Critical, CVSS 3.1");
    }

    #[test]
    fn the_headline_is_of_the_nearest_the_newest_the_highest() {
        use Scorer::{Assigner, Enricher, Publisher};
        use Version::{V2_0, V3_1, V4_0};
        let rising = [
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
        assert_eq!(rising[4].words(), "6.0 Medium, CVSS 3.1");
        assert!(
            rising[4].rule().starts_with("The headline is 6.0: that of the authority that gave the number")
        );
    }
}
