//! What to do now, by what is seen: the first ten minutes of the playbook for it, so that whoever reports, whoever
//! takes a call and whoever follows the playbook is told the same.

use super::Seen;
use crate::playbook::{
    BuiltIn, by_seen,
    reading::{Line, Reading},
};

/// The first steps against one kind of attack.
#[derive(Clone, Debug)]
pub struct Steps {
    /// What was seen that leads to them.
    pub seen: Vec<Seen>,
    /// The playbook that they are of, and that goes on from them.
    pub playbook: &'static BuiltIn,
    /// What to do, in this order.
    pub lines: Vec<Line>,
}

impl Steps {
    /// What was seen, in words.
    pub fn heading(&self) -> String {
        self.seen.iter().map(|seen| seen.label()).collect::<Vec<_>>().join("; ")
    }
}

/// What comes before everything else, whatever is seen.
pub const ALWAYS: &[&str] = &[
    "Patients come first. If care is at risk, follow your downtime procedures now and tell the person in charge of the site.",
    "Do not talk about it by email or chat that may be attacked too. Ring people, on numbers you already have.",
];

/// The first steps for what is seen, in the order in which it is told; what leads to the same steps is told once.
pub fn first_steps(seen: &[Seen]) -> Vec<Steps> {
    let mut all: Vec<Steps> = Vec::new();
    for seen in seen {
        let Some(playbook) = by_seen::playbook(*seen) else { continue };
        if let Some(same) = all.iter_mut().find(|steps| steps.playbook.slug == playbook.slug) {
            if !same.seen.contains(seen) {
                same.seen.push(*seen);
            }
            continue;
        }
        let mut sections = Reading::of(&playbook.playbook).sections.into_iter();
        let lines = sections.next().map(|first| first.lines).unwrap_or_default();
        // What only says that others are done at the same time tells nobody what to do.
        let lines = lines.into_iter().filter(|line| !line.how.is_empty()).collect();
        all.push(Steps { seen: vec![*seen], playbook, lines });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_four_to_seven_steps_and_none_is_told_twice() {
        for steps in first_steps(Seen::ALL) {
            assert!((4..=7).contains(&steps.lines.len()), "{}", steps.heading());
        }
        let all = first_steps(&[Seen::SystemDown, Seen::DeviceLost, Seen::SomethingElse]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].seen, [Seen::SystemDown, Seen::SomethingElse]);
        assert_eq!(all[1].playbook.slug, "lost-device");
    }
}
