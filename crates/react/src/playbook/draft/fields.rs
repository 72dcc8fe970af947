//! What the form of a step holds, read from the document and written back to it. What was not changed in the form
//! is not touched in the document, and neither is what the form has no field for.

use formats::cacao::edit::NewId;
use platform::web::form::Problems;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    DraftError, LONGEST, LONGEST_LINE,
    value::{
        clean, define_extension, extend, fingerprint, lines, lines_of, minutes, one_line, put, put_lines,
        put_minutes, text,
    },
};
use crate::playbook::guidance::EXTENSION;

/// The longest time of a step, in minutes: a year.
const LONGEST_TIME: u64 = 365 * 24 * 60;

/// The form of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StepFields {
    /// What to do, or what to ask.
    pub name: String,
    /// Why.
    pub why: String,
    /// How, a line each.
    pub how: String,
    /// Who does it.
    pub owner: String,
    /// What to beware of, a line each.
    pub cautions: String,
    /// How it is undone.
    pub undo: String,
    /// When it is for, by its code.
    pub phase: String,
    /// `yes` where it is about care.
    pub hospital: String,
    /// By when, in minutes after it was begun.
    pub within: String,
    /// How long to wait before it, in minutes.
    pub wait: String,
    /// Of a step that leads to another playbook, its id.
    pub leads: String,
    /// What to do, in Welsh.
    pub cy_what: String,
    /// Why, in Welsh.
    pub cy_why: String,
    /// How, in Welsh, a line each.
    pub cy_how: String,
    /// Who does it, in Welsh.
    pub cy_owner: String,
    /// What to beware of, in Welsh, a line each.
    pub cy_cautions: String,
    /// How it is undone, in Welsh.
    pub cy_undo: String,
}

impl StepFields {
    /// What a document says of a step; nothing where it has none such.
    pub fn of(document: &Value, id: &str) -> Option<Self> {
        let step = document["workflow"].get(id)?;
        let said = &step["step_extensions"][EXTENSION];
        let welsh = &said["welsh"];
        let agent = step["agent"].as_str().unwrap_or_default();
        Some(Self {
            name: text(&step["name"]),
            why: text(&step["description"]),
            how: manual(step).map(|(_, command)| one_line(command)).collect::<Vec<_>>().join("\n"),
            owner: text(&document["agent_definitions"][agent]["name"]),
            cautions: lines_of(&said["cautions"]),
            undo: text(&said["undo"]),
            phase: text(&said["phase"]),
            hospital: if said["hospital"] == true { "yes".to_owned() } else { String::new() },
            within: minutes(&step["timeout"]),
            wait: minutes(&step["delay"]),
            leads: text(&step["playbook_id"]),
            cy_what: text(&welsh["what"]),
            cy_why: text(&welsh["why"]),
            cy_how: lines_of(&welsh["how"]),
            cy_owner: text(&welsh["owner"]),
            cy_cautions: lines_of(&welsh["cautions"]),
            cy_undo: text(&welsh["undo"]),
        })
    }

    /// What names these words.
    pub fn seen(&self) -> String {
        fingerprint(self)
    }

