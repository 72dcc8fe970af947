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

use super::{
    Beside, Override, observed,
    policy::{Policy, Users},
};
use crate::{
    source::Source,
    threat::{Assessed, Kind, LIKELY, Looks, Said, Scored, ToldOfExploitation, by_nearness, percent},
};

/// What a decision point is, and why.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which.
    pub point: Point,
    /// What it is called of this kind of threat.
    pub name: &'static str,
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
    /// What kind of threat it is.
    pub kind: Kind,
    /// What sources say of it now.
    pub said: &'a [(Source, &'a Said)],
    /// What is known of it beside that.
    pub beside: &'a Beside,
}

impl<'a> Facts<'a> {
    /// Whether it is known to be exploited: a source says so, an analyst, or organisations that saw it.
    pub fn is_exploited(self) -> bool {
        let active = || match self.set(Point::Exploitation) {
            Some(set) => set.value == Exploitation::Active.value().code,
            None => self.beside.seen.organisations > 0,
        };
        self.said.iter().any(|(_, said)| said.known_exploited)
            || (self.kind == Kind::Vulnerability && !self.said.is_empty() && active())
    }

    /// What an analyst set of a point.
    fn set(self, point: Point) -> Option<&'a Override> {
        self.beside.overrides.iter().find(|set| set.point == point)
    }
}

