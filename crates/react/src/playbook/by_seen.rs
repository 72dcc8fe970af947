//! Which playbook goes on from the first steps, by what is seen.

use super::{BuiltIn, built_in};
use crate::report::{Seen, first_steps::Steps};

/// The playbook for what is seen. A system that is down says nothing yet of why.
const fn slug_for(seen: Seen) -> &'static str {
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
        built_in(slug_for(self.seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        playbook::{guidance::Phase, reading::Reading},
        report::first_steps::first_steps,
    };

    #[test]
    fn whatever_is_seen_leads_to_a_playbook_that_begins_with_the_first_ten_minutes() {
        for steps in first_steps(Seen::ALL) {
            let playbook = &steps.playbook().expect("one of ours").playbook;
            let first = &Reading::of(playbook).sections[0];
            assert_eq!(first.phase, Some(Phase::TenMinutes), "{}", steps.seen);
            let to_do = first.lines.iter().filter(|line| !line.how.is_empty()).count();
            assert!((4..=7).contains(&to_do), "{}: {to_do} steps", steps.seen);
        }
    }

    #[test]
    fn the_first_step_against_ransomware_is_to_pull_the_cable_and_not_to_switch_off() {
        let playbook = &built_in(slug_for(Seen::FilesLocked)).expect("one of ours").playbook;
        let lines = &Reading::of(playbook).sections[0].lines;
        let first = &lines[0];
        assert!(first.how[0].contains("network cable"), "{first:?}");
        assert!(first.cautions[0].contains("see to the patient first"), "{first:?}");
        assert!(first.cautions[1].contains("Do not switch it off"), "{first:?}");
        let all: Vec<_> = lines.iter().flat_map(|line| &line.cautions).collect();
        assert!(all.iter().any(|caution| caution.contains("Do not pay")), "{all:?}");
    }
}
