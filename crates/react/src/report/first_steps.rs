//! What to do now, by what is seen: the first ten minutes of the playbook for it, so that whoever reports, whoever
//! takes a call and whoever follows the playbook is told the same.

use super::Seen;
use crate::playbook::{
    by_seen,
    reading::{Line, Reading},
    shelf::{Ours, Shelf},
    welsh::{DRAFT, translate},
};

/// The first steps against one kind of attack.
#[derive(Clone, Debug)]
pub struct Steps {
    /// What was seen that leads to them.
    pub seen: Vec<Seen>,
    /// The playbook that they are of, and that goes on from them.
    pub playbook: Ours,
    /// What to do, in this order.
    pub lines: Vec<Line>,
    /// The same in Welsh; empty where not all of it has a Welsh text.
    pub welsh: Vec<Line>,
}

impl Steps {
    /// What was seen, in words.
    pub fn heading(&self) -> String {
        self.seen.iter().map(|seen| seen.label()).collect::<Vec<_>>().join("; ")
    }

    /// What is said where the Welsh is a draft.
    pub const fn draft(&self) -> &'static str {
        DRAFT
    }

    /// The translator who has passed the Welsh, and when; none where it is a draft.
    pub fn translator(&self) -> Option<String> {
        self.playbook.translator().map(crate::playbook::review::Review::in_words)
    }
}

/// What comes before everything else, whatever is seen.
pub const ALWAYS: &[&str] = &[
    "Patients come first. If care is at risk, follow your downtime procedures now and tell the person in charge of the site.",
    "Do not talk about it by email or chat that may be attacked too. Ring people, on numbers you already have.",
];

/// The first steps for what is seen, in the order in which it is told; what leads to the same steps is told once.
pub fn first_steps(shelf: &Shelf, seen: &[Seen]) -> Vec<Steps> {
    let mut all: Vec<Steps> = Vec::new();
    for seen in seen {
        let Some(playbook) = by_seen::playbook(shelf, *seen) else { continue };
        if let Some(same) = all.iter_mut().find(|steps| steps.playbook.slug == playbook.slug) {
            if !same.seen.contains(seen) {
                same.seen.push(*seen);
            }
            continue;
        }
        let mut sections = Reading::of(&playbook.playbook).sections.into_iter();
        let lines = sections.next().map(|first| first.lines).unwrap_or_default();
        // What only says that others are done at the same time tells nobody what to do.
        let lines: Vec<Line> = lines.into_iter().filter(|line| !line.how.is_empty()).collect();
        let mut welsh = lines.clone();
        for line in &mut welsh {
            translate(&playbook.playbook, line);
        }
        if !welsh.iter().all(|line| line.in_welsh) {
            welsh.clear();
        }
        all.push(Steps { seen: vec![*seen], playbook: playbook.clone(), lines, welsh });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_four_to_seven_steps_and_none_is_told_twice() {
        for steps in first_steps(&Shelf::as_they_come(), Seen::ALL) {
            assert!((4..=7).contains(&steps.lines.len()), "{}", steps.heading());
            assert_eq!(steps.welsh.len(), steps.lines.len(), "{}", steps.heading());
        }
        let all =
            first_steps(&Shelf::as_they_come(), &[Seen::SystemDown, Seen::DeviceLost, Seen::SomethingElse]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].seen, [Seen::SystemDown, Seen::SomethingElse]);
        assert_eq!(all[1].playbook.slug, "lost-device");
    }
}
