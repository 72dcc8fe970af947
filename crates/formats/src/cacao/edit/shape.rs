//! How steps hang together in a document: what comes next, which ways lead out, what is reached.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{NewId, Refused};

/// The steps by their ids.
pub(super) type Steps = Map<String, Value>;

/// A way out of a step into a branch of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The answer is yes.
    Yes,
    /// The answer is no.
    No,
    /// The answer is this one of several.
    Case(String),
    /// One of the branches that are followed at the same time, counted from 0.
    Branch(usize),
    /// It could not be done.
    Failure,
}

impl Way {
    /// The word in an address.
    pub fn code(&self) -> String {
        match self {
            Self::Yes => "yes".to_owned(),
            Self::No => "no".to_owned(),
            Self::Failure => "failure".to_owned(),
            Self::Branch(place) => format!("branch:{place}"),
            Self::Case(case) => format!("case:{case}"),
        }
    }

    /// The way of this word.
    pub fn of(code: &str) -> Option<Self> {
        Some(match code {
            "yes" => Self::Yes,
            "no" => Self::No,
            "failure" => Self::Failure,
            other => match other.split_once(':')? {
                ("branch", place) => Self::Branch(place.parse().ok()?),
                ("case", case) => Self::Case(case.to_owned()),
                _ => return None,
            },
        })
    }
}

/// The steps of a document.
pub(super) fn steps(document: &mut Value) -> Result<&mut Steps, Refused> {
    document.get_mut("workflow").and_then(Value::as_object_mut).ok_or(Refused::NoPlaybook)
}

/// The ways out of a step, in the order in which they are read, each with the step that it leads to; what can be
/// and is not, such as the answer no, leads nowhere.
pub fn ways(step: &Value) -> Vec<(Way, Option<String>)> {
    let named = |property: &str| step[property].as_str().map(str::to_owned);
    let mut ways = match step["type"].as_str() {
        Some("parallel") => {
            let list = step["next_steps"].as_array().map(Vec::as_slice).unwrap_or_default();
            let each = list.iter().enumerate();
            each.map(|(place, id)| (Way::Branch(place), id.as_str().map(str::to_owned))).collect()
        }
        Some("if-condition") => vec![(Way::Yes, named("on_true")), (Way::No, named("on_false"))],
        Some("while-condition") => vec![(Way::Yes, named("on_true"))],
        Some("switch-condition") => {
            let cases = step["cases"].as_object().into_iter().flatten();
            cases.map(|(case, id)| (Way::Case(case.clone()), id.as_str().map(str::to_owned))).collect()
        }
        _ => Vec::new(),
    };
    if let Some(failure) = named("on_failure") {
        ways.push((Way::Failure, Some(failure)));
    }
    ways
}

/// Has a way out of a step lead to this one.
pub(super) fn lead(step: &mut Value, way: &Way, to: &str) -> Result<(), Refused> {
    let to = Value::String(to.to_owned());
    match way {
        Way::Yes => step["on_true"] = to,
        Way::No => step["on_false"] = to,
        Way::Failure => step["on_failure"] = to,
        Way::Case(case) => {
            let cases = step.get_mut("cases").and_then(Value::as_object_mut).ok_or(Refused::NoWay)?;
            cases.insert(case.clone(), to);
        }
        Way::Branch(place) => {
            let list = step.get_mut("next_steps").and_then(Value::as_array_mut).ok_or(Refused::NoWay)?;
            *list.get_mut(*place).ok_or(Refused::NoWay)? = to;
        }
    }
    Ok(())
}

/// What comes after a step, once it is done with what it holds.
pub(super) fn next(step: &Value) -> Option<String> {
    let named = |property: &str| step[property].as_str().map(str::to_owned);
    named("on_completion").or_else(|| named("on_success"))
}

/// Has this one come after a step.
pub(super) fn set_next(step: &mut Value, to: &str) {
    let failing = step["on_success"].is_string() || step["on_failure"].is_string();
    let property = if failing { "on_success" } else { "on_completion" };
    step[property] = Value::String(to.to_owned());
}

/// What comes after a step; a new end where nothing does.
pub(super) fn next_or_end(steps: &mut Steps, id: &str, new_id: &mut NewId<'_>) -> Result<String, Refused> {
    let step = steps.get(id).ok_or(Refused::NoStep)?;
    Ok(next(step).unwrap_or_else(|| end(steps, new_id)))
}

/// A new end.
pub(super) fn end(steps: &mut Steps, new_id: &mut NewId<'_>) -> String {
    let id = new_id("end");
    steps.insert(id.clone(), serde_json::json!({"type": "end"}));
    id
}

/// Everything that a step names.
pub(super) fn leads_to(step: &Value) -> Vec<String> {
    let mut named: Vec<String> = ways(step).into_iter().filter_map(|(_, to)| to).collect();
    named.extend(next(step));
    named
}

/// Has a step that names `from` name `to`.
pub(super) fn repoint(step: &mut Value, from: &str, to: &str) {
    let put = |value: &mut Value| {
        if value.as_str() == Some(from) {
            *value = Value::String(to.to_owned());
        }
    };
    let Some(object) = step.as_object_mut() else { return };
    for property in ["on_completion", "on_success", "on_failure", "on_true", "on_false"] {
        object.get_mut(property).into_iter().for_each(put);
    }
    object.get_mut("next_steps").and_then(Value::as_array_mut).into_iter().flatten().for_each(put);
    let cases = object.get_mut("cases").and_then(Value::as_object_mut);
    cases.into_iter().flat_map(Map::values_mut).for_each(put);
}

/// The steps that are reached from these, but not through those at which it stops.
pub(super) fn reached(steps: &Steps, from: Vec<String>, until: &[&str]) -> HashSet<String> {
    let (mut waiting, mut found) = (from, HashSet::new());
    while let Some(id) = waiting.pop() {
        if until.contains(&id.as_str()) || !steps.contains_key(&id) || found.contains(&id) {
            continue;
        }
        waiting.extend(leads_to(&steps[&id]));
        found.insert(id);
    }
    found
}

/// The steps that lie in the branches of a step.
pub(super) fn inner(steps: &Steps, id: &str) -> HashSet<String> {
    let Some(step) = steps.get(id) else { return HashSet::new() };
    let begins = ways(step).into_iter().filter_map(|(_, to)| to).collect();
    let after = next(step).unwrap_or_default();
    reached(steps, begins, &[id, &after])
}
