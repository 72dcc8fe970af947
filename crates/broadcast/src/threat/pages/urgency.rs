//! How severe and how likely sources say it is, as a threat's page shows it: every score beside the
//! others, with who gave it and the rule that chose the headline.

use db::{DbError, Snapshot};
use formats::epss::Fraction;
use jiff::civil::Date;
use platform::web::{shell::Language, show};

use crate::threat::{
    Assessed, Scored, headline, percent,
    store::{self, Scores, Statement},
};

/// Scores, probabilities and assessments.
#[derive(Debug)]
pub(super) struct Urgency {
    pub scores: Vec<ScoreRow>,
    pub rule: String,
    pub epss: Vec<EpssRow>,
    pub assessed: Vec<AssessedRow>,
}

#[derive(Debug)]
pub(super) struct ScoreRow {
    pub score: String,
    pub by: String,
    pub dated: String,
    pub vector: String,
}

#[derive(Debug)]
pub(super) struct EpssRow {
    pub cve: String,
    pub probability: String,
    pub percentile: String,
    /// CVSS 3, where the same file tells it.
    pub cvss3: String,
    pub dated: String,
    pub model: String,
}

#[derive(Debug)]
pub(super) struct AssessedRow {
    pub by: String,
    pub exploitation: &'static str,
    pub automatable: &'static str,
    pub impact: &'static str,
    pub dated: String,
}

impl Urgency {
    /// Puts together what `statements` say of a threat and of its vulnerabilities.
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        cves: &[String],
        statements: &[&Statement],
    ) -> Result<Self, DbError> {
        let mut epss: Vec<_> = store::scores_of(snapshot, cves).await?.into_iter().collect();
        epss.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let said = || statements.iter().map(|statement| &statement.said);
        let listed: Vec<Scored> = epss.iter().filter_map(|(_, scores)| scores.cvss()).collect();
        let mut scores: Vec<&Scored> = said().flat_map(|said| &said.scores).chain(&listed).collect();
        let first = headline(scores.iter().copied());
        let rule = first.map(Scored::rule).unwrap_or_default();
        scores
            .sort_by_key(|scored| (Some(*scored) != first, scored.scorer, std::cmp::Reverse(scored.version)));
        Ok(Self {
            scores: scores.into_iter().map(score_row).collect(),
            rule,
            epss: epss.iter().map(|(cve, scores)| epss_row(cve, scores)).collect(),
            assessed: said().filter_map(|said| said.assessed.as_ref()).map(assessed_row).collect(),
        })
    }

    /// Whether nobody says how urgent it is.
    pub(super) fn is_empty(&self) -> bool {
        self.scores.is_empty() && self.epss.is_empty() && self.assessed.is_empty()
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(|| "Not told".to_owned(), |day| show::date(day, Language::English))
}

fn score_row(scored: &Scored) -> ScoreRow {
    ScoreRow {
        score: scored.words(),
        by: format!("{}, {}", scored.by, scored.scorer.label()),
        dated: day(scored.on),
        vector: scored.vector.as_ref().map(|vector| vector.vector().to_owned()).unwrap_or_default(),
    }
}

fn epss_row(cve: &str, scores: &Scores) -> EpssRow {
    let share = |billionths| Fraction::from_billionths(billionths).map(percent).unwrap_or_default();
    EpssRow {
        cve: cve.to_owned(),
        probability: share(scores.score),
        percentile: format!("{} of all", share(scores.percentile)),
        cvss3: scores
            .cvss3
            .map_or_else(|| "Not told".to_owned(), |tenths| format!("{}.{}", tenths / 10, tenths % 10)),
        dated: day(scores.dated.parse().ok()),
        model: if scores.model.is_empty() { "Not told".to_owned() } else { scores.model.clone() },
    }
}

fn assessed_row(assessed: &Assessed) -> AssessedRow {
    use formats::cve_record::{Automatable, Exploitation, TechnicalImpact};
    AssessedRow {
        by: if assessed.by.is_empty() { "Not told".to_owned() } else { assessed.by.clone() },
        exploitation: match assessed.exploitation {
            Some(Exploitation::Active) => "Active",
            Some(Exploitation::Poc) => "Proof of concept",
            Some(Exploitation::None) => "None known",
            None => "Unknown",
        },
        automatable: match assessed.automatable {
            Some(Automatable::Yes) => "Yes",
            Some(Automatable::No) => "No",
            None => "Unknown",
        },
        impact: match assessed.technical_impact {
            Some(TechnicalImpact::Total) => "Total",
            Some(TechnicalImpact::Partial) => "Partial",
            None => "Unknown",
        },
        dated: day(assessed.on),
    }
}
