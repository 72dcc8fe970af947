//! One step of a workflow (section 4), and its commands (section 5).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Number, Value};

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What names it.
    pub id: String,
    /// What it does.
    pub kind: StepKind,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it goes on.
    pub next: Next,
    /// How long to wait before it, in milliseconds.
    pub delay: u64,
    /// After how long it is late, in milliseconds.
    pub timeout: Option<u64>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it can ask about, beside the playbook's own.
    pub variables: BTreeMap<String, Variable>,
    /// The names of the variables that it takes, and gives back.
    pub arguments: Vec<String>,
    /// What others have added to it, by the id of the extension.
    pub extensions: BTreeMap<String, Value>,
}

/// Where a step goes on, once it is done with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// In any case.
    pub completion: Option<String>,
    /// Where it went well.
    pub success: Option<String>,
    /// Where it did not.
    pub failure: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Begins.
    Start,
    /// Ends the playbook, or the branch that it stands in.
    End,
    /// Has commands carried out.
    Action {
        /// The commands, in their order.
        commands: Vec<Command>,
        /// Who carries them out.
        agent: String,
        /// What they are carried out on.
        targets: Vec<String>,
    },
    /// Follows another playbook.
    Playbook {
        /// Which.
        playbook: String,
    },
    /// Follows several branches at the same time, and goes on when all have ended.
    Parallel {
        /// Where each begins.
        branches: Vec<String>,
    },
    /// Follows one branch or another.
    If {
        /// On what it depends.
        condition: String,
        /// Where it holds.
        on_true: String,
        /// Where it does not.
        on_false: Option<String>,
    },
    /// Follows a branch again and again.
    While {
        /// As long as this holds.
        condition: String,
        /// Where the branch begins.
        on_true: String,
    },
    /// Follows one of several branches.
    Switch {
        /// The variable that it depends on.
        switch: String,
        /// Where each value leads.
        cases: BTreeMap<String, String>,
    },
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Command {
    /// Its type: `manual`, `ssh`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What to do.
    #[serde(default)]
    pub command: String,
    /// The same in base64.
    #[serde(default)]
    pub command_b64: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// What a playbook can ask about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Variable {
    /// Its type: `string`, `bool`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about.
    #[serde(default)]
    pub description: String,
    /// What it is, where that is known.
    #[serde(default)]
    pub value: Option<String>,
    /// Whether it stays what it is; the standard says so of all that do not say otherwise.
    #[serde(default = "constant")]
    pub constant: bool,
    /// Whether its value is given from outside when the playbook is followed.
    #[serde(default)]
    pub external: bool,
}

const fn constant() -> bool {
    true
}

impl Step {
    /// Every step that this one names, each with the property that does.
    pub fn leads_to(&self) -> Vec<(String, &str)> {
        let mut named: Vec<(String, &str)> = Vec::new();
        match &self.kind {
            StepKind::Start | StepKind::End | StepKind::Action { .. } | StepKind::Playbook { .. } => {}
            StepKind::Parallel { branches } => {
                named.extend(branches.iter().map(|each| ("next_steps".to_owned(), each.as_str())));
            }
            StepKind::If { on_true, on_false, .. } => {
                named.push(("on_true".to_owned(), on_true));
                named.extend(on_false.iter().map(|each| ("on_false".to_owned(), each.as_str())));
            }
            StepKind::While { on_true, .. } => named.push(("on_true".to_owned(), on_true)),
            StepKind::Switch { cases, .. } => {
                named.extend(cases.iter().map(|(case, each)| (format!("cases.{case}"), each.as_str())));
            }
        }
        let Next { completion, success, failure } = &self.next;
        for (property, step) in
            [("on_completion", completion), ("on_success", success), ("on_failure", failure)]
        {
            named.extend(step.iter().map(|each| (property.to_owned(), each.as_str())));
        }
        named
    }

