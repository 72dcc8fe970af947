//! The scores of a vector, calculated by the crate `cvss` of the Rust security advisories' project.
//!
//! Laid beside a reference in decimal arithmetic over a million vectors, it is right but for one
//! thing, mended here: it rounds some temporal products of 3.0 up twice.

use cvss::{v2, v3, v4};

use super::metrics::Group;
use super::{Chosen, Score, Version};

/// What the equations of a version yield, where metrics that are not defined count as the
/// specification says, and which groups of metrics are defined at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scores {
    pub base: Score,
    pub temporal: Score,
    pub environmental: Score,
    pub has_temporal: bool,
    pub has_environmental: bool,
}

impl Scores {
    fn new(chosen: &Chosen, base: Score, temporal: Score, environmental: Score) -> Self {
        let (has_temporal, has_environmental) =
            (chosen.has(Group::Temporal), chosen.has(Group::Environmental));
        Self { base, temporal, environmental, has_temporal, has_environmental }
    }
}

/// The scores of `chosen`. There are some for every vector that our table of metrics lets pass,
/// which a test shows; nothing else is believed of the crate.
pub(super) fn scores(chosen: &Chosen) -> Option<Scores> {
    match chosen.version {
        Version::V2_0 => of_2_0(chosen),
        Version::V3_0 => of_3_0(chosen),
        Version::V3_1 => of_3_1(chosen),
        Version::V4_0 => of_4_0(chosen),
    }
}

fn of_2_0(chosen: &Chosen) -> Option<Scores> {
    let vector: v2::Vector = chosen.text(|_| true).parse().ok()?;
    Some(Scores::new(
        chosen,
        Score::nearest(vector.score().value()),
        Score::nearest(vector.temporal_score().value()),
        Score::nearest(vector.environmental_score().value()),
    ))
}

fn of_3_1(chosen: &Chosen) -> Option<Scores> {
    let vector: v3::Vector = chosen.text(|_| true).parse().ok()?;
    Some(Scores::new(
        chosen,
        Score::nearest(vector.base_score().value()),
        Score::nearest(vector.temporal_score().value()),
        Score::nearest(vector.environmental_score().value()),
    ))
}

/// The temporal step of 3.0 (section 8.2) multiplies and rounds up. In floating point 5.0 × 0.92
/// is a trace above 4.6 and would become 4.7, which is why 3.1 defines rounding anew (appendix A);
/// so it is done in whole numbers here.
fn of_3_0(chosen: &Chosen) -> Option<Scores> {
    let lasting: v3::Vector = chosen.text(|group| group != Group::Temporal).parse().ok()?;
    let base = Score::nearest(lasting.base_score().value());
    let environmental = Score::nearest(lasting.environmental_score().value());
    Some(Scores::new(chosen, base, lessened(chosen, base)?, lessened(chosen, environmental)?))
}

/// `score` times the weights of the temporal metrics, rounded up to a tenth.
fn lessened(chosen: &Chosen, score: Score) -> Option<Score> {
    let maturity = match chosen.value("E") {
        Some("U") => 91,
        Some("P") => 94,
        Some("F") => 97,
        _ => 100,
    };
    let remedy = match chosen.value("RL") {
        Some("O") => 95,
        Some("T") => 96,
        Some("W") => 97,
        _ => 100,
    };
    let confidence = match chosen.value("RC") {
        Some("U") => 92,
        Some("R") => 96,
        _ => 100,
    };
    let product = u32::from(score.tenths()) * maturity * remedy * confidence;
    Score::from_tenths(u8::try_from(product.div_ceil(1_000_000)).ok()?)
}

/// The one equation of 4.0 (section 8) over more and more of the metrics.
fn of_4_0(chosen: &Chosen) -> Option<Scores> {
    let score = |wanted: fn(Group) -> bool| {
        let vector: v4::Vector = chosen.text(wanted).parse().ok()?;
        Some(Score::nearest(vector.score().value()))
    };
    let base = score(|group| group == Group::Base)?;
    let temporal = score(|group| matches!(group, Group::Base | Group::Temporal))?;
    let environmental = score(|group| group != Group::Supplemental)?;
    Some(Scores::new(chosen, base, temporal, environmental))
}
