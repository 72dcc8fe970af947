//! A run in the form of workflow status (cyentific-rni/workflow-status, refined for CACAO): one object for each
//! thing that somebody was asked and took up, which is what was executed here, by people. What was left out, or cut off
//! when the run was stopped, nobody executed: the form has no word for it, and “failed” would say that somebody tried.

use data_encoding::BASE64;
use formats::cacao::{Playbook, Step, StepKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{Kind, TaskState, actions, store::Task};

/// All that was asked in a run.
pub fn of(playbook: &Playbook, tasks: &[Task]) -> Value {
    tasks.iter().filter_map(|task| one(playbook, playbook.steps.get(&task.step)?, task)).collect()
}

fn one(playbook: &Playbook, step: &Step, task: &Task) -> Option<Value> {
    let code = code(task)?;
    let mut status = json!({
        "type": "execution-status",
        "id": format!("execution-status--{}", id(task)),
        "workflow_id": playbook.id,
        "workflow_step": task.step,
        "start_time": format!("{:.3}", task.opened_at),
        "status": code,
        "status_text": text(playbook, task),
        "command_b64": commands(step),
        "automated_execution": false,
    });
    if let Some(closed) = task.closed_at {
        let took = closed.duration_since(task.opened_at).as_millis().max(0);
        status["duration"] = json!(i64::try_from(took).unwrap_or(i64::MAX));
    }
    if let StepKind::Action { agent, .. } = &step.kind {
        status["executed_by"] = json!(agent);
    }
    let written = [&task.evidence, &task.reason, &task.undo].into_iter().filter(|each| !each.is_empty());
    let notes = written.map(String::as_str).collect::<Vec<_>>().join("\n");
    if !notes.is_empty() {
        status["notes"] = json!(notes);
    }
    Some(status)
}

/// The name of a status: CACAO has none of version 7, which ours are, so that it is made of ours.
fn id(task: &Task) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(task.id.0.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// What became of it, in the words of the form; none where nobody executed it.
const fn code(task: &Task) -> Option<&'static str> {
    let code = match task.state {
        TaskState::Open if task.owner_id.is_some() => "ongoing",
        TaskState::Open => "await_user_input",
        TaskState::Waiting => "ongoing",
        TaskState::Done | TaskState::Answered => "successfully_completed",
        TaskState::Cannot => "failed",
        TaskState::Skipped | TaskState::Dropped => return None,
    };
    Some(code)
}

fn text(playbook: &Playbook, task: &Task) -> String {
    let what = actions::called(playbook, &task.step);
    let place = super::scope_in_words(&task.scope);
    let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
    let became = match task.state {
        TaskState::Answered => format!("{}: {}", task.state, actions::answer_in_words(&task.answer)),
        state => state.to_string(),
    };
    let kind = if task.kind == Kind::Fact { "To find out: " } else { "" };
    format!("{kind}{what}{place}. {became}")
}

/// What was to be done or answered, in base64, as the form asks. Nothing of it was executed by a machine.
fn commands(step: &Step) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for command in step.commands() {
        if !command.command_b64.is_empty() {
            commands.push(command.command_b64.clone());
        } else if !command.command.is_empty() || !command.description.is_empty() {
            let text = if command.command.is_empty() { &command.description } else { &command.command };
            commands.push(BASE64.encode(text.as_bytes()));
        }
    }
    if commands.is_empty() {
        let text = match &step.kind {
            StepKind::Playbook { playbook } => playbook.as_str(),
            _ => step.condition().unwrap_or(&step.name),
        };
        commands.push(BASE64.encode(text.as_bytes()));
    }
    commands
}
