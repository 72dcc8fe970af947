//! Five decision points, each known or not, and the short text that keeps them: `E:A/A:Y/T:T/P:E/B:A`,
//! in the letters of CISA's calculator. A point that is unknown is left out of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    Automatable, Exploitation, MissionAndWellBeing, MissionPrevalence, Outcomes, PublicWellBeing,
    TechnicalImpact, decide,
};

/// A value of a decision point as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The word in the database, in addresses and in JSON.
    pub code: &'static str,
    /// The letter in a vector.
    pub letter: &'static str,
    /// The word on a page.
    pub label: &'static str,
    /// What it means, in a sentence.
    pub means: &'static str,
}

/// A decision point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Whether it is being exploited.
    Exploitation,
    /// Whether an attack can be automated.
    Automatable,
    /// What an attacker gains.
    TechnicalImpact,
    /// How much essential work rests on it.
    MissionPrevalence,
    /// What harm it can do to people.
    PublicWellBeing,
}

impl Point {
    /// Every one, in the order in which the tree asks.
    pub const ALL: [Self; 5] = [
        Self::Exploitation,
        Self::Automatable,
        Self::TechnicalImpact,
        Self::MissionPrevalence,
        Self::PublicWellBeing,
    ];

    /// The word in the database and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exploitation => "exploitation",
            Self::Automatable => "automatable",
            Self::TechnicalImpact => "technical_impact",
            Self::MissionPrevalence => "mission_prevalence",
            Self::PublicWellBeing => "public_well_being",
        }
    }

    /// The point of this [`code`](Self::code).
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.code() == code)
    }

    /// The letter before its value in a vector.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Exploitation => "E",
            Self::Automatable => "A",
            Self::TechnicalImpact => "T",
            Self::MissionPrevalence => "P",
            Self::PublicWellBeing => "B",
        }
    }

    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Exploitation => "Exploitation",
            Self::Automatable => "Automatable",
            Self::TechnicalImpact => "Technical impact",
            Self::MissionPrevalence => "Mission prevalence",
            Self::PublicWellBeing => "Public well-being impact",
        }
    }

    /// What it asks.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Exploitation => "Is it being exploited?",
            Self::Automatable => "Can an attacker automate the attack?",
            Self::TechnicalImpact => "What does an attacker gain?",
            Self::MissionPrevalence => "How much essential work rests on it?",
            Self::PublicWellBeing => "What harm can it do to people?",
        }
    }

    /// Its values, the most harmless first.
    pub const fn values(self) -> &'static [Value] {
        match self {
            Self::Exploitation => Exploitation::VALUES,
            Self::Automatable => Automatable::VALUES,
            Self::TechnicalImpact => TechnicalImpact::VALUES,
            Self::MissionPrevalence => MissionPrevalence::VALUES,
            Self::PublicWellBeing => PublicWellBeing::VALUES,
        }
    }

    /// Its value of this code.
    pub fn value(self, code: &str) -> Option<&'static Value> {
        self.values().iter().find(|value| value.code == code)
    }
}

/// What is known of each decision point. Written and stored as its vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Points {
    /// Whether it is being exploited.
    pub exploitation: Option<Exploitation>,
    /// Whether an attack can be automated.
    pub automatable: Option<Automatable>,
    /// What an attacker gains.
    pub technical_impact: Option<TechnicalImpact>,
    /// How much essential work rests on it.
    pub mission_prevalence: Option<MissionPrevalence>,
    /// What harm it can do to people.
    pub public_well_being: Option<PublicWellBeing>,
}

/// A text that does not tell decision points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" tells no decision points of SSVC")]
pub struct NotPoints(String);

