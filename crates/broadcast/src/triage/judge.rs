//! From what sources and analysts tell to a value for each decision point, with who tells it and why.
//!
//! Pure: the same facts under the same policy give the same points, on the page and in the row.

use formats::{
    cvss::{Cvss, Version},
    ssvc::{
        Automatable, Exploitation, MissionPrevalence, Point, Points, PublicWellBeing, TechnicalImpact, Value,
    },
};
use platform::{
    fold,
    web::{shell::Language, show},
};

use super::{Override, policy::Policy};
use crate::{
    source::Source,
    threat::{Assessed, Kind, LIKELY, Said, Scored, by_nearness, percent},
};

/// What a decision point is, and why.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which.
    pub point: Point,
    /// Its value; none where it is unknown.
    pub value: Option<&'static Value>,
    /// Who or what it is from.
    pub from: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// What decides about a threat.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What sources say of it now.
    pub said: &'a [(Source, &'a Said)],
    /// What analysts set, each point once.
    pub overrides: &'a [Override],
}

impl Kind {
    /// Whether there is something to decide about it: techniques and groups are knowledge to look up.
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::AttackPattern | Self::ThreatActor)
    }
}

/// The points of a threat of `kind` that is told of so; none where there is nothing to decide. How likely
/// exploitation is comes in later (see [`predicted`]), since it changes daily.
pub fn points(kind: Kind, facts: Facts<'_>, policy: &Policy) -> Option<Points> {
    if !kind.is_decided() || facts.said.is_empty() {
        return None;
    }
    let mut points = Points::default();
    for point in Point::ALL {
        if let Some(found) = find(point, facts, policy) {
            points.set(point, found.value);
        }
    }
    Some(points)
}

/// The same with the reasons, for the page.
pub fn judged(facts: Facts<'_>, epss: Option<u32>, policy: &Policy) -> Vec<Judged> {
    let of = |point: Point| match find(point, facts, policy) {
        Some(found) => {
            let (from, reason) = found.because.words();
            Judged { point, value: point.value(found.value), from, reason }
        }
        None if point == Point::Exploitation && predicted(epss).is_some() => {
            let share =
                epss.and_then(formats::epss::Fraction::from_billionths).map(percent).unwrap_or_default();
            Judged {
                point,
                value: predicted(epss).map(Exploitation::value),
                from: "FIRST (EPSS)".to_owned(),
                reason: format!(
                    "Nobody tells of exploitation; it is expected within 30 days with a probability of {share}."
                ),
            }
        }
        None => Judged {
            point,
            value: None,
            from: "Nobody".to_owned(),
            reason: "No source tells it, so that it is unknown, not harmless.".to_owned(),
        },
    };
    Point::ALL.into_iter().map(of).collect()
}

/// What exploitation is taken for where nobody tells of it: what is likely to be exploited is treated as if
/// there were a proof of concept.
pub fn predicted(epss: Option<u32>) -> Option<Exploitation> {
    epss.filter(|epss| *epss >= LIKELY).map(|_| Exploitation::Poc)
}

/// A value, by its code, and what it rests on.
struct Found<'a> {
    value: &'static str,
    because: Because<'a>,
}