    /// What was typed, as it is compared and kept.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for line in [
            &mut self.name,
            &mut self.owner,
            &mut self.phase,
            &mut self.leads,
            &mut self.cy_what,
            &mut self.cy_owner,
        ] {
            *line = one_line(line);
        }
        for text in [
            &mut self.why,
            &mut self.undo,
            &mut self.cy_why,
            &mut self.cy_undo,
            &mut self.within,
            &mut self.wait,
        ] {
            *text = clean(text);
        }
        for list in [&mut self.how, &mut self.cautions, &mut self.cy_how, &mut self.cy_cautions] {
            *list = lines(list).join("\n");
        }
        self
    }

    /// What cannot be taken, field by field.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::none();
        problems.optional_text("name", &self.name, LONGEST_LINE, "what to do");
        problems.optional_text("why", &self.why, LONGEST, "the reason why");
        problems.optional_text("how", &self.how, LONGEST, "how it is done");
        problems.optional_text("owner", &self.owner, LONGEST_LINE, "who does it");
        problems.optional_text("cautions", &self.cautions, LONGEST, "what to beware of");
        problems.optional_text("undo", &self.undo, LONGEST, "how it is undone");
        for (field, typed) in [("within", &self.within), ("wait", &self.wait)] {
            let number = typed.parse::<u64>();
            if !typed.is_empty() && !number.is_ok_and(|minutes| (1..=LONGEST_TIME).contains(&minutes)) {
                problems.push(field, "Enter whole minutes, such as 15, or leave it empty");
            }
        }
        for (field, typed) in [
            ("cy_what", &self.cy_what),
            ("cy_why", &self.cy_why),
            ("cy_how", &self.cy_how),
            ("cy_owner", &self.cy_owner),
            ("cy_cautions", &self.cy_cautions),
            ("cy_undo", &self.cy_undo),
        ] {
            problems.optional_text(field, typed, LONGEST, "the Welsh text");
        }
        problems
    }

    /// The fields that differ: what each is called, and what either says of it.
    pub fn differences<'a>(&'a self, other: &'a Self) -> Vec<(&'static str, &'a str, &'a str)> {
        let all = self.named().into_iter().zip(other.named());
        all.filter(|((_, one), (_, other))| one != other)
            .map(|((name, one), (_, other))| (name, one, other))
            .collect()
    }

    fn named(&self) -> [(&'static str, &str); 17] {
        [
            ("What to do", &self.name),
            ("Why", &self.why),
            ("How", &self.how),
            ("Who", &self.owner),
            ("What to beware of", &self.cautions),
            ("How it is undone", &self.undo),
            ("When it is for", &self.phase),
            ("About care", &self.hospital),
            ("By when", &self.within),
            ("How long to wait", &self.wait),
            ("The other playbook", &self.leads),
            ("What to do, in Welsh", &self.cy_what),
            ("Why, in Welsh", &self.cy_why),
            ("How, in Welsh", &self.cy_how),
            ("Who, in Welsh", &self.cy_owner),
            ("What to beware of, in Welsh", &self.cy_cautions),
            ("How it is undone, in Welsh", &self.cy_undo),
        ]
    }

    /// Writes what was changed into the document.
    pub fn write(&self, document: &mut Value, id: &str, new_id: &mut NewId<'_>) -> Result<(), DraftError> {
        let gone = formats::cacao::edit::Refused::NoStep;
        let was = Self::of(document, id).ok_or(gone)?;
        if self.owner != was.owner && !self.owner.is_empty() {
            let agent = agent(document, &self.owner, new_id);
            document["workflow"][id]["agent"] = json!(agent);
        }
        if self.name != was.name {
            rename_variable(document, id, &was.name, &self.name);
        }
        let step = document["workflow"][id].as_object_mut().ok_or(gone)?;
        self.write_step(&was, step);
        define_extension(document);
        Ok(())
    }

    fn write_step(&self, was: &Self, step: &mut Map<String, Value>) {
        if self.name != was.name {
            put(step, "name", &self.name);
        }
        if self.why != was.why {
            put(step, "description", &self.why);
        }
        if self.how != was.how && step.contains_key("commands") {
            let commands = commands(step, &lines(&self.how));
            step.insert("commands".to_owned(), json!(commands));
        }
        if self.within != was.within {
            put_minutes(step, "timeout", &self.within);
        }
        if self.wait != was.wait {
            put_minutes(step, "delay", &self.wait);
        }
        if self.leads != was.leads && step.contains_key("playbook_id") {
            step.insert("playbook_id".to_owned(), json!(self.leads));
        }
        extend(step, "step_extensions", |said| {
            if self.cautions != was.cautions {
                put_lines(said, "cautions", &self.cautions);
            }
            if self.undo != was.undo {
                put(said, "undo", &self.undo);
            }
            if self.phase != was.phase {
                put(said, "phase", &self.phase);
            }
            if self.hospital != was.hospital {
                said.remove("hospital");
                if self.hospital == "yes" {
                    said.insert("hospital".to_owned(), json!(true));
                }
            }
            self.write_welsh(was, said);
        });
    }

    fn write_welsh(&self, was: &Self, said: &mut Map<String, Value>) {
        let mut welsh = match said.remove("welsh") {
            Some(Value::Object(welsh)) => welsh,
            _ => Map::new(),
        };
        let texts = [
            ("what", &self.cy_what, &was.cy_what),
            ("why", &self.cy_why, &was.cy_why),
            ("owner", &self.cy_owner, &was.cy_owner),
            ("undo", &self.cy_undo, &was.cy_undo),
        ];
        for (property, typed, _) in texts.into_iter().filter(|(_, typed, was)| typed != was) {
            put(&mut welsh, property, typed);
        }
        let lists = [("how", &self.cy_how, &was.cy_how), ("cautions", &self.cy_cautions, &was.cy_cautions)];
        for (property, typed, _) in lists.into_iter().filter(|(_, typed, was)| typed != was) {
            put_lines(&mut welsh, property, typed);
        }
        if !welsh.is_empty() {
            said.insert("welsh".to_owned(), Value::Object(welsh));
        }
    }
}

