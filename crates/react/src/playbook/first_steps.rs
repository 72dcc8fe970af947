//! What to do in the first ten minutes, by what is seen: on the screen in the same second as the report.

use super::{
    BuiltIn, built_in,
    guidance::Phase,
    reading::{Line, Reading},
};
use crate::report::{Seen, first_steps::Steps};

/// The first steps of one playbook.
#[derive(Clone, Debug)]
pub struct FirstSteps {
    /// What is seen, as far as this is the playbook for it.
    pub seen: Vec<Seen>,
    /// The playbook.
    pub playbook: &'static BuiltIn,
    /// Its steps of the first ten minutes.
    pub lines: Vec<Line>,
}

impl FirstSteps {
    /// Where the playbook stands.
    pub fn href(&self) -> String {
        format!("/playbooks/{}", self.playbook.slug)
    }
}

/// The playbook for what is seen. A system that is down says nothing yet of why.
pub const fn playbook_for(seen: Seen) -> &'static str {
    match seen {
        Seen::FilesLocked => "ransomware",
        Seen::MailOpened => "phishing",
        Seen::DataGone => "data-breach",
        Seen::SupplierDown => "supplier-outage",
        Seen::DeviceMisbehaves => "medical-device",
        Seen::DeviceLost => "lost-device",
        Seen::SystemDown | Seen::SomethingElse => "not-known",
    }
}

impl Steps {
    /// The playbook that goes on from these steps.
    pub fn playbook(&self) -> Option<&'static BuiltIn> {
        built_in(playbook_for(self.seen))
    }
}

/// The first steps for what is seen, each playbook once: that for patients at a device first, then in the order
/// in which it was told. Where nothing is told, those of who does not know yet.
pub fn first_steps(seen: &[Seen]) -> Vec<FirstSteps> {
    let mut found: Vec<FirstSteps> = Vec::new();
    let seen = if seen.is_empty() { &[Seen::SomethingElse] } else { seen };
    for each in seen {
        let slug = playbook_for(*each);
        if let Some(known) = found.iter_mut().find(|known| known.playbook.slug == slug) {
            known.seen.push(*each);
        } else if let Some(playbook) = built_in(slug) {
            found.push(FirstSteps { seen: vec![*each], playbook, lines: lines(playbook) });
        }
    }
    // What is known of one thing need not be found out.
    if found.len() > 1 {
        found.retain(|each| each.playbook.slug != "not-known");
    }
    found.sort_by_key(|each| each.playbook.slug != "medical-device");
    found
}

fn lines(playbook: &'static BuiltIn) -> Vec<Line> {
    let sections = Reading::of(&playbook.playbook).sections;
    let first = sections.into_iter().find(|section| section.phase == Some(Phase::TenMinutes));
    first.map(|section| section.lines).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slugs(seen: &[Seen]) -> Vec<&'static str> {
        first_steps(seen).iter().map(|each| each.playbook.slug).collect()
    }

    #[test]
    fn everything_that_can_be_seen_has_first_steps() {
        for seen in Seen::ALL {
            let found = first_steps(&[*seen]);
            assert_eq!(found.len(), 1, "{seen}");
            let to_do = found[0].lines.iter().filter(|line| !line.how.is_empty()).count();
            assert!((4..=7).contains(&to_do), "{seen}: {to_do} steps");
        }
        assert_eq!(slugs(&[]), ["not-known"]);
    }

    #[test]
    fn several_things_are_told_once_each_and_patients_come_first() {
        use Seen::{DeviceMisbehaves, FilesLocked, SomethingElse, SystemDown};
        let all = [FilesLocked, SystemDown, DeviceMisbehaves, SomethingElse];
        assert_eq!(slugs(&all), ["medical-device", "ransomware"]);
        let unknown = first_steps(&[SystemDown, SomethingElse]);
        assert_eq!((unknown.len(), unknown[0].seen.len()), (1, 2));
    }

    #[test]
    fn the_first_step_against_ransomware_is_to_pull_the_cable_and_not_to_switch_off() {
        let found = first_steps(&[Seen::FilesLocked]);
        let first = &found[0].lines[0];
        assert!(first.how[0].contains("network cable"), "{first:?}");
        assert!(first.cautions[0].contains("see to the patient first"), "{first:?}");
        assert!(first.cautions[1].contains("Do not switch it off"), "{first:?}");
        let all: Vec<_> = found[0].lines.iter().flat_map(|line| &line.cautions).collect();
        assert!(all.iter().any(|caution| caution.contains("Do not pay")), "{all:?}");
    }
}
