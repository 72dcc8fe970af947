//! Whether a playbook can be followed: what the schema cannot say.
//!
//! Everything that is named is there, every step is reached, every branch ends, and nothing goes in a circle
//! but what `while` repeats.

use std::collections::HashSet;

use super::{MOST_FINDINGS, Playbook, Step, StepKind, finding::Finding, variable};
use crate::refusal::excerpt;

/// What a playbook defines beside its steps and agents.
pub(super) struct Known<'a> {
    pub targets: HashSet<&'a String>,
    pub extensions: HashSet<&'a String>,
    pub markings: HashSet<&'a String>,
    /// The markings that it names.
    pub marked: &'a [String],
}

/// What is wrong, step by step.
pub(super) fn findings(playbook: &Playbook, known: &Known<'_>) -> Vec<Finding> {
    let mut found = beginnings(playbook);
    found.extend(whole(playbook, known));
    for step in playbook.steps.values() {
        let mut wrong = Vec::new();
        references(playbook, known, step, &mut wrong);
        if let Some(reason) = leads_nowhere(step) {
            wrong.push(reason.to_owned());
        }
        variables(playbook, step, &mut wrong);
        commands(step, &mut wrong);
        found.extend(wrong.into_iter().map(|reason| Finding::of_step(&step.id, reason)));
    }
    // Of a workflow with holes in it, nothing can be said of its ways.
    if found.is_empty() {
        found.extend(unreached(playbook));
        found.extend(circles(playbook));
    }
    found
}

/// Whether it begins where it says.
fn beginnings(playbook: &Playbook) -> Vec<Finding> {
    let mut found = Vec::new();
    let of = |property: &str, reason: String| Finding::of_path(vec![property.to_owned()], reason);
    match playbook.steps.get(&playbook.start) {
        None => found.push(of("workflow_start", no_step("workflow_start", &playbook.start))),
        Some(step) if step.kind != StepKind::Start => {
            let reason = "workflow_start names a step that is no start. Name the step of type start.";
            found.push(of("workflow_start", reason.to_owned()));
        }
        Some(_) => {}
    }
    if let Some(exception) = &playbook.exception
        && !playbook.steps.contains_key(exception)
    {
        found.push(of("workflow_exception", no_step("workflow_exception", exception)));
    }
    found
}

fn no_step(property: &str, id: &str) -> String {
    format!("{property} names {}, which is not a step here. Name one that is, or add it.", excerpt(id))
}

fn undefined(what: &str, id: &str, definitions: &str) -> String {
    format!("The {what} {} is not defined. Add it to {definitions}.", excerpt(id))
}

/// What the playbook names outside its steps.
fn whole(playbook: &Playbook, known: &Known<'_>) -> Vec<Finding> {
    let markings = known.marked.iter().filter(|each| !known.markings.contains(each));
    let extensions = playbook.extensions.keys().filter(|each| !known.extensions.contains(each));
    let markings = markings.map(|id| {
        let reason = undefined("marking", id, "data_marking_definitions");
        Finding::of_path(vec!["markings".to_owned()], reason)
    });
    let extensions = extensions.map(|id| {
        let reason = undefined("extension", id, "extension_definitions");
        Finding::of_path(vec!["playbook_extensions".to_owned(), id.clone()], reason)
    });
    markings.chain(extensions).collect()
}

/// What a step names.
fn references(playbook: &Playbook, known: &Known<'_>, step: &Step, wrong: &mut Vec<String>) {
    for (property, id) in step.leads_to() {
        if !playbook.steps.contains_key(id) {
            wrong.push(no_step(&property, id));
        }
    }
    if let StepKind::Action { agent, .. } = &step.kind
        && !playbook.agents.contains_key(agent)
    {
        wrong.push(undefined("agent", agent, "agent_definitions"));
    }
    for extension in step.extensions.keys().filter(|each| !known.extensions.contains(each)) {
        wrong.push(undefined("extension", extension, "extension_definitions"));
    }
}

/// The targets that are not defined. A machine would miss them; whoever follows a playbook does not, and one
/// of the standard's own examples has such a step.
pub(super) fn remarks(playbook: &Playbook, known: &Known<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in playbook.steps.values() {
        let StepKind::Action { targets, .. } = &step.kind else { continue };
        for target in targets {
            if !known.targets.contains(target) && !playbook.agents.contains_key(target) {
                found.push(Finding::of_step(&step.id, undefined("target", target, "target_definitions")));
            }
        }
    }
    found.truncate(MOST_FINDINGS);
    found
}

