//! The first draft of an advisory: what sources say about a threat, put where an advisory has it.
//!
//! Severity and marking are a proposal; the analyst decides both.

use formats::Tlp;
use platform::web::{shell::Language, show};

use super::{ProductStatus, Said, store::Threat};
use crate::{
    advisory::{Category, Content, Link, Platform, Proposed, Severity, Step, StepKind, Vector, Wording},
    source::Source,
    triage::Decision,
};

/// The draft for a threat about which `said` is known.
pub(crate) fn wording(threat: &Threat, said: &[(Source, Said)]) -> Wording {
    let known = said.iter().flat_map(|(_, said)| &said.cves);
    // What somebody here wrote of another kind of threat names the vulnerabilities that it uses.
    let by_hand = said.iter().filter(|(source, _)| *source == Source::Hand);
    let used = by_hand.flat_map(|(_, said)| &said.mentions);
    let mut cves: Vec<_> = known.chain(used).copied().collect();
    cves.sort_unstable();
    cves.dedup();
    // What everybody can read where it comes from needs no protection here.
    let marking = |(source, said): &(Source, Said)| {
        said.marking.unwrap_or(if source.is_public() { Tlp::Clear } else { Tlp::Amber })
    };
    let content = Content {
        summary: threat.summary.clone(),
        threat_type: Some(threat.kind.advised_as()),
        categories: threat.ransomware.then_some(Category::Ransomware).into_iter().collect(),
        vectors: if cves.is_empty() { vec![] } else { vec![Vector::Vulnerability] },
        platforms: platforms(said),
        details: details(said),
        steps: steps(said),
        source: source(said),
        proposed: vec![Proposed::Severity, Proposed::Marking],
        cves,
        ..Content::default()
    };
    Wording {
        title: threat.title.clone(),
        severity: severity(threat),
        tlp: said.iter().map(marking).max().unwrap_or(Tlp::Amber),
        content,
    }
}

/// What is proposed by what is decided. What is not decided yet is not taken for harmless.
fn severity(threat: &Threat) -> Severity {
    match (Decision::of_rank(threat.rank), threat.known_exploited, threat.ransomware) {
        (Some(Decision::Act), ..) | (_, true, true) => Severity::High,
        (Some(Decision::AttendOrAct | Decision::Attend | Decision::Undecided), ..)
        | (_, true, false)
        | (_, false, true) => Severity::Medium,
        (Some(Decision::TrackStar | Decision::Track) | None, false, false) => Severity::Low,
    }
}

fn platforms(said: &[(Source, Said)]) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    let mut add = |name: String| {
        // How CISA's documents say all versions, which is what no version says here.
        let name = name.strip_suffix(": *").unwrap_or(&name).to_owned();
        let known = platforms.iter().any(|platform| platform.name == name);
        if !name.is_empty() && !known && platforms.len() < MOST_PLATFORMS {
            platforms.push(Platform { name, versions: vec![] });
        }
    };
    for (source, said) in said {
        let concerned = said.products.iter().filter(|product| {
            use ProductStatus::{Affected, UnderInvestigation};
            *source == Source::Csaf && matches!(product.status, Affected | UnderInvestigation)
        });
        let mut concerned = concerned.map(|product| product.name.clone()).peekable();
        if concerned.peek().is_some() {
            concerned.for_each(&mut add);
        } else if said.product.starts_with(&said.vendor) {
            // "Git Git" is no name: many a product is called as its vendor.
            add(said.product.clone());
        } else {
            add(format!("{} {}", said.vendor, said.product).trim().to_owned());
        }
    }
    platforms
}

/// Platforms that are proposed; the authors read each of them.
const MOST_PLATFORMS: usize = 50;

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
        let dated = show::date(said.dated, Language::English);
        let paragraph = format!("{exploited} ({}, {dated})", source.label());
        if !exploited.is_empty() {
            details.push_str(&paragraph);
            details.push_str("\n\n");
        }
    }
    let mut links: Vec<&str> = Vec::new();
    for (source, said) in said {
        for link in said.links.iter().filter(|link| *source != Source::Csaf || is_of(link, said)) {
            if !links.contains(&link.as_str()) {
                links.push(link);
            }
        }
    }
    if !links.is_empty() {
        details.push_str("Read more:\n\n");
        details.extend(links.iter().map(|link| format!("- <{link}>\n")));
    }
    details.truncate(details.trim_end().len());
    details
}

/// Whether a page is about this one, rather than what an authority puts below all that it publishes.
fn is_of(url: &str, said: &Said) -> bool {
    let lower = url.to_lowercase();
    is_vendors(url)
        || lower.contains("/ics-medical-advisories/")
        || lower.contains("/ics-advisories/")
        || said.cves.iter().any(|cve| lower.contains(&cve.to_string().to_lowercase()))
}

/// The addresses that an advisory can send its readers to by itself.
fn safe(said: &Said) -> impl Iterator<Item = &String> {
    said.links.iter().filter(|url| url.starts_with("https://"))
}

