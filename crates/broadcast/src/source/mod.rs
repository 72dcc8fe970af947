//! Where statements about threats come from, and their documents as they came.
//!
//! A document is kept verbatim, under its hash and the time it was taken in, so that whatever is
//! believed about a threat can be laid beside what was published.

mod beside;
pub(crate) mod pages;
pub mod store;

use std::fmt;

use formats::Column;
use platform::import::Report;
use serde::{Deserialize, Serialize};

pub use beside::{Beside, Checks, Demand, Keys, Signed, Worth};

db::id! {
    /// Names a document of a source.
    pub DocumentId
}

platform::vocabulary! {
    /// Who makes a statement. Where two differ about a title, the first in this order is followed.
    pub enum Source {
        Kev = "kev", "CISA, known exploited vulnerabilities";
        Hand = "hand", "Written here by hand";
        Csaf = "csaf", "Security advisory (CSAF)";
        Cve = "cve", "CVE record";
        Stix = "stix", "Threat intelligence (STIX)";
        News = "news", "News";
        Epss = "epss", "FIRST, exploit prediction (EPSS)";
    }
}

impl Source {
    /// Whether everybody can read it where it comes from, so that its words need no protection.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Kev | Self::Cve | Self::Epss)
    }
}

/// What was found out about a document on taking it in; kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// What its checksum and signature came to.
    pub checks: Checks,
    /// How many remarks its reader made.
    pub remarked: u64,
    /// The first of them.
    pub remarks: Vec<Remark>,
    /// How many of its parts were refused.
    #[serde(default)]
    pub refused: u64,
    /// The first of them, and why.
    #[serde(default)]
    pub refusals: Vec<Remark>,
    /// What became of the others when it was last taken in; nothing where that is told part by part, as of
    /// advisories.
    #[serde(default)]
    pub counts: Option<Counts>,
}

/// What became of the parts of a document that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// They were not known.
    pub new: u64,
    /// They said something else than before.
    pub changed: u64,
    /// They said what was known.
    pub same: u64,
    /// They change nothing, though they do not say what is known.
    pub passed_over: u64,
}

/// So many refusals, and remarks, of a document are kept with it.
const KEPT: usize = 100;

impl Findings {
    /// What a report says of the one document that it is about.
    pub fn of(report: &Report) -> Self {
        let place = |column: &Option<Column>| column.as_ref().map(ToString::to_string);
        let refusals = report.refusals.iter().take(KEPT).map(|refusal| Remark {
            line: Some(refusal.line),
            path: place(&refusal.column),
            reason: refusal.reason.clone(),
        });
        let remarks = report.remarks.iter().take(KEPT).map(|remark| Remark {
            line: remark.line,
            path: remark.path.clone(),
            reason: remark.reason.clone(),
        });
        let Report { new, changed, same, passed_over, .. } = *report;
        Self {
            checks: Checks::default(),
            remarked: report.remarked,
            remarks: remarks.collect(),
            refused: report.refused,
            refusals: refusals.collect(),
            counts: Some(Counts { new, changed, same, passed_over }),
        }
    }
}

/// A remark of a reader: of a part that could not be read, or is odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The line, from 1, where it is about one.
    pub line: Option<u64>,
    /// The part, such as `/vulnerabilities/0/cve`, or the column, where it is about one.
    pub path: Option<String>,
    /// A sentence.
    pub reason: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!("Line {line}"));
        let place: Vec<String> = line.into_iter().chain(self.path.clone()).collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.reason)
    }
}