/// Why nobody knows what comes after a step.
fn leads_nowhere(step: &Step) -> Option<&'static str> {
    let next = &step.next;
    let any = next.completion.is_some() || next.success.is_some();
    match &step.kind {
        StepKind::End if any || next.failure.is_some() => {
            Some("It ends the playbook and yet names a next step. Take that out, or give it another type.")
        }
        StepKind::End => None,
        StepKind::Switch { cases, .. } if cases.is_empty() => {
            Some("It has no cases, so that nothing is chosen. Add cases.")
        }
        // Where its branches end, so does what it stands in.
        _ if step.branches() && next.failure.is_none() => None,
        _ if !any && next.failure.is_some() => {
            Some("It says what comes when it fails, not when it succeeds. Add on_success.")
        }
        _ if !any => Some("Nothing comes after it. Add on_completion, to an end step if it is the last."),
        _ => None,
    }
}

/// Whether the variables that a step uses are declared.
fn variables(playbook: &Playbook, step: &Step, wrong: &mut Vec<String>) {
    let mut used: Vec<&str> = step.arguments.iter().map(String::as_str).collect();
    used.extend(step.condition().map(variable::in_condition).unwrap_or_default());
    for command in step.commands() {
        used.extend(variable::in_command(&command.command));
    }
    used.sort_unstable();
    used.dedup();
    for name in used {
        if !playbook.variables.contains_key(name) && !step.variables.contains_key(name) {
            wrong.push(format!(
                "It uses the variable {}, which is not declared. Add it to playbook_variables, or to the \
                 step_variables of this step.",
                excerpt(name)
            ));
        }
    }
}

/// Whether a person would be told what to do.
fn commands(step: &Step, wrong: &mut Vec<String>) {
    let empty = |text: &str| text.trim().is_empty();
    for command in step.commands().iter().filter(|each| each.is_manual()) {
        if empty(&command.command) && empty(&command.command_b64) && empty(&command.description) {
            wrong.push("A manual command says nothing. Write in it what to do.".to_owned());
        }
    }
}

/// The steps that nothing leads to.
fn unreached(playbook: &Playbook) -> Vec<Finding> {
    let mut waiting: Vec<&str> = vec![&playbook.start];
    waiting.extend(playbook.exception.as_deref());
    let mut reached = HashSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id)
            && let Some(step) = playbook.steps.get(id)
        {
            waiting.extend(step.leads_to().into_iter().map(|(_, id)| id));
        }
    }
    let unreached = playbook.steps.keys().filter(|id| !reached.contains(id.as_str()));
    let reason = "Nothing leads to it. Have another step name it, or take it out.";
    unreached.map(|id| Finding::of_step(id, reason)).collect()
}

/// The steps at which a way comes back to where it was, other than through the branch of a `while`.
fn circles(playbook: &Playbook) -> Vec<Finding> {
    let ahead = |id: &str| -> Vec<&str> {
        let Some(step) = playbook.steps.get(id) else { return Vec::new() };
        let repeats = matches!(step.kind, StepKind::While { .. });
        let named = step.leads_to().into_iter();
        named.filter(|(property, _)| !(repeats && property == "on_true")).map(|(_, id)| id).collect()
    };
    let mut found = Vec::new();
    let (mut done, mut open) = (HashSet::new(), HashSet::new());
    // The branch of a `while` is looked at by itself: what comes back to the `while` ends there.
    for begins in playbook.steps.keys() {
        let mut way: Vec<(&str, Vec<&str>)> = vec![(begins, ahead(begins))];
        if !done.insert(begins.as_str()) {
            continue;
        }
        open.insert(begins.as_str());
        while let Some((id, rest)) = way.last_mut() {
            let Some(next) = rest.pop() else {
                open.remove(*id);
                way.pop();
                continue;
            };
            if open.contains(next) {
                let name = playbook.steps.get(next).map_or("", |step| &step.name);
                let reason = format!(
                    "It leads back to {}, so that the playbook may never end. Lead it onwards, or repeat with a \
                     while-condition.",
                    excerpt(if name.is_empty() { next } else { name })
                );
                found.push(Finding::of_step(id, reason));
            } else if done.insert(next) {
                open.insert(next);
                way.push((next, ahead(next)));
            }
        }
    }
    found
}
