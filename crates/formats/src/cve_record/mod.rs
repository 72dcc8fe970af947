//! CVE records in the CVE Record Format 5.x: what the numbering authority says about a
//! vulnerability, and what others, CISA above all, add to it.
//!
//! Read from one document, from a list of records or from one record a line. What a record does not say is unknown here
//! too. Every record keeps its text as it was published.

mod affected;
pub mod changes;
mod container;
mod metric;
mod ssvc;
mod text;

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::json_items::{JsonDocuments, Text};
use crate::refusal::excerpt;
use crate::{CveId, Refusal};

pub use affected::{
    Affected, Change, CpeApplicability, CpeMatch, CpeNode, ProgramRoutine, Status, VersionRange,
};
pub use container::{
    Container, Credit, Impact, ProblemType, ProblemTypes, Provider, Reference, Role, TaxonomyMapping,
    TaxonomyRelation, TimelineEntry,
};
pub use metric::{CvssMetric, MetricFlag, Metrics, OtherMetric};
pub use ssvc::{Automatable, Exploitation, KevListing, Ssvc, SsvcOption, TechnicalImpact};
pub use text::{LangText, PublishedTime};

/// The longest record, in bytes: the longest of 2,222 real ones has 89 KiB.
pub const LONGEST: usize = 2 * 1024 * 1024;
/// The most objects and lists in one record, since an empty one is two bytes in the file and
/// hundreds in memory; the most in 2,222 real ones is 1,550.
pub const MOST_PARTS: usize = 50_000;

/// The state of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It stands for a vulnerability.
    Published,
    /// It is not to be used.
    Rejected,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CveRecord {
    /// The line on which it begins.
    pub line: u64,
    /// Its number.
    pub cve: CveId,
    /// Its state.
    pub state: State,
    /// The version of the format that it was written in, such as 5.1.
    pub data_version: String,
    /// The short name of the authority that assigned the number.
    pub assigner: Option<String>,
    /// The id of that authority.
    pub assigner_org_id: Option<String>,
    /// When the number was reserved.
    pub date_reserved: Option<PublishedTime>,
    /// When the record was first published.
    pub date_published: Option<PublishedTime>,
    /// When the record last changed.
    pub date_updated: Option<PublishedTime>,
    /// When the number was rejected.
    pub date_rejected: Option<PublishedTime>,
    /// What the numbering authority says.
    pub cna: Container,
    /// What others add, in the record's order.
    pub adp: Vec<Container>,
    /// The record as it was published, byte for byte.
    pub verbatim: String,
}

impl CveRecord {
    /// The containers with the role of their publisher: the numbering authority's first.
    pub fn containers(&self) -> impl Iterator<Item = (Role, &Container)> {
        let others = self.adp.iter().map(|container| (Role::Adp, container));
        std::iter::once((Role::Cna, &self.cna)).chain(others)
    }

    /// The vulnerability's title, which older records lack.
    pub fn title(&self) -> Option<&str> {
        self.cna.title.as_deref()
    }

    /// What it is: in English of the numbering authority, else in English of another publisher,
    /// else in whatever language comes first.
    pub fn description(&self) -> Option<&LangText> {
        self.containers()
            .find_map(|(_, container)| LangText::english(&container.descriptions))
            .or_else(|| self.containers().find_map(|(_, container)| container.descriptions.first()))
    }

    /// Why it was rejected, in English where there is some.
    pub fn rejected_reason(&self) -> Option<&LangText> {
        let reasons = &self.cna.rejected_reasons;
        LangText::english(reasons).or_else(|| reasons.first())
    }

    /// The CVSS assessments of all publishers, with who says so.
    pub fn cvss(&self) -> impl Iterator<Item = (Role, &Provider, &CvssMetric)> {
        self.containers().flat_map(|(role, container)| {
            container.metrics.cvss.iter().map(move |metric| (role, &container.provider, metric))
        })
    }

    /// The newest assessment by SSVC; of several without a time, the last.
    pub fn ssvc(&self) -> Option<&Ssvc> {
        self.containers()
            .flat_map(|(_, container)| &container.metrics.ssvc)
            .max_by_key(|ssvc| ssvc.timestamp.as_ref().and_then(PublishedTime::at))
    }

    /// The listing among the known exploited vulnerabilities, where somebody says there is one.
    pub fn kev(&self) -> Option<&KevListing> {
        self.containers().find_map(|(_, container)| container.metrics.kev.first())
    }

    /// The weaknesses that all publishers name, such as CWE-79, each once.
    pub fn cwes(&self) -> Vec<String> {
        let mut cwes = Vec::new();
        let named = self.containers().flat_map(|(_, container)| &container.problem_types);
        for cwe in named.flat_map(|problem| &problem.descriptions).filter_map(ProblemType::cwe) {
            if !cwes.contains(&cwe) {
                cwes.push(cwe);
            }
        }
        cwes
    }

