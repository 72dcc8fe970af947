//! What an advisory says of each of its vulnerabilities, put where a statement has it.

use std::{collections::HashSet, fmt::Write, ops::Range};

use formats::csaf::{
    Document, DocumentStatus, Marking, Note, NoteCategory, Reading, RemarkKind, Remediation,
    RemediationCategory, ThreatCategory, UseArea, Vulnerability,
};
use formats::cve_record::Exploitation;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::{exploitation, products, ssvc};
use crate::{
    advisory::content::is_link,
    threat::{
        Device, Flag, Kind, Said,
        intake::{Heard, called, cut},
    },
};

/// The longest text that a statement takes over, in characters; the document has it whole.
const LONGEST: usize = 6_000;
/// The longest name, in characters.
const LONGEST_NAME: usize = 300;
/// The most pages that a statement leads to.
const MOST_LINKS: usize = 50;
/// The most devices that are named.
const MOST_DEVICES: usize = 6;

/// A document, made ready to be heard a few statements at a time.
pub(super) struct Advisory {
    document: Document,
    series: String,
    keys: Vec<String>,
    /// What it says of all its vulnerabilities alike.
    all: Said,
}

/// What its publisher calls a document through all its revisions.
pub(crate) fn series(document: &Document) -> String {
    let publisher = document.publisher.namespace.as_ref().or(document.publisher.name.as_ref());
    let id = document.tracking.id.as_deref().unwrap_or(document.name());
    format!("{}\t{}", part(publisher.map_or("", String::as_str)), part(id))
}

/// The keys of the statements that a document makes, one for each vulnerability: the publisher, the
/// document, and what the vulnerability is called or, where that is nothing of its own, its place.
pub(crate) fn keys(document: &Document) -> Vec<String> {
    let series = series(document);
    if document.vulnerabilities.is_empty() {
        return vec![format!("{series}\t")];
    }
    let mut met = HashSet::new();
    let all = document.vulnerabilities.iter().zip(1..);
    all.map(|(vulnerability, place)| {
        let name = vulnerability.name().map(|name| part(&name)).filter(|name| met.insert(name.clone()));
        format!("{series}\t{}", name.unwrap_or_else(|| format!("#{place}")))
    })
    .collect()
}

/// A part of a key: on one line, and short enough for an index.
fn part(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.len() <= 200 { text } else { data_encoding::HEXLOWER.encode(&Sha256::digest(text)) }
}

/// What a document calls itself.
pub(super) fn title(document: &Document) -> String {
    cut(document.name(), LONGEST_NAME)
}

impl Advisory {
    /// `taken_in` stands for a date where the document has none.
    pub(super) fn of(reading: Reading<Document>, taken_in: Date) -> Self {
        let Reading { document, remarks } = reading;
        let tracking = &document.tracking;
        let revised = || tracking.revision_history.iter().filter_map(|revision| revision.date).max();
        let dated = tracking.current_release_date.or_else(revised).or(tracking.initial_release_date);
        let publisher = &document.publisher;
        let by = [&publisher.name, &publisher.issuing_authority, &publisher.namespace];
        let by = by.into_iter().flatten().next().map_or("an unnamed publisher", String::as_str);
        let all = Said {
            by: cut(by, LONGEST_NAME),
            number: cut(tracking.id.as_deref().unwrap_or_default(), LONGEST_NAME),
            marking: match document.distribution.marking {
                Marking::Told(marking) => Some(marking),
                Marking::Unreadable(_) | Marking::NotTold => None,
            },
            device: device(&document),
            flags: flags(tracking.status.as_ref(), remarks.count(RemarkKind::Lost) > 0),
            ..Said::new(Kind::Report, title(&document), dated.map_or(taken_in, day))
        };
        Self { series: series(&document), keys: keys(&document), all, document }
    }

    pub(super) fn series(&self) -> &str {
        &self.series
    }

    /// The keys of its statements.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Its statements at these places.
    pub(super) fn heard(&self, places: Range<usize>) -> Vec<Heard> {
        let heard = |place: usize| {
            let (verbatim, said) = match self.document.vulnerabilities.get(place) {
                Some(vulnerability) => (self.document.verbatim_of(vulnerability), self.said(vulnerability)),
                None => (self.document.verbatim.as_str(), self.report()),
            };
            Heard { key: self.keys[place].clone(), verbatim: verbatim.to_owned(), said }
        };
        places.map(heard).collect()
    }

