//! How severe a vulnerability is for which products (CSAF 2.0, 3.2.3.13).
//!
//! The vector is kept as it stood there: what it means, and whether the number belongs to it, is for
//! whoever knows CVSS.

use serde::Serialize;

use super::lenient::{Fields, Node, Object};
use super::remark::RemarkKind;
use super::tree::{ProductId, product_ids};
use super::words::Severity;

/// The scores of some products.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// By version 2 of CVSS.
    pub cvss_v2: Option<Cvss>,
    /// By version 3.0 or 3.1.
    pub cvss_v3: Option<Cvss>,
    /// By version 4.0, which CSAF 2.0 does not know, and some write already.
    pub cvss_v4: Option<Cvss>,
    /// For which products.
    pub products: Vec<ProductId>,
}

/// One score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cvss {
    /// Of which version of CVSS.
    pub version: Option<String>,
    /// The vector, as it stood there.
    pub vector: Option<String>,
    /// From 0 to 10.
    pub base_score: Option<f64>,
    /// In a word.
    pub base_severity: Option<Severity>,
    /// As time goes on; version 4 has none.
    pub temporal_score: Option<f64>,
    /// In a word.
    pub temporal_severity: Option<Severity>,
    /// As the publisher sees its own surroundings; version 4 has none.
    pub environmental_score: Option<f64>,
    /// In a word.
    pub environmental_severity: Option<Severity>,
}

impl Score {
    /// The score by the newest version of CVSS that is there.
    pub fn newest(&self) -> Option<&Cvss> {
        self.cvss_v4.as_ref().or(self.cvss_v3.as_ref()).or(self.cvss_v2.as_ref())
    }
}

const SCORE: Fields = Fields { required: &["products"], optional: &["cvss_v2", "cvss_v3", "cvss_v4"] };

macro_rules! cvss_fields {
    ($($metric:literal,)*) => {
        Fields {
            required: &["version", "vectorString", "baseScore"],
            optional: &[
                "baseSeverity",
                "temporalScore",
                "temporalSeverity",
                "environmentalScore",
                "environmentalSeverity",
                // The metrics stand in the vector too, which is kept; they are known, and passed over.
                $($metric,)*
            ],
        }
    };
}

const V2: Fields = cvss_fields![
    "accessVector",
    "accessComplexity",
    "authentication",
    "confidentialityImpact",
    "integrityImpact",
    "availabilityImpact",
    "exploitability",
    "remediationLevel",
    "reportConfidence",
    "collateralDamagePotential",
    "targetDistribution",
    "confidentialityRequirement",
    "integrityRequirement",
    "availabilityRequirement",
];
const V3: Fields = cvss_fields![
    "attackVector",
    "attackComplexity",
    "privilegesRequired",
    "userInteraction",
    "scope",
    "confidentialityImpact",
    "integrityImpact",
    "availabilityImpact",
    "exploitCodeMaturity",
    "remediationLevel",
    "reportConfidence",
    "confidentialityRequirement",
    "integrityRequirement",
    "availabilityRequirement",
    "modifiedAttackVector",
    "modifiedAttackComplexity",
    "modifiedPrivilegesRequired",
    "modifiedUserInteraction",
    "modifiedScope",
    "modifiedConfidentialityImpact",
    "modifiedIntegrityImpact",
    "modifiedAvailabilityImpact",
];
const V4: Fields = cvss_fields![
    "attackVector",
    "attackComplexity",
    "attackRequirements",
    "privilegesRequired",
    "userInteraction",
    "vulnConfidentialityImpact",
    "vulnIntegrityImpact",
    "vulnAvailabilityImpact",
    "subConfidentialityImpact",
    "subIntegrityImpact",
    "subAvailabilityImpact",
    "exploitMaturity",
    "confidentialityRequirement",
    "integrityRequirement",
    "availabilityRequirement",
    "modifiedAttackVector",
    "modifiedAttackComplexity",
    "modifiedAttackRequirements",
    "modifiedPrivilegesRequired",
    "modifiedUserInteraction",
    "modifiedVulnConfidentialityImpact",
    "modifiedVulnIntegrityImpact",
    "modifiedVulnAvailabilityImpact",
    "modifiedSubConfidentialityImpact",
    "modifiedSubIntegrityImpact",
    "modifiedSubAvailabilityImpact",
    "Safety",
    "Automatable",
    "Recovery",
    "valueDensity",
    "vulnerabilityResponseEffort",
    "providerUrgency",
    "threatScore",
    "threatSeverity",
];

pub(super) fn scores(vulnerability: &Object<'_>) -> Vec<Score> {
    vulnerability.list("scores", |node| {
        let score = node.object(SCORE)?;
        let score = Score {
            cvss_v2: score.part("cvss_v2", |node| cvss(node, V2)),
            cvss_v3: score.part("cvss_v3", |node| cvss(node, V3)),
            cvss_v4: score.part("cvss_v4", |node| cvss(node, V4)),
            products: product_ids(&score, "products"),
        };
        if score.newest().is_none() {
            node.remark(RemarkKind::Lost, || "This score has no number that can be read.".to_owned());
            return None;
        }
        Some(score)
    })
}

fn cvss(node: Node<'_>, fields: Fields) -> Option<Cvss> {
    let cvss = node.object(fields)?;
    let score = |name| {
        let score = cvss.number(name)?;
        if (0.0..=10.0).contains(&score) {
            return Some(score);
        }
        node.remark(RemarkKind::Lost, || format!("{name} is {score}, which is not from 0 to 10."));
        None
    };
    let cvss = Cvss {
        version: cvss.text("version"),
        vector: cvss.text("vectorString"),
        base_score: score("baseScore"),
        base_severity: cvss.word("baseSeverity"),
        temporal_score: score("temporalScore"),
        temporal_severity: cvss.word("temporalSeverity"),
        environmental_score: score("environmentalScore"),
        environmental_severity: cvss.word("environmentalSeverity"),
    };
    (cvss.vector.is_some() || cvss.base_score.is_some()).then_some(cvss)
}
