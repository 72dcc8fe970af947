//! The first draft of a warning to an area: what is known of a threat, where an advisory has it, and
//! of sightings what others may be told.
//!
//! Nothing of it names an organisation; how many saw it is told where [`Spread::told`] allows it. Of what
//! sources tell, nothing is taken that is marked more narrowly than the warning.

use std::collections::HashMap;

use db::{DbError, Snapshot};
use formats::{Indicator, Tlp};
use jiff::{Span, civil::Date};
use platform::web::{shell::Language, show};

use super::{
    Area, panel,
    store::{self as activities, Technique},
};
use crate::{
    advisory::{Link, Severity, Step, StepKind, Wording},
    audience::Mode,
    sighting::{
        SightingId,
        told::{self, Spread, Tellable},
    },
    source::Source,
    threat::{
        Kind, Said, advise,
        intake::stix,
        pages::relations,
        store::{self, Threat},
    },
};

/// Indicators of sightings that a draft takes over.
const MOST_INDICATORS: usize = 500;
/// Techniques that a draft names.
const MOST_TECHNIQUES: usize = 20;
/// Courses of action that a draft asks for.
const MOST_HELPS: usize = 3;
/// For how many days back sightings are counted.
const COUNTED: i64 = 90;

/// Whose warning it is, and where it can be found.
#[derive(Clone, Debug)]
pub struct House {
    /// The CERT's name.
    pub name: String,
    /// The address of the service, where there is no better page to point to.
    pub url: String,
    /// Where a sighting is reported.
    pub report: String,
}

/// What the analyst decides before the draft is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// How much it asks.
    pub severity: Severity,
    /// How far it may travel.
    pub tlp: Tlp,
    /// Whether they must answer.
    pub mode: Mode,
}

/// Everything that a warning is made of.
pub(super) struct Known {
    pub threat: Threat,
    pub area: Area,
    said: Vec<(Source, Said)>,
    /// The first day of what stands entered for the area.
    since: Option<Date>,
    techniques: Vec<Technique>,
    helps: Vec<relations::Help>,
    /// How far each object of STIX may travel of which techniques and helps are told.
    markings: HashMap<String, Option<Tlp>>,
    tellable: Vec<Tellable>,
    pub spread: Spread,
}

impl Known {
    /// Reads what is known of a threat and of the area.
    pub async fn of(
        snapshot: &mut Snapshot,
        threat: Threat,
        area: Area,
        today: Date,
    ) -> Result<Self, DbError> {
        let id = threat.id;
        let said = store::said(snapshot, id).await?;
        let concerns = area.known_as();
        let entries = activities::of_threat(snapshot, id).await?;
        let here =
            entries.iter().filter(|state| state.is_on(today) && concerns.contains(&state.area.column()));
        let since = here.map(|state| state.facts.from).min();
        let from = today.checked_sub(Span::new().days(COUNTED - 1)).unwrap_or(Date::MIN);
        let techniques = activities::techniques(snapshot, id).await?;
        let helps = relations::helping(snapshot, id).await?;
        let told_by = techniques.iter().flat_map(|each| [&each.object, &each.said_by]);
        let objects: Vec<String> = told_by.chain(helps.iter().map(|help| &help.object)).cloned().collect();
        Ok(Self {
            markings: stix::markings(snapshot, &objects).await?,
            tellable: told::tellable(snapshot, id, from).await?,
            spread: told::spread(snapshot, id, from, area.lies_in(today)).await?,
            techniques,
            helps,
            threat,
            area,
            said,
            since,
        })
    }

    /// Whether all of these objects may go where `tlp` goes.
    fn travel(&self, objects: &[&String], tlp: Tlp) -> bool {
        let travels = |marking: &Option<Tlp>| marking.is_none_or(|marking| marking <= tlp);
        objects.iter().all(|object| self.markings.get(*object).is_some_and(travels))
    }

    /// The marking below which the draft may not go: that of the sightings that it rests on.
    pub fn binding(&self) -> Option<Tlp> {
        self.tellable.iter().map(|sighting| sighting.tlp).max()
    }

    /// The sightings that it rests on.
    pub fn rests_on(&self) -> impl Iterator<Item = SightingId> {
        self.tellable.iter().map(|sighting| sighting.id)
    }

    /// The indicators of sightings, each once.
    pub fn indicators(&self) -> Vec<Indicator> {
        let mut all: Vec<Indicator> = Vec::new();
        for indicator in self.tellable.iter().flat_map(|sighting| &sighting.indicators) {
            if all.len() < MOST_INDICATORS && !all.contains(indicator) {
                all.push(indicator.clone());
            }
        }
        all
    }

