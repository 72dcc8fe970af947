//! What may be done, what threatens, and why a product is not affected (CSAF 2.0, 3.2.3.12, .14, .5).

use jiff::Timestamp;
use serde::Serialize;

use super::lenient::{Fields, Node, Object};
use super::tree::{GroupId, ProductId, group_ids, product_ids};
use super::words::{FlagLabel, RemediationCategory, RestartCategory, ThreatCategory};

/// Of which products something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Concerns {
    /// Products.
    pub products: Vec<ProductId>,
    /// Groups of products.
    pub groups: Vec<GroupId>,
}

impl Concerns {
    /// Whether no product is named. The standard then does not say which are meant.
    pub fn nobody(&self) -> bool {
        self.products.is_empty() && self.groups.is_empty()
    }
}

/// Something that may be done about a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remediation {
    /// What kind of thing.
    pub category: Option<RemediationCategory>,
    /// What it is.
    pub details: Option<String>,
    /// The page that says more.
    pub url: Option<String>,
    /// Since when it is there.
    pub date: Option<Timestamp>,
    /// What has to be restarted.
    pub restart: Option<Restart>,
    /// What entitles a customer to it.
    pub entitlements: Vec<String>,
    /// For which products.
    pub concerns: Concerns,
}

impl Remediation {
    /// Whether it lowers the risk until there is a remedy: a mitigation or a workaround.
    pub fn is_interim(&self) -> bool {
        matches!(self.category, Some(RemediationCategory::Mitigation | RemediationCategory::Workaround))
    }
}

/// What has to be restarted after a remediation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restart {
    /// What.
    pub category: Option<RestartCategory>,
    /// In words.
    pub details: Option<String>,
}

/// What threatens, or for a product that is not affected, why it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threat {
    /// What it tells.
    pub category: Option<ThreatCategory>,
    /// In words.
    pub details: String,
    /// As of when.
    pub date: Option<Timestamp>,
    /// Which products.
    pub concerns: Concerns,
}

/// Why products are not affected, in a word for machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// The word.
    pub label: FlagLabel,
    /// As of when.
    pub date: Option<Timestamp>,
    /// Which products.
    pub concerns: Concerns,
}

const REMEDIATION: Fields = Fields {
    required: &["category", "details"],
    optional: &["date", "entitlements", "group_ids", "product_ids", "restart_required", "url"],
};
const RESTART: Fields = Fields { required: &["category"], optional: &["details"] };
const THREAT: Fields =
    Fields { required: &["category", "details"], optional: &["date", "group_ids", "product_ids"] };
const FLAG: Fields = Fields { required: &["label"], optional: &["date", "group_ids", "product_ids"] };

fn concerns(object: &Object<'_>) -> Concerns {
    Concerns { products: product_ids(object, "product_ids"), groups: group_ids(object, "group_ids") }
}

pub(super) fn remediations(vulnerability: &Object<'_>) -> Vec<Remediation> {
    vulnerability.list("remediations", |node| {
        let object = node.object(REMEDIATION)?;
        let remediation = Remediation {
            category: object.word("category"),
            details: object.text("details"),
            url: object.text("url"),
            date: object.moment("date"),
            restart: object.part("restart_required", restart),
            entitlements: object.texts("entitlements"),
            concerns: concerns(&object),
        };
        let says_something = remediation.category.is_some() || remediation.details.is_some();
        (says_something || remediation.url.is_some()).then_some(remediation)
    })
}

fn restart(node: Node<'_>) -> Option<Restart> {
    let restart = node.object(RESTART)?;
    Some(Restart { category: restart.word("category"), details: restart.text("details") })
}

pub(super) fn threats(vulnerability: &Object<'_>) -> Vec<Threat> {
    vulnerability.list("threats", |node| {
        let threat = node.object(THREAT)?;
        Some(Threat {
            category: threat.word("category"),
            details: threat.text("details")?,
            date: threat.moment("date"),
            concerns: concerns(&threat),
        })
    })
}

pub(super) fn flags(vulnerability: &Object<'_>) -> Vec<Flag> {
    vulnerability.list("flags", |node| {
        let flag = node.object(FLAG)?;
        Some(Flag { label: flag.word("label")?, date: flag.moment("date"), concerns: concerns(&flag) })
    })
}
