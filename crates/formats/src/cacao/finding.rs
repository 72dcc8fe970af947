//! What is wrong with a playbook, where, and what to do about it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::place;
use crate::{Refusal, refusal::excerpt};

/// One thing that is wrong with a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line, from 1.
    pub line: u64,
    /// The step that it is about, where it is about one.
    pub step: Option<AtStep>,
    /// A sentence for the person who has to mend the playbook.
    pub reason: String,
    /// Where it stands, as keys and numbers from the outermost inwards.
    #[serde(skip)]
    path: Vec<String>,
}

/// A step as people find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtStep {
    /// Its id.
    pub id: String,
    /// Its name; empty where it has none.
    pub name: String,
}

impl Finding {
    pub(super) fn of_whole(line: u64, reason: String) -> Self {
        Self { line, step: None, reason, path: Vec::new() }
    }

    pub(super) fn of_step(id: &str, reason: impl Into<String>) -> Self {
        Self::of_path(vec!["workflow".to_owned(), id.to_owned()], reason)
    }

    pub(super) fn of_path(path: Vec<String>, reason: impl Into<String>) -> Self {
        Self { line: 1, step: None, reason: reason.into(), path }
    }

    /// Where it stands, as keys and numbers from the outermost inwards; empty where it is about the whole.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// Finds the line and the step.
    pub(super) fn settle(&mut self, text: &str, document: &Value) {
        if self.path.is_empty() {
            return;
        }
        self.line = place::line(text, &self.path);
        if let [workflow, id, ..] = &self.path[..]
            && workflow == "workflow"
        {
            let name = document["workflow"][id]["name"].as_str().unwrap_or_default();
            self.step = Some(AtStep { id: id.clone(), name: name.to_owned() });
        }
    }
}

impl From<Finding> for Refusal {
    fn from(finding: Finding) -> Self {
        let reason = finding.to_string();
        let refusal = Self::at(finding.line, reason);
        match &finding.step {
            Some(step) => refusal.in_column(step.id.as_str()),
            None => refusal,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(AtStep { id, name }) if name.is_empty() => write!(f, "Step {}: ", excerpt(id))?,
            Some(AtStep { id, name }) => write!(f, "Step {} ({}): ", excerpt(name), excerpt(id))?,
            None => {}
        }
        f.write_str(&self.reason)
    }
}
