//! How urgent a threat looks, and the one number by which the list is sorted.

use formats::{epss::Fraction, ssvc::Points};
use serde::{Deserialize, Serialize};

use super::percent;
use crate::triage::{self, Decision};

/// How urgent a threat looks: what the order of the list comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// Whether any source knows it to be exploited.
    pub known_exploited: bool,
    /// Whether any source knows ransomware to use it.
    pub ransomware: bool,
    /// The headline's score in tenths.
    pub score: Option<u8>,
    /// How likely it is to be exploited within 30 days, in billionths.
    pub epss: Option<u32>,
    /// Its decision points by what is told and set; none where there is nothing to decide.
    #[serde(default)]
    pub points: Option<Points>,
}

/// From here on it is likely to be exploited: one in ten, where FIRST's own guidance begins.
pub const LIKELY: u32 = 100_000_000;
/// A probability that moves by less changes nothing worth telling.
const MOVED: u32 = 50_000_000;

impl Looks {
    /// How it stands among others: known to be exploited, also by ransomware; known to be exploited;
    /// used by ransomware; likely to be exploited; the rest.
    fn level(self) -> i64 {
        match (self.known_exploited, self.ransomware, self.epss) {
            (true, true, _) => 4,
            (true, false, _) => 3,
            (false, true, _) => 2,
            (false, false, Some(LIKELY..)) => 1,
            _ => 0,
        }
    }

    /// What is decided about it; none where there is nothing to decide.
    pub fn decision(self) -> Option<Decision> {
        self.points.map(|points| Decision::of(triage::completed(points, self.epss).outcomes()))
    }

    /// The list's first sort key: the decision's band, the level in millions and, where nobody knows of an
    /// attack, how likely and how severe one would be. Of what is exploited the newest comes first.
    pub fn rank(self) -> i64 {
        let expected = || {
            let thousandths = i64::from(self.epss.unwrap_or(0) / 1_000_000).min(999);
            thousandths * 1_000 + i64::from(self.score.unwrap_or(0))
        };
        self.decision().map_or(0, Decision::from)
            + self.level() * LEVEL
            + if self.level() < 2 { expected() } else { 0 }
    }

    /// Whether a person who judged it by `before` should hear of it.
    pub fn differs(self, before: Self) -> bool {
        let moved = self.epss.unwrap_or(0).abs_diff(before.epss.unwrap_or(0)) >= MOVED;
        let told = |looks: Self| (looks.level(), looks.score, looks.decision());
        told(self) != told(before) || moved
    }

    /// In words, such as "Act (exploited, CVSS 9.8, EPSS 94.3 %)".
    pub fn words(self) -> String {
        let score = self.score.map(|tenths| format!("CVSS {}.{}", tenths / 10, tenths % 10));
        let parts = [
            self.known_exploited.then(|| "exploited".to_owned()),
            self.ransomware.then(|| "used by ransomware".to_owned()),
            score,
            self.epss.and_then(Fraction::from_billionths).map(|share| format!("EPSS {}", percent(share))),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let known = if parts.is_empty() { "nothing known".to_owned() } else { parts.join(", ") };
        match self.decision() {
            Some(decision) => format!("{} ({known})", decision.label()),
            None => known,
        }
    }
}

/// What separates two levels of [`Looks::rank`].
pub(super) const LEVEL: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exploited_goes_before_what_is_likely_before_what_is_severe() {
        let looks = |known_exploited, ransomware, score, epss| Looks {
            known_exploited,
            ransomware,
            score,
            epss,
            points: None,
        };
        let falling = [
            looks(true, true, None, None),
            looks(true, false, Some(100), Some(900_000_000)),
            looks(false, true, Some(10), None),
            looks(false, false, Some(10), Some(1_000_000_000)),
            looks(false, false, Some(100), Some(LIKELY)),
            looks(false, false, Some(10), Some(LIKELY)),
            looks(false, false, Some(100), Some(LIKELY - 1)),
            looks(false, false, Some(100), Some(1_000_000)),
            looks(false, false, Some(98), None),
            looks(false, false, None, None),
        ];
        assert!(falling.is_sorted_by(|first, second| first.rank() > second.rank()));
        assert_eq!(falling[1].words(), "exploited, CVSS 10.0, EPSS 90.0\u{a0}%");
        assert_eq!(falling[9].words(), "nothing known");
        let shares = [0, 499_999, 500_000, 943_000_000, 999_970_000, 1_000_000_000];
        let words = shares.map(|share| percent(Fraction::from_billionths(share).unwrap()));
        assert_eq!(
            words,
            ["below 0.1_%", "below 0.1_%", "0.1_%", "94.3_%", "above 99.9_%", "100.0_%"]
                .map(|text| text.replace('_', "\u{a0}"))
        );
        // The decision goes before all of it.
        let act = Looks { points: "E:A/T:T/P:E/B:M".parse().ok(), ..falling[9] };
        assert!(act.rank() > falling[0].rank() && act.differs(falling[9]));
        assert_eq!(act.words(), "Act (nothing known)");
        assert!(falling[6].differs(falling[5]) && falling[7].differs(falling[6]));
        assert!(!looks(false, false, None, Some(MOVED - 1)).differs(falling[9]));
    }
}