    /// What was noticed on reading the record, in sentences; it was kept as it is.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for (role, provider, metric) in self.cvss() {
            let whose = provider.short_name.as_deref().unwrap_or(match role {
                Role::Cna => "the numbering authority",
                Role::Adp => "an unnamed publisher",
            });
            for flag in &metric.flags {
                remarks.push(format!("CVSS {} of {}: {flag}", metric.version, excerpt(whose)));
            }
        }
        for ssvc in self.containers().flat_map(|(_, container)| &container.metrics.ssvc) {
            if let Some(id) = ssvc.id.as_deref().filter(|id| id.parse() != Ok(self.cve)) {
                remarks.push(format!("Its SSVC assessment is of {}.", excerpt(id)));
            }
        }
        let dates = [
            ("reserved", &self.date_reserved),
            ("published", &self.date_published),
            ("updated", &self.date_updated),
            ("rejected", &self.date_rejected),
        ];
        for (event, date) in dates {
            if let Some(date) = date.as_ref().filter(|date| date.at().is_none()) {
                remarks
                    .push(format!("The date on which it was {event} is none: {}.", excerpt(date.as_str())));
            }
        }
        remarks
    }
}

/// A record as the format has it. Fields that it gains later, and those of single publishers
/// (`x_…`), are passed over here and stay in the verbatim text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    data_type: String,
    data_version: String,
    cve_metadata: Metadata,
    containers: Containers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    cve_id: CveId,
    state: State,
    assigner_short_name: Option<String>,
    assigner_org_id: Option<String>,
    date_reserved: Option<PublishedTime>,
    date_published: Option<PublishedTime>,
    date_updated: Option<PublishedTime>,
    date_rejected: Option<PublishedTime>,
}

#[derive(Deserialize)]
struct Containers {
    cna: Container,
    #[serde(default)]
    adp: Vec<Container>,
}

/// Reads records one by one.
pub fn read<R: Read>(input: R) -> CveRecords<R> {
    CveRecords { documents: JsonDocuments::new(input, LONGEST) }
}

/// An iterator over the records of a file.
pub struct CveRecords<R> {
    documents: JsonDocuments<R>,
}

impl<R: Read> Iterator for CveRecords<R> {
    type Item = Result<CveRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.documents.next()?.and_then(record))
    }
}

/// What a document is that is no record, where it is something that people take for one.
fn other(text: &Text) -> Option<String> {
    #[derive(Deserialize)]
    struct Other {
        data_type: Option<String>,
        data_version: Option<String>,
        format: Option<String>,
        #[serde(rename = "fetchTime")]
        fetch_time: Option<String>,
    }
    let other: Other = text.parse().ok()?;
    if other.data_type.as_deref() == Some("CVE") {
        let version = other.data_version.unwrap_or_else(|| "4".to_owned());
        return Some(format!(
            "This is a record in version {} of the CVE format, which is no longer published; 5.x is read.",
            excerpt(&version)
        ));
    }
    if other.format.as_deref() == Some("NVD_CVE") {
        return Some("This is an answer of NVD in a format of its own; CVE records are read.".to_owned());
    }
    let is_list = other.fetch_time.is_some();
    is_list.then(|| "This is a list of changes, which holds no records: follow it as a feed.".to_owned())
}

fn record(text: Text) -> Result<CveRecord, Refusal> {
    let parts = text.text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if parts > MOST_PARTS {
        return Err(text.refuse(format!("The record has {parts} parts; {MOST_PARTS} are taken at most.")));
    }
    let published: Published =
        text.parse().map_err(|refusal| other(&text).map_or(refusal, |reason| text.refuse(reason)))?;
    if published.data_type != "CVE_RECORD" {
        return Err(text.refuse(format!("It is of type {}, not CVE_RECORD.", excerpt(&published.data_type))));
    }
    if !published.data_version.starts_with("5.") {
        let version = excerpt(&published.data_version);
        return Err(text.refuse(format!("It is in version {version} of the CVE format; 5.x is read.")));
    }
    // PostgreSQL stores no NUL in a text, and no name has one.
    if text.holds_nul() {
        return Err(text.refuse("The record holds a NUL character."));
    }
    let Metadata {
        cve_id,
        state,
        assigner_short_name,
        assigner_org_id,
        date_reserved,
        date_published,
        date_updated,
        date_rejected,
    } = published.cve_metadata;
    Ok(CveRecord {
        line: text.line,
        cve: cve_id,
        state,
        data_version: published.data_version,
        assigner: assigner_short_name,
        assigner_org_id,
        date_reserved,
        date_published,
        date_updated,
        date_rejected,
        cna: published.containers.cna,
        adp: published.containers.adp,
        verbatim: text.text,
    })
}

#[cfg(test)]
mod tests;