    /// What the analyst is offered: more where it did harm in the area, no wider than what it rests on.
    pub fn proposed(&self) -> Decided {
        let first = advise::wording(&self.threat, &self.said);
        let severity = match (&self.spread, first.severity) {
            (Spread { harmed: 1.., .. }, _) | (_, Severity::High) => Severity::High,
            (Spread { organisations: 1.., .. }, _) | (_, Severity::Medium) => Severity::Medium,
            (_, severity) => severity,
        };
        let mode = if severity == Severity::High { Mode::MustRespond } else { Mode::ForInformation };
        Decided { severity, tlp: first.tlp.max(self.binding().unwrap_or(Tlp::Clear)), mode }
    }
}

/// The words of the draft. Nothing of it waits for a decision: what was proposed, the analyst has seen.
pub(super) fn wording(known: &Known, house: &House, decided: Decided) -> Wording {
    let mut wording = advise::wording(&known.threat, &known.said);
    wording.title = title(known);
    wording.severity = decided.severity;
    wording.tlp = decided.tlp;
    let content = &mut wording.content;
    content.summary = summary(known);
    content.details = details(known, &content.details, decided.tlp);
    content.indicators = known.indicators();
    let helps = known.helps.iter().filter(|help| known.travel(&[&help.object], decided.tlp));
    content.steps.extend(helps.take(MOST_HELPS).map(|help| Step {
        kind: StepKind::Guidance,
        text: if help.text.is_empty() {
            help.called.clone()
        } else {
            format!("{}: {}", help.called, help.text)
        },
        link: None,
    }));
    content.steps.extend(usual(known.threat.kind, !content.indicators.is_empty()));
    content.steps.push(Step {
        kind: StepKind::Action,
        text: format!("If you see any of this, report it to {}.", house.name),
        link: Some(house.report.clone()),
    });
    content.source.get_or_insert_with(|| Link { name: house.name.clone(), url: house.url.clone() });
    content.proposed.clear();
    wording
}

/// The longest title that an advisory has, in characters.
const LONGEST_TITLE: usize = 200;

fn title(known: &Known) -> String {
    let tail = match known.area {
        Area::Everywhere => ": a warning".to_owned(),
        Area::Region(_) => format!(": a warning to {}", known.area.in_sentence()),
    };
    let most = LONGEST_TITLE - tail.chars().count();
    let name = &known.threat.title;
    if name.chars().count() <= most {
        return format!("{name}{tail}");
    }
    let cut: String = name.chars().take(most - 1).collect();
    format!("{cut}…{tail}")
}

fn summary(known: &Known) -> String {
    let (name, place) = (&known.threat.title, known.area.in_sentence());
    let first = match known.since {
        Some(day) => format!("{name}: active in {place} since {}.", show::date(day, Language::English)),
        None => format!("{name} may concern organisations in {place}."),
    };
    format!("{first} {}", known.threat.summary).trim_end().to_owned()
}

/// The threat in Markdown; never empty, since an advisory needs some.
fn details(known: &Known, first: &str, tlp: Tlp) -> String {
    let mut parts = Vec::new();
    if let Some(count) = known.spread.told() {
        let place = known.area.in_sentence();
        parts.push(format!("{count} organisations in {place} saw it in the last {COUNTED} days."));
    }
    let mut aliases: Vec<&str> = Vec::new();
    for alias in known.said.iter().flat_map(|(_, said)| &said.aliases) {
        if !aliases.contains(&alias.as_str()) {
            aliases.push(alias);
        }
    }
    if !aliases.is_empty() {
        parts.push(format!("It is also known as {}.", aliases.join(", ")));
    }
    let techniques = known.techniques.iter().filter(|each| known.travel(&[&each.object, &each.said_by], tlp));
    let tactics = panel::by_tactic(techniques);
    let named = tactics.iter().flat_map(|tactic| {
        tactic.techniques.iter().map(move |each| format!("- {} ({})", each.called, tactic.name))
    });
    let mut named: Vec<String> = named.take(MOST_TECHNIQUES).collect();
    if !named.is_empty() {
        named.insert(0, "How it goes about it:\n".to_owned());
        parts.push(named.join("\n"));
    }
    if !first.is_empty() {
        parts.push(first.to_owned());
    }
    if parts.is_empty() {
        parts.push(summary(known));
    }
    parts.join("\n\n")
}

/// What helps against every threat of a kind.
fn usual(kind: Kind, indicators: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |text: &str| {
        steps.push(Step { kind: StepKind::Action, text: text.to_owned(), link: None });
    };
    if indicators {
        step(
            "Look for the indicators in your mail, web and sign-in logs of the last 90 days, and block them.",
        );
    }
    match kind {
        Kind::Fraud => {
            step(
                "Confirm every change of bank details, and every unusual payment, by ringing a number that you \
                 held before.",
            );
            step("Tell those who pay invoices, and those who change staff's bank details.");
        }
        Kind::Malware => {
            step("Check that protection against harmful software runs and is up to date everywhere.");
        }
        _ => {
            step(
                "Check that remote access and email need a second factor, and who has signed in from where.",
            );
        }
    }
    steps
}
