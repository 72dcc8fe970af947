//! What one publisher says about a vulnerability: the numbering authority (CNA), or one of those
//! who add to its record (ADP).

use serde::{Deserialize, Serialize};

use super::affected::{Affected, CpeApplicability};
use super::metric::Metrics;
use super::text::{LangText, PublishedTime};
use crate::CveId;

/// Who publishes a container, and so stands behind what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The numbering authority, often the vendor.
    Cna,
    /// An authorised data publisher, such as CISA.
    Adp,
}

/// The publisher of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Provider {
    /// Its id.
    pub org_id: Option<String>,
    /// Its short name, such as CISA-ADP.
    pub short_name: Option<String>,
    /// When it last changed its container: the date of everything in it.
    pub date_updated: Option<PublishedTime>,
}

/// What one publisher says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// The publisher.
    #[serde(rename = "providerMetadata")]
    pub provider: Provider,
    /// In the CNA's container the vulnerability's title, in another the container's.
    pub title: Option<String>,
    /// When the vulnerability was made public.
    pub date_public: Option<PublishedTime>,
    /// When the number was given to the vulnerability.
    pub date_assigned: Option<PublishedTime>,
    /// What it is, in each language.
    pub descriptions: Vec<LangText>,
    /// Which products it concerns.
    pub affected: Vec<Affected>,
    /// Under which combinations of products it applies.
    pub cpe_applicability: Vec<CpeApplicability>,
    /// Its weaknesses.
    pub problem_types: Vec<ProblemTypes>,
    /// Pages that say more.
    pub references: Vec<Reference>,
    /// How severe it is, and whether it is exploited.
    pub metrics: Metrics,
    /// What an attacker can do, by CAPEC.
    pub impacts: Vec<Impact>,
    /// In which configurations it applies.
    pub configurations: Vec<LangText>,
    /// What helps until it is remedied.
    pub workarounds: Vec<LangText>,
    /// What remedies it.
    pub solutions: Vec<LangText>,
    /// What is known of its exploitation.
    pub exploits: Vec<LangText>,
    /// What happened when.
    pub timeline: Vec<TimelineEntry>,
    /// Who found it, and who helped.
    pub credits: Vec<Credit>,
    /// Marks such as disputed, unsupported-when-assigned or exclusively-hosted-service.
    pub tags: Vec<String>,
    /// Its place in other taxonomies, such as ATT&CK.
    pub taxonomy_mappings: Vec<TaxonomyMapping>,
    /// Why the number was rejected.
    pub rejected_reasons: Vec<LangText>,
    /// By which numbers a rejected one is replaced.
    pub replaced_by: Vec<CveId>,
}

/// One weakness, described in one or more languages or taxonomies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemTypes {
    /// Its descriptions.
    #[serde(default)]
    pub descriptions: Vec<ProblemType>,
}

/// A description of a weakness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemType {
    /// Its language.
    #[serde(default)]
    pub lang: Option<String>,
    /// The description, often the title of the CWE.
    #[serde(default)]
    pub description: String,
    /// Its CWE number, as it was published.
    pub cwe_id: Option<String>,
    /// What kind of description it is, such as CWE or text.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

impl ProblemType {
    /// The CWE, such as CWE-79: of its own field, else the one with which the description begins,
    /// as older records have it.
    pub fn cwe(&self) -> Option<String> {
        self.cwe_id.as_deref().and_then(leading_cwe).or_else(|| leading_cwe(&self.description))
    }
}

fn leading_cwe(text: &str) -> Option<String> {
    const MOST_DIGITS: usize = 5;
    let text = text.trim_start();
    let rest = text.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("CWE-")).map(|_| &text[4..])?;
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..length].trim_start_matches('0');
    ((1..=MOST_DIGITS).contains(&number.len())).then(|| format!("CWE-{number}"))
}

/// A page that says more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Its address, as it was published.
    pub url: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is, such as vendor-advisory, patch or exploit.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What an attacker can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// The attack pattern, such as CAPEC-63.
    pub capec_id: Option<String>,
    /// What it is, in each language.
    #[serde(default)]
    pub descriptions: Vec<LangText>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub time: PublishedTime,
    /// What, in one language.
    #[serde(flatten)]
    pub what: LangText,
}

/// Somebody who found it or helped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The name, in one language.
    #[serde(flatten)]
    pub name: LangText,
    /// As what, such as finder or remediation developer.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// The vulnerability's place in another taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaxonomyMapping {
    /// The taxonomy, such as ATT&CK.
    pub taxonomy_name: String,
    /// Its version.
    pub taxonomy_version: Option<String>,
    /// The places.
    pub taxonomy_relations: Vec<TaxonomyRelation>,
}

/// A place in a taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaxonomyRelation {
    /// The entry, such as T0891.
    pub taxonomy_id: String,
    /// How it is related, such as mitigated by.
    pub relationship_name: String,
    /// To what.
    pub relationship_value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cwe_is_read_from_its_field_or_the_head_of_the_description() {
        let problem = |cwe_id: Option<&str>, description: &str| {
            ProblemType {
                lang: None,
                description: description.into(),
                cwe_id: cwe_id.map(str::to_owned),
                kind: None,
            }
            .cwe()
        };
        assert_eq!(problem(Some("CWE-79"), "n/a").as_deref(), Some("CWE-79"));
        assert_eq!(problem(Some("79"), "cwe-0089: SQL injection").as_deref(), Some("CWE-89"));
        assert_eq!(problem(None, "CWE-284").as_deref(), Some("CWE-284"));
        for description in ["", "n/a", "CWE-", "CWE-000", "CWE-Other", "as CWE-79", "CWE-123456", "CWÉ-1"] {
            assert_eq!(problem(None, description), None, "{description}");
        }
    }
}
