//! How products stand with a vulnerability (CSAF 2.0, 3.2.3.9), answered product by product.
//!
//! Silence is an answer of its own: a product of which a document says nothing is not "not
//! affected". What contradicts itself is kept and told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::lenient::{Fields, Node, Object, counted};
use super::remark::RemarkKind;
use super::remedy::{Concerns, Flag, Remediation, Threat};
use super::score::Score;
use super::tree::{GroupId, Product, ProductId, ProductTree, product_ids};
use super::vulnerability::Vulnerability;

/// One of the eight lists in which a product may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The first version that is affected.
    FirstAffected,
    /// Affected.
    KnownAffected,
    /// The last version that is affected.
    LastAffected,
    /// The first version that is no longer affected.
    FirstFixed,
    /// No longer affected.
    Fixed,
    /// Not affected.
    KnownNotAffected,
    /// Not yet known.
    UnderInvestigation,
    /// The version that the vendor recommends.
    Recommended,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::FirstAffected,
        Self::KnownAffected,
        Self::LastAffected,
        Self::FirstFixed,
        Self::Fixed,
        Self::KnownNotAffected,
        Self::UnderInvestigation,
        Self::Recommended,
    ];

    /// As CSAF writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstAffected => "first_affected",
            Self::KnownAffected => "known_affected",
            Self::LastAffected => "last_affected",
            Self::FirstFixed => "first_fixed",
            Self::Fixed => "fixed",
            Self::KnownNotAffected => "known_not_affected",
            Self::UnderInvestigation => "under_investigation",
            Self::Recommended => "recommended",
        }
    }

    /// What it says of the product; a recommendation says nothing of the kind.
    const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::FirstAffected | Self::KnownAffected | Self::LastAffected => Some(Verdict::Affected),
            Self::FirstFixed | Self::Fixed => Some(Verdict::Fixed),
            Self::KnownNotAffected => Some(Verdict::NotAffected),
            Self::UnderInvestigation => Some(Verdict::UnderInvestigation),
            Self::Recommended => None,
        }
    }
}

/// What the statuses of a product come down to: the groups of CSAF's test 6.1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The document does not say. It may be affected.
    NotTold,
    /// It is affected.
    Affected,
    /// It is no longer affected.
    Fixed,
    /// It is not affected.
    NotAffected,
    /// The publisher does not know yet.
    UnderInvestigation,
    /// The document says two of these. A careful reader takes it for affected.
    Contradictory,
}

impl Verdict {
    fn of(statuses: &[Status]) -> Self {
        let mut verdicts = statuses.iter().filter_map(|status| status.verdict());
        let Some(first) = verdicts.next() else { return Self::NotTold };
        if verdicts.all(|verdict| verdict == first) { first } else { Self::Contradictory }
    }
}

/// The eight lists of one vulnerability, each in the document's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatusLists(BTreeMap<Status, Vec<ProductId>>);

impl StatusLists {
    /// The products in one list.
    pub fn list(&self, status: Status) -> &[ProductId] {
        self.0.get(&status).map_or(&[], Vec::as_slice)
    }

    /// Every entry of every list.
    pub fn iter(&self) -> impl Iterator<Item = (Status, &ProductId)> {
        self.0.iter().flat_map(|(status, products)| products.iter().map(|product| (*status, product)))
    }
}

const LISTS: Fields = Fields {
    required: &[],
    optional: &[
        "first_affected",
        "first_fixed",
        "fixed",
        "known_affected",
        "known_not_affected",
        "last_affected",
        "recommended",
        "under_investigation",
    ],
};

pub(super) fn status_lists(vulnerability: &Object<'_>) -> StatusLists {
    let Some(lists) = vulnerability.get("product_status").and_then(|node| node.object(LISTS)) else {
        return StatusLists::default();
    };
    let list = |status: Status| (status, product_ids(&lists, status.word()));
    StatusLists(Status::ALL.map(list).into_iter().filter(|(_, products)| !products.is_empty()).collect())
}

/// What one document says of one product and one vulnerability.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing<'a> {
    /// By what the document refers to the product.
    pub id: &'a str,
    /// The product; the lists may name one that the tree does not have.
    pub product: Option<&'a Product>,
    /// In which lists it stands, each once.
    pub statuses: Vec<Status>,
    /// What that comes down to.
    pub verdict: Verdict,
    /// What may be done for it.
    pub remediations: Vec<&'a Remediation>,
    /// How severe it is for it.
    pub scores: Vec<&'a Score>,
    /// Why it is not affected, in a word for machines.
    pub flags: Vec<&'a Flag>,
    /// What threatens it, or why it is not affected, in words.
    pub threats: Vec<&'a Threat>,
}

impl Standing<'_> {
    /// Whether it stands in the list of what the vendor recommends.
    pub fn is_recommended(&self) -> bool {
        self.statuses.contains(&Status::Recommended)
    }
}

