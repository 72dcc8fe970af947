//! The JSON Schema of CACAO 2.0, which lies in `data/react/cacao-json-schemas`, and what it finds, in words.

use std::sync::LazyLock;

use boon::{Compiler, Draft, ErrorKind, InstanceToken, SchemaIndex, Schemas, ValidationError};
use serde_json::Value;

use super::{MOST_FINDINGS, finding::Finding};
use crate::refusal::excerpt;

/// Where the schema of a playbook begins.
const PLAYBOOK: &str = "playbook.json";

macro_rules! schemas {
    ($($name:literal)+) => {
        const FILES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../../data/react/cacao-json-schemas/schemas/", $name)),
        )),+];
    };
}

schemas! {
    "agent-target/agent-target.json"
    "agent-target/group.json"
    "agent-target/http-api.json"
    "agent-target/individual.json"
    "agent-target/linux.json"
    "agent-target/location.json"
    "agent-target/net-address.json"
    "agent-target/organization.json"
    "agent-target/sector.json"
    "agent-target/security-category.json"
    "agent-target/ssh.json"
    "authentication-info/authentication-info.json"
    "authentication-info/http-basic.json"
    "authentication-info/oauth2.json"
    "authentication-info/user-auth.json"
    "commands/bash.json"
    "commands/caldera-cmd.json"
    "commands/command-data.json"
    "commands/elastic.json"
    "commands/http-api.json"
    "commands/jupyter.json"
    "commands/kestrel.json"
    "commands/manual.json"
    "commands/openc2-http.json"
    "commands/powershell.json"
    "commands/sigma.json"
    "commands/ssh.json"
    "commands/yara.json"
    "data-markings/data-marking.json"
    "data-markings/marking-iep.json"
    "data-markings/marking-statement.json"
    "data-markings/marking-tlp.json"
    "data-types/civic-location.json"
    "data-types/contact.json"
    "data-types/external-reference.json"
    "data-types/identifier.json"
    "data-types/playbook-processing-summary.json"
    "data-types/signature.json"
    "data-types/timestamp.json"
    "data-types/variable.json"
    "extension-definition/extension-definition.json"
    "playbook.json"
    "workflows/action.json"
    "workflows/end.json"
    "workflows/if-condition.json"
    "workflows/parallel.json"
    "workflows/playbook-action.json"
    "workflows/start.json"
    "workflows/switch-condition.json"
    "workflows/while-condition.json"
    "workflows/workflow-step.json"
}

/// The schemas, made once; what is wrong with them otherwise, which a test would have seen.
static MADE: LazyLock<Result<(Schemas, SchemaIndex), String>> = LazyLock::new(make);

fn make() -> Result<(Schemas, SchemaIndex), String> {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V7);
    let mut begins = String::new();
    for (name, text) in FILES {
        let schema: Value = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        let id = schema["$id"].as_str().ok_or_else(|| format!("{name} has no $id"))?.to_owned();
        if *name == PLAYBOOK {
            begins.clone_from(&id);
        }
        compiler.add_resource(&id, schema).map_err(|error| format!("{name}: {error}"))?;
    }
    let mut schemas = Schemas::new();
    let index = compiler.compile(&begins, &mut schemas).map_err(|error| error.to_string())?;
    Ok((schemas, index))
}

/// What the schema has against a document.
pub(super) fn findings(document: &Value) -> Vec<Finding> {
    let (schemas, index) = match &*MADE {
        Ok((schemas, index)) => (schemas, *index),
        Err(error) => return vec![Finding::of_whole(1, format!("Playbooks cannot be checked: {error}."))],
    };
    let mut found: Vec<Finding> = Vec::new();
    if let Err(error) = schemas.validate(document, index) {
        gather(&error, &mut found);
    }
    found
}

/// Takes the innermost of what is wrong: what lies around it says no more than that something is.
fn gather(error: &ValidationError<'_, '_>, found: &mut Vec<Finding>) {
    if found.len() >= MOST_FINDINGS {
        return;
    }
    let choices = matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_) | ErrorKind::Not);
    if !choices && !error.causes.is_empty() {
        for cause in &error.causes {
            gather(cause, found);
        }
        return;
    }
    let tokens = error.instance_location.tokens.iter();
    let path: Vec<String> = tokens
        .map(|token| match token {
            InstanceToken::Prop(name) => name.to_string(),
            InstanceToken::Item(place) => place.to_string(),
        })
        .collect();
    let within: &[String] = if path.first().is_some_and(|first| first == "workflow") {
        path.get(2..).unwrap_or_default()
    } else {
        &path
    };
    let place = if within.is_empty() { "It".to_owned() } else { excerpt(&within.join(".")) };
    let finding = Finding::of_path(path, format!("{place} {}", words(error)));
    if !found.contains(&finding) {
        found.push(finding);
    }
}

/// What is wrong, behind the name of what it is wrong with.
fn words(error: &ValidationError<'_, '_>) -> String {
    match &error.kind {
        ErrorKind::Required { want } => format!("has no {}. Add what is missing.", want.join(", ")),
        ErrorKind::Type { want, .. } => {
            let offered: Vec<_> = want.iter().map(|each| each.to_string()).collect();
            format!("has to be of type {}.", offered.join(" or "))
        }
        ErrorKind::Enum { want } => {
            let offered: Vec<_> = want.iter().filter_map(Value::as_str).collect();
            format!("is none of what CACAO 2.0 has here: {}.", offered.join(", "))
        }
        ErrorKind::Pattern { got, want } if want.contains("[0-9a-fA-F]{8}") => {
            format!("is {}, which names nothing. Write a type, two hyphens and a UUID.", excerpt(got))
        }
        ErrorKind::Pattern { got, .. } => format!("is {}, which is not written as CACAO asks.", excerpt(got)),
        ErrorKind::MinItems { want, .. } => format!("has to have at least {want}. Leave it out if it is empty."),
        ErrorKind::MinProperties { .. } => "has to hold something. Leave it out if it is empty.".to_owned(),
        ErrorKind::Minimum { want, .. } => format!("has to be {want} or more."),
        ErrorKind::Maximum { want, .. } => format!("has to be {want} or less."),
        ErrorKind::AnyOf | ErrorKind::OneOf(_) | ErrorKind::Not => {
            "contradicts itself: name on_completion, or on_success and on_failure, and neither on an end; give \
             other alternatives one of their forms."
                .to_owned()
        }
        other => format!("is not as CACAO asks: {other}."),
    }
}
