//! Which playbook is for what is seen.

use super::shelf::{Ours, Shelf};
use crate::report::Seen;

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

/// The playbook for what is seen, as it stands; a test knows that there is one.
pub(crate) fn playbook(shelf: &Shelf, seen: Seen) -> Option<&Ours> {
    shelf.called(slug_for(seen))
}

/// The playbooks for all that is seen, each once, in the order in which it is told.
pub(crate) fn playbooks<'a>(shelf: &'a Shelf, seen: &[Seen]) -> Vec<&'a Ours> {
    let mut all: Vec<&Ours> = Vec::new();
    for found in seen.iter().filter_map(|seen| playbook(shelf, *seen)) {
        if !all.iter().any(|each| each.slug == found.slug) {
            all.push(found);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::{built_in, guidance::Phase, reading::Reading};

    #[test]
    fn whatever_is_seen_leads_to_a_playbook_that_begins_with_the_first_ten_minutes() {
        let shelf = Shelf::as_they_come();
        for seen in Seen::ALL {
            let playbook = &playbook(&shelf, *seen).expect("one of ours").playbook;
            let first = &Reading::of(playbook).sections[0];
            assert_eq!(first.phase, Some(Phase::TenMinutes), "{seen}");
            let to_do = first.lines.iter().filter(|line| !line.how.is_empty()).count();
            assert!((4..=7).contains(&to_do), "{seen}: {to_do} steps");
        }
        let all = playbooks(&shelf, &[Seen::SystemDown, Seen::FilesLocked, Seen::SomethingElse]);
        assert_eq!(all.iter().map(|each| each.slug).collect::<Vec<_>>(), ["not-known", "ransomware"]);
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