/// The commands for people that say what to do in words, with their places.
fn manual(step: &Value) -> impl Iterator<Item = (usize, &str)> {
    let all = step["commands"].as_array().map(Vec::as_slice).unwrap_or_default().iter().enumerate();
    all.filter(|(_, command)| command["type"] == "manual").filter_map(|(place, command)| {
        let text = command["command"].as_str().filter(|text| !text.trim().is_empty())?;
        Some((place, text))
    })
}

/// The commands of a step with these lines for people: one that says the same is kept whole, another takes what
/// else stood in the one at its place; those for machines stand where they stood, or behind.
fn commands(step: &Map<String, Value>, lines: &[String]) -> Vec<Value> {
    let whole = Value::Object(step.clone());
    let old = whole["commands"].as_array().cloned().unwrap_or_default();
    let places: Vec<(usize, String)> = manual(&whole).map(|(place, text)| (place, one_line(text))).collect();
    let mut said: Vec<Value> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let same = places.iter().find(|(_, text)| text == line);
        let beside = places.get(number).filter(|(_, text)| !lines.contains(text));
        said.push(match (same, beside) {
            (Some((place, _)), _) => old[*place].clone(),
            (None, Some((place, _))) => {
                let mut command = old[*place].clone();
                command["command"] = json!(line);
                command
            }
            (None, None) => json!({"type": "manual", "command": line}),
        });
    }
    let is_empty = |command: &Value| {
        let none = |property: &str| command[property].as_str().is_none_or(|text| text.trim().is_empty());
        command["type"] == "manual" && ["command", "command_b64", "description"].into_iter().all(none)
    };
    let others = old
        .iter()
        .enumerate()
        .filter(|(place, command)| !is_empty(command) && !places.iter().any(|(known, _)| known == place));
    said.extend(others.map(|(_, command)| command.clone()));
    if said.is_empty() {
        said.push(json!({"type": "manual", "command": ""}));
    }
    said
}

/// The agent who is called so: one that is defined, or a new one.
fn agent(document: &mut Value, name: &str, new_id: &mut NewId<'_>) -> String {
    let agents = document["agent_definitions"].as_object();
    let known = agents.into_iter().flatten().find(|(_, agent)| {
        agent["name"].as_str().is_some_and(|known| one_line(known).to_lowercase() == name.to_lowercase())
    });
    if let Some((id, _)) = known {
        return id.clone();
    }
    let id = new_id("individual");
    document["agent_definitions"][&id] = json!({"type": "individual", "name": name});
    id
}

/// Has the variable of a question say what the question says, where it did before.
fn rename_variable(document: &mut Value, id: &str, was: &str, name: &str) {
    let step = &document["workflow"][id];
    let condition =
        step["condition"].as_str().or_else(|| step["switch"].as_str()).unwrap_or_default().to_owned();
    let variables = document.get_mut("playbook_variables").and_then(Value::as_object_mut);
    for (variable, said) in variables.into_iter().flatten() {
        if condition.contains(variable.as_str())
            && said["description"].as_str().map(one_line).as_deref() == Some(was)
        {
            said["description"] = json!(name);
        }
    }
}
