//! Playbooks that are read, and what is found wrong with others.

mod graph;
mod hostile;
mod schema;

use serde_json::{Value, json};

use super::{Finding, Playbook};

/// The id of a step, or of whatever else, of this type and number.
fn id(kind: &str, number: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012x}")
}

/// A playbook that asks, forks, repeats and ends. Its steps are numbered as they are read.
fn whole() -> Value {
    let manual = |text: &str| json!([{"type": "manual", "command": text}]);
    let agent = id("individual", 90);
    let steps = json!({
        id("start", 1): {"type": "start", "on_completion": id("action", 2)},
        id("action", 2): {"type": "action", "name": "Ring", "commands": manual("Ring __who__:value."),
            "agent": agent, "on_completion": id("if-condition", 3)},
        id("if-condition", 3): {"type": "if-condition", "name": "Is it bad?", "condition": "__bad__:value = 'yes'",
            "on_true": id("parallel", 4), "on_false": id("end", 9), "on_completion": id("while-condition", 11)},
        id("parallel", 4): {"type": "parallel", "name": "Both", "next_steps": [id("action", 5), id("action", 6)],
            "on_completion": id("end", 10)},
        id("action", 5): {"type": "action", "name": "Left", "commands": manual("Go left."), "agent": agent,
            "on_completion": id("end", 7)},
        id("action", 6): {"type": "action", "name": "Right", "commands": manual("Go right."), "agent": agent,
            "on_success": id("end", 8), "on_failure": id("action", 5)},
        id("end", 7): {"type": "end"},
        id("end", 8): {"type": "end"},
        id("end", 9): {"type": "end"},
        id("end", 10): {"type": "end"},
        id("while-condition", 11): {"type": "while-condition", "name": "Goes on?", "condition": "__bad__:value = 'yes'",
            "on_true": id("action", 12), "on_completion": id("end", 13)},
        id("action", 12): {"type": "action", "name": "Wait", "commands": manual("Wait."), "agent": agent,
            "timeout": 3_600_000, "on_completion": id("while-condition", 11)},
        id("end", 13): {"type": "end"},
    });
    json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 100), "name": "Whole",
        "created_by": id("identity", 101), "created": "2026-11-27T00:00:00.000Z", "modified": "2026-11-27T00:00:00.000Z",
        "markings": [id("marking-tlp", 91)],
        "playbook_variables": {
            "__bad__": {"type": "string", "description": "Is it bad?"},
            "__who__": {"type": "string", "value": "Ann"},
        },
        "workflow_start": id("start", 1), "workflow": steps,
        "agent_definitions": {agent: {"type": "individual", "name": "Ann"}},
        "data_marking_definitions": {id("marking-tlp", 91): {"type": "marking-tlp", "id": id("marking-tlp", 91),
            "created_by": id("identity", 101), "created": "2026-11-27T00:00:00.000Z", "tlpv2_level": "TLP:CLEAR"}},
        "x_custom": {"kept": [1, 2.50]},
    })
}

fn read(document: &Value) -> Result<Playbook, Vec<Finding>> {
    Playbook::read(serde_json::to_string_pretty(document).unwrap().as_bytes())
}

/// What is found wrong after `change`, as it is told.
fn told(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut document = whole();
    change(&mut document);
    let told = |found: Vec<Finding>| found.iter().map(Finding::to_string).collect();
    read(&document).map_or_else(told, |_| Vec::new())
}

#[test]
fn a_playbook_is_read_and_kept_as_it_stood() {
    let text = serde_json::to_string_pretty(&whole()).unwrap();
    let playbook = Playbook::read(format!("\u{feff}{text}").as_bytes()).unwrap();
    assert_eq!(playbook.text, text);
    assert_eq!(playbook.document["x_custom"]["kept"], json!([1, 2.5]));
    assert_eq!(playbook.tlp, ["TLP:CLEAR"]);
    assert_eq!(playbook.steps.len(), 13);
    assert_eq!(playbook.steps[&id("action", 12)].timeout, Some(3_600_000));
    assert!(playbook.is_manual());
}

#[test]
fn a_workflow_is_told_in_the_order_in_which_people_follow_it() {
    fn tell(blocks: &[super::Block<'_>], depth: usize, out: &mut Vec<String>) {
        for block in blocks {
            let again = if block.again { " again" } else { "" };
            out.push(format!("{}{}{again}", " ".repeat(depth), block.step.name));
            for branch in &block.branches {
                out.push(format!("{}{}:", " ".repeat(depth), branch.when));
                tell(&branch.blocks, depth + 1, out);
            }
        }
    }
    let playbook = read(&whole()).unwrap();
    let mut out = Vec::new();
    tell(&playbook.flow(), 0, &mut out);
    let expected = [
        "Ring",
        "Is it bad?",
        "If yes:",
        " Both",
        " At the same time:",
        "  Left",
        " At the same time:",
        "  Right",
        "  If it fails:",
        "   Left again",
        "If no:",
        "Goes on?",
        "As long as yes:",
        " Wait",
        " Goes on? again",
    ];
    assert_eq!(out, expected);
    assert!(playbook.exception_flow().is_empty());
}