    /// What a document without vulnerabilities says.
    fn report(&self) -> Said {
        let (vendor, product) = products::first(&self.document, None);
        Said {
            summary: summary(&self.document.notes).map(|note| cut(&note.text, LONGEST)).unwrap_or_default(),
            vendor: cut(vendor, LONGEST_NAME),
            product: cut(product, LONGEST_NAME),
            links: links(self.own_links()),
            ..self.all.clone()
        }
    }

    fn said(&self, vulnerability: &Vulnerability) -> Said {
        let document = &self.document;
        let (vendor, product) = products::first(document, Some(vulnerability));
        let products = products::products(document, vulnerability);
        let scores = products::scores(vulnerability, &self.all.by, self.all.dated);
        let remedies = |wanted: fn(&Remediation) -> bool| {
            vulnerability.remediations.iter().filter(move |remedy| wanted(remedy))
        };
        let fixes = || remedies(|remedy| remedy.category == Some(RemediationCategory::VendorFix));
        let own = summary(&vulnerability.notes);
        let flags = [
            (products.contradictory, Flag::Contradicted),
            (!products.unsettled.is_empty(), Flag::Unsettled),
            (scores.contradicted, Flag::ScoreContradicted),
        ];
        let assessed = ssvc::assessed(&vulnerability.notes, &self.all.by);
        let exploitation = exploitation::told(vulnerability);
        let told =
            [assessed.as_ref().and_then(|it| it.exploitation), exploitation.as_ref().and_then(|it| it.value)];
        let flags = flags.into_iter().filter_map(|(is, flag)| is.then_some(flag));
        let pages = fixes().chain(vulnerability.interim_mitigations());
        let pages = pages.filter_map(|remedy| remedy.url.as_deref()).chain(self.own_links());
        let references = vulnerability.references.iter().filter_map(|each| each.url.as_deref());
        let mut remaining = LONGEST;
        Said {
            kind: Kind::Vulnerability,
            cves: vulnerability.cve.into_iter().collect(),
            title: self.title_of(vulnerability),
            summary: own
                .or_else(|| summary(&document.notes))
                .map(|it| cut(&it.text, LONGEST))
                .unwrap_or_default(),
            vendor: cut(vendor, LONGEST_NAME),
            product: cut(product, LONGEST_NAME),
            required_action: cut(&distinct(fixes().filter_map(words)).join("\n\n"), LONGEST),
            mitigations: distinct(vulnerability.interim_mitigations().filter_map(words))
                .into_iter()
                .map_while(|text| {
                    let text = (remaining > 0).then(|| cut(text, remaining))?;
                    remaining = remaining.saturating_sub(text.chars().count());
                    Some(text)
                })
                .collect(),
            notes: cut(&self.notes(vulnerability, &products.unsettled, own.is_some()), LONGEST),
            weaknesses: vulnerability.cwe.iter().filter_map(|cwe| cwe.id.clone()).collect(),
            links: links(pages.chain(references)),
            scores: scores.all,
            known_exploited: told.contains(&Some(Exploitation::Active)),
            assessed,
            exploitation,
            products: products.all,
            products_left: products.left,
            flags: self.all.flags.iter().copied().chain(flags).collect(),
            ..self.all.clone()
        }
    }

    /// Its own title; else the document's, told apart from that of its others. A number is no title.
    fn title_of(&self, vulnerability: &Vulnerability) -> String {
        let alone = self.document.vulnerabilities.len() == 1;
        let own = vulnerability.title.as_deref().filter(|title| !called::is_number(title));
        match (own, vulnerability.name()) {
            (Some(title), _) => cut(title, LONGEST_NAME),
            (None, Some(name)) if !alone => {
                format!("{} ({})", cut(self.document.name(), LONGEST_NAME), cut(&name, LONGEST_NAME))
            }
            (None, _) => self.all.title.clone(),
        }
    }

    /// The pages that the document gives, its own first.
    fn own_links(&self) -> impl Iterator<Item = &str> {
        let all = self.document.references.iter().filter_map(|each| each.url.as_deref());
        self.document.own_pages().chain(all)
    }