/// One vulnerability, made ready to answer for each product.
pub struct Standings<'a> {
    tree: &'a ProductTree,
    vulnerability: &'a Vulnerability,
    statuses: HashMap<&'a str, Vec<Status>>,
    remediations: Index<'a>,
    flags: Index<'a>,
    threats: Index<'a>,
    scores: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Standings<'a> {
    pub(super) fn new(tree: &'a ProductTree, vulnerability: &'a Vulnerability) -> Self {
        let mut statuses: HashMap<&str, Vec<Status>> = HashMap::new();
        for (status, product) in vulnerability.status.iter() {
            let known = statuses.entry(product.as_str()).or_default();
            // The lists come one after another, so one that was met before was met last.
            if known.last() != Some(&status) {
                known.push(status);
            }
        }
        let mut scores: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, score) in vulnerability.scores.iter().enumerate() {
            for product in &score.products {
                let known = scores.entry(product.as_str()).or_default();
                if known.last() != Some(&place) {
                    known.push(place);
                }
            }
        }
        Self {
            tree,
            vulnerability,
            statuses,
            remediations: Index::of(vulnerability.remediations.iter().map(|each| &each.concerns)),
            flags: Index::of(vulnerability.flags.iter().map(|each| &each.concerns)),
            threats: Index::of(vulnerability.threats.iter().map(|each| &each.concerns)),
            scores,
        }
    }

    /// How one product stands, by the id that the document gives it.
    pub fn of(&self, id: &'a str) -> Standing<'a> {
        let statuses = self.statuses.get(id).cloned().unwrap_or_default();
        let groups: Vec<&GroupId> = self.tree.groups_of(id).map(|group| &group.id).collect();
        let vulnerability = self.vulnerability;
        let scores = self.scores.get(id).into_iter().flatten();
        Standing {
            id,
            product: self.tree.product(id),
            verdict: Verdict::of(&statuses),
            statuses,
            remediations: self.remediations.pick(id, &groups, &vulnerability.remediations),
            flags: self.flags.pick(id, &groups, &vulnerability.flags),
            threats: self.threats.pick(id, &groups, &vulnerability.threats),
            scores: scores.map(|place| &vulnerability.scores[*place]).collect(),
        }
    }

    /// How every product of the tree stands, and every one that a list names besides.
    pub fn all(&self) -> impl Iterator<Item = Standing<'a>> + '_ {
        let products = self.tree.products.iter().map(|product| product.id.as_str());
        let mut met: std::collections::HashSet<&str> = std::collections::HashSet::new();
        let listed = self.vulnerability.status.iter().map(|(_, id)| id.as_str());
        products.chain(listed).filter(move |id| met.insert(id)).map(|id| self.of(id))
    }

    /// The remediations that name no product: the document does not say for whom they are.
    pub fn general_remediations(&self) -> impl Iterator<Item = &'a Remediation> {
        self.vulnerability.remediations.iter().filter(|each| each.concerns.nobody())
    }

    /// The threats that name no product.
    pub fn general_threats(&self) -> impl Iterator<Item = &'a Threat> {
        self.vulnerability.threats.iter().filter(|each| each.concerns.nobody())
    }
}

/// For each product, and each group, the places of what is said of it.
#[derive(Default)]
struct Index<'a> {
    products: HashMap<&'a str, Vec<usize>>,
    groups: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn of(all: impl Iterator<Item = &'a Concerns>) -> Self {
        let mut index = Self::default();
        for (place, concerns) in all.enumerate() {
            for product in &concerns.products {
                index.products.entry(product.as_str()).or_default().push(place);
            }
            for group in &concerns.groups {
                index.groups.entry(group.as_str()).or_default().push(place);
            }
        }
        index
    }

    /// What is said of a product, by itself or by a group of its, each once and in its order.
    fn pick<T>(&self, id: &str, groups: &[&GroupId], all: &'a [T]) -> Vec<&'a T> {
        let by_group = groups.iter().filter_map(|group| self.groups.get(group.as_str()));
        let places: BTreeSet<usize> =
            self.products.get(id).into_iter().chain(by_group).flatten().copied().collect();
        places.into_iter().map(|place| &all[place]).collect()
    }
}

impl Vulnerability {
    /// Tells of contradictions, and of products and groups that the tree does not have.
    pub(super) fn check(&self, node: Node<'_>, tree: &ProductTree) {
        let mut lists: HashMap<&ProductId, Vec<Status>> = HashMap::new();
        for (status, product) in self.status.iter() {
            lists.entry(product).or_default().push(status);
        }
        let contradictory =
            lists.values().filter(|statuses| Verdict::of(statuses) == Verdict::Contradictory).count();
        if contradictory > 0 {
            node.remark(RemarkKind::Odd, || {
                let products = counted(contradictory, "product");
                format!("Statuses contradict each other for {products}, such as affected and not affected.")
            });
        }
        let concerns = || {
            let remediations = self.remediations.iter().map(|each| &each.concerns);
            let threats = self.threats.iter().map(|each| &each.concerns);
            remediations.chain(threats).chain(self.flags.iter().map(|each| &each.concerns))
        };
        let scored = self.scores.iter().flat_map(|score| &score.products);
        let named = concerns().flat_map(|concerns| &concerns.products).chain(scored);
        let strangers: BTreeSet<&ProductId> =
            named.chain(lists.keys().copied()).filter(|id| !tree.has(id)).collect();
        if !strangers.is_empty() {
            node.remark(RemarkKind::Odd, || {
                let products = counted(strangers.len(), "product");
                format!("It names {products} that the tree does not have.")
            });
        }
        let groups = concerns().flat_map(|concerns| &concerns.groups);
        let strangers: BTreeSet<&GroupId> = groups.filter(|group| !tree.has_group(group)).collect();
        if !strangers.is_empty() {
            node.remark(RemarkKind::Odd, || {
                format!("It names {} that the tree does not have.", counted(strangers.len(), "group"))
            });
        }
    }
}
