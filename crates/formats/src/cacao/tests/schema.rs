//! What the schema finds, in words that name the step.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Playbook, id, read, told, whole};

#[test]
fn what_is_missing_is_named() {
    let said = told(|playbook| {
        playbook.as_object_mut().unwrap().remove("created_by");
    });
    assert_eq!(said, ["It has no created_by. Add what is missing."]);
    let said = told(|playbook| {
        playbook["workflow"][id("action", 2)].as_object_mut().unwrap().remove("commands");
    });
    let expected = format!("Step “Ring” (“{}”): It has no commands. Add what is missing.", id("action", 2));
    assert_eq!(said, [expected]);
}

#[test]
fn what_is_wrong_is_named() {
    let said = |pointer: &str, value: Value| {
        told(|playbook| *playbook.pointer_mut(pointer).unwrap() = value).join("\n")
    };
    assert_eq!(
        said("/spec_version", json!("cacao-1.1")),
        "“spec_version” is none of what CACAO 2.0 has here: cacao-2.0."
    );
    assert_eq!(said("/name", json!(7)), "“name” has to be of type string.");
    assert_eq!(
        said("/id", json!("playbook")),
        "“id” is “playbook”, which names nothing. Write a type, two hyphens and a UUID."
    );
    assert!(said("/modified", json!("yesterday")).contains("is not written as CACAO asks"));
    let step = format!("/workflow/{}", id("action", 2));
    let wrong = said(&format!("{step}/commands/0"), json!("Ring Ann."));
    assert!(
        wrong.starts_with("Step “Ring”") && wrong.contains("“commands.0” has to be of type object."),
        "{wrong}"
    );
    let wrong = said(&format!("{step}/commands"), json!([]));
    assert!(wrong.contains("“commands” has to have at least 1."), "{wrong}");
}

#[test]
fn what_the_schema_finds_hides_nothing_that_keeps_it_from_being_followed() {
    let dangling = |playbook: &mut Value| {
        playbook["workflow"][id("action", 12)]["on_completion"] = json!(id("action", 77));
    };
    let alone = told(dangling);
    assert!(alone.len() == 1 && alone[0].starts_with("Step “Wait”"), "{alone:?}");
    for (pointer, value) in [
        ("/modified", json!("yesterday")),
        ("/name", json!(7)),
        (&format!("/workflow/{}/timeout", id("action", 12)), json!("an hour")),
    ] {
        let of_schema = told(|playbook| *playbook.pointer_mut(pointer).unwrap() = value.clone());
        assert_eq!(of_schema.len(), 1, "{of_schema:?}");
        let both = told(|playbook| {
            *playbook.pointer_mut(pointer).unwrap() = value;
            dangling(playbook);
        });
        assert_eq!(both, [of_schema[0].clone(), alone[0].clone()], "{pointer}");
    }
    let both = told(|playbook| {
        playbook.as_object_mut().unwrap().remove("created_by");
        dangling(playbook);
    });
    assert_eq!(both, ["It has no created_by. Add what is missing.", &alone[0]]);
}

#[test]
fn a_finding_stands_on_its_line() {
    let mut playbook = whole();
    playbook["workflow"][id("action", 12)]["timeout"] = json!("an hour");
    let text = serde_json::to_string_pretty(&playbook).unwrap();
    let expected = 1 + text.lines().position(|line| line.contains("an hour")).unwrap() as u64;
    let found = Playbook::read(text.as_bytes()).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].line, expected);
    let refusal = crate::Refusal::from(found[0].clone());
    assert_eq!(refusal.column, Some(id("action", 12).as_str().into()));
}

/// Every place in a document.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                places(value, &format!("{at}/{name}"), out);
            }
        }
        Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                places(value, &format!("{at}/{place}"), out);
            }
        }
        _ => {}
    }
}

proptest! {
    /// Whatever stands wherever: it is read, or refused with sentences that end.
    #[test]
    fn a_damaged_playbook_is_read_or_refused_in_words(place in any::<prop::sample::Index>(), with in 0..7_usize) {
        let mut playbook = whole();
        let mut all = Vec::new();
        places(&playbook, "", &mut all);
        let values = [json!(null), json!(-1), json!(1e300), json!(""), json!([]), json!({}), json!(["x", {"y": []}])];
        *playbook.pointer_mut(place.get(all.as_slice()).as_str()).unwrap() = values[with].clone();
        if let Err(found) = read(&playbook) {
            prop_assert!(!found.is_empty());
            for finding in found {
                prop_assert!(finding.reason.ends_with('.') && finding.line > 0, "{finding}");
            }
        }
    }
}
