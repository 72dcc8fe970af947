//! Playbooks in CACAO 2.0 (OASIS, November 2023): what people, or machines, do about an attack, step by step.
//!
//! A playbook is kept as it stood, byte for byte, and read into types beside it. It is taken only where it
//! agrees with the schema and its steps can be followed to an end: whoever follows one on a bad night must
//! not find out then. Nothing in one is ever executed here.

mod canonical;
pub mod edit;
mod finding;
mod flow;
mod graph;
mod place;
pub mod run;
mod schema;
mod step;
mod strict;
mod variable;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

pub use canonical::canonical;
pub use finding::{AtStep, Finding};
pub use flow::{Block, Branch};
pub use step::{Command, Next, Step, StepKind, Variable};

use step::RawStep;

/// The largest playbook, in bytes. The largest real one we know has 60 KB.
pub const LARGEST: usize = 1024 * 1024;
/// The deepest nesting; a step's command lies four deep.
pub const DEEPEST: usize = 32;
/// The most steps of one playbook.
pub const MOST_STEPS: usize = 500;
/// The most that is told of what is wrong with one playbook.
pub const MOST_FINDINGS: usize = 50;

/// A playbook that can be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// What names it, in all its versions: `playbook--…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who made it: an identity in the sense of STIX.
    pub created_by: String,
    /// When it was first made.
    pub created: Timestamp,
    /// When this version was made.
    pub modified: Timestamp,
    /// Whether whoever made it holds it to be valid no more.
    pub revoked: bool,
    /// What it is filed under.
    pub labels: Vec<String>,
    /// Where what it says comes from.
    pub references: Vec<Reference>,
    /// The Traffic Light Protocol levels among its markings, as they are written.
    pub tlp: Vec<String>,
    /// What its steps can ask about, by name.
    pub variables: BTreeMap<String, Variable>,
    /// Where it begins.
    pub start: String,
    /// Where it goes on when a step fails that says nothing of that.
    pub exception: Option<String>,
    /// Its steps, by their ids.
    pub steps: BTreeMap<String, Step>,
    /// Who does steps, by id.
    pub agents: BTreeMap<String, Agent>,
    /// What others have added to the standard's properties, by the id of the extension.
    pub extensions: BTreeMap<String, Value>,
    /// What was noticed that keeps nobody from following it.
    pub remarks: Vec<Finding>,
    /// The whole document.
    pub document: Value,
    /// The document as it stood.
    pub text: String,
}

/// Who does a step, or what it is done to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Agent {
    /// Its type: `individual`, `group`, `organization`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// Who that is.
    #[serde(default)]
    pub description: String,
}

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reference {
    /// What it is called.
    pub name: String,
    /// Who published it.
    #[serde(default)]
    pub source: String,
    /// Where it stands.
    #[serde(default)]
    pub url: String,
}

/// The properties of a playbook that are read, once it agrees with the schema.
#[derive(Deserialize)]
struct Raw {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    created_by: String,
    created: Timestamp,
    modified: Timestamp,
    #[serde(default)]
    revoked: bool,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    external_references: Vec<Reference>,
    #[serde(default)]
    markings: Vec<String>,
    #[serde(default)]
    playbook_variables: BTreeMap<String, Variable>,
    workflow_start: String,
    workflow_exception: Option<String>,
    workflow: BTreeMap<String, RawStep>,
    #[serde(default)]
    agent_definitions: BTreeMap<String, Agent>,
    #[serde(default)]
    target_definitions: BTreeMap<String, Agent>,
    #[serde(default)]
    playbook_extensions: BTreeMap<String, Value>,
    #[serde(default)]
    extension_definitions: BTreeMap<String, Value>,
    #[serde(default)]
    data_marking_definitions: BTreeMap<String, Marking>,
}

#[derive(Deserialize)]
struct Marking {
    tlpv2_level: Option<String>,
}

/// What has no part in how a playbook is followed, with what stands in its place where it has to be there.
const BESIDE: &[(&str, &str)] = &[
    ("id", "playbook"),
    ("name", "A playbook"),
    ("created_by", "somebody"),
    ("created", "1970-01-01T00:00:00Z"),
    ("modified", "1970-01-01T00:00:00Z"),
    ("description", ""),
    ("revoked", ""),
    ("labels", ""),
    ("external_references", ""),
    ("delay", ""),
    ("timeout", ""),
    ("owner", ""),
];

