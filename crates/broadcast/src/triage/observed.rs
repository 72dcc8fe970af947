//! What is decided about threats that are no vulnerabilities: malware, campaigns, frauds and reports.
//!
//! Nobody exploits or automates them. Of them is asked whether they were seen in the sector or its area, and
//! what they can do there; the tree is that of CISA with what a vulnerability is asked besides held fixed, so
//! that what was seen is Attend, or Act where a clinical system or people are hit, and the rest is knowledge.

use formats::ssvc::{Automatable, Exploitation, Point, TechnicalImpact, Value};

use super::judge::{Because, Facts, Found};
use crate::{source::Source, threat::Kind};

/// Whether it was seen, in the codes and letters of [`Exploitation`].
const SEEN: [Value; 3] = [
    Value { code: "none", letter: "N", label: "Not seen", means: "It is knowledge to look up, for now." },
    Value {
        code: "poc",
        letter: "P",
        label: "Seen elsewhere",
        means: "It is in use against others who are like the sector.",
    },
    Value {
        code: "active",
        letter: "A",
        label: "Seen in the sector",
        means: "An organisation of the sector has met it, or it is active in its area.",
    },
];

/// What is asked of what is no vulnerability.
const ASKED: [Point; 3] = [Point::Exploitation, Point::MissionPrevalence, Point::PublicWellBeing];

impl Kind {
    /// Whether there is something to decide about it: techniques and groups are knowledge to look up.
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::AttackPattern | Self::ThreatActor)
    }

    /// The points that are asked of it.
    pub const fn asked(self) -> &'static [Point] {
        match self {
            Self::Vulnerability => &Point::ALL,
            _ => &ASKED,
        }
    }

    /// What a point is called of it.
    pub fn point_name(self, point: Point) -> &'static str {
        match point {
            Point::Exploitation if self != Self::Vulnerability => "Seen in the sector",
            _ => point.label(),
        }
    }

    /// What a point asks of it.
    pub fn question(self, point: Point) -> &'static str {
        match point {
            Point::Exploitation if self != Self::Vulnerability => "Was it seen in the sector or its area?",
            Point::MissionPrevalence if self != Self::Vulnerability => {
                "How much essential work rests on what it attacks?"
            }
            _ => point.question(),
        }
    }

    /// The values of a point, the most harmless first.
    pub fn values(self, point: Point) -> &'static [Value] {
        match point {
            Point::Exploitation if self != Self::Vulnerability => &SEEN,
            _ => point.values(),
        }
    }

    /// The value of a point of this code.
    pub fn value(self, point: Point, code: &str) -> Option<&'static Value> {
        self.values(point).iter().find(|value| value.code == code)
    }
}

/// What is known of a point of what is no vulnerability.
pub(super) fn find(point: Point, facts: Facts<'_>) -> Option<Found<'_>> {
    let (value, because) = match point {
        Point::Exploitation => seen(facts)?,
        Point::Automatable => (Automatable::No.value().code, Because::NoVulnerability),
        Point::TechnicalImpact => (TechnicalImpact::Total.value().code, Because::NoVulnerability),
        Point::MissionPrevalence | Point::PublicWellBeing => return None,
    };
    Some(Found { value, because })
}

/// Whether it was seen; unknown where somebody here wrote of it and did not say.
fn seen(facts: Facts<'_>) -> Option<(&'static str, Because<'_>)> {
    let seen = facts.beside.seen;
    if seen.organisations > 0 {
        return Some((Exploitation::Active.value().code, Because::Seen(seen.organisations)));
    }
    if seen.areas > 0 {
        return Some((Exploitation::Active.value().code, Because::Active));
    }
    let told = facts.said.iter().find_map(|(source, said)| {
        let told = said.exploitation.as_ref()?;
        Some((told.value?.value().code, Because::Told(*source, said, told)))
    });
    if told.is_some() {
        return told;
    }
    if let Some((source, said)) = facts.said.iter().find(|(_, said)| said.known_exploited) {
        return Some((Exploitation::Active.value().code, Because::Exploited(*source, said)));
    }
    let by_hand = facts.said.iter().any(|(source, _)| *source == Source::Hand);
    (!by_hand).then(|| (Exploitation::None.value().code, Because::NotSeen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        threat::{Said, ToldOfExploitation},
        triage::{Beside, Decision, Policy, Seen, judge},
    };

    fn decided(source: Source, seen: Seen) -> Option<Decision> {
        told(source, seen, None)
    }

    fn told(source: Source, seen: Seen, exploitation: Option<ToldOfExploitation>) -> Option<Decision> {
        let said = Said { exploitation, ..Said::new(Kind::Malware, "Loader", "2026-06-01".parse().unwrap()) };
        let beside = Beside { seen, ..Beside::default() };
        let facts = Facts { kind: Kind::Malware, said: &[(source, &said)], beside: &beside };
        let policy = Policy::current("2026-06-01T08:00:00Z".parse().unwrap());
        judge::points(facts, policy).map(|points| Decision::of(points.outcomes()))
    }

    #[test]
    fn what_was_seen_is_attended_to_and_knowledge_comes_last() {
        let nowhere = Seen::default();
        assert_eq!(decided(Source::Stix, nowhere), Some(Decision::Track));
        assert_eq!(decided(Source::Hand, nowhere), Some(Decision::Undecided), "somebody here wrote of it");
        for seen in [Seen { organisations: 1, areas: 0 }, Seen { organisations: 0, areas: 1 }] {
            assert_eq!(decided(Source::Stix, seen), Some(Decision::Attend));
        }
        // What the CERT found in incidents says so itself.
        let found = ToldOfExploitation { words: "found".to_owned(), value: Some(Exploitation::Active) };
        assert_eq!(told(Source::Hand, nowhere, Some(found)), Some(Decision::Attend));
    }

    #[test]
    fn its_values_are_kept_as_those_of_exploitation() {
        let codes =
            |values: &[Value]| values.iter().map(|value| (value.code, value.letter)).collect::<Vec<_>>();
        assert_eq!(codes(Kind::Fraud.values(Point::Exploitation)), codes(Point::Exploitation.values()));
        assert_eq!(Kind::Fraud.asked().len(), 3);
        assert!(Kind::Fraud.question(Point::Exploitation).contains("seen in the sector"));
        assert_eq!(Kind::Vulnerability.question(Point::Exploitation), Point::Exploitation.question());
    }
}
