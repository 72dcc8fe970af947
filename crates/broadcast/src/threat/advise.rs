//! The first draft of an advisory: what sources say about a threat, put where an advisory has it.
//!
//! Severity and marking are a proposal; the analyst decides both.

use formats::Tlp;

use super::{Said, store::Threat};
use crate::{
    advisory::{Category, Content, Link, Platform, Severity, Step, StepKind, Vector, Wording},
    source::Source,
};

/// The draft for a threat about which `said` is known.
pub(super) fn wording(threat: &Threat, said: &[(Source, Said)]) -> Wording {
    let mut cves: Vec<_> = said.iter().flat_map(|(_, said)| said.cves.iter().copied()).collect();
    cves.sort_unstable();
    cves.dedup();
    let severity = match (threat.known_exploited, threat.ransomware) {
        (true, true) => Severity::High,
        (true, false) | (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    // What everybody can read where it comes from needs no protection here.
    let public = said.iter().all(|(source, _)| source.is_public());
    let content = Content {
        summary: threat.summary.clone(),
        threat_type: Some(threat.kind),
        categories: threat.ransomware.then_some(Category::Ransomware).into_iter().collect(),
        vectors: if cves.is_empty() { vec![] } else { vec![Vector::Vulnerability] },
        platforms: platforms(said),
        details: details(said),
        steps: said.iter().filter_map(|(_, said)| step(said)).collect(),
        source: said
            .iter()
            .find_map(|(_, said)| said.links.first())
            .map(|url| Link { name: host(url), url: url.clone() }),
        cves,
        ..Content::default()
    };
    Wording {
        title: threat.title.clone(),
        severity,
        tlp: if public { Tlp::Clear } else { Tlp::Amber },
        content,
    }
}

fn platforms(said: &[(Source, Said)]) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for (_, said) in said {
        // "Git Git" is no name: many a product is called as its vendor.
        let name = if said.product.starts_with(&said.vendor) {
            said.product.clone()
        } else {
            format!("{} {}", said.vendor, said.product).trim().to_owned()
        };
        if !name.is_empty() && !platforms.iter().any(|platform| platform.name == name) {
            platforms.push(Platform { name, versions: vec![] });
        }
    }
    platforms
}

/// What each source says beyond the summary.
fn details(said: &[(Source, Said)]) -> String {
    let mut details = String::new();
    for (source, said) in said {
        let exploited = match (said.known_exploited, said.ransomware) {
            (true, true) => "It is known to be exploited, also by ransomware.",
            (true, false) => "It is known to be exploited.",
            (false, true) => "Ransomware is known to use it.",
            (false, false) => "",
        };
        let paragraph = format!("{} ({}, {})", exploited, source.label(), said.dated);
        if !exploited.is_empty() {
            details.push_str(&paragraph);
            details.push_str("\n\n");
        }
    }
    details.truncate(details.trim_end().len());
    details
}

fn step(said: &Said) -> Option<Step> {
    if said.required_action.is_empty() {
        return None;
    }
    let patch =
        ["patch", "update", "upgrade", "mitigations"].iter().any(|word| said.required_action.contains(word));
    let kind = if patch { StepKind::Patch } else { StepKind::Action };
    Some(Step { kind, text: said.required_action.clone(), link: said.links.first().cloned() })
}

/// Whose page an address is.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.trim_start_matches("www.").to_owned()
}
