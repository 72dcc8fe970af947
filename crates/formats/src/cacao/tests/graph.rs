//! What the schema cannot say.

use serde_json::json;

use super::{id, told};

#[test]
fn what_is_named_has_to_be_there() {
    let said =
        told(|playbook| playbook["workflow"][id("action", 2)]["on_completion"] = json!(id("action", 77)));
    let expected = format!(
        "Step “Ring” (“{}”): on_completion names “{}”, which is not a step here. Name one that is, or add it.",
        id("action", 2),
        id("action", 77)
    );
    assert_eq!(said, [expected]);
    let said = told(|playbook| playbook["workflow_start"] = json!(id("action", 2)));
    assert_eq!(said, ["workflow_start names a step that is no start. Name the step of type start."]);
    let said = told(|playbook| playbook["workflow_exception"] = json!(id("action", 78)));
    assert!(said[0].starts_with("workflow_exception names"), "{said:?}");
    let said = told(|playbook| {
        playbook["agent_definitions"] = json!({id("group", 1): {"type": "group", "name": "x"}});
    });
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].contains("is not defined. Add it to agent_definitions."), "{said:?}");
    let said = told(|playbook| playbook["markings"] = json!([id("marking-tlp", 92)]));
    assert!(said[0].contains("data_marking_definitions"), "{said:?}");
    let extension = id("extension-definition", 5);
    let said =
        told(|playbook| playbook["workflow"][id("end", 7)]["step_extensions"] = json!({extension: {}}));
    assert!(said[0].contains("extension_definitions"), "{said:?}");
}

#[test]
fn every_step_has_to_be_reached() {
    let said = told(|playbook| playbook["workflow"][id("end", 50)] = json!({"type": "end", "name": "Lost"}));
    let expected = format!(
        "Step “Lost” (“{}”): Nothing leads to it. Have another step name it, or take it out.",
        id("end", 50)
    );
    assert_eq!(said, [expected]);
    // What only an exception leads to is reached.
    let said = told(|playbook| {
        playbook["workflow"][id("end", 50)] = json!({"type": "end"});
        playbook["workflow_exception"] = json!(id("end", 50));
    });
    assert_eq!(said, [""; 0]);
}

#[test]
fn every_branch_has_to_end() {
    let take = |kind: &str, number: u32, property: &'static str| {
        let id = id(kind, number);
        told(move |playbook| {
            playbook["workflow"][id].as_object_mut().unwrap().remove(property);
        })
    };
    assert!(take("action", 5, "on_completion")[0].contains("Nothing comes after it."));
    assert!(take("action", 6, "on_success")[0].contains("not when it succeeds"));
    // Where the branches of a condition end, so does what it stands in.
    assert_eq!(take("parallel", 4, "on_completion").len(), 1, "only its own end is reached no more");
}

#[test]
fn only_while_may_go_in_a_circle() {
    let said =
        told(|playbook| playbook["workflow"][id("action", 5)]["on_completion"] = json!(id("action", 2)));
    let back = said.iter().any(|each| each.contains("It leads back to") && each.contains("while-condition"));
    assert!(back, "{said:?}");
    let said = told(|playbook| {
        let end = id("end", 51);
        playbook["workflow"][id("action", 12)]["on_completion"] = json!(end);
        playbook["workflow"][end] = json!({"type": "end"});
    });
    assert_eq!(said, [""; 0]);
    // Within the branch of a while too.
    let said =
        told(|playbook| playbook["workflow"][id("action", 12)]["on_completion"] = json!(id("action", 12)));
    assert!(said[0].starts_with("Step “Wait”") && said[0].contains("It leads back to “Wait”"), "{said:?}");
}

#[test]
fn variables_have_to_be_declared() {
    let said = told(|playbook| {
        playbook["workflow"][id("if-condition", 3)]["condition"] = json!("__worse__:value = 'yes'");
        playbook["workflow"][id("action", 2)]["commands"][0]["command"] =
            json!("Ring __whom__:value. __this__ is no variable");
        playbook["workflow"][id("action", 5)]["in_args"] = json!(["__given__"]);
    });
    assert_eq!(said.len(), 3, "{said:?}");
    let named = |name: &str| {
        said.iter().any(|each| each.contains(&format!("the variable “{name}”, which is not declared")))
    };
    assert!(named("__worse__") && named("__whom__") && named("__given__"), "{said:?}");
    let said = told(|playbook| {
        playbook["workflow"][id("action", 5)]["in_args"] = json!(["__given__"]);
        playbook["workflow"][id("action", 5)]["step_variables"] = json!({"__given__": {"type": "string"}});
    });
    assert_eq!(said, [""; 0]);
}

#[test]
fn a_target_that_is_not_defined_is_remarked_upon() {
    let mut playbook = super::whole();
    playbook["workflow"][id("action", 5)]["targets"] = json!([id("linux", 6)]);
    let remarks = super::read(&playbook).unwrap().remarks;
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].to_string().starts_with("Step “Left”") && remarks[0].line > 1, "{remarks:?}");
}

#[test]
fn a_person_has_to_be_told_something() {
    let said = told(|playbook| playbook["workflow"][id("action", 5)]["commands"][0]["command"] = json!(" "));
    assert!(said[0].starts_with("Step “Left”") && said[0].contains("says nothing"), "{said:?}");
}

#[test]
fn an_id_begins_with_its_type() {
    let said = told(|playbook| playbook["workflow"][id("action", 5)]["type"] = json!("parallel"));
    assert!(said[0].starts_with("Step “Left”"), "{said:?}");
}
