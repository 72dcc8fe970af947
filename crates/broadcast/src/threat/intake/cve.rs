//! CVE records: what the numbering authority says, with what CISA and others add.

use std::io::Read;

use formats::{
    Refusal,
    cve_record::{
        self, Affected, Container, CveRecord, CvssMetric, Exploitation, Provider, PublishedTime, Role, State,
        Status, VersionRange,
    },
};
use jiff::{civil::Date, tz::TimeZone};

use super::{Heard, called};
use crate::{
    advisory::content::is_link,
    threat::{Assessed, Flag, Kind, Product, ProductStatus, Said, Scored, Scorer, said::PRODUCTS},
};

/// The records of a document, be it one or one a line.
pub(super) fn read(input: impl Read) -> impl Iterator<Item = Result<Heard, Refusal>> {
    cve_record::read(input).map(|record| record.and_then(heard))
}

fn heard(record: CveRecord) -> Result<Heard, Refusal> {
    let told = [&record.date_published, &record.date_rejected, &record.date_reserved, &record.date_updated];
    let Some(dated) = told.into_iter().flatten().find_map(day) else {
        return Err(Refusal::at(record.line, format!("The record of {} has no date.", record.cve)));
    };
    let rejected = record.state == State::Rejected;
    let text = if rejected { record.rejected_reason() } else { record.description() };
    let summary = text.map(|text| text.value.trim().to_owned()).unwrap_or_default();
    let named = record.cna.affected.iter().chain(record.adp.iter().flat_map(|adp| &adp.affected));
    let told = |text: &Option<String>| {
        text.as_deref().filter(|text| is_told(text)).map(|text| text.trim().to_owned())
    };
    let (vendor, product) = named
        .map(|affected| {
            (told(&affected.vendor), told(&affected.product).or_else(|| told(&affected.package_name)))
        })
        .find(|(_, product)| product.is_some())
        .unwrap_or_default();
    let (vendor, product) = (vendor.unwrap_or_default(), product.unwrap_or_default());
    let assessed = record.ssvc().map(assessed);
    let mut products = products(&record);
    let products_left = products.len().saturating_sub(PRODUCTS);
    products.truncate(PRODUCTS);
    let exploited =
        assessed.as_ref().and_then(|assessed| assessed.exploitation) == Some(Exploitation::Active);
    let said = Said {
        cves: vec![record.cve],
        by: record.assigner.clone().unwrap_or_default(),
        known_exploited: exploited || record.kev().is_some(),
        updated: record.date_updated.as_ref().and_then(PublishedTime::at),
        weaknesses: record.cwes(),
        links: links(&record),
        scores: record.cvss().filter_map(|(role, provider, metric)| scored(role, provider, metric)).collect(),
        products,
        products_left,
        required_action: first(&record, |container| &container.solutions),
        mitigations: mitigations(&record),
        assessed,
        flags: flags(&record),
        ..Said::new(Kind::Vulnerability, title(&record, &vendor, &product, &summary), dated)
    };
    let said = Said { summary, vendor, product, ..said };
    Ok(Heard { key: record.cve.to_string(), verbatim: record.verbatim, said })
}

/// Older records say "n/a" where they say nothing.
fn is_told(text: &str) -> bool {
    !matches!(text.trim().to_lowercase().as_str(), "" | "n/a" | "-" | "unspecified" | "unknown")
}

/// Its title; of one that has none, or none but its number, a name made of what it says.
fn title(record: &CveRecord, vendor: &str, product: &str, summary: &str) -> String {
    let title = record.title().map(str::trim).filter(|title| !title.is_empty() && !called::is_number(title));
    match (title, record.state) {
        (Some(title), _) => title.chars().take(300).collect(),
        (None, State::Rejected) => format!("{}, rejected", record.cve),
        (None, State::Published) => {
            called::made_of(vendor, product, summary).unwrap_or_else(|| record.cve.to_string())
        }
    }
}

fn day(time: &PublishedTime) -> Option<Date> {
    Some(TimeZone::UTC.to_datetime(time.at()?).date())
}

