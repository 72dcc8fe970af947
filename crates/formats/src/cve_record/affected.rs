//! Which products and versions a record speaks of, and what it says about each.
//!
//! Whether one version lies in a range depends on its version scheme and is not decided here.

use serde::{Deserialize, Serialize};

/// What is said about a version. A word that is not known says nothing, and saying nothing is
/// never "not affected".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", from = "String")]
pub enum Status {
    /// It has the vulnerability.
    Affected,
    /// It does not have it.
    Unaffected,
    /// Nobody said, or nobody knows.
    #[default]
    Unknown,
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "affected" => Self::Affected,
            "unaffected" => Self::Unaffected,
            _ => Self::Unknown,
        }
    }
}

/// A product that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affected {
    /// Its vendor; `n/a` in many old records.
    pub vendor: Option<String>,
    /// Its name; `n/a` in many old records.
    pub product: Option<String>,
    /// Its name in a collection of packages.
    pub package_name: Option<String>,
    /// The collection in which `package_name` is a name.
    #[serde(rename = "collectionURL")]
    pub collection_url: Option<String>,
    /// Its package URL.
    #[serde(rename = "packageURL")]
    pub package_url: Option<String>,
    /// Its source code's repository, to which versions of type git refer.
    pub repo: Option<String>,
    /// Its CPE names, of 2.2 or 2.3.
    pub cpes: Vec<String>,
    /// The modules or functions concerned.
    pub modules: Vec<String>,
    /// The source files concerned.
    pub program_files: Vec<String>,
    /// The routines concerned.
    pub program_routines: Vec<ProgramRoutine>,
    /// The platforms concerned; none means all.
    pub platforms: Vec<String>,
    /// What is said of versions.
    pub versions: Vec<VersionRange>,
    /// What is said of versions that are not listed.
    pub default_status: Status,
}

/// A routine of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramRoutine {
    /// Its name.
    pub name: String,
}

/// A version, or a range of versions where an upper end is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionRange {
    /// The version, or the first of the range; `0` means from the beginning.
    pub version: String,
    /// What is said of it.
    #[serde(default)]
    pub status: Status,
    /// The first version above the range; `*` means without end.
    pub less_than: Option<String>,
    /// The last version of the range.
    pub less_than_or_equal: Option<String>,
    /// How versions are compared: semver, git, custom and the like.
    pub version_type: Option<String>,
    /// Where, within the range, the status changes; not sorted.
    #[serde(default)]
    pub changes: Vec<Change>,
}

impl VersionRange {
    /// Whether it is a range rather than one version.
    pub const fn is_range(&self) -> bool {
        self.less_than.is_some() || self.less_than_or_equal.is_some()
    }
}

/// A change of status within a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// From which version on.
    pub at: String,
    /// What is said from there.
    #[serde(default)]
    pub status: Status,
}

/// Under which combinations of products the vulnerability applies, by CPE (schema 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpeApplicability {
    /// How its nodes are joined: AND or OR.
    pub operator: Option<String>,
    /// Whether the whole is negated.
    pub negate: bool,
    /// Its nodes.
    pub nodes: Vec<CpeNode>,
}

/// A node of a [`CpeApplicability`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CpeNode {
    /// How its matches are joined: AND or OR.
    pub operator: Option<String>,
    /// Whether the node is negated.
    pub negate: bool,
    /// What it matches.
    pub cpe_match: Vec<CpeMatch>,
}

/// Products that a CPE name and a range of versions match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CpeMatch {
    /// Whether what matches is vulnerable, or only must be present; unknown where it is not told.
    pub vulnerable: Option<bool>,
    /// The CPE 2.3 name.
    pub criteria: String,
    /// The NVD's id of these criteria.
    pub match_criteria_id: Option<String>,
    /// From this version on.
    pub version_start_including: Option<String>,
    /// From above this version on.
    pub version_start_excluding: Option<String>,
    /// Up to this version.
    pub version_end_including: Option<String>,
    /// Up to below this version.
    pub version_end_excluding: Option<String>,
}
