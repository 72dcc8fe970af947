//! Triage: which threat comes first, and why. Every threat to judge has a decision by SSVC, made of five
//! points that each say who tells them and for what reason; an analyst may set any of them, with a reason.
//!
//! A decision is a band of [`Looks::rank`](crate::threat::Looks::rank), so that the list's one order is that
//! of the decisions. What is unknown is never taken for harmless.

pub mod actions;
pub mod jobs;
pub mod judge;
pub mod observed;
mod pages;
pub mod policy;
pub mod store;

use formats::ssvc::{Outcome, Outcomes, Point, Points};
use jiff::{SignedDuration, Timestamp};
use platform::{access::PersonId, web::show};
use serde::{Deserialize, Serialize};

pub use judge::{Facts, predicted};
pub(crate) use pages::{Panel, routes};
pub use policy::Policy;
pub use store::{CHANGES, WITHDRAWN};

use crate::source::Source;

db::id! {
    /// Names what an analyst set a decision point to.
    pub OverrideId
}

platform::vocabulary! {
    /// What is decided about a threat, the most urgent first: the outcomes of CISA's tree, and that more
    /// must be known.
    pub enum Decision {
        Act = "act", "Act";
        AttendOrAct = "attend_or_act", "Attend or Act";
        Attend = "attend", "Attend";
        Undecided = "undecided", "Not yet decided";
        TrackStar = "track_star", "Track*";
        Track = "track", "Track";
    }
}

/// What separates two decisions in the list's first sort key.
const BAND: i64 = 10_000_000;

impl Decision {
    /// What these points lead to.
    pub fn of(outcomes: Outcomes) -> Self {
        match outcomes.decided() {
            Some(Outcome::Act) => Self::Act,
            Some(Outcome::Attend) => Self::Attend,
            Some(Outcome::TrackStar) => Self::TrackStar,
            Some(Outcome::Track) => Self::Track,
            // Whatever is unknown, it is Attend at the least.
            None if outcomes.lowest == Outcome::Attend => Self::AttendOrAct,
            None => Self::Undecided,
        }
    }

    /// The decision of a row with this rank; none of what is not decided about.
    pub fn of_rank(rank: i64) -> Option<Self> {
        let within = |decision: &Self| (decision.from()..decision.below()).contains(&rank);
        Self::ALL.iter().copied().find(within)
    }

    /// The lowest rank with it. Below all of them is what is not decided about.
    pub const fn from(self) -> i64 {
        match self {
            Self::Act => 5 * BAND,
            // The upper half of Attend, which it is at the least.
            Self::AttendOrAct => 4 * BAND + BAND / 2,
            Self::Attend => 4 * BAND,
            Self::Undecided => 3 * BAND,
            Self::TrackStar => 2 * BAND,
            Self::Track => BAND,
        }
    }

    /// What every rank with it is below. What may be Act is within Attend: who asks for that wants both.
    pub const fn below(self) -> i64 {
        match self {
            Self::AttendOrAct => Self::Act.from(),
            _ => self.from() + BAND,
        }
    }

    /// Whether more must be known.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Undecided | Self::AttendOrAct)
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Act => "red",
            Self::AttendOrAct | Self::Attend => "orange",
            Self::Undecided => "white",
            Self::TrackStar => "yellow",
            Self::Track => "grey",
        }
    }

    /// What it asks for.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Act => "Leadership has to act at once: warn those concerned today.",
            Self::AttendOrAct => {
                "Others have to be told, and leadership may have to act: what is unknown decides it."
            }
            Self::Attend => "Others have to be told: write an advisory soon.",
            Self::Undecided => "More must be known: what is unknown would change the decision.",
            Self::TrackStar => "Watch it closely, and ask a colleague for a second opinion.",
            Self::Track => "Nothing to do beyond the usual, until something changes.",
        }
    }
}

/// How far the head of the list looks back for what rose.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// "7 threats rose in the list"; none where none did.
pub fn rose(threats: i64) -> Option<String> {
    match threats {
        0 => None,
        1 => Some("1 threat rose in this list".to_owned()),
        store::COUNTED.. => {
            Some(format!("{} threats or more rose in this list", show::count(store::COUNTED)))
        }
        more => Some(format!("{more} threats rose in this list")),
    }
}

