//! The metrics of each version of CVSS, in the order in which a vector names them, with the values
//! each may have.

use super::Version;

/// The group of a metric, which decides the scores that it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Must be there.
    Base,
    /// Temporal, called threat in 4.0.
    Temporal,
    /// Environmental.
    Environmental,
    /// Supplemental, in 4.0; it changes no score.
    Supplemental,
}

/// A metric.
pub(super) struct Metric {
    pub key: &'static str,
    pub group: Group,
    /// Its values, parted by spaces. The value that says "not defined" is not among them.
    values: &'static str,
}

const fn metric(group: Group, key: &'static str, values: &'static str) -> Metric {
    Metric { key, group, values }
}

impl Metric {
    /// The value that `text` means, as it is properly written.
    pub fn value(&self, text: &str) -> Option<&'static str> {
        self.values.split(' ').find(|value| value.eq_ignore_ascii_case(text))
    }

    /// The values, for a sentence.
    pub fn values(&self) -> String {
        self.values.replace(' ', ", ")
    }

    /// Whether `text` says that this metric is not defined, which is what leaving it out says too.
    pub fn is_undefined(&self, version: Version, text: &str) -> bool {
        let undefined = if version == Version::V2_0 { "ND" } else { "X" };
        self.group != Group::Base && text.eq_ignore_ascii_case(undefined)
    }
}

use Group::{Base, Environmental, Supplemental, Temporal};

/// CVSS 2.0, section 2.4.
const V2: [Metric; 14] = [
    metric(Base, "AV", "L A N"),
    metric(Base, "AC", "H M L"),
    metric(Base, "Au", "M S N"),
    metric(Base, "C", "N P C"),
    metric(Base, "I", "N P C"),
    metric(Base, "A", "N P C"),
    metric(Temporal, "E", "U POC F H"),
    metric(Temporal, "RL", "OF TF W U"),
    metric(Temporal, "RC", "UC UR C"),
    metric(Environmental, "CDP", "N L LM MH H"),
    metric(Environmental, "TD", "N L M H"),
    metric(Environmental, "CR", "L M H"),
    metric(Environmental, "IR", "L M H"),
    metric(Environmental, "AR", "L M H"),
];

/// CVSS 3.0 and 3.1, section 6.
const V3: [Metric; 22] = [
    metric(Base, "AV", "N A L P"),
    metric(Base, "AC", "L H"),
    metric(Base, "PR", "N L H"),
    metric(Base, "UI", "N R"),
    metric(Base, "S", "U C"),
    metric(Base, "C", "N L H"),
    metric(Base, "I", "N L H"),
    metric(Base, "A", "N L H"),
    metric(Temporal, "E", "U P F H"),
    metric(Temporal, "RL", "O T W U"),
    metric(Temporal, "RC", "U R C"),
    metric(Environmental, "CR", "L M H"),
    metric(Environmental, "IR", "L M H"),
    metric(Environmental, "AR", "L M H"),
    metric(Environmental, "MAV", "N A L P"),
    metric(Environmental, "MAC", "L H"),
    metric(Environmental, "MPR", "N L H"),
    metric(Environmental, "MUI", "N R"),
    metric(Environmental, "MS", "U C"),
    metric(Environmental, "MC", "N L H"),
    metric(Environmental, "MI", "N L H"),
    metric(Environmental, "MA", "N L H"),
];

/// CVSS 4.0, section 7.
const V4: [Metric; 32] = [
    metric(Base, "AV", "N A L P"),
    metric(Base, "AC", "L H"),
    metric(Base, "AT", "N P"),
    metric(Base, "PR", "N L H"),
    metric(Base, "UI", "N P A"),
    metric(Base, "VC", "H L N"),
    metric(Base, "VI", "H L N"),
    metric(Base, "VA", "H L N"),
    metric(Base, "SC", "H L N"),
    metric(Base, "SI", "H L N"),
    metric(Base, "SA", "H L N"),
    metric(Temporal, "E", "A P U"),
    metric(Environmental, "CR", "H M L"),
    metric(Environmental, "IR", "H M L"),
    metric(Environmental, "AR", "H M L"),
    metric(Environmental, "MAV", "N A L P"),
    metric(Environmental, "MAC", "L H"),
    metric(Environmental, "MAT", "N P"),
    metric(Environmental, "MPR", "N L H"),
    metric(Environmental, "MUI", "N P A"),
    metric(Environmental, "MVC", "H L N"),
    metric(Environmental, "MVI", "H L N"),
    metric(Environmental, "MVA", "H L N"),
    metric(Environmental, "MSC", "H L N"),
    metric(Environmental, "MSI", "S H L N"),
    metric(Environmental, "MSA", "S H L N"),
    metric(Supplemental, "S", "N P"),
    metric(Supplemental, "AU", "N Y"),
    metric(Supplemental, "R", "A U I"),
    metric(Supplemental, "V", "D C"),
    metric(Supplemental, "RE", "L M H"),
    metric(Supplemental, "U", "Clear Green Amber Red"),
];

/// The metrics of a version, in the order of its vectors.
pub(super) const fn of(version: Version) -> &'static [Metric] {
    match version {
        Version::V2_0 => &V2,
        Version::V3_0 | Version::V3_1 => &V3,
        Version::V4_0 => &V4,
    }
}
