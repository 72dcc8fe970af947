//! Where statements about threats come from, and their documents as they came.
//!
//! A document is kept verbatim, under its hash and the time it was taken in, so that whatever is
//! believed about a threat can be laid beside what was published.

mod beside;
pub(crate) mod pages;
pub mod store;

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
}

/// A remark of a reader: of a part that could not be read, or is odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The line, from 1.
    pub line: u64,
    /// The part, such as `/vulnerabilities/0/cve`.
    pub path: String,
    /// A sentence.
    pub reason: String,
}