/// The page that decides: the vendor's where a source names one, and otherwise the source's own.
fn source(said: &[(Source, Said)]) -> Option<Link> {
    let links = || said.iter().flat_map(|(_, said)| safe(said));
    let link = |url: &String| Link { name: whose(url), url: url.clone() };
    let pages = || links().filter(|url| is_page(url));
    let vendors = pages().find(|url| is_vendors(url)).map(link);
    let catalogue = || {
        let (_, kev) = said.iter().find(|(source, _)| *source == Source::Kev)?;
        let url = format!("{CATALOGUE}{}", kev.cves.first()?);
        Some(Link { name: whose(&url), url })
    };
    // A page about this one goes before what its publisher puts below everything, and before a file.
    let own = || said.iter().find_map(|(_, said)| safe(said).find(|url| is_page(url) && is_of(url, said)));
    vendors
        .or_else(catalogue)
        .or_else(|| own().or_else(|| pages().next()).or_else(|| links().next()).map(link))
}

/// Whether an address is a page for people, rather than a file for machines.
fn is_page(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_lowercase();
    let is_file =
        [".json", ".xml", ".csv", ".asc", ".sha256", ".sha512"].iter().any(|end| path.ends_with(end));
    !is_file && host(url) != "raw.githubusercontent.com"
}

/// Where CISA's catalogue shows one vulnerability.
const CATALOGUE: &str = "https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext=";

/// Who lists and scores what others made.
const AUTHORITIES: [&str; 8] =
    ["cisa.gov", "us-cert.gov", "nist.gov", "mitre.org", "cve.org", "first.org", "fda.gov", "cert.org"];

/// Whether an address is somebody's who made what is affected, rather than one of the authorities
/// that list it.
fn is_vendors(url: &str) -> bool {
    let host = host(url);
    let theirs = |authority: &&str| {
        host.strip_suffix(authority).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !AUTHORITIES.iter().any(theirs) && !url.contains("/cisagov/")
}

/// What each source asks for, then what helps until that is done.
fn steps(said: &[(Source, Said)]) -> Vec<Step> {
    let remedies = said.iter().filter_map(|(source, said)| remedy(*source, said));
    let mut steps: Vec<Step> = Vec::new();
    for step in remedies.chain(said.iter().filter_map(|(_, said)| interim(said))) {
        if !steps.iter().any(|known| known.text == step.text) {
            steps.push(step);
        }
    }
    steps
}

fn remedy(source: Source, said: &Said) -> Option<Step> {
    if said.required_action.is_empty() {
        return None;
    }
    let link = safe(said).find(|url| is_vendors(url)).or_else(|| safe(said).next()).cloned();
    if source == Source::Csaf {
        // The vendor's fix, in its publisher's words.
        return Some(Step { kind: StepKind::Patch, text: in_lines(&said.required_action), link });
    }
    let lower = said.required_action.to_lowercase();
    let patch = ["patch", "update", "upgrade", "mitigations"].iter().any(|word| lower.contains(word));
    let kind = if patch { StepKind::Patch } else { StepKind::Action };
    Some(Step { kind, text: in_lines(&in_our_words(&said.required_action)), link })
}

fn interim(said: &Said) -> Option<Step> {
    let texts: Vec<_> = said.mitigations.iter().map(|text| in_lines(text)).collect();
    let text = texts.join("\n\n");
    (!text.is_empty()).then_some(Step { kind: StepKind::Guidance, text, link: None })
}

/// A text as Markdown that keeps its lines: several in succession, of which Markdown would make one, become a list.
fn in_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let is_prose =
        lines.len() < 2 || lines.iter().any(|line| line.is_empty() || line.starts_with(['-', '*', '#']));
    if is_prose { text.to_owned() } else { format!("- {}\n", lines.join("\n- ")) }
}

/// What is asked for, as the sector is told it. CISA repeats a few sentences, which bind federal
/// agencies of the United States to its directives and speak of a list that is not on our page; what
/// it wrote stays with the threat, word for word. Other sentences are taken as they are.
fn in_our_words(asked: &str) -> String {
    let lower = asked.to_lowercase();
    let says = |words: &str| lower.contains(words);
    let repeated = ["vendor instructions", "bod 2", "cisa", "listed below", "linked below"];
    if !repeated.iter().any(|words| says(words)) {
        return asked.to_owned();
    }
    let mut ours = String::new();
    if says("end-of-life") {
        ours.push_str("Take versions that their maker no longer supports out of service. ");
    }
    ours.push_str(if lower.starts_with("apply updates") {
        "Install the vendor's updates as its instructions say."
    } else {
        "Apply the vendor's mitigations as its instructions say."
    });
    if says("discontinue") {
        ours.push_str(" Where there are none, stop using the product.");
    }
    ours
}

