//! Which products an advisory concerns, how each stands, and how severe it is found.
//!
//! What a document does not say of a product is unknown. A product of which it says two things is taken
//! for affected, and told; for unknown, where it is under investigation and not said to be affected.

use std::collections::HashSet;

use formats::{
    csaf::{self, Document, Product as Named, Standing, Standings, Verdict, Vulnerability, folded_vendor},
    cvss::{Cvss, Score, Version},
};
use jiff::civil::Date;

use crate::threat::intake::cut;
use crate::threat::{Product, ProductStatus, Scored, Scorer, said::PRODUCTS};

/// The longest name of a product, in characters.
const LONGEST_NAME: usize = 300;
/// The most products of which it is told that a document leaves them unsettled.
const MOST_UNSETTLED: usize = 5;
/// The most scores that a statement keeps.
const MOST_SCORES: usize = 20;

/// The products of a statement.
pub(super) struct Products {
    pub all: Vec<Product>,
    /// How many more there are.
    pub left: usize,
    /// Whether of one of them two things are said.
    pub contradictory: bool,
    /// What is said of those that are under investigation and more, in sentences.
    pub unsettled: Vec<String>,
}

/// How products stand with a vulnerability: those of which something is said, then the others.
pub(super) fn products(document: &Document, vulnerability: &Vulnerability) -> Products {
    let standings = document.standings(vulnerability);
    let left = ids(document, vulnerability).count().saturating_sub(PRODUCTS);
    let mut products = Products { all: Vec::new(), left, contradictory: false, unsettled: Vec::new() };
    for standing in told_first(document, vulnerability, &standings).take(PRODUCTS) {
        let name = standing.product.map_or_else(|| standing.id.to_owned(), |product| name(document, product));
        if is_unsettled(&standing) {
            if products.unsettled.len() < MOST_UNSETTLED {
                products.unsettled.push(unsettled(&name, &standing));
            }
        } else {
            products.contradictory |= standing.verdict == Verdict::Contradictory;
        }
        products.all.push(Product { name: cut(&name, LONGEST_NAME), status: status(&standing) });
    }
    products
}

/// How each product stands, those first of which something is said.
pub(crate) fn told_first<'a>(
    document: &'a Document,
    vulnerability: &'a Vulnerability,
    standings: &Standings<'a>,
) -> impl Iterator<Item = Standing<'a>> {
    ids(document, vulnerability).map(|id| standings.of(id))
}

/// Every product, those first of which something is said.
fn ids<'a>(document: &'a Document, vulnerability: &'a Vulnerability) -> impl Iterator<Item = &'a str> {
    let others = document.tree.products.iter().map(|product| product.id.as_str());
    each_once(told(vulnerability).chain(others))
}

/// The products of which something is said, each once.
pub(crate) fn told(vulnerability: &Vulnerability) -> impl Iterator<Item = &str> {
    each_once(vulnerability.status.iter().map(|(_, id)| id.as_str()))
}

fn each_once<'a>(ids: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut met = HashSet::new();
    ids.filter(move |id| met.insert(*id))
}

/// Whether a product is both under investigation and something else, and nowhere said to be affected: what
/// becomes of it is not known.
fn is_unsettled(standing: &Standing<'_>) -> bool {
    use csaf::Status::{FirstAffected, KnownAffected, LastAffected, UnderInvestigation};
    let is_affected = |status: &csaf::Status| matches!(status, FirstAffected | KnownAffected | LastAffected);
    standing.verdict == Verdict::Contradictory
        && standing.statuses.contains(&UnderInvestigation)
        && !standing.statuses.iter().any(is_affected)
}

/// What a document really says of a product that it leaves unsettled.
fn unsettled(name: &str, standing: &Standing<'_>) -> String {
    let statuses: Vec<_> = standing.statuses.iter().map(|status| status.word().replace('_', " ")).collect();
    format!("{} is said to be {}; it is taken for unknown.", cut(name, LONGEST_NAME), statuses.join(" and "))
}

/// How a product stands, in a word.
pub(crate) fn status(standing: &Standing<'_>) -> ProductStatus {
    match standing.verdict {
        Verdict::Contradictory if is_unsettled(standing) => ProductStatus::Unknown,
        Verdict::Affected | Verdict::Contradictory => ProductStatus::Affected,
        Verdict::Fixed => ProductStatus::Fixed,
        Verdict::NotAffected => ProductStatus::NotAffected,
        Verdict::UnderInvestigation => ProductStatus::UnderInvestigation,
        Verdict::NotTold if standing.is_recommended() => ProductStatus::Recommended,
        Verdict::NotTold => ProductStatus::Unknown,
    }
}