fn scored(role: Role, provider: &Provider, metric: &CvssMetric) -> Option<Scored> {
    Some(Scored {
        version: metric.version,
        score: metric.score()?,
        vector: metric.vector.clone(),
        by: provider.short_name.clone().unwrap_or_else(|| "an unnamed publisher".to_owned()),
        scorer: if role == Role::Cna { Scorer::Assigner } else { Scorer::Enricher },
        on: provider.date_updated.as_ref().and_then(day),
    })
}

fn assessed(ssvc: &cve_record::Ssvc) -> Assessed {
    Assessed {
        exploitation: ssvc.exploitation,
        automatable: ssvc.automatable,
        technical_impact: ssvc.technical_impact,
        by: ssvc.role.clone().unwrap_or_default(),
        on: ssvc.timestamp.as_ref().and_then(day),
    }
}

fn links(record: &CveRecord) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for reference in record.containers().flat_map(|(_, container)| &container.references) {
        if is_link(&reference.url) && !links.contains(&reference.url) {
            links.push(reference.url.clone());
        }
    }
    links
}

fn products(record: &CveRecord) -> Vec<Product> {
    let all = record.containers().flat_map(|(_, container)| &container.affected);
    all.flat_map(each_version).collect()
}

/// A product, once for each of its versions that something is said of.
fn each_version(affected: &Affected) -> Vec<Product> {
    let parts = [&affected.vendor, &affected.product, &affected.package_name];
    let told = parts.into_iter().flatten().map(|part| part.trim()).filter(|part| is_told(part));
    let name = told.collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Vec::new();
    }
    let others = status(affected.default_status);
    if affected.versions.is_empty() {
        return vec![Product { name, status: others }];
    }
    let mut products = Vec::new();
    // First, so that however many versions follow it is among those that are kept and shown. Where it is
    // unknown silence says the same.
    if others != ProductStatus::Unknown {
        let are_commits = affected.versions.iter().all(|range| range.version_type.as_deref() == Some("git"));
        let what = if are_commits { "commits" } else { "versions" };
        products.push(Product { name: format!("{name}, all other {what}"), status: others });
    }
    for range in &affected.versions {
        let named = format!("{name} {}", extent(range));
        let changes = range.changes.iter().map(|change| Product {
            name: format!("{named}, from {} on", change.at),
            status: status(change.status),
        });
        let whole = Product { name: named.clone(), status: status(range.status) };
        products.extend(std::iter::once(whole).chain(changes));
    }
    products
}

/// The versions of a range in words.
fn extent(range: &VersionRange) -> String {
    let version = &range.version;
    match (&range.less_than, &range.less_than_or_equal) {
        (Some(end), _) | (None, Some(end)) if end == "*" => format!("{version} and later"),
        (Some(below), _) => format!("{version} to below {below}"),
        (None, Some(to)) => format!("{version} to {to}"),
        (None, None) => version.clone(),
    }
}

const fn status(status: Status) -> ProductStatus {
    match status {
        Status::Affected => ProductStatus::Affected,
        Status::Unaffected => ProductStatus::NotAffected,
        Status::Unknown => ProductStatus::Unknown,
    }
}

/// The first text that a publisher gives under a heading, in English where there is some.
fn first(record: &CveRecord, texts: fn(&Container) -> &Vec<cve_record::LangText>) -> String {
    let found = record.containers().find_map(|(_, container)| {
        let texts = texts(container);
        cve_record::LangText::english(texts).or_else(|| texts.first())
    });
    found.map(|text| text.value.trim().to_owned()).unwrap_or_default()
}

fn mitigations(record: &CveRecord) -> Vec<String> {
    let text = first(record, |container| &container.workarounds);
    if text.is_empty() { Vec::new() } else { vec![text] }
}

fn flags(record: &CveRecord) -> Vec<Flag> {
    let contradicted = record.cvss().any(|(_, _, metric)| {
        metric.flags.iter().any(|flag| {
            use cve_record::MetricFlag::{ScoreIsRated, VectorOfVersion, VectorYields};
            matches!(flag, ScoreIsRated(_) | VectorOfVersion(_) | VectorYields(_))
        })
    });
    let flags = [(record.state == State::Rejected, Flag::Rejected), (contradicted, Flag::ScoreContradicted)];
    flags.into_iter().filter_map(|(is, flag)| is.then_some(flag)).collect()
}