    /// What threatens, what there is no remedy for, and what the whole document comes to.
    fn notes(&self, vulnerability: &Vulnerability, unsettled: &[String], has_summary: bool) -> String {
        let mut notes = String::new();
        let mut note = |heading: &str, text: &str| {
            let between = if notes.is_empty() { "" } else { "\n\n" };
            // Writing to a text cannot fail.
            let _ = write!(notes, "{between}{heading}: {}", text.trim());
        };
        for sentence in unsettled {
            note("Contradiction", sentence);
        }
        for threat in &vulnerability.threats {
            match &threat.category {
                Some(ThreatCategory::ExploitStatus) => note("Exploitation", &threat.details),
                Some(ThreatCategory::TargetSet) => note("Who is attacked", &threat.details),
                _ => note("Impact", &threat.details),
            }
        }
        for remedy in &vulnerability.remediations {
            let text = remedy.details.as_deref().unwrap_or("no more is said");
            match remedy.category {
                Some(RemediationCategory::NoFixPlanned) => note("No fix is planned", text),
                Some(RemediationCategory::NoneAvailable) => note("There is no fix yet", text),
                _ => {}
            }
        }
        if let Some(whole) = summary(&self.document.notes).filter(|_| has_summary) {
            note(whole.title.as_deref().unwrap_or("Of the whole"), &whole.text);
        }
        notes
    }
}

/// What is noticed about a document: that it is not final yet, that a part of it could not be read.
fn flags(status: Option<&DocumentStatus>, is_unread: bool) -> Vec<Flag> {
    let unsettled = match status {
        Some(DocumentStatus::Draft) => Some(Flag::Draft),
        Some(DocumentStatus::Interim) => Some(Flag::Interim),
        _ => None,
    };
    unsettled.into_iter().chain(is_unread.then_some(Flag::Unread)).collect()
}

/// The note that says in short what it is.
fn summary(notes: &[Note]) -> Option<&Note> {
    let wanted = [NoteCategory::Summary, NoteCategory::Description, NoteCategory::Details];
    wanted.iter().find_map(|wanted| notes.iter().find(|note| note.category.as_ref() == Some(wanted)))
}

/// What to do, in words; its page where there are none.
fn words(remedy: &Remediation) -> Option<&str> {
    remedy.details.as_deref().or(remedy.url.as_deref())
}

/// Each text once, in its order: publishers repeat one for each product.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut met = HashSet::new();
    texts.map(str::trim).filter(|text| met.insert(*text)).collect()
}

fn links<'a>(urls: impl Iterator<Item = &'a str>) -> Vec<String> {
    distinct(urls.filter(|url| is_link(url))).into_iter().take(MOST_LINKS).map(str::to_owned).collect()
}

fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The medical device of which a document speaks; several as one.
fn device(document: &Document) -> Option<Device> {
    use formats::csaf::Reason;
    let medical = document.medical()?;
    let joined = |names: Vec<&str>| {
        let more = names.len().saturating_sub(MOST_DEVICES);
        let shown = names.iter().take(MOST_DEVICES).map(|name| cut(name, LONGEST_NAME));
        let shown = shown.collect::<Vec<_>>().join(", ");
        if more == 0 { shown } else { format!("{shown} and {more} more") }
    };
    let devices = &medical.devices;
    let uses = medical.uses.iter().map(|(area, _)| use_in_words(*area));
    let because = medical.reasons.first().map(|reason| match reason {
        Reason::Number(number) => {
            format!("Its number {} is one of advisories on medical devices.", cut(number, LONGEST_NAME))
        }
        Reason::Words(found) => format!("It speaks of “{}”.", found.word),
        Reason::Sector(sector) => format!("It names the sector {}.", cut(sector, LONGEST_NAME)),
    });
    Some(Device {
        vendor: joined(distinct(devices.iter().filter_map(|device| device.vendor))),
        model: joined(distinct(devices.iter().filter_map(|device| device.model))),
        clinical_use: joined(distinct(uses)),
        because: because.unwrap_or_default(),
    })
}

const fn use_in_words(area: UseArea) -> &'static str {
    match area {
        UseArea::Infusion => "giving drugs, fluids or food",
        UseArea::Diabetes => "insulin and blood sugar",
        UseArea::Monitoring => "watching patients",
        UseArea::Imaging => "imaging",
        UseArea::Implants => "implants and what programs them",
        UseArea::Cardiology => "the heart",
        UseArea::Respiratory => "breathing and anaesthesia",
        UseArea::Surgery => "operations",
        UseArea::Laboratory => "analysing samples",
        UseArea::Medicines => "keeping and dispensing medicines",
        UseArea::Radiotherapy => "radiotherapy",
        UseArea::Dialysis => "dialysis",
    }
}