impl Points {
    /// What is known of `point`.
    pub fn value(&self, point: Point) -> Option<&'static Value> {
        match point {
            Point::Exploitation => self.exploitation.map(Exploitation::value),
            Point::Automatable => self.automatable.map(Automatable::value),
            Point::TechnicalImpact => self.technical_impact.map(TechnicalImpact::value),
            Point::MissionPrevalence => self.mission_prevalence.map(MissionPrevalence::value),
            Point::PublicWellBeing => self.public_well_being.map(PublicWellBeing::value),
        }
    }

    /// Sets `point` to the value of this place among its [`values`](Point::values); behind the last it
    /// is unknown.
    fn put(&mut self, point: Point, place: usize) {
        match point {
            Point::Exploitation => self.exploitation = Exploitation::ALL.get(place).copied(),
            Point::Automatable => self.automatable = Automatable::ALL.get(place).copied(),
            Point::TechnicalImpact => self.technical_impact = TechnicalImpact::ALL.get(place).copied(),
            Point::MissionPrevalence => self.mission_prevalence = MissionPrevalence::ALL.get(place).copied(),
            Point::PublicWellBeing => self.public_well_being = PublicWellBeing::ALL.get(place).copied(),
        }
    }

    /// Sets `point` to its value of this code; `false` where it has none such.
    pub fn set(&mut self, point: Point, code: &str) -> bool {
        let place = point.values().iter().position(|value| value.code == code);
        if let Some(place) = place {
            self.put(point, place);
        }
        place.is_some()
    }

    /// The outcomes that are possible: one where enough is known, and the range of them otherwise.
    pub fn outcomes(&self) -> Outcomes {
        let least = MissionAndWellBeing::of(
            self.mission_prevalence.unwrap_or(MissionPrevalence::Minimal),
            self.public_well_being.unwrap_or(PublicWellBeing::Minimal),
        );
        let most = MissionAndWellBeing::of(
            self.mission_prevalence.unwrap_or(MissionPrevalence::Essential),
            self.public_well_being.unwrap_or(PublicWellBeing::Irreversible),
        );
        // Of two values of a point, the worse never leads to less: a test goes through all of them.
        Outcomes {
            lowest: decide(
                self.exploitation.unwrap_or(Exploitation::None),
                self.automatable.unwrap_or(Automatable::No),
                self.technical_impact.unwrap_or(TechnicalImpact::Partial),
                least,
            ),
            highest: decide(
                self.exploitation.unwrap_or(Exploitation::Active),
                self.automatable.unwrap_or(Automatable::Yes),
                self.technical_impact.unwrap_or(TechnicalImpact::Total),
                most,
            ),
        }
    }

    /// The whole vector as CISA's calculator writes it, dated `at` (ISO 8601); `None` where points are
    /// unknown.
    pub fn vector(&self, at: &str) -> Option<String> {
        let impact = MissionAndWellBeing::of(self.mission_prevalence?, self.public_well_being?);
        let outcome = decide(self.exploitation?, self.automatable?, self.technical_impact?, impact);
        Some(format!("SSVCv2/{self}/M:{}/D:{}/{at}/", impact.letter(), outcome.letter()))
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for point in Point::ALL {
            if let Some(value) = self.value(point) {
                write!(f, "{between}{}:{}", point.letter(), value.letter)?;
                between = "/";
            }
        }
        Ok(())
    }
}

impl FromStr for Points {
    type Err = NotPoints;

    /// Reads what [`Display`](fmt::Display) writes, and whole vectors, whose outcome is worked out anew.
    fn from_str(text: &str) -> Result<Self, NotPoints> {
        let wrong = || NotPoints(text.chars().take(80).collect());
        let mut points = Self::default();
        let whole = text.strip_prefix("SSVCv2/");
        for part in whole.unwrap_or(text).split('/').filter(|part| !part.is_empty()) {
            let Some((letter, value)) = part.split_once(':') else {
                return Err(wrong());
            };
            let Some(point) = Point::ALL.into_iter().find(|point| point.letter() == letter) else {
                // What follows from the points, and when: no point itself.
                if whole.is_some()
                    && (matches!(letter, "M" | "D") || letter.starts_with(|c: char| c.is_ascii_digit()))
                {
                    continue;
                }
                return Err(wrong());
            };
            let place = point.values().iter().position(|each| each.letter == value).ok_or_else(wrong)?;
            if points.value(point).is_some() {
                return Err(wrong());
            }
            points.put(point, place);
        }
        Ok(points)
    }
}

impl From<Points> for String {
    fn from(points: Points) -> Self {
        points.to_string()
    }
}

impl TryFrom<String> for Points {
    type Error = NotPoints;

    fn try_from(text: String) -> Result<Self, NotPoints> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Outcome, *};

    #[test]
    fn points_are_written_and_read_back() {
        let mut points = Points::default();
        assert_eq!((points.to_string().as_str(), "".parse()), ("", Ok(points)));
        for point in Point::ALL {
            assert_eq!(Point::of_code(point.code()), Some(point));
            for value in point.values() {
                assert!(points.set(point, value.code) && !points.set(point, "perhaps"));
                assert_eq!(points.value(point), Some(value));
                assert_eq!(points.to_string().parse(), Ok(points));
            }
        }
        assert_eq!(points.to_string(), "E:A/A:Y/T:T/P:E/B:I");
        let vector = points.vector("2026-06-01T08:00:00Z").unwrap();
        assert_eq!(vector, "SSVCv2/E:A/A:Y/T:T/P:E/B:I/M:H/D:C/2026-06-01T08:00:00Z/");
        assert_eq!(vector.parse(), Ok(points));
        assert_eq!(Points::default().vector("2026-06-01"), None);
        for wrong in ["E", "E:", "E:X", "X:A", "E:A/E:N", "D:C", "SSVCv2/X:Y", "E:A A:Y"] {
            assert!(wrong.parse::<Points>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_unknown_leaves_a_range_and_never_the_least_alone() {
        let outcomes = |text: &str| {
            let Outcomes { lowest, highest } = text.parse::<Points>().unwrap().outcomes();
            (lowest, highest)
        };
        assert_eq!(outcomes(""), (Outcome::Track, Outcome::Act));
        assert_eq!(outcomes("E:A/P:S/B:A"), (Outcome::Track, Outcome::Act));
        assert_eq!(outcomes("E:A/T:T/P:E"), (Outcome::Act, Outcome::Act));
        assert_eq!(outcomes("E:N/A:N/T:P"), (Outcome::Track, Outcome::Track));
        assert_eq!(outcomes("E:P/A:N/P:S/B:M"), (Outcome::Track, Outcome::TrackStar));
    }
}
