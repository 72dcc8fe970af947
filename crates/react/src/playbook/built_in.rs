//! The playbooks of the program itself, `content/playbooks/`: made by us, and checked by a test as every
//! imported one is.

use std::sync::{Arc, LazyLock};

use formats::cacao::Playbook;

use super::guidance::{self, Guidance};

macro_rules! playbooks {
    ($($slug:literal),+ $(,)?) => {
        &[$((
            $slug,
            include_str!(concat!("../../../../content/playbooks/", $slug, ".json")),
        )),+]
    };
}

/// In the order in which people are offered them.
const FILES: &[(&str, &str)] = playbooks![
    "not-known",
    "ransomware",
    "phishing",
    "data-breach",
    "denial-of-service",
    "malware",
    "supplier-outage",
    "medical-device",
    "lost-device",
    "insider",
];

static BUILT_INS: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
    let read = |(slug, text): &(&'static str, &'static str)| {
        let playbook = Playbook::read(text.as_bytes()).expect("a test reads our own playbooks");
        let guidance =
            guidance::of_playbook(&playbook.extensions).expect("a test reads what ours say of themselves");
        BuiltIn { slug, playbook: Arc::new(playbook), guidance }
    };
    FILES.iter().map(read).collect()
});

/// A playbook of the program itself.
#[derive(Debug)]
pub struct BuiltIn {
    /// The name in its address.
    pub slug: &'static str,
    /// What it says.
    pub playbook: Arc<Playbook>,
    /// What it says of itself.
    pub guidance: Guidance,
}

/// All of them.
pub fn built_ins() -> &'static [BuiltIn] {
    &BUILT_INS
}

/// The one that is called so in its address.
pub fn built_in(slug: &str) -> Option<&'static BuiltIn> {
    built_ins().iter().find(|each| each.slug == slug)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use formats::cacao::{Block, StepKind};

    use super::*;
    use crate::playbook::guidance::{EXTENSION, Phase, Review, StepGuidance};
    use serde::Deserialize;

    fn each(blocks: &[Block<'_>], told: &mut Vec<String>) {
        for block in blocks {
            told.push(block.step.id.clone());
            for branch in &block.branches {
                each(&branch.blocks, told);
            }
        }
    }

    #[test]
    fn ours_say_all_that_they_have_to() {
        for BuiltIn { slug, playbook, guidance } in built_ins() {
            assert_eq!(guidance.slug, *slug);
            assert!(!guidance.use_when.is_empty() && !playbook.references.is_empty(), "{slug}");
            assert!(playbook.is_manual() && playbook.remarks.is_empty(), "{slug}");
            assert_eq!(playbook.tlp, ["TLP:CLEAR"], "{slug}");
            let mut phases = HashSet::new();
            let (mut cautions, mut hospital) = (false, false);
            for step in playbook.steps.values() {
                if matches!(step.kind, StepKind::Start | StepKind::End) {
                    continue;
                }
                // Strictly: a word that is spelt wrongly would be lost on the page.
                let said = StepGuidance::deserialize(&step.extensions[EXTENSION]);
                let said = said.unwrap_or_else(|error| panic!("{slug}, {}: {error}", step.name));
                phases.insert(said.phase.unwrap_or_else(|| panic!("{slug}, {}: no phase", step.name)));
                cautions |= !said.cautions.is_empty();
                hospital |= said.hospital;
                assert!(!step.name.is_empty(), "{slug}: a step without a name");
                if let StepKind::Action { agent, .. } = &step.kind {
                    assert!(!step.description.is_empty(), "{slug}, {}: no reason why", step.name);
                    assert!(!playbook.agents[agent].description.is_empty());
                }
            }
            assert_eq!(phases.len(), Phase::ALL.len(), "{slug}");
            assert!(cautions && hospital, "{slug}");
        }
    }

    #[test]
    fn every_step_of_ours_is_told_once() {
        for BuiltIn { slug, playbook, .. } in built_ins() {
            let mut told = Vec::new();
            each(&playbook.flow(), &mut told);
            let silent = |kind: &StepKind| matches!(kind, StepKind::Start | StepKind::End);
            let steps = playbook.steps.values().filter(|step| !silent(&step.kind)).count();
            assert_eq!(told.len(), steps, "{slug}");
            assert_eq!(told.iter().collect::<HashSet<_>>().len(), steps, "{slug}");
        }
    }

    #[test]
    fn ours_lead_to_each_other_and_never_in_a_circle() {
        fn deep(id: &str, way: &mut Vec<String>) {
            let one = built_ins().iter().find(|each| each.playbook.id == id).expect("it is one of ours");
            assert!(!way.contains(&one.slug.to_owned()), "{way:?} leads back to {}", one.slug);
            way.push(one.slug.to_owned());
            for step in one.playbook.steps.values() {
                if let StepKind::Playbook { playbook } = &step.kind {
                    deep(playbook, way);
                }
            }
            way.pop();
        }
        for one in built_ins() {
            deep(&one.playbook.id, &mut Vec::new());
        }
        let all = built_in("not-known").unwrap().playbook.steps.values();
        let led = all.filter(|step| matches!(step.kind, StepKind::Playbook { .. })).count();
        assert_eq!(led, built_ins().len() - 1, "who does not know yet is led to each of the others");
    }

    /// Who has reviewed them is shown on each; while nobody has, this says so here too.
    #[test]
    fn no_clinician_has_reviewed_them_yet() {
        assert!(built_ins().iter().all(|each| each.guidance.clinical_review == Review::NotReviewed));
    }

    #[test]
    fn two_have_no_step_in_common() {
        let ids: Vec<_> = built_ins().iter().flat_map(|each| each.playbook.steps.keys()).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }
}
