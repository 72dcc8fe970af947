//! Adding a step, or a branch to one.

use serde_json::{Value, json};

use super::{
    At, Kind, NewId, Refused,
    shape::{Way, end, inner, lead, next_or_end, repoint, set_next, steps, ways},
};
use crate::cacao::MOST_STEPS;

/// Adds a step of this kind, which is called so; its id.
///
/// A step for people is for those of the step before it. A question asks about a variable of its own, which
/// nothing but people ever answers.
pub fn add(
    document: &mut Value,
    at: &At,
    (kind, name): (Kind, &str),
    new_id: &mut NewId<'_>,
) -> Result<String, Refused> {
    let beside = match at {
        At::After(id) | At::Within(id, _) => id.clone(),
    };
    if steps(document)?.len() >= MOST_STEPS {
        return Err(Refused::TooMany);
    }
    let before = steps(document)?.get(&beside).ok_or(Refused::NoStep)?;
    let agent = before["agent"].as_str().map(str::to_owned);
    let mut step = json!({"type": kind.code(), "name": name});
    match kind {
        Kind::Action => {
            let agent = agent.or_else(|| agent_of(document)).unwrap_or_else(|| new_agent(document, new_id));
            step["agent"] = json!(agent);
            step["commands"] = json!([{"type": "manual", "command": ""}]);
        }
        Kind::Playbook => step["playbook_id"] = json!(""),
        Kind::Question | Kind::Repeat => {
            let variable = new_variable(document, name, new_id);
            step["condition"] = json!(format!("{variable}:value = 'yes'"));
            step["on_true"] = json!(end(steps(document)?, new_id));
        }
        Kind::Choice => {
            step["switch"] = json!(new_variable(document, name, new_id));
            step["cases"] = json!({});
        }
        Kind::Parallel => {
            let steps = steps(document)?;
            step["next_steps"] = json!([end(steps, new_id), end(steps, new_id)]);
        }
    }
    let id = new_id(kind.code());
    put(document, at, &id, step, new_id)?;
    Ok(id)
}

/// Puts a step in its place.
fn put(
    document: &mut Value,
    at: &At,
    id: &str,
    mut step: Value,
    new_id: &mut NewId<'_>,
) -> Result<(), Refused> {
    let steps = steps(document)?;
    match at {
        At::After(before) => {
            let old = steps.get(before).ok_or(Refused::NoStep)?;
            if old["type"] == "end" {
                return Err(Refused::Fixed);
            }
            let after = next_or_end(steps, before, new_id)?;
            step["on_completion"] = json!(after);
            // What led from the branches straight on leads to the new one.
            for each in inner(steps, before) {
                repoint(&mut steps[&each], &after, id);
            }
            let before = &mut steps[before.as_str()];
            for (way, to) in ways(before) {
                if to.as_deref() == Some(after.as_str()) {
                    lead(before, &way, id)?;
                }
            }
            set_next(before, id);
        }
        At::Within(within, way) => {
            let parent = steps.get(within).ok_or(Refused::NoStep)?;
            let found = ways(parent).into_iter().find(|(each, _)| each == way);
            let (_, to) = found.ok_or(Refused::NoWay)?;
            let to = to.unwrap_or_else(|| end(steps, new_id));
            step["on_completion"] = json!(to);
            lead(&mut steps[within.as_str()], way, id)?;
        }
    }
    steps.insert(id.to_owned(), step);
    Ok(())
}

/// Adds a branch to what is done at the same time, or an answer to a question that has answers of its own. It
/// ends at once, until steps are added to it.
pub fn add_branch(document: &mut Value, id: &str, case: &str, new_id: &mut NewId<'_>) -> Result<(), Refused> {
    let steps = steps(document)?;
    let step = steps.get(id).ok_or(Refused::NoStep)?;
    match step["type"].as_str() {
        Some("parallel") => {
            let ends = end(steps, new_id);
            let list = steps[id].get_mut("next_steps").and_then(Value::as_array_mut).ok_or(Refused::NoWay)?;
            list.push(json!(ends));
        }
        Some("switch-condition") => {
            if step["cases"].get(case).is_some() {
                return Err(Refused::Twice);
            }
            let ends = end(steps, new_id);
            lead(&mut steps[id], &Way::Case(case.to_owned()), &ends)?;
        }
        _ => return Err(Refused::NoWay),
    }
    Ok(())
}

/// Whoever the document names first for people.
fn agent_of(document: &Value) -> Option<String> {
    let agents = document["agent_definitions"].as_object()?;
    let people = ["individual", "group", "organization"];
    let found =
        agents.iter().find(|(_, agent)| agent["type"].as_str().is_some_and(|kind| people.contains(&kind)));
    found.map(|(id, _)| id.clone())
}

fn new_agent(document: &mut Value, new_id: &mut NewId<'_>) -> String {
    let id = new_id("individual");
    document["agent_definitions"][&id] = json!({
        "type": "individual", "name": "Whoever sees it first", "description": "Any member of staff, on any shift.",
    });
    id
}

/// What begins the name of a variable that was made here.
pub(super) const ASKED: &str = "__asked_";

fn new_variable(document: &mut Value, question: &str, new_id: &mut NewId<'_>) -> String {
    let id = new_id("variable");
    let short: String = id.chars().filter(char::is_ascii_hexdigit).rev().take(12).collect();
    let name = format!("{ASKED}{short}__");
    document["playbook_variables"][&name] =
        json!({"type": "string", "description": question, "value": "unknown", "constant": false});
    name
}
