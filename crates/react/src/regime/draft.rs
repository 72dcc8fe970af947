//! The draft of a report: what the case tells by itself, what somebody wrote, and what is missing.
//!
//! A draft is never sent by the program. Somebody reads it, sends it as the regulator asks, and keeps here what was sent.

use db::{DbError, Snapshot};
use platform::{
    organisation::{self, store::Organisation},
    web::{shell::Language, show},
};

use super::{
    Fact, Known,
    store::{self, Awareness, Clock, Written},
};
use crate::{
    case::{Sight, Zone},
    impact::{self, Service, Summary},
    report::{self, Care, store::Report},
};

/// What stands where nothing is known yet.
pub const MISSING: &str = "[not known yet]";

/// What drafts are made of: what the case tells.
#[derive(Clone, Debug)]
pub struct Material {
    organisation: Option<Organisation>,
    reports: Vec<Report>,
    services: Vec<Service>,
    board: Summary,
    written: Vec<Written>,
    awarenesses: Vec<Awareness>,
}

/// One fact of a report, as far as it is known.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is asked for.
    pub fact: &'static Fact,
    /// What the case tells of it.
    pub told: Option<String>,
    /// What somebody wrote, which goes before.
    pub written: String,
}

impl Line {
    /// What the report says.
    pub fn text(&self) -> Option<&str> {
        if self.written.is_empty() { self.told.as_deref() } else { Some(&self.written) }
    }

    /// Whether the law asks for it and nothing is known.
    pub fn is_missing(&self) -> bool {
        self.fact.required && self.text().is_none()
    }

    /// The field in which it is written.
    pub fn field(&self) -> String {
        format!("fact-{}", self.fact.key)
    }
}

/// Reads what the drafts of a case are made of, for whoever has it in `sight`.
pub async fn material(snapshot: &mut Snapshot, sight: &Sight) -> Result<Material, DbError> {
    let incident = sight.incident.id;
    let organisation = match sight.incident.organisation_id {
        Some(id) => organisation::store::find(snapshot, id).await?,
        None => None,
    };
    Ok(Material {
        organisation,
        reports: report::store::of_incident(snapshot, incident).await?,
        services: impact::store::services(snapshot, incident, sight.reads).await?,
        board: impact::summary(snapshot, sight).await?,
        written: store::facts(snapshot, incident, sight.reads).await?,
        awarenesses: store::awarenesses(snapshot, incident, sight.reads).await?,
    })
}

/// The newest that was written for a fact: in the clock's zone, else in the shared one.
pub(super) fn newest<'a>(written: &'a [Written], zone: Zone, fact: &str) -> Option<&'a str> {
    let of = |zone| written.iter().find(|each| each.zone == zone && each.fact == fact);
    let found = of(zone).or_else(|| of(Zone::Shared));
    found.map(|each| each.text.as_str())
}

impl Material {
    /// The facts that a clock's report has to say, as far as they are known.
    pub fn lines(&self, clock: &Clock) -> Vec<Line> {
        let Some((_, duty)) = clock.law() else { return Vec::new() };
        let line = |fact: &'static Fact| Line {
            fact,
            told: fact.from.and_then(|known| self.told(known, clock)),
            written: newest(&self.written, clock.zone, &fact.key).unwrap_or_default().to_owned(),
        };
        duty.facts.iter().map(line).collect()
    }

    /// The organisation.
    pub const fn organisation(&self) -> Option<&Organisation> {
        self.organisation.as_ref()
    }

    /// The decisions on awareness.
    pub fn awarenesses(&self) -> &[Awareness] {
        &self.awarenesses
    }

    /// What the case tells of something.
    fn told(&self, known: Known, clock: &Clock) -> Option<String> {
        match known {
            Known::Organisation => self.organisation.as_ref().map(|found| {
                let name = format!("{} ({})", found.name, found.code);
                [Some(name), Some(found.address_line()), found.telephone.clone()]
                    .into_iter()
                    .flatten()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n")
            }),
            Known::Contact => {
                let mut rings = self.reports.iter().map(|report| &report.facts.ring);
                rings
                    .find(|ring| !ring.telephone.is_empty())
                    .map(|ring| [ring.name.as_str(), &ring.telephone].join(" ").trim().to_owned())
            }
            Known::Aware => Some(format!("{} (UK time)", instant(clock.aware_at))),
            Known::Since => {
                let since = self.reports.iter().filter_map(|report| report.facts.since).min();
                since.map(|since| format!("{} (UK time)", instant(since)))
            }
            Known::Seen => {
                let mut seen: Vec<&str> = Vec::new();
                for each in self.reports.iter().flat_map(|report| &report.facts.seen) {
                    if !seen.contains(&each.label()) {
                        seen.push(each.label());
                    }
                }
                filled(seen.join("; "))
            }
            Known::Care => filled(self.care()),
            Known::Services => filled(self.hit()),
            Known::Impact => filled(self.impact()),
        }
    }

    /// What care is affected, as it was reported.
    fn care(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for report in &self.reports {
            let affected = report.facts.affected.iter().map(|care| care.label());
            for each in affected.chain([report.facts.care.as_str()]) {
                if !each.is_empty() && !parts.contains(&each) {
                    parts.push(each);
                }
            }
        }
        // What one report did not see yet, another one has, or the board.
        let is_none = |part: &&str| *part == Care::NotYet.label();
        if parts.iter().any(|part| !is_none(part)) || !self.hit().is_empty() {
            parts.retain(|part| !is_none(part));
        }
        parts.join("; ")
    }

    /// The services that do not go on as usual.
    fn hit(&self) -> String {
        let hit = self.services.iter().filter(|service| service.state != impact::State::Normal);
        let named = hit.map(|service| format!("{}: {}", service.name, service.state.label().to_lowercase()));
        named.collect::<Vec<_>>().join("\n")
    }

    /// Care, and the figures of the board.
    fn impact(&self) -> String {
        let board = &self.board;
        let mut parts = vec![self.care()];
        if board.services > 0 {
            parts.push(format!("Services stopped: {}; degraded: {}", board.stopped, board.degraded));
            parts.push(format!("Patients diverted: {}", if board.diverted { "yes" } else { "no" }));
        }
        if let Some(harm) = board.harm {
            parts.push(format!("Harm to patients: {}", harm.label().to_lowercase()));
        }
        if let Some(postponed) = board.postponed {
            parts.push(format!(
                "Postponed up to {}: {} appointments, {} procedures",
                instant(postponed.counted_at),
                show::count(postponed.appointments),
                show::count(postponed.procedures)
            ));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }
}

/// The words of a draft: to be read, mended and sent by a person.
pub fn text(sight: &Sight, clock: &Clock, lines: &[Line]) -> String {
    let mut parts = vec![clock.called()];
    if let Some((regime, duty)) = clock.law() {
        parts[0] = format!("{}\n{}, {}", duty.name, regime.name, duty.law);
        parts.push(format!("To: {}", duty.recipient));
    }
    parts.push(format!("Our number: {}", sight.incident.receipt));
    for line in lines {
        match line.text() {
            Some(text) => parts.push(format!("{}\n{text}", line.fact.label)),
            None if line.fact.required => parts.push(format!("{}\n{MISSING}", line.fact.label)),
            None => {}
        }
    }
    if lines.iter().any(Line::is_missing) {
        parts.push("What is not known yet will follow as soon as it is.".to_owned());
    }
    parts.join("\n\n")
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn instant(at: jiff::Timestamp) -> String {
    show::instant(at.as_microsecond(), Language::English)
}
