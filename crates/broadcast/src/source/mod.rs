//! Where statements about threats come from, and their documents as they came.
//!
//! A document is kept verbatim, under its hash and the time it was taken in, so that whatever is
//! believed about a threat can be laid beside what was published.

pub mod store;

use crate::advisory::vocabulary::vocabulary;

db::id! {
    /// Names a document of a source.
    pub DocumentId
}

vocabulary! {
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
