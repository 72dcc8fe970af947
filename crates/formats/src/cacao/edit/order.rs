//! Having two steps change places, each with what lies in its branches.

use serde_json::Value;

use super::{
    NewId, Refused,
    shape::{Steps, inner, leads_to, next, next_or_end, repoint, set_next, steps},
};

/// Which way a step is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Before the one before it.
    Up,
    /// Behind the one behind it.
    Down,
}

/// Moves a step by one within its branch.
pub fn shift(
    document: &mut Value,
    id: &str,
    direction: Direction,
    new_id: &mut NewId<'_>,
) -> Result<(), Refused> {
    let steps = steps(document)?;
    let step = steps.get(id).ok_or(Refused::NoStep)?;
    if is_fixed(step) {
        return Err(Refused::Fixed);
    }
    match direction {
        Direction::Down => down(steps, id, new_id),
        Direction::Up => {
            let before = before(steps, id).ok_or(Refused::First)?;
            down(steps, &before, new_id)
        }
    }
}

fn is_fixed(step: &Value) -> bool {
    matches!(step["type"].as_str(), Some("start" | "end"))
}

/// The step of the same branch that leads to this one: not what lies in the branches of another such.
fn before(steps: &Steps, id: &str) -> Option<String> {
    let leads: Vec<&String> = steps
        .iter()
        .filter(|(from, step)| *from != id && !is_fixed(step) && next(step).as_deref() == Some(id))
        .map(|(from, _)| from)
        .collect();
    // What lies in the branches of the step itself comes back to it, and is not before it.
    let own = inner(steps, id);
    let outermost = |each: &&&String| {
        let within = |other: &&String| *other != **each && inner(steps, other).contains(**each);
        !own.contains(**each) && !leads.iter().any(within)
    };
    leads.iter().find(outermost).map(|found| (*found).clone())
}

fn down(steps: &mut Steps, first: &str, new_id: &mut NewId<'_>) -> Result<(), Refused> {
    let second = next(&steps[first]).ok_or(Refused::Last)?;
    let then = steps.get(&second).ok_or(Refused::NoStep)?;
    if is_fixed(then) {
        return Err(Refused::Last);
    }
    let (in_first, in_second) = (inner(steps, first), inner(steps, &second));
    let foreign = |(from, step): (&String, &Value)| {
        let own = from == first || in_first.contains(from) || from == &second || in_second.contains(from);
        !own && leads_to(step).contains(&second)
    };
    if steps.iter().any(foreign) {
        return Err(Refused::Joined);
    }
    let third = next_or_end(steps, &second, new_id)?;
    for (from, step) in steps.iter_mut() {
        if from == first || in_first.contains(from) {
            repoint(step, &second, &third);
        } else if from == &second || in_second.contains(from) {
            repoint(step, &third, first);
        } else {
            repoint(step, first, &second);
        }
    }
    set_next(&mut steps[first], &third);
    set_next(&mut steps[second.as_str()], first);
    Ok(())
}