/// The points with what is likely filled in, which is what decides.
pub fn completed(points: Points, epss: Option<u32>) -> Points {
    Points { exploitation: points.exploitation.or_else(|| predicted(epss)), ..points }
}

/// What an analyst set a decision point to.
#[derive(Clone, Debug)]
pub struct Override {
    /// Which.
    pub id: OverrideId,
    /// The point.
    pub point: Point,
    /// The code of its value.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The name of who did; none where they have left.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// When it was withdrawn, or another took its place.
    pub until: Option<Timestamp>,
}

/// How far a threat was seen in the sector itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many organisations reported sightings that an analyst found to be of it.
    pub organisations: i64,
    /// How many entries say that it is or was active in an area.
    pub areas: i64,
}

/// What is known of a threat beside what sources say.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What analysts set, each point once.
    pub overrides: Vec<Override>,
    /// How far it was seen in the sector.
    pub seen: Seen,
}

impl Beside {
    /// Of one of which nothing is known.
    pub const NOTHING: &'static Self =
        &Self { overrides: Vec::new(), seen: Seen { organisations: 0, areas: 0 } };
}

/// What changed a threat's place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// What a source says.
    Source(Source),
    /// An analyst, who set a decision point or withdrew that.
    Analyst,
    /// What was seen in the sector.
    Sector,
    /// A new triage policy.
    Policy,
}

impl Cause {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Source(source) => source.code(),
            Self::Analyst => "analyst",
            Self::Sector => "sector",
            Self::Policy => "policy",
        }
    }

    /// What it is called on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Source(source) => source.label(),
            Self::Analyst => "An analyst",
            Self::Sector => "What was seen in the sector",
            Self::Policy => "A new triage policy",
        }
    }
}

impl std::str::FromStr for Cause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "analyst" => Ok(Self::Analyst),
            "sector" => Ok(Self::Sector),
            "policy" => Ok(Self::Policy),
            source => source.parse().map(Self::Source),
        }
    }
}

db::text_column!(Cause);

/// What an analyst decides about a point.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which point.
    pub point: Point,
    /// The code of its value; none withdraws what was set before.
    pub value: Option<String>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: PersonId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_bands_of_the_rank_that_rise_with_their_urgency() {
        assert!(Decision::ALL.windows(2).all(|two| two[0].from() > two[1].from()));
        for (place, decision) in Decision::ALL.iter().enumerate() {
            assert_eq!(Decision::of_rank(decision.from()), Some(*decision));
            let highest =
                place.checked_sub(1).map_or(Decision::Act.below(), |above| Decision::ALL[above].from());
            assert_eq!(Decision::of_rank(highest - 1), Some(*decision));
        }
        // Who asks for Attend has what is that at the least.
        let attend = Decision::Attend.from()..Decision::Attend.below();
        assert!(attend.contains(&Decision::AttendOrAct.from()) && !attend.contains(&Decision::Act.from()));
        assert_eq!((Decision::of_rank(0), Decision::of_rank(Decision::Act.below())), (None, None));
    }

    #[test]
    fn what_is_attend_at_the_least_is_no_less_whatever_is_unknown() {
        let decided = |text: &str| Decision::of(text.parse::<Points>().unwrap().outcomes());
        // A medical device of which nobody tells whether it is exploited.
        assert_eq!(decided("A:Y/T:T/P:E/B:I"), Decision::AttendOrAct);
        assert_eq!(decided("E:A/A:Y/P:S/B:A"), Decision::AttendOrAct);
        assert_eq!(decided("E:A/P:S/B:A"), Decision::Undecided, "it may be Track");
        assert_eq!(decided("E:A/A:Y/T:P/P:S/B:A"), Decision::Attend);
    }

    #[test]
    fn what_is_likely_counts_only_where_nobody_tells() {
        let points: Points = "A:Y/T:T/P:S/B:A".parse().unwrap();
        let decided = |points, epss| Decision::of(completed(points, epss).outcomes());
        assert_eq!(decided(points, Some(1)), Decision::Undecided);
        assert_eq!(decided(points, Some(100_000_000)), Decision::TrackStar);
        let told: Points = "E:N/A:Y/T:T/P:S/B:A".parse().unwrap();
        assert_eq!(decided(told, Some(1_000_000_000)), Decision::Track);
    }
}
