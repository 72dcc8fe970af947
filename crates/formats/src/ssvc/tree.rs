//! The decision tree of CISA as a coordinator, row by row as it is published.

use super::{Automatable, Exploitation, MissionPrevalence, PublicWellBeing, TechnicalImpact};

/// What a decision leads to, from the least to the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing to do beyond the usual; look again when something changes.
    Track,
    /// To be watched closely.
    TrackStar,
    /// Others have to be told, and a notice may be published.
    Attend,
    /// Leadership has to act at once.
    Act,
}

impl Outcome {
    /// As the guide writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Track => "Track",
            Self::TrackStar => "Track*",
            Self::Attend => "Attend",
            Self::Act => "Act",
        }
    }

    /// The letter in a vector.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Track => "T",
            Self::TrackStar => "R",
            Self::Attend => "A",
            Self::Act => "C",
        }
    }
}

/// The outcomes that are possible by what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// Where everything unknown is harmless.
    pub lowest: Outcome,
    /// Where everything unknown is as bad as can be.
    pub highest: Outcome,
}

impl Outcomes {
    /// The outcome, where what is unknown does not matter.
    pub fn decided(self) -> Option<Outcome> {
        (self.lowest == self.highest).then_some(self.lowest)
    }
}

/// What Mission Prevalence and Public Well-being Impact make together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissionAndWellBeing {
    /// Both are minimal.
    Low,
    /// Neither is at its worst, and one at least is not minimal.
    Medium,
    /// One of them is at its worst.
    High,
}

impl MissionAndWellBeing {
    /// By the table of the guide.
    pub const fn of(prevalence: MissionPrevalence, harm: PublicWellBeing) -> Self {
        use MissionPrevalence::{Essential, Support};
        match (prevalence, harm) {
            (Essential, _) | (_, PublicWellBeing::Irreversible) => Self::High,
            (Support, _) | (_, PublicWellBeing::Material) => Self::Medium,
            (MissionPrevalence::Minimal, PublicWellBeing::Minimal) => Self::Low,
        }
    }

    /// The letter in a vector.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Low => "L",
            Self::Medium => "M",
            Self::High => "H",
        }
    }

    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// What the four points lead to.
#[expect(clippy::match_same_arms, reason = "it reads as the published table, row by row")]
pub const fn decide(
    exploitation: Exploitation,
    automatable: Automatable,
    impact: TechnicalImpact,
    well_being: MissionAndWellBeing,
) -> Outcome {
    use MissionAndWellBeing::{High, Medium};
    use Outcome::{Act, Attend, Track, TrackStar};
    let (low, medium, high) = match (exploitation, automatable, impact) {
        (Exploitation::None, Automatable::No, TechnicalImpact::Partial) => (Track, Track, Track),
        (Exploitation::None, Automatable::No, TechnicalImpact::Total) => (Track, Track, TrackStar),
        (Exploitation::None, Automatable::Yes, _) => (Track, Track, Attend),
        (Exploitation::Poc, Automatable::No, TechnicalImpact::Partial) => (Track, Track, TrackStar),
        (Exploitation::Poc, Automatable::Yes, TechnicalImpact::Partial) => (Track, Track, Attend),
        (Exploitation::Poc, _, TechnicalImpact::Total) => (Track, TrackStar, Attend),
        (Exploitation::Active, Automatable::No, TechnicalImpact::Partial) => (Track, Track, Attend),
        (Exploitation::Active, Automatable::No, TechnicalImpact::Total) => (Track, Attend, Act),
        (Exploitation::Active, Automatable::Yes, TechnicalImpact::Partial) => (Attend, Attend, Act),
        (Exploitation::Active, Automatable::Yes, TechnicalImpact::Total) => (Attend, Act, Act),
    };
    match well_being {
        High => high,
        Medium => medium,
        MissionAndWellBeing::Low => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts of the CERT/CC's `data/csv/cisa/cisa_coordinator_2_0_3.csv`: exploitation, automatable,
    /// technical impact, mission and well-being, outcome.
    const PUBLISHED: &str = "
        none no partial low track
        none no partial medium track
        none no partial high track
        none no total low track
        none no total medium track
        none no total high track*
        none yes partial low track
        none yes partial medium track
        none yes partial high attend
        none yes total low track
        none yes total medium track
        none yes total high attend
        poc no partial low track
        poc no partial medium track
        poc no partial high track*
        poc no total low track
        poc no total medium track*
        poc no total high attend
        poc yes partial low track
        poc yes partial medium track
        poc yes partial high attend
        poc yes total low track
        poc yes total medium track*
        poc yes total high attend
        active no partial low track
        active no partial medium track
        active no partial high attend
        active no total low track
        active no total medium attend
        active no total high act
        active yes partial low attend
        active yes partial medium attend
        active yes partial high act
        active yes total low attend
        active yes total medium act
        active yes total high act";

    const IMPACTS: [MissionAndWellBeing; 3] =
        [MissionAndWellBeing::Low, MissionAndWellBeing::Medium, MissionAndWellBeing::High];

    #[test]
    fn every_row_decides_as_it_is_published() {
        let mut published =
            PUBLISHED.split_whitespace().collect::<Vec<_>>().chunks(5).map(<[_]>::to_vec).collect::<Vec<_>>();
        for &exploitation in Exploitation::ALL {
            for &automatable in Automatable::ALL {
                for &impact in TechnicalImpact::ALL {
                    for well_being in IMPACTS {
                        let row = published.remove(0);
                        let here = [
                            exploitation.value().code,
                            automatable.value().code,
                            impact.value().code,
                            &well_being.label().to_lowercase(),
                            &decide(exploitation, automatable, impact, well_being).label().to_lowercase(),
                        ];
                        assert_eq!(row, here);
                    }
                }
            }
        }
        assert!(published.is_empty());
    }

    #[test]
    fn the_worse_value_of_a_point_never_leads_to_less() {
        for well_being in IMPACTS.windows(2) {
            for &automatable in Automatable::ALL {
                for &impact in TechnicalImpact::ALL {
                    for exploitation in Exploitation::ALL.windows(2) {
                        let here = decide(exploitation[0], automatable, impact, well_being[0]);
                        assert!(here <= decide(exploitation[1], automatable, impact, well_being[0]));
                        for worse in [
                            decide(exploitation[0], Automatable::Yes, impact, well_being[0]),
                            decide(exploitation[0], automatable, TechnicalImpact::Total, well_being[0]),
                            decide(exploitation[0], automatable, impact, well_being[1]),
                        ] {
                            assert!(here <= worse);
                        }
                        let here = decide(exploitation[1], automatable, impact, well_being[0]);
                        assert!(here <= decide(exploitation[1], automatable, impact, well_being[1]));
                        assert!(here <= decide(exploitation[1], Automatable::Yes, impact, well_being[0]));
                        assert!(
                            here <= decide(
                                exploitation[1],
                                automatable,
                                TechnicalImpact::Total,
                                well_being[0]
                            )
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn mission_and_well_being_is_by_the_table_of_the_guide() {
        use MissionAndWellBeing::{High, Low, Medium};
        let table = [[Low, Medium, High], [Medium, Medium, High], [High, High, High]];
        for (row, &prevalence) in MissionPrevalence::ALL.iter().enumerate() {
            for (column, &harm) in PublicWellBeing::ALL.iter().enumerate() {
                assert_eq!(MissionAndWellBeing::of(prevalence, harm), table[row][column]);
            }
        }
    }
}