/// The document without what the schema has against such things, so that its steps can be looked at all the same.
fn passed_over(document: &Value, findings: &[Finding]) -> Value {
    let mut document = document.clone();
    for path in findings.iter().map(Finding::path) {
        let (within, key) = match path {
            [workflow, step, key, ..] if workflow == "workflow" => {
                (document.pointer_mut(&format!("/workflow/{step}")), key)
            }
            [key, ..] => (Some(&mut document), key),
            [] => continue,
        };
        if let Some(within) = within.and_then(Value::as_object_mut)
            && BESIDE.iter().any(|(beside, _)| beside == key)
        {
            within.remove(key);
        }
    }
    if let Some(whole) = document.as_object_mut() {
        for (key, stands) in BESIDE.iter().filter(|(_, stands)| !stands.is_empty()) {
            whole.entry(*key).or_insert_with(|| Value::from(*stands));
        }
    }
    document
}

impl Playbook {
    /// Reads a playbook, or says what is wrong with it: the first 50 findings.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Finding>> {
        let whole = |reason: String| vec![Finding::of_whole(1, reason)];
        if bytes.len() > LARGEST {
            return Err(whole(format!("The playbook is larger than {} MiB.", LARGEST / 1024 / 1024)));
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(whole("The playbook is not text in UTF-8.".to_owned()));
        };
        let document = strict::read(text).map_err(|finding| vec![finding])?;
        let mut findings = schema::findings(&document);
        if findings.is_empty() {
            match Self::gathered(text, &document) {
                Ok((playbook, found)) if found.is_empty() => return Ok(playbook),
                Ok((_, found)) | Err(found) => findings = found,
            }
        } else if let Ok((_, found)) = Self::gathered(text, &passed_over(&document, &findings)) {
            // Whoever mends the one is told of the other in the same go, and not at the next attempt.
            findings.extend(found);
        }
        findings.truncate(MOST_FINDINGS);
        for finding in &mut findings {
            finding.settle(text, &document);
        }
        Err(findings)
    }

    /// Looks at one that is still being written: as far as it can be read, beside what keeps it from being
    /// followed, the first 50 findings. Nobody follows it before [`read`](Self::read) takes it.
    pub fn examine(text: &str) -> (Option<Self>, Vec<Finding>) {
        if text.len() > LARGEST {
            let reason = format!("The playbook is larger than {} MiB.", LARGEST / 1024 / 1024);
            return (None, vec![Finding::of_whole(1, reason)]);
        }
        let document = match strict::read(text) {
            Ok(document) => document,
            Err(finding) => return (None, vec![finding]),
        };
        let mut findings = schema::findings(&document);
        let playbook = match Self::gathered(text, &document) {
            Ok((playbook, found)) => {
                findings.extend(found);
                Some(playbook)
            }
            Err(found) => {
                findings.extend(found);
                None
            }
        };
        findings.truncate(MOST_FINDINGS);
        for finding in &mut findings {
            finding.settle(text, &document);
        }
        (playbook, findings)
    }

    /// Reads what has the properties of a playbook, beside what keeps it from being followed.
    fn gathered(text: &str, document: &Value) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        let raw: Raw = serde_path_to_error::deserialize(document).map_err(|error| {
            let reason = format!("{} cannot be read: {}.", error.path(), error.inner());
            vec![Finding::of_whole(1, reason)]
        })?;
        if raw.workflow.len() > MOST_STEPS {
            let reason = format!("The playbook has more than {MOST_STEPS} steps. Make several of it.");
            return Err(vec![Finding::of_whole(1, reason)]);
        }
        let mut findings = Vec::new();
        let mut steps = BTreeMap::new();
        for (id, step) in raw.workflow {
            match step.settle(&id) {
                Ok(step) => _ = steps.insert(id, step),
                Err(reason) => findings.push(Finding::of_step(&id, reason)),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let of_tlp = |id: &String| raw.data_marking_definitions.get(id)?.tlpv2_level.clone();
        let mut playbook = Self {
            id: raw.id,
            name: raw.name,
            description: raw.description,
            created_by: raw.created_by,
            created: raw.created,
            modified: raw.modified,
            revoked: raw.revoked,
            labels: raw.labels,
            references: raw.external_references,
            tlp: raw.markings.iter().filter_map(of_tlp).collect(),
            variables: raw.playbook_variables,
            start: raw.workflow_start,
            exception: raw.workflow_exception,
            steps,
            agents: raw.agent_definitions,
            extensions: raw.playbook_extensions,
            remarks: Vec::new(),
            document: document.clone(),
            text: text.to_owned(),
        };
        let known = graph::Known {
            targets: raw.target_definitions.keys().collect(),
            extensions: raw.extension_definitions.keys().collect(),
            markings: raw.data_marking_definitions.keys().collect(),
            marked: &raw.markings,
        };
        let findings = graph::findings(&playbook, &known);
        playbook.remarks = graph::remarks(&playbook, &known);
        for remark in &mut playbook.remarks {
            remark.settle(text, document);
        }
        Ok((playbook, findings))
    }

    /// Whether every command is for people.
    pub fn is_manual(&self) -> bool {
        self.steps.values().flat_map(Step::commands).all(Command::is_manual)
    }
}

#[cfg(test)]
mod tests;