/// The points of a threat that is told of so; none where there is nothing to decide. How likely exploitation
/// is comes in later (see [`predicted`]), since it changes daily.
pub fn points(facts: Facts<'_>, policy: &Policy) -> Option<Points> {
    if !facts.kind.is_decided() || facts.said.is_empty() {
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

/// How a threat that looked so looks by these facts.
pub fn looks(facts: Facts<'_>, policy: &Policy, was: Looks) -> Looks {
    Looks { points: points(facts, policy), known_exploited: facts.is_exploited(), ..was }
}

/// The points that are asked of this kind, with the reasons, for the page.
pub fn judged(facts: Facts<'_>, epss: Option<u32>, policy: &Policy) -> Vec<Judged> {
    let of = |point: Point| {
        let name = facts.kind.point_name(point);
        let judged = |value, (from, reason): (String, String)| Judged { point, name, value, from, reason };
        match find(point, facts, policy) {
            Some(found) => judged(facts.kind.value(point, found.value), found.because.words()),
            None if point == Point::Exploitation && predicted(epss).is_some() => {
                let share = epss.and_then(formats::epss::Fraction::from_billionths);
                let share = share.map(percent).unwrap_or_default();
                let nobody = match in_words(facts) {
                    Some((publisher, told)) => {
                        format!("{publisher} says “{}”, which is no value", told.words)
                    }
                    None => "Nobody tells of exploitation".to_owned(),
                };
                let reason =
                    format!("{nobody}; it is expected within 30 days with a probability of {share}.");
                judged(predicted(epss).map(Exploitation::value), ("FIRST (EPSS)".to_owned(), reason))
            }
            None => judged(None, unknown(point, facts)),
        }
    };
    facts.kind.asked().iter().copied().map(of).collect()
}

/// Who tells nothing of a point: nobody, or somebody whose words are no value.
fn unknown(point: Point, facts: Facts<'_>) -> (String, String) {
    match in_words(facts).filter(|_| point == Point::Exploitation) {
        Some((publisher, told)) => (
            publisher,
            format!("It says “{}”, which is none of the values. What it means is unknown.", told.words),
        ),
        None => ("Nobody".to_owned(), "No source tells it, so that it is unknown, not harmless.".to_owned()),
    }
}

/// What the first source that has words for exploitation says of it, and who that is.
fn in_words(facts: Facts<'_>) -> Option<(String, &ToldOfExploitation)> {
    let mut all = facts.said.iter().filter_map(|(source, said)| {
        let told = said.exploitation.as_ref()?;
        Some((publisher(*source, said), told))
    });
    all.next()
}

/// What exploitation is taken for where nobody tells of it: what is likely to be exploited is treated as if
/// there were a proof of concept.
pub fn predicted(epss: Option<u32>) -> Option<Exploitation> {
    epss.filter(|epss| *epss >= LIKELY).map(|_| Exploitation::Poc)
}

/// A value, by its code, and what it rests on.
pub(super) struct Found<'a> {
    pub value: &'static str,
    pub because: Because<'a>,
}

pub(super) enum Because<'a> {
    Set(&'a Override),
    Seen(i64),
    Active,
    NotSeen,
    NoVulnerability,
    Told(Source, &'a Said, &'a ToldOfExploitation),
    Exploited(Source, &'a Said),
    Ransomware(Source, &'a Said),
    Assessed(&'a Assessed),
    Vector(&'a Scored, &'static str),
    System(&'a str, u32),
    Default(u32),
    Assumed(Users, u32),
}

fn find<'a>(point: Point, facts: Facts<'a>, policy: &'a Policy) -> Option<Found<'a>> {
    if let Some(set) = facts.set(point) {
        let value = point.value(&set.value)?.code;
        return Some(Found { value, because: Because::Set(set) });
    }
    if matches!(point, Point::MissionPrevalence | Point::PublicWellBeing) {
        return Some(usual(point, facts, policy));
    }
    if facts.kind != Kind::Vulnerability {
        return observed::find(point, facts);
    }
    let found = match point {
        Point::Exploitation => return known_exploited(facts).or_else(|| told(facts)),
        Point::Automatable => assessed(point, facts).or_else(|| by_vector(facts, automatable)),
        _ => assessed(point, facts).or_else(|| by_vector(facts, impact)),
    };
    found.or_else(|| assumed(point, facts, policy))
}

/// What the policy assumes of what is exploited.
fn assumed<'a>(point: Point, facts: Facts<'a>, policy: &'a Policy) -> Option<Found<'a>> {
    let active = Exploitation::Active.value().code;
    find(Point::Exploitation, facts, policy).filter(|found| found.value == active)?;
    let ransomware = facts.said.iter().any(|(_, said)| said.ransomware);
    let users = if ransomware { Users::Ransomware } else { Users::Attackers };
    let value = policy.assumed(point, users)?.code;
    Some(Found { value, because: Because::Assumed(users, policy.version) })
}

/// The worst that an assessment, or an advisory in its own words, tells of exploitation.
fn told(facts: Facts<'_>) -> Option<Found<'_>> {
    let in_words = facts.said.iter().filter_map(|(source, said)| {
        let told = said.exploitation.as_ref()?;
        Some((told.value?, Because::Told(*source, said, told)))
    });
    let in_words = in_words.max_by_key(|(value, _)| *value);
    let in_words = in_words.map(|(value, because)| Found { value: value.value().code, because });
    let place =
        |found: &Found<'_>| Point::Exploitation.values().iter().position(|value| value.code == found.value);
    in_words.into_iter().chain(assessed(Point::Exploitation, facts)).max_by_key(place)
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
        (None, None) if facts.beside.seen.organisations > 0 => Because::Seen(facts.beside.seen.organisations),
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
                let words = said.exploitation.as_ref().map(|told| format!(" It says “{}”.", told.words));
                let reason = format!("It is known to be exploited.{}", words.unwrap_or_default());
                (publisher(*source, said), reason)
            }
            Self::Told(source, said, told) => {
                (publisher(*source, said), format!("It says “{}”.", told.words))
            }
            Self::Seen(organisations) => (
                "Organisations of the sector".to_owned(),
                match organisations {
                    1 => "1 organisation reported that it saw it.".to_owned(),
                    more => format!("{} organisations reported that they saw it.", show::count(*more)),
                },
            ),
            Self::Active => (
                "The CERT".to_owned(),
                "An entry below says where it is or was active.".to_owned(),
            ),
            Self::NotSeen => (
                "Nobody".to_owned(),
                "No organisation has reported it, and no entry says that it is active in an area: it is kept as \
                 knowledge."
                    .to_owned(),
            ),
            Self::NoVulnerability => {
                ("Triage".to_owned(), "It is no vulnerability: this is not asked of it.".to_owned())
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
            Self::Assumed(users, version) => (
                format!("Triage policy {version}, a default"),
                match users {
                    Users::Attackers => {
                        "Nobody tells it. It is exploited, so that the safer answer is assumed until somebody does."
                    }
                    Users::Ransomware => {
                        "Nobody tells it. Ransomware uses it, so that the worst is assumed until somebody does."
                    }
                }
                .to_owned(),
            ),
            Self::Default(version) => (
                format!("Triage policy {version}"),
                "Taken for granted in health and care, as long as nobody tells otherwise.".to_owned(),
            ),
        }
    }
}

pub(super) fn publisher(source: Source, said: &Said) -> String {
    if said.by.is_empty() { source.label().to_owned() } else { format!("{}: {}", source.label(), said.by) }
}
