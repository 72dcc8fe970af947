//! What a system raises, as TheHive has it: an alert that is its own side's until it becomes a part of a case. It rings
//! nobody and makes no incident: a system may raise hundreds in a day.

pub(super) mod api;
pub(super) mod import;
pub(super) mod pages;
pub(crate) mod store;

use db::listing;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{
    noun::Noun,
    query::field::{Field, Kind},
    said::tags,
    words::{millis, pap_label, severity_label, tlp_label},
};
use crate::incident::IncidentId;

db::id! {
    /// Names what a system raised.
    pub AlertId
}

/// The most that one organisation, or the CERT, has.
pub(super) const MOST: i64 = 10_000;

platform::vocabulary! {
    /// Where an alert of a system stands.
    pub enum Status {
        New = "new", "New";
        InProgress = "in_progress", "InProgress";
        Ignored = "ignored", "Ignored";
        Imported = "imported", "Imported";
    }
}

/// The statuses that a word of TheHive's stands for.
fn of_word(word: &str) -> Option<&'static [&'static str]> {
    match word {
        "New" => Some(&["new"]),
        "InProgress" => Some(&["in_progress"]),
        "Ignored" => Some(&["ignored"]),
        "Imported" => Some(&["imported"]),
        _ => None,
    }
}

/// The statuses of a stage.
fn of_stage(word: &str) -> Option<&'static [&'static str]> {
    if word == "Closed" { Some(&["ignored"]) } else { of_word(word) }
}

/// What stands between `SELECT` and the rows `a`.
macro_rules! columns {
    () => {
        "SELECT a.id, a.type, a.source, a.source_ref, a.link, a.title, a.text, a.severity, a.happened_at, a.tags, a.tlp,
                a.pap, a.observables, a.status, a.incident_id, a.imported_at, a.raised_at, a.changed_at, o.name "
    };
}

macro_rules! joined {
    () => {
        " a LEFT JOIN organisation o ON o.id = a.organisation_id "
    };
}

listing! {
    // Index: `thehive_alert_of`.
    static OWN = concat!(
        platform::mine!(), columns!(),
        "FROM (SELECT q.* FROM mine m CROSS JOIN thehive_alert q WHERE q.owner_id = m.organisation_id)", joined!()
    );
    one: "a.id = ?1",
    of_case: "a.incident_id = ?1",
    tail: "",
}

listing! {
    // Index: `thehive_alert_of`, by the nil id.
    static CERT = concat!(
        columns!(), "FROM (SELECT q.* FROM thehive_alert q WHERE q.organisation_id IS NULL)", joined!()
    );
    listed: "a.organisation_id IS NULL",
    one: "a.id = ?1",
    of_case: "a.incident_id = ?1",
    tail: "",
}

/// The alerts of the caller's own systems.
pub(super) static NOUN: Noun = Noun {
    name: "Alert",
    own: &OWN,
    cert: &CERT,
    key: "a.id",
    fields: &[
        Field::new("_id", Kind::Id, "a.id"),
        Field::new("type", Kind::Text, "a.type"),
        Field::new("source", Kind::Text, "a.source"),
        Field::new("sourceRef", Kind::Text, "a.source_ref"),
        Field::new("title", Kind::Text, "a.title"),
        Field::new("description", Kind::Text, "a.text"),
        Field::new("severity", Kind::Number, "a.severity"),
        Field::new("tlp", Kind::Number, "a.tlp"),
        Field::new("pap", Kind::Number, "a.pap"),
        Field::new("tags", Kind::Tags, "a.tags"),
        Field::new("status", Kind::Word(of_word), "a.status"),
        Field::new("stage", Kind::Word(of_stage), "a.status"),
        Field::new("caseId", Kind::Id, "a.incident_id"),
        Field::new("date", Kind::Time, "a.happened_at"),
        Field::new("_createdAt", Kind::Time, "a.raised_at"),
        Field::new("_updatedAt", Kind::Time, "a.changed_at"),
    ],
    read: |snapshot, app, selection| {
        Box::pin(async move {
            let rows: Vec<Row> = snapshot.list(selection).await?;
            Ok(rows.iter().map(|row| row.body(&app.settings.cert.name)).collect())
        })
    },
};

struct Row {
    id: AlertId,
    of: [String; 3],
    link: String,
    title: String,
    text: String,
    severity: i64,
    happened_at: Timestamp,
    tags: String,
    tlp: i64,
    pap: i64,
    observables: String,
    status: Status,
    incident_id: Option<IncidentId>,
    imported_at: Option<Timestamp>,
    raised_at: Timestamp,
    changed_at: Timestamp,
    name: Option<String>,
}

impl db::FromRow for Row {
    fn from_row(row: &db::Row) -> Result<Self, db::DbError> {
        Ok(Self {
            id: row.get("id")?,
            of: [row.get("type")?, row.get("source")?, row.get("source_ref")?],
            link: row.get("link")?,
            title: row.get("title")?,
            text: row.get("text")?,
            severity: row.get("severity")?,
            happened_at: row.get("happened_at")?,
            tags: row.get("tags")?,
            tlp: row.get("tlp")?,
            pap: row.get("pap")?,
            observables: row.get("observables")?,
            status: row.get("status")?,
            incident_id: row.get("incident_id")?,
            imported_at: row.get("imported_at")?,
            raised_at: row.get("raised_at")?,
            changed_at: row.get("changed_at")?,
            name: row.get("name")?,
        })
    }
}

impl Row {
    fn body(&self, cert: &str) -> Json {
        let [kind, source, source_ref] = &self.of;
        let count = serde_json::from_str::<Vec<Json>>(&self.observables).map_or(0, |all| all.len());
        let stage = if self.status == Status::Ignored { "Closed" } else { self.status.label() };
        let mut body = json!({
            "_id": self.id,
            "_type": "Alert",
            "_createdBy": self.name.as_deref().unwrap_or(cert),
            "_createdAt": millis(self.raised_at),
            "_updatedAt": millis(self.changed_at),
            "type": kind,
            "source": source,
            "sourceRef": source_ref,
            "title": self.title,
            "description": self.text,
            "severity": self.severity,
            "severityLabel": severity_label(self.severity),
            "date": millis(self.happened_at),
            "tags": tags(&self.tags),
            "tlp": self.tlp,
            "tlpLabel": tlp_label(self.tlp),
            "pap": self.pap,
            "papLabel": pap_label(self.pap),
            "follow": false,
            "customFields": [],
            "observableCount": count,
            "status": self.status.label(),
            "stage": stage,
            "extraData": {},
            "newDate": millis(self.raised_at),
            "timeToDetect": 0,
        });
        if !self.link.is_empty() {
            body["externalLink"] = self.link.as_str().into();
        }
        if let (Some(case), Some(at)) = (self.incident_id, self.imported_at) {
            body["caseId"] = json!(case);
            body["importedDate"] = millis(at).into();
        }
        body
    }
}