enum Because<'a> {
    Set(&'a Override),
    Exploited(Source, &'a Said),
    Ransomware(Source, &'a Said),
    Assessed(&'a Assessed),
    Vector(&'a Scored, &'static str),
    System(&'a str, u32),
    Default(u32),
}

fn find<'a>(point: Point, facts: Facts<'a>, policy: &'a Policy) -> Option<Found<'a>> {
    if let Some(set) = facts.overrides.iter().find(|set| set.point == point) {
        let value = point.value(&set.value)?.code;
        return Some(Found { value, because: Because::Set(set) });
    }
    match point {
        Point::Exploitation => known_exploited(facts).or_else(|| assessed(point, facts)),
        Point::Automatable => assessed(point, facts).or_else(|| by_vector(facts, automatable)),
        Point::TechnicalImpact => assessed(point, facts).or_else(|| by_vector(facts, impact)),
        Point::MissionPrevalence | Point::PublicWellBeing => Some(usual(point, facts, policy)),
    }
}

fn known_exploited(facts: Facts<'_>) -> Option<Found<'_>> {
    let value = Exploitation::Active.value().code;
    // Of several who say so, the one that is believed first.
    let place = |source: &Source| Source::ALL.iter().position(|each| each == source);
    let first = |says: fn(&Said) -> bool| {
        facts.said.iter().filter(|(_, said)| says(said)).min_by_key(|(source, _)| place(source))
    };
    let (exploited, ransomware) = (first(|said| said.known_exploited), first(|said| said.ransomware));
    let because = match (exploited, ransomware) {
        (Some((source, said)), _) => Because::Exploited(*source, said),
        (None, Some((source, said))) => Because::Ransomware(*source, said),
        (None, None) => return None,
    };
    Some(Found { value, because })
}

/// The worst that an SSVC assessment tells.
fn assessed(point: Point, facts: Facts<'_>) -> Option<Found<'_>> {
    let all = facts.said.iter().filter_map(|(_, said)| said.assessed.as_ref());
    let told = all.filter_map(|assessed| {
        let points = Points {
            exploitation: assessed.exploitation,
            automatable: assessed.automatable,
            technical_impact: assessed.technical_impact,
            ..Points::default()
        };
        Some((points.value(point)?, assessed))
    });
    let place = |value: &Value| point.values().iter().position(|each| each == value);
    let (value, assessed) = told.max_by_key(|(value, _)| place(value))?;
    Some(Found { value: value.code, because: Because::Assessed(assessed) })
}

/// What the vector of the headline tells; where that has none, of the next score that has one.
fn by_vector(
    facts: Facts<'_>,
    rule: fn(&Cvss, Version) -> Option<(&'static str, &'static str)>,
) -> Option<Found<'_>> {
    let all = facts.said.iter().flat_map(|(_, said)| &said.scores);
    let scored = all.filter(|scored| scored.vector.is_some()).min_by_key(|scored| by_nearness(scored))?;
    let (value, why) = rule(scored.vector.as_ref()?, scored.version)?;
    Some(Found { value, because: Because::Vector(scored, why) })
}

/// Over the network, with ease, by anybody and without a victim's help.
fn automatable(vector: &Cvss, version: Version) -> Option<(&'static str, &'static str)> {
    let is = |key: &str, value: &str| vector.metric(key) == Some(value);
    let told = vector.metric("AU").filter(|_| version == Version::V4_0);
    let anybody = if version == Version::V2_0 { is("Au", "N") } else { is("PR", "N") && is("UI", "N") };
    match told {
        Some("Y") => Some((Automatable::Yes.value().code, "says that it can be automated")),
        Some("N") => Some((Automatable::No.value().code, "says that it cannot be automated")),
        _ if is("AV", "N") && anybody && is("AC", "L") && (version != Version::V4_0 || is("AT", "N")) => {
            Some((
                Automatable::Yes.value().code,
                "says that it is attacked over the network with ease, without an account and without anybody's help",
            ))
        }
        // Whether what is merely complex can be automated, the vector does not tell.
        _ if is("AV", "N") && anybody => None,
        _ => Some((
            Automatable::No.value().code,
            "says that an attacker must be near, have an account or have somebody's help",
        )),
    }
}

/// Total where everything is lost; partial where neither secrecy nor integrity is lost entirely.
fn impact(vector: &Cvss, version: Version) -> Option<(&'static str, &'static str)> {
    let (keys, whole) = match version {
        Version::V2_0 => (["C", "I", "A"], "C"),
        Version::V3_0 | Version::V3_1 => (["C", "I", "A"], "H"),
        Version::V4_0 => (["VC", "VI", "VA"], "H"),
    };
    let lost = keys.map(|key| vector.metric(key) == Some(whole));
    match lost {
        [true, true, true] => Some((
            TechnicalImpact::Total.value().code,
            "says that confidentiality, integrity and availability are all lost",
        )),
        [false, false, _] => Some((
            TechnicalImpact::Partial.value().code,
            "says that neither confidentiality nor integrity is lost entirely",
        )),
        _ => None,
    }
}

fn usual<'a>(point: Point, facts: Facts<'a>, policy: &'a Policy) -> Found<'a> {
    let device = facts.said.iter().any(|(_, said)| said.device.is_some());
    let names = facts.said.iter().flat_map(|(_, said)| [said.vendor.as_str(), &said.product, &said.title]);
    let words = fold::words(&names.collect::<Vec<_>>().join(" "));
    let (usual, because) = match policy.system(device, &words) {
        Some(system) => (system.usual, Because::System(&system.name, policy.version)),
        None => (policy.default(), Because::Default(policy.version)),
    };
    let value = if point == Point::MissionPrevalence {
        MissionPrevalence::value(usual.mission_prevalence)
    } else {
        PublicWellBeing::value(usual.public_well_being)
    };
    Found { value: value.code, because }
}

impl Because<'_> {
    /// Who or what it is from, and why.
    fn words(&self) -> (String, String) {
        match self {
            Self::Set(set) => (set.by.clone().unwrap_or_else(|| "An analyst".to_owned()), set.reason.clone()),
            Self::Exploited(source, said) => {
                (publisher(*source, said), "It is known to be exploited.".to_owned())
            }
            Self::Ransomware(source, said) => {
                (publisher(*source, said), "Ransomware is known to use it.".to_owned())
            }
            Self::Assessed(Assessed { by, on, .. }) => {
                let by = if by.is_empty() { "Not told by whom" } else { by };
                let on = on.map(|day| format!(" on {}", show::date(day, Language::English)));
                (by.to_owned(), format!("It was assessed by SSVC{}.", on.unwrap_or_default()))
            }
            Self::Vector(scored, why) => {
                let vector = scored.vector.as_ref().map(Cvss::vector).unwrap_or_default();
                (format!("CVSS {}, {}", scored.version, scored.by), format!("The vector {vector} {why}."))
            }
            Self::System(name, version) => (
                format!("Triage policy {version}"),
                format!("It is {name}, by what sources call it: taken for granted for that."),
            ),
            Self::Default(version) => (
                format!("Triage policy {version}"),
                "Taken for granted in health and care, as long as nobody tells otherwise.".to_owned(),
            ),
        }
    }
}

fn publisher(source: Source, said: &Said) -> String {
    if said.by.is_empty() { source.label().to_owned() } else { format!("{}: {}", source.label(), said.by) }
}
