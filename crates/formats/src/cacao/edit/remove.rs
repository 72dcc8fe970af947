//! Taking a step out, with what lies in its branches; what led to it leads to what came after it.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    NewId, Refused,
    add::ASKED,
    shape::{Steps, Way, end, leads_to, next, reached, repoint, steps, ways},
};

/// Takes a step out; the ids of all that went with it, the step itself first. Where it is refused, nothing changed.
pub fn remove(document: &mut Value, id: &str, new_id: &mut NewId<'_>) -> Result<Vec<String>, Refused> {
    let mut without = document.clone();
    let gone = take_out(&mut without, id, new_id)?;
    *document = without;
    Ok(gone)
}

fn take_out(document: &mut Value, id: &str, new_id: &mut NewId<'_>) -> Result<Vec<String>, Refused> {
    let begins = begins(document);
    let steps = steps(document)?;
    let step = steps.get(id).ok_or(Refused::NoStep)?;
    if matches!(step["type"].as_str(), Some("start" | "end")) {
        return Err(Refused::Fixed);
    }
    let before = reached(steps, begins.clone(), &[]);
    let after = next(step);
    let inside = super::shape::inner(steps, id);
    let is_named = steps.iter().any(|(from, step)| from != id && leads_to(step).iter().any(|to| to == id));
    if is_named || begins.iter().any(|begin| begin == id) {
        let after = after.unwrap_or_else(|| end(steps, new_id));
        for (from, step) in steps.iter_mut() {
            if from != id && !inside.contains(from) {
                repoint(step, id, &after);
            }
        }
        if document["workflow_exception"].as_str() == Some(id) {
            document["workflow_exception"] = Value::String(after);
        }
    }
    let begins = self::begins(document);
    let steps = super::shape::steps(document)?;
    steps.remove(id);
    let mut gone = vec![id.to_owned()];
    gone.extend(sweep(steps, &before, begins));
    if !steps.values().any(says) {
        return Err(Refused::Only);
    }
    forget_variables(document);
    Ok(gone)
}

/// What would go with a step if it was taken out, the step itself first.
pub fn doomed(document: &Value, id: &str) -> Result<Vec<String>, Refused> {
    let mut count = 0_u32;
    // Nothing of the copy is kept.
    let mut new_id = |kind: &str| {
        count += 1;
        format!("{kind}--new-{count}")
    };
    take_out(&mut document.clone(), id, &mut new_id)
}

/// Takes a branch out of what is done at the same time, an answer and what follows from it, or what is done where
/// the answer is no; the ids of all that went.
pub fn remove_branch(document: &mut Value, id: &str, way: &Way) -> Result<Vec<String>, Refused> {
    let begins = begins(document);
    let steps = steps(document)?;
    let before = reached(steps, begins.clone(), &[]);
    let step = steps.get_mut(id).ok_or(Refused::NoStep)?;
    if !ways(step).iter().any(|(each, to)| each == way && to.is_some()) {
        return Err(Refused::NoWay);
    }
    match way {
        Way::Branch(place) => {
            let list = step.get_mut("next_steps").and_then(Value::as_array_mut).ok_or(Refused::NoWay)?;
            if list.len() <= 2 {
                return Err(Refused::TwoAtLeast);
            }
            list.remove(*place);
        }
        Way::Case(case) => {
            let cases = step.get_mut("cases").and_then(Value::as_object_mut).ok_or(Refused::NoWay)?;
            cases.remove(case);
        }
        Way::No => {
            step.as_object_mut().ok_or(Refused::NoWay)?.remove("on_false");
        }
        Way::Yes | Way::Failure => return Err(Refused::Needed),
    }
    let gone = sweep(steps, &before, begins);
    forget_variables(document);
    Ok(gone)
}

/// Where the ways of a document begin.
fn begins(document: &Value) -> Vec<String> {
    let named = |property: &str| document[property].as_str().map(str::to_owned);
    named("workflow_start").into_iter().chain(named("workflow_exception")).collect()
}

/// Takes out what was reached before and is not any more.
fn sweep(steps: &mut Steps, before: &HashSet<String>, begins: Vec<String>) -> Vec<String> {
    let now = reached(steps, begins, &[]);
    let gone: Vec<String> =
        steps.keys().filter(|id| before.contains(*id) && !now.contains(*id)).cloned().collect();
    for id in &gone {
        steps.remove(id);
    }
    gone
}

/// Whether a step says something to somebody.
fn says(step: &Value) -> bool {
    !matches!(step["type"].as_str(), Some("start" | "end"))
}

/// Forgets the variables that were made here and about which nothing asks any more.
fn forget_variables(document: &mut Value) {
    let said = document["workflow"].to_string();
    let Some(variables) = document.get_mut("playbook_variables").and_then(Value::as_object_mut) else {
        return;
    };
    variables.retain(|name, _| !name.starts_with(ASKED) || said.contains(name.as_str()));
    if variables.is_empty()
        && let Some(object) = document.as_object_mut()
    {
        object.remove("playbook_variables");
    }
}