    /// Whether it has branches, at whose end it goes on.
    pub const fn branches(&self) -> bool {
        matches!(
            self.kind,
            StepKind::Parallel { .. }
                | StepKind::If { .. }
                | StepKind::While { .. }
                | StepKind::Switch { .. }
        )
    }

    /// Its commands; none but an action has any.
    pub fn commands(&self) -> &[Command] {
        match &self.kind {
            StepKind::Action { commands, .. } => commands,
            _ => &[],
        }
    }

    /// On what it depends where it goes on.
    pub fn condition(&self) -> Option<&str> {
        match &self.kind {
            StepKind::If { condition, .. } | StepKind::While { condition, .. } => Some(condition),
            StepKind::Switch { switch, .. } => Some(switch),
            _ => None,
        }
    }
}

impl Command {
    /// Whether it is for people.
    pub fn is_manual(&self) -> bool {
        self.kind == "manual"
    }
}

/// A step as it stands in a document that agrees with the schema.
#[derive(Deserialize)]
pub(super) struct RawStep {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    on_completion: Option<String>,
    on_success: Option<String>,
    on_failure: Option<String>,
    delay: Option<Number>,
    timeout: Option<Number>,
    owner: Option<String>,
    #[serde(default)]
    step_variables: BTreeMap<String, Variable>,
    #[serde(default)]
    in_args: Vec<String>,
    #[serde(default)]
    out_args: Vec<String>,
    #[serde(default)]
    step_extensions: BTreeMap<String, Value>,
    #[serde(default)]
    commands: Vec<Command>,
    agent: Option<String>,
    #[serde(default)]
    targets: Vec<String>,
    playbook_id: Option<String>,
    #[serde(default)]
    next_steps: Vec<String>,
    condition: Option<String>,
    on_true: Option<String>,
    on_false: Option<String>,
    switch: Option<String>,
    #[serde(default)]
    cases: BTreeMap<String, String>,
}

impl RawStep {
    /// The step, or why it is none.
    pub(super) fn settle(self, id: &str) -> Result<Step, String> {
        let kind = self.kind.clone();
        if id.split_once("--").is_none_or(|(begins, _)| begins != kind) {
            return Err(format!(
                "Its type is {kind}, but its id does not begin with that. Write {kind}-- before the number, \
                 also where other steps name it."
            ));
        }
        let needs = |what: &str| format!("It has no {what}. Give it one.");
        let agent = || self.agent.clone().ok_or_else(|| needs("agent"));
        let condition = || self.condition.clone().ok_or_else(|| needs("condition"));
        let on_true = || self.on_true.clone().ok_or_else(|| needs("on_true"));
        let does = match kind.as_str() {
            "start" => StepKind::Start,
            "end" => StepKind::End,
            "action" => StepKind::Action { agent: agent()?, commands: self.commands, targets: self.targets },
            "playbook-action" => {
                StepKind::Playbook { playbook: self.playbook_id.ok_or_else(|| needs("playbook_id"))? }
            }
            "parallel" => StepKind::Parallel { branches: self.next_steps },
            "if-condition" => {
                StepKind::If { condition: condition()?, on_true: on_true()?, on_false: self.on_false }
            }
            "while-condition" => StepKind::While { condition: condition()?, on_true: on_true()? },
            "switch-condition" => {
                StepKind::Switch { switch: self.switch.ok_or_else(|| needs("switch"))?, cases: self.cases }
            }
            _ => return Err("There is no such type of step. Use one of CACAO 2.0.".to_owned()),
        };
        let whole = |number: Option<Number>| {
            let number = number?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
            number.as_u64().or_else(|| Some(number.as_f64()? as u64))
        };
        Ok(Step {
            id: id.to_owned(),
            kind: does,
            name: self.name,
            description: self.description,
            next: Next { completion: self.on_completion, success: self.on_success, failure: self.on_failure },
            delay: whole(self.delay).unwrap_or_default(),
            timeout: whole(self.timeout),
            owner: self.owner,
            variables: self.step_variables,
            arguments: [self.in_args, self.out_args].concat(),
            extensions: self.step_extensions,
        })
    }
}
