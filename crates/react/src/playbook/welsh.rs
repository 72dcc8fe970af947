//! A playbook in Welsh, as far as it has a text: each step whole or not at all, since half of a caution is none.
//!
//! Every Welsh text is a draft, and says so, until a translator has passed it: see [`super::review`].

use formats::cacao::Playbook;

use super::{
    guidance::{self, Welsh},
    reading::{Line, Reading, Section},
};

/// What stands beside Welsh that no translator has passed.
pub const DRAFT: &str = "Drafft: heb ei adolygu gan gyfieithydd.";

impl Reading {
    /// The same with each step in Welsh that has a whole Welsh text.
    #[must_use]
    pub fn in_welsh(mut self, playbook: &Playbook) -> Self {
        for line in self.sections.iter_mut().flat_map(|section| &mut section.lines) {
            translate(playbook, line);
        }
        self
    }
}

impl Section {
    /// Whether its heading is in Welsh: as the step below it is.
    pub fn is_in_welsh(&self) -> bool {
        self.lines.first().is_some_and(|line| line.in_welsh)
    }

    /// Its heading in Welsh.
    pub fn welsh_heading(&self) -> &'static str {
        self.phase.map_or("Beth i'w wneud", |phase| match phase {
            guidance::Phase::TenMinutes => "Y deng munud cyntaf",
            guidance::Phase::Hour => "Yr awr gyntaf",
            guidance::Phase::Day => "Y diwrnod cyntaf",
        })
    }
}

impl Line {
    /// The words before a caution.
    pub const fn take_care(&self) -> &'static str {
        if self.in_welsh { "Cymerwch ofal:" } else { "Take care:" }
    }

    /// The words before how it is undone.
    pub const fn to_undo(&self) -> &'static str {
        if self.in_welsh { "I'w ddadwneud:" } else { "To undo it:" }
    }

    /// The words before by when.
    pub const fn by_when(&self) -> &'static str {
        if self.in_welsh { "o fewn" } else { "within" }
    }

    /// The word for what is about care.
    pub const fn care(&self) -> &'static str {
        if self.in_welsh { "Gofal" } else { "Care" }
    }
}

/// Tells a line in Welsh, if its step has a whole Welsh text.
pub(crate) fn translate(playbook: &Playbook, line: &mut Line) {
    let Some(step) = playbook.steps.get(&line.step) else { return };
    let Some(welsh) = guidance::of_step(&step.extensions).welsh.filter(|welsh| is_whole(welsh, line)) else {
        return;
    };
    let Welsh { what, why, how, owner, cautions, undo } = welsh;
    (line.what, line.why, line.how) = (what, why, how);
    (line.owner, line.cautions, line.undo) = (owner, cautions, undo);
    line.when = when(&line.when);
    line.within = step.timeout.map(within).unwrap_or_default();
    for told in &mut line.otherwise {
        *told = format!("{}, ewch ymlaen.", when(told.trim_end_matches(", go on.")));
    }
    line.in_welsh = true;
}

/// Whether a text says all that the English one does.
fn is_whole(welsh: &Welsh, line: &Line) -> bool {
    let both = |one: &str, other: &str| one.is_empty() == other.is_empty();
    !welsh.what.is_empty()
        && both(&welsh.why, &line.why)
        && both(&welsh.owner, &line.owner)
        && both(&welsh.undo, &line.undo)
        && welsh.how.len() == line.how.len()
        && welsh.cautions.len() == line.cautions.len()
}

/// When a branch is followed, in Welsh.
fn when(english: &str) -> String {
    match english {
        "If yes" => "Os ie".to_owned(),
        "If no" => "Os na".to_owned(),
        "If it fails" => "Os yw'n methu".to_owned(),
        "As long as yes" => "Cyhyd ag mai ie yw'r ateb".to_owned(),
        "At the same time" => "Ar yr un pryd".to_owned(),
        "If none of these" => "Os nad yr un o'r rhain".to_owned(),
        other => other.strip_prefix("If ").map_or_else(|| other.to_owned(), |case| format!("Os {case}")),
    }
}

/// A time in milliseconds in Welsh. A noun stays singular behind a number, and softens after two.
fn within(milliseconds: u64) -> String {
    let minutes = milliseconds.div_ceil(60_000);
    match minutes {
        2 => "2 funud".to_owned(),
        0..=119 => format!("{} munud", minutes.max(1)),
        _ if minutes.is_multiple_of(60) => format!("{} awr", minutes / 60),
        _ => format!("{} awr {} munud", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::built_ins;

    #[test]
    fn the_first_ten_minutes_of_ours_are_whole_in_welsh() {
        for ours in built_ins() {
            let reading = Reading::of(&ours.playbook).in_welsh(&ours.playbook);
            let (first, rest) = reading.sections.split_first().expect("the first ten minutes");
            for line in &first.lines {
                assert!(line.in_welsh, "{}: {}", ours.slug, line.what);
            }
            assert!(first.is_in_welsh() && !rest[0].is_in_welsh(), "{}", ours.slug);
        }
    }

    #[test]
    fn a_step_whose_welsh_leaves_a_caution_out_is_told_in_english() {
        let ours = &built_ins()[1].playbook;
        let mut playbook = Playbook::clone(ours);
        let line = Reading::of(ours).sections[0].lines[0].clone();
        let said =
            playbook.steps.get_mut(&line.step).unwrap().extensions.get_mut(guidance::EXTENSION).unwrap();
        said["cautions"].as_array_mut().unwrap().push("Mind the gap.".into());
        let told = Reading::of(&playbook).in_welsh(&playbook).sections[0].lines[0].clone();
        assert!(!told.in_welsh && told.what == line.what && told.cautions.len() == 3, "{told:?}");
    }

    #[test]
    fn times_are_told_in_welsh() {
        assert_eq!([120_000, 300_000, 3_600_000 * 3].map(within), ["2 funud", "5 munud", "3 awr"]);
        assert_eq!(when("If Patients"), "Os Patients");
    }
}