/// A product's full name, with vendor and version where it does not hold them.
pub(crate) fn name(document: &Document, product: &Named) -> String {
    let described = document.tree.describe(product);
    let own = product.name.as_deref().or(described.product);
    let mut name = own.unwrap_or(product.id.as_str()).trim().to_owned();
    if let Some(vendor) = described.vendor.map(str::trim) {
        let folded = folded_vendor(vendor);
        if !folded.is_empty() && !folded_vendor(&name).contains(&folded) {
            name = format!("{vendor} {name}");
        }
    }
    if let Some(version) = described.version.or(described.version_range).and_then(in_words)
        && !bare(&name).contains(&bare(&version))
    {
        name = format!("{name} {version}");
    }
    name
}

/// A version or a range for people; none where every version is meant, as it is by a name alone. Of a range
/// for machines, such as `vers:semver/>=2.0|<2.4.1`, it is told without the scheme by which they compare.
fn in_words(version: &str) -> Option<String> {
    let version = version.trim();
    let range = version.strip_prefix("vers:").and_then(|range| Some(range.split_once('/')?.1));
    match range {
        Some("*") => None,
        Some(range) => Some(range.split('|').map(str::trim).collect::<Vec<_>>().join(", ")),
        None => Some(version.to_owned()),
    }
}

/// A text for comparing: one writes "< 2.4" and another "<2.4", "|" or ",".
fn bare(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '|' | ',')).collect()
}

/// Vendor and product of the first product that a vulnerability, or the document, names.
pub(super) fn first<'a>(
    document: &'a Document,
    vulnerability: Option<&'a Vulnerability>,
) -> (&'a str, &'a str) {
    let tree = &document.tree;
    let listed = vulnerability.and_then(|it| it.status.iter().find_map(|(_, id)| tree.product(id.as_str())));
    let Some(product) = listed.or(tree.products.first()) else { return ("", "") };
    let described = tree.describe(product);
    let called = described.product.or(described.family).or(product.name.as_deref());
    (described.vendor.unwrap_or_default(), called.unwrap_or_default())
}

/// The scores of a statement.
pub(super) struct Scores {
    pub all: Vec<Scored>,
    /// Whether a score is another than its vector yields.
    pub contradicted: bool,
}

/// Every score once: publishers repeat one for each product.
pub(super) fn scores(vulnerability: &Vulnerability, by: &str, on: Date) -> Scores {
    let mut scores = Scores { all: Vec::new(), contradicted: false };
    let given =
        vulnerability.scores.iter().flat_map(|score| [&score.cvss_v4, &score.cvss_v3, &score.cvss_v2]);
    for cvss in given.flatten() {
        let vector: Option<Cvss> = cvss.vector.as_ref().and_then(|vector| vector.parse().ok());
        let published = cvss.base_score.and_then(|score| Score::try_from(score).ok());
        let yields = vector.as_ref().map(Cvss::base);
        scores.contradicted |= published.is_some() && yields.is_some() && published != yields;
        let (Some(version), Some(score)) = (version(cvss, vector.as_ref()), published.or(yields)) else {
            continue;
        };
        let by = by.to_owned();
        let given = Scored { version, score, vector, by, scorer: Scorer::Publisher, on: Some(on) };
        if scores.all.len() < MOST_SCORES && !scores.all.contains(&given) {
            scores.all.push(given);
        }
    }
    scores
}

fn version(cvss: &csaf::Cvss, vector: Option<&Cvss>) -> Option<Version> {
    let said = || Version::ALL.into_iter().find(|version| cvss.version.as_deref() == Some(version.as_str()));
    vector.map(Cvss::version).or_else(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stands_behind_the_name_that_lacks_it_and_every_version_needs_none() {
        let named = |range: &str, name: &str| {
            let text = format!(
                r#"{{"document": {{"title": "T"}}, "product_tree": {{"branches": [{{"category": "vendor", "name": "Acme",
                    "branches": [{{"category": "product_name", "name": "Pump", "branches": [
                        {{"category": "product_version_range", "name": "{range}",
                          "product": {{"product_id": "A", "name": "{name}"}}}}]}}]}}]}}}}"#
            );
            let document = csaf::read(text.as_bytes()).unwrap().document;
            super::name(&document, &document.tree.products[0])
        };
        assert_eq!(named("vers:semver/<2.4.1", "Acme Infusion Pump 9"), "Acme Infusion Pump 9 <2.4.1");
        assert_eq!(named("vers:intdot/>=2.0|<2.4.1", "Acme Pump"), "Acme Pump >=2.0, <2.4.1");
        assert_eq!(
            named("vers:intdot/>=2.0|<2.4.1", "Acme Pump: >= 2.0|< 2.4.1"),
            "Acme Pump: >= 2.0|< 2.4.1"
        );
        assert_eq!(named("<2.4.1", "Pump: < 2.4.1"), "Acme Pump: < 2.4.1");
        assert_eq!(named("vers:all/*", "Acme Pump"), "Acme Pump");
    }
}
