//! What the form of a whole playbook holds, read from the document and written back to it.

use formats::{Tlp, cacao::edit::NewId};
use platform::web::form::Problems;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    LONGEST, LONGEST_LINE,
    value::{clean, define_extension, extend, fingerprint, lines, lines_of, one_line, put, put_lines, text},
};
use crate::playbook::guidance::EXTENSION;

/// The form of a playbook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AboutFields {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// For which kind of attack, a line each.
    pub labels: String,
    /// What is seen when it is the right one, a line each.
    pub use_when: String,
    /// Its marking, by the code of its level.
    pub tlp: String,
    /// What it is called, in Welsh.
    pub cy_name: String,
    /// What it is for, in Welsh.
    pub cy_description: String,
}

impl AboutFields {
    /// What a document says of itself.
    pub fn of(document: &Value) -> Self {
        let said = &document["playbook_extensions"][EXTENSION];
        Self {
            name: text(&document["name"]),
            description: text(&document["description"]),
            labels: lines_of(&document["labels"]),
            use_when: lines_of(&said["use_when"]),
            tlp: marking(document).map(Tlp::code).unwrap_or_default().to_owned(),
            cy_name: text(&said["welsh"]["name"]),
            cy_description: text(&said["welsh"]["description"]),
        }
    }

    /// What names these words.
    pub fn seen(&self) -> String {
        fingerprint(self)
    }

    /// What was typed, as it is compared and kept.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for line in [&mut self.name, &mut self.tlp, &mut self.cy_name] {
            *line = one_line(line);
        }
        for text in [&mut self.description, &mut self.cy_description] {
            *text = clean(text);
        }
        for list in [&mut self.labels, &mut self.use_when] {
            *list = lines(list).join("\n");
        }
        self
    }

    /// What cannot be taken, field by field.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::none();
        problems.text("name", &self.name, LONGEST_LINE, "the name of the playbook");
        problems.optional_text("description", &self.description, LONGEST, "what it is for");
        problems.optional_text("labels", &self.labels, LONGEST, "the kind of attack");
        problems.optional_text("use_when", &self.use_when, LONGEST, "what is seen");
        if !self.tlp.is_empty() && self.tlp.parse::<Tlp>().is_err() {
            problems.push("tlp", "Select who may read it");
        }
        problems.optional_text("cy_name", &self.cy_name, LONGEST_LINE, "the name in Welsh");
        problems.optional_text("cy_description", &self.cy_description, LONGEST, "the Welsh text");
        problems
    }

    /// The fields that differ: what each is called, and what either says of it.
    pub fn differences<'a>(&'a self, other: &'a Self) -> Vec<(&'static str, &'a str, &'a str)> {
        let all = self.named().into_iter().zip(other.named());
        all.filter(|((_, one), (_, other))| one != other)
            .map(|((name, one), (_, other))| (name, one, other))
            .collect()
    }

    fn named(&self) -> [(&'static str, &str); 7] {
        [
            ("Name", &self.name),
            ("What it is for", &self.description),
            ("Kind of attack", &self.labels),
            ("When it is the right one", &self.use_when),
            ("Who may read it", &self.tlp),
            ("Name in Welsh", &self.cy_name),
            ("What it is for, in Welsh", &self.cy_description),
        ]
    }

    /// Writes what was changed into the document.
    pub fn write(&self, document: &mut Value, now: &str, new_id: &mut NewId<'_>) {
        let was = Self::of(document);
        if self.tlp != was.tlp {
            mark(document, self.tlp.parse().ok(), now, new_id);
        }
        let Some(object) = document.as_object_mut() else { return };
        if self.name != was.name {
            put(object, "name", &self.name);
        }
        if self.description != was.description {
            put(object, "description", &self.description);
        }
        if self.labels != was.labels {
            put_lines(object, "labels", &self.labels);
        }
        extend(object, "playbook_extensions", |said| {
            if self.use_when != was.use_when {
                said.insert("use_when".to_owned(), json!(lines(&self.use_when)));
            }
            let mut welsh = match said.remove("welsh") {
                Some(Value::Object(welsh)) => welsh,
                _ => Map::new(),
            };
            if self.cy_name != was.cy_name {
                put(&mut welsh, "name", &self.cy_name);
            }
            if self.cy_description != was.cy_description {
                put(&mut welsh, "description", &self.cy_description);
            }
            if !welsh.is_empty() {
                said.insert("welsh".to_owned(), Value::Object(welsh));
            }
            complete(said);
        });
        define_extension(document);
    }
}

/// What our extension has to say of a playbook, where it says anything.
fn complete(said: &mut Map<String, Value>) {
    if said.is_empty() {
        return;
    }
    said.entry("slug").or_insert_with(|| json!(""));
    said.entry("use_when").or_insert_with(|| json!([]));
    said.entry("clinical_review").or_insert_with(|| json!({"state": "not-reviewed"}));
}

/// The narrowest level among the markings of a document.
fn marking(document: &Value) -> Option<Tlp> {
    let names = document["markings"].as_array()?;
    let levels = names.iter().filter_map(|name| {
        document["data_marking_definitions"][name.as_str()?]["tlpv2_level"].as_str()?.parse::<Tlp>().ok()
    });
    levels.max()
}

/// Marks a document at this level, in the place of all levels before; other markings stay.
fn mark(document: &mut Value, level: Option<Tlp>, now: &str, new_id: &mut NewId<'_>) {
    let by = document["created_by"].clone();
    let is_level = |definitions: &Value, name: &Value| {
        name.as_str().is_some_and(|name| definitions[name]["type"] == "marking-tlp")
    };
    let definitions = document["data_marking_definitions"].clone();
    let mut names = document["markings"].as_array().cloned().unwrap_or_default();
    names.retain(|name| {
        let other = !is_level(&definitions, name);
        if let (false, Some(name), Some(all)) =
            (other, name.as_str(), document["data_marking_definitions"].as_object_mut())
        {
            all.remove(name);
        }
        other
    });
    if let Some(level) = level {
        let id = new_id("marking-tlp");
        document["data_marking_definitions"][&id] = json!({
            "type": "marking-tlp", "id": id, "created_by": by, "created": now, "tlpv2_level": level.to_string(),
        });
        names.push(json!(id));
    }
    let Some(object) = document.as_object_mut() else { return };
    object.remove("markings");
    if !names.is_empty() {
        object.insert("markings".to_owned(), json!(names));
    }
    let defined = object.get("data_marking_definitions").and_then(Value::as_object);
    if defined.is_none_or(Map::is_empty) {
        object.remove("data_marking_definitions");
    }
}
