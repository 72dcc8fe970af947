//! What our playbooks say beside what CACAO has words for: an extension in the sense of the standard
//! (section 9.1), written down for editors in docs/guides/playbooks.md. Other playbooks have none of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

/// The id of the extension.
pub const EXTENSION: &str = "extension-definition--ad129bfb-1d58-5640-8ef5-76231199d9e9";

platform::vocabulary! {
    /// When a step is for.
    pub enum Phase {
        TenMinutes = "first-ten-minutes", "The first ten minutes";
        Hour = "first-hour", "The first hour";
        Day = "first-day", "The first day";
    }
}

/// What our extension says of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guidance {
    /// The name in its address.
    pub slug: String,
    /// What is seen when it is the right one.
    pub use_when: Vec<String>,
    /// Whether a clinician has reviewed it.
    pub clinical_review: Review,
    /// The same in Welsh.
    #[serde(default)]
    pub welsh: Option<WelshGuidance>,
}

/// A playbook as a whole in Welsh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WelshGuidance {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// Whether a clinician has reviewed a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Review {
    /// Nobody has.
    NotReviewed,
    /// Somebody has.
    Reviewed {
        /// Who.
        reviewer: String,
        /// As what.
        role: String,
        /// When.
        date: Date,
    },
}

/// What our extension says of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepGuidance {
    /// When it is for.
    pub phase: Option<Phase>,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// How it is undone.
    pub undo: String,
    /// Whether it is about care rather than machines.
    pub hospital: bool,
    /// The same in Welsh.
    pub welsh: Option<Welsh>,
}

/// A step in Welsh: a draft until a translator has passed it, which the installation knows and no document
/// says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Welsh {
    /// What to do.
    pub what: String,
    /// Why.
    pub why: String,
    /// How.
    pub how: Vec<String>,
    /// Who does it.
    pub owner: String,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// How it is undone.
    pub undo: String,
}

/// What is said of a playbook; nothing where it is not one of ours, or says it otherwise.
pub fn of_playbook(extensions: &BTreeMap<String, Value>) -> Option<Guidance> {
    Guidance::deserialize(extensions.get(EXTENSION)?).ok()
}

/// What is said of a step.
pub fn of_step(extensions: &BTreeMap<String, Value>) -> StepGuidance {
    let said = extensions.get(EXTENSION).and_then(|said| StepGuidance::deserialize(said).ok());
    said.unwrap_or_default()
}
