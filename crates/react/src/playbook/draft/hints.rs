//! What our guide asks of a step and CACAO does not: whoever writes is told, and may leave it.

use formats::cacao::{Playbook, Step, StepKind};

use crate::playbook::guidance;

/// What a step could still say. `empty` are its branches in which nothing is done, of so many.
pub fn of(playbook: &Playbook, step: &Step, (empty, branches): (usize, usize)) -> Vec<&'static str> {
    let said = guidance::of_step(&step.extensions);
    let mut hints = Vec::new();
    match &step.kind {
        StepKind::Start | StepKind::End => return hints,
        StepKind::Action { agent, commands, .. } => {
            if step.description.is_empty() {
                hints.push("Say why: people do what they understand.");
            }
            if playbook.agents.get(agent).is_none_or(|agent| agent.name.is_empty()) {
                hints.push("Name who does it.");
            }
            if commands.iter().any(|command| command.command.chars().count() > 200) {
                hints.push("Make shorter sentences of it: one thing in each.");
            }
        }
        StepKind::If { .. } | StepKind::While { .. } | StepKind::Switch { .. } => {
            if step.description.is_empty() {
                hints.push("Say what to take it for where nobody knows the answer.");
            }
        }
        StepKind::Playbook { .. } | StepKind::Parallel { .. } => {}
    }
    // Of the answers to a question one may be enough; what happens at the same time is something each.
    let enough = if matches!(step.kind, StepKind::Parallel { .. }) { branches } else { 1 };
    if branches - empty < enough.min(branches) {
        hints.push("Nothing is done in it yet: add a step at the beginning of a branch, or take it out.");
    }
    if step.name.is_empty() {
        hints.push("Give it a name.");
    }
    if said.phase.is_none() {
        hints.push("Say when it is for.");
    }
    hints
}
