//! The triage policy, `content/policies/triage.toml`, in dated versions: what is taken for granted of a
//! threat in health and care as long as nobody tells otherwise.

use std::sync::LazyLock;

use formats::ssvc::{Automatable, MissionPrevalence, Point, PublicWellBeing, TechnicalImpact, Value};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use platform::fold;
use serde::Deserialize;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    read(include_str!("../../../../content/policies/triage.toml")).expect("a test reads the embedded policy")
});

/// One version of the triage policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its number, which a threat's row keeps.
    pub version: u32,
    from: Timestamp,
    default: Usual,
    exploited: Assumed,
    ransomware: Assumed,
    systems: Vec<System>,
}

/// What is assumed of a vulnerability that attackers use, where nobody tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Assumed {
    automatable: Option<Automatable>,
    technical_impact: Option<TechnicalImpact>,
}

impl Assumed {
    fn value(self, point: Point) -> Option<&'static Value> {
        match point {
            Point::Automatable => self.automatable.map(Automatable::value),
            Point::TechnicalImpact => self.technical_impact.map(TechnicalImpact::value),
            Point::Exploitation | Point::MissionPrevalence | Point::PublicWellBeing => None,
        }
    }
}

/// Who is known to use a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Users {
    /// Attackers.
    Attackers,
    /// Ransomware among them.
    Ransomware,
}

/// What is taken for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// How much essential work rests on it.
    pub mission_prevalence: MissionPrevalence,
    /// What harm it can do to people.
    pub public_well_being: PublicWellBeing,
}

/// A kind of clinical system.
#[derive(Clone, Debug)]
pub struct System {
    /// What it is, such as "imaging and radiology".
    pub name: String,
    /// What is taken for granted of it.
    pub usual: Usual,
    device: bool,
    /// Each is the folded words of one phrase.
    words: Vec<Vec<String>>,
}

impl Policy {
    /// The policy that holds at `now`; before the first one, that one.
    pub fn current(now: Timestamp) -> &'static Self {
        let policies = &*POLICIES;
        policies.iter().rev().find(|policy| policy.from <= now).unwrap_or(&policies[0])
    }

    /// What is taken for granted of everything else.
    pub const fn default(&self) -> Usual {
        self.default
    }

    /// What is assumed of a point of what is exploited, where nobody tells it.
    pub fn assumed(&self, point: Point, users: Users) -> Option<&'static Value> {
        let of_ransomware = if users == Users::Ransomware { self.ransomware.value(point) } else { None };
        of_ransomware.or_else(|| self.exploited.value(point))
    }

    /// The first kind of system that this is: a medical device, or of these folded words, which are sorted.
    pub fn system(&self, device: bool, words: &[String]) -> Option<&System> {
        let has = |phrase: &Vec<String>| phrase.iter().all(|word| words.binary_search(word).is_ok());
        self.systems.iter().find(|system| (device && system.device) || system.words.iter().any(has))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policy: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    from: toml::value::Datetime,
    default: Usual,
    #[serde(default)]
    exploited: Assumed,
    #[serde(default)]
    ransomware: Assumed,
    system: Vec<WrittenSystem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSystem {
    name: String,
    #[serde(default)]
    device: bool,
    #[serde(default)]
    words: Vec<String>,
    mission_prevalence: MissionPrevalence,
    public_well_being: PublicWellBeing,
}

/// Reads the policies, oldest first.
fn read(text: &str) -> Result<Vec<Policy>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for Written { version, from, default, exploited, ransomware, system } in file.policy {
        let day: Date = from.to_string().parse().map_err(|error| format!("from: {error}"))?;
        let from =
            TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| format!("from: {error}"))?;
        let systems = system.into_iter().map(compiled).collect::<Result<_, _>>()?;
        policies.push(Policy { version, from, default, exploited, ransomware, systems });
    }
    policies.sort_by_key(|policy| policy.from);
    // A threat of a lower version is one that is to be decided anew.
    if policies.is_empty() || policies[0].version == 0 || !policies.is_sorted_by(|a, b| a.version < b.version)
    {
        return Err("versions are counted on from 1 with their days".to_owned());
    }
    Ok(policies)
}

fn compiled(written: WrittenSystem) -> Result<System, String> {
    let WrittenSystem { name, device, words, mission_prevalence, public_well_being } = written;
    let words: Vec<_> = words.iter().map(|phrase| fold::words(phrase)).collect();
    if (!device && words.is_empty()) || words.iter().any(Vec::is_empty) {
        return Err(format!("{name}: nothing says what fits it"));
    }
    Ok(System { name, device, words, usual: Usual { mission_prevalence, public_well_being } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../content/policies/triage.toml");

    #[test]
    fn clinical_systems_are_known_by_their_words_and_devices_by_what_sources_say() {
        let policy = Policy::current("2026-06-01T08:00:00Z".parse().unwrap());
        let named = |device, text: &str| policy.system(device, &fold::words(text)).map(|it| it.name.as_str());
        assert_eq!(policy.version, 2);
        assert_eq!(named(false, "Contoso Vue PACS"), Some("imaging and radiology"));
        assert_eq!(named(false, "Pump for infusion, model 8"), Some("equipment at the bedside"));
        assert_eq!(named(false, "A water pump"), None);
        assert_eq!(named(true, "Contoso Vue PACS"), Some("a medical device"));
        assert_eq!(policy.default().mission_prevalence, MissionPrevalence::Support);
    }

    #[test]
    fn of_what_is_exploited_the_safer_answer_is_assumed_and_of_ransomware_the_worst() {
        let policy = Policy::current("2026-06-01T08:00:00Z".parse().unwrap());
        let assumed = |point, users| policy.assumed(point, users).map(|value| value.code);
        assert_eq!(assumed(Point::Automatable, Users::Attackers), Some("yes"));
        assert_eq!(assumed(Point::TechnicalImpact, Users::Attackers), None);
        assert_eq!(assumed(Point::Automatable, Users::Ransomware), Some("yes"));
        assert_eq!(assumed(Point::TechnicalImpact, Users::Ransomware), Some("total"));
        assert_eq!(assumed(Point::PublicWellBeing, Users::Ransomware), None);
    }

    #[test]
    fn a_later_policy_holds_from_its_day_and_mistakes_are_refused() {
        let second = SHIPPED.replace("version = 2", "version = 3").replace("2026-01-01", "2027-01-01");
        let policies = read(&format!("{SHIPPED}\n{second}")).unwrap();
        assert_eq!(policies.iter().map(|policy| policy.version).collect::<Vec<_>>(), [2, 3]);
        for (from, to) in [
            ("version = 2", "version = 0"),
            ("automatable = \"yes\"", "automatable = \"perhaps\""),
            ("\"support\"", "\"some\""),
            ("device = true", "device = false"),
            ("\"epr\"", "\"--\""),
            ("2026-01-01", "2026-13-01"),
            ("[policy.default]", "[policy.usual]"),
        ] {
            assert!(read(&SHIPPED.replace(from, to)).is_err(), "{to}");
        }
        let same = SHIPPED.replace("2026-01-01", "2027-01-01");
        assert!(read(&format!("{SHIPPED}\n{same}")).is_err());
    }
}