/// Whose page an address is, in the words that people know them by.
fn whose(url: &str) -> String {
    match host(url) {
        "cisa.gov" => "CISA".to_owned(),
        "nvd.nist.gov" => "NIST, National Vulnerability Database".to_owned(),
        host => host.to_owned(),
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.trim_start_matches("www.")
}

#[cfg(test)]
mod tests {
    use super::{super::said::tests::said, *};

    #[test]
    fn what_cisa_repeats_is_said_in_our_words() {
        let mitigations = "Apply the vendor's mitigations as its instructions say. Where there are none, stop \
                           using the product.";
        for (theirs, ours) in [
            (
                "Apply updates per vendor instructions.",
                "Install the vendor's updates as its instructions say.",
            ),
            (
                "Apply mitigations per vendor instructions, follow applicable BOD 22-01 guidance for cloud \
                 services, or discontinue use of the product if mitigations are unavailable.",
                mitigations,
            ),
            (
                "Please follow the mitigations according to CISA (URL listed below in Notes) or discontinue use.",
                mitigations,
            ),
            (
                "The impacted product is end-of-life and should be disconnected if still in use.",
                "The impacted product is end-of-life and should be disconnected if still in use.",
            ),
        ] {
            assert_eq!(in_our_words(theirs), ours);
        }
    }

    #[test]
    fn lines_of_what_is_to_be_done_stay_lines() {
        assert_eq!(
            in_lines("Upgrade to 7.2.3\n Upgrade to 7.0.9 "),
            "- Upgrade to 7.2.3\n- Upgrade to 7.0.9\n"
        );
        for kept in ["Upgrade to 7.2.3", "One.\n\nTwo.", "- a\n- b"] {
            assert_eq!(in_lines(kept), kept);
        }
    }

    #[test]
    fn the_vendors_page_decides_and_every_address_is_carried_over() {
        let links = ["https://www.cisa.gov/a", "https://nvd.nist.gov/b", "https://acme.example/c"];
        let mut kev = said("CVE-2026-0001", "Acme", "2026-06-01");
        kev.links = links.map(str::to_owned).to_vec();
        let source = |said: &Said| source(&[(Source::Kev, said.clone())]).map(|link| (link.name, link.url));
        let is = |name: &str, url: &str| Some((name.to_owned(), url.to_owned()));
        assert_eq!(source(&kev), is("acme.example", "https://acme.example/c"));
        let told = details(&[(Source::Kev, kev.clone())]);
        assert!(links.iter().all(|link| told.contains(&format!("- <{link}>"))), "{told}");
        kev.known_exploited = true;
        let told = details(&[(Source::Kev, kev.clone())]);
        assert!(
            told.starts_with("It is known to be exploited. (") && told.contains(", 1 June 2026)"),
            "{told}"
        );
        kev.links.truncate(2);
        assert_eq!(source(&kev), is("CISA", &format!("{CATALOGUE}CVE-2026-0001")));
        // What the form would refuse is not proposed to whoever fills it in.
        kev.links = vec!["http://acme.example/d".to_owned()];
        kev.required_action = "Apply updates per vendor instructions.".to_owned();
        assert_eq!(source(&kev), is("CISA", &format!("{CATALOGUE}CVE-2026-0001")));
        assert_eq!(steps(&[(Source::Kev, kev)])[0].link, None);
    }

    #[test]
    fn what_stands_below_every_document_of_an_authority_is_left_out() {
        let about = [
            "http://acme.example/portal",
            "https://www.cisa.gov/news-events/ics-medical-advisories/icsma-18-058-02",
            "https://nvd.nist.gov/vuln/detail/CVE-2026-0001",
        ];
        let below = [
            "https://www.cisa.gov/uscert/ncas/tips/ST04-014",
            "https://raw.githubusercontent.com/cisagov/CSAF/develop/icsma-18-058-02.json",
            "https://www.first.org/cvss/calculator/3.0#CVSS:3.0/AV:N",
        ];
        let mut csaf = said("CVE-2026-0001", "Acme", "2026-06-01");
        csaf.links = [about, below].concat().into_iter().map(str::to_owned).collect();
        let told = details(&[(Source::Csaf, csaf.clone())]);
        assert!(about.iter().all(|link| told.contains(link)), "{told}");
        assert!(!below.iter().any(|link| told.contains(link)), "{told}");
        csaf.product = "Portal 8.0.x: *".to_owned();
        assert_eq!(platforms(&[(Source::Csaf, csaf)])[0].name, "Portal 8.0.x");
    }

    #[test]
    fn the_source_is_a_page_for_people_where_there_is_one() {
        let file = "https://raw.githubusercontent.com/cisagov/CSAF/develop/icsma-17-215-02.json";
        let tips = "https://www.cisa.gov/uscert/ncas/tips/ST04-014";
        let page = "https://www.cisa.gov/news-events/ics-medical-advisories/icsma-17-215-02";
        let source_of = |links: &[&str]| {
            let mut csaf = said("CVE-2026-0001", "Acme", "2026-06-01");
            csaf.links = links.iter().map(|link| (*link).to_owned()).collect();
            source(&[(Source::Csaf, csaf)]).unwrap().url
        };
        assert_eq!(source_of(&[file, tips, page]), page);
        assert_eq!(source_of(&[file, tips]), tips);
        // A file is better than nothing, and a vendor's page than an authority's.
        assert_eq!(source_of(&[file]), file);
        assert_eq!(source_of(&["https://acme.example/a.json?b=c", page]), page);
        assert_eq!(source_of(&[page, "https://acme.example/a"]), "https://acme.example/a");
    }
}
