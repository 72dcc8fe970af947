//! A workflow as people read it: one thing after another, with what happens in branches beneath the step
//! that opens them.

use std::collections::HashSet;

use super::{Playbook, Step, StepKind};

/// A step, and the branches that it opens.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<'a> {
    /// The step; neither a start nor an end.
    pub step: &'a Step,
    /// Its branches, in their order.
    pub branches: Vec<Branch<'a>>,
    /// Whether it was read before: other branches lead here too, and what comes then is not told twice.
    pub again: bool,
}

/// What a step may do, or does at the same time as others.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch<'a> {
    /// When it is followed.
    pub when: String,
    /// What is done.
    pub blocks: Vec<Block<'a>>,
}

impl Playbook {
    /// The workflow from its start.
    pub fn flow(&self) -> Vec<Block<'_>> {
        Reading { playbook: self, read: HashSet::new() }.from(&self.start)
    }

    /// What is done when a step fails that says nothing of that.
    pub fn exception_flow(&self) -> Vec<Block<'_>> {
        let begins = self.exception.as_deref();
        begins.map(|id| Reading { playbook: self, read: HashSet::new() }.from(id)).unwrap_or_default()
    }
}

struct Reading<'a> {
    playbook: &'a Playbook,
    read: HashSet<&'a str>,
}

impl<'a> Reading<'a> {
    /// The blocks from a step to the end of its branch. It goes as deep as branches lie in each other.
    fn from(&mut self, begins: &'a str) -> Vec<Block<'a>> {
        let mut blocks = Vec::new();
        let mut next = Some(begins);
        while let Some(step) = next.and_then(|id| self.playbook.steps.get(id)) {
            next = step.next.completion.as_deref().or(step.next.success.as_deref());
            match step.kind {
                StepKind::End => break,
                StepKind::Start => continue,
                _ => {}
            }
            let again = !self.read.insert(&step.id);
            let branches = if again { Vec::new() } else { self.branches(step) };
            blocks.push(Block { step, branches, again });
            if again {
                break;
            }
        }
        blocks
    }

    fn branches(&mut self, step: &'a Step) -> Vec<Branch<'a>> {
        let mut opened: Vec<(String, &'a str)> = Vec::new();
        match &step.kind {
            StepKind::Parallel { branches } => {
                opened.extend(branches.iter().map(|id| ("At the same time".to_owned(), id.as_str())));
            }
            StepKind::If { on_true, on_false, .. } => {
                opened.push(("If yes".to_owned(), on_true));
                opened.extend(on_false.iter().map(|id| ("If no".to_owned(), id.as_str())));
            }
            StepKind::While { on_true, .. } => opened.push(("As long as yes".to_owned(), on_true)),
            StepKind::Switch { cases, .. } => {
                let (others, named): (Vec<_>, Vec<_>) =
                    cases.iter().partition(|(case, _)| *case == "default");
                opened.extend(named.into_iter().map(|(case, id)| (format!("If {case}"), id.as_str())));
                opened.extend(others.into_iter().map(|(_, id)| ("If none of these".to_owned(), id.as_str())));
            }
            StepKind::Start | StepKind::End | StepKind::Action { .. } | StepKind::Playbook { .. } => {}
        }
        opened.extend(step.next.failure.iter().map(|id| ("If it fails".to_owned(), id.as_str())));
        let mut branches = Vec::new();
        for (when, begins) in opened {
            let blocks = self.from(begins);
            branches.push(Branch { when, blocks });
        }
        branches
    }
}
