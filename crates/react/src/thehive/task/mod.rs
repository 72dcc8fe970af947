//! A task as TheHive has it.

pub(super) mod api;

use db::listing;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{
    noun::Noun,
    query::field::{Field, Kind},
    words::{millis, states_of_task, task_status},
};
use crate::{
    case::{
        Zone,
        task::{State, TaskId},
    },
    incident::IncidentId,
    seen,
};

/// What stands between `SELECT` and the rows `t`.
macro_rules! columns {
    () => {
        "SELECT t.id, t.incident_id, t.zone, t.title, t.text, t.owner, o.code, t.due_at, t.state, t.made_at, t.moved_at,
                t.version, w.name AS through "
    };
}

macro_rules! joined {
    () => {
        " t LEFT JOIN organisation o ON o.id = t.organisation_id AND t.owner = 'organisation'
          LEFT JOIN organisation w ON w.id = t.through_id "
    };
}

listing! {
    // Indexes: those of `seen!`, then `case_task_of`.
    static OWN = concat!(
        seen!(), columns!(),
        "FROM (SELECT q.* FROM seen v CROSS JOIN case_task q WHERE q.incident_id = v.incident_id AND q.zone = v.zone)",
        joined!()
    );
    one: "t.id = ?1",
    of_case: "t.incident_id = ?1",
    tail: "",
}

listing! {
    // Indexes: the key, or `case_task_of`.
    static CERT = concat!(
        columns!(),
        "FROM (SELECT q.*, i.apart FROM case_task q CROSS JOIN incident i
               WHERE i.id = q.incident_id AND q.zone IN ('shared', 'cert'))",
        joined!()
    );
    listed: "t.apart = FALSE",
    one: "t.id = ?1",
    of_case: "t.incident_id = ?1",
    tail: "",
}

/// The tasks that a caller sees.
pub(super) static NOUN: Noun = Noun {
    name: "Task",
    own: &OWN,
    cert: &CERT,
    key: "t.id",
    fields: &[
        Field::new("_id", Kind::Id, "t.id"),
        Field::new("title", Kind::Text, "t.title"),
        Field::new("description", Kind::Text, "t.text"),
        Field::new("status", Kind::Word(states_of_task), "t.state"),
        Field::new("assignee", Kind::Text, "COALESCE(o.code, '')"),
        Field::new("dueDate", Kind::Time, "t.due_at"),
        Field::new("_createdAt", Kind::Time, "t.made_at"),
        Field::new("_updatedAt", Kind::Time, "t.moved_at"),
    ],
    read: |snapshot, app, selection| {
        Box::pin(async move {
            let rows: Vec<Row> = snapshot.list(selection).await?;
            Ok(rows.iter().map(|row| row.body(&app.settings.cert.name)).collect())
        })
    },
};

db::record! {
    struct Row {
        id: TaskId,
        incident_id: IncidentId,
        zone: Zone,
        title: String,
        text: String,
        owner: String,
        code: Option<String>,
        due_at: Option<Timestamp>,
        state: State,
        made_at: Timestamp,
        moved_at: Timestamp,
        through: Option<String>,
    }
}

impl Row {
    fn body(&self, cert: &str) -> Json {
        let mut body = json!({
            "_id": self.id,
            "_type": "Task",
            "_createdBy": self.through.as_deref().unwrap_or(cert),
            "_createdAt": millis(self.made_at),
            "_updatedAt": millis(self.moved_at),
            "title": self.title,
            "group": "default",
            "description": self.text,
            "status": task_status(self.state),
            "flag": false,
            "order": 0,
            "mandatory": false,
            "extraData": {"zone": self.zone.code(), "caseId": self.incident_id},
        });
        if let Some(due_at) = self.due_at {
            body["dueDate"] = millis(due_at).into();
        }
        // Of people no machine is told.
        match (self.owner.as_str(), &self.code) {
            ("organisation", Some(code)) => body["assignee"] = code.as_str().into(),
            ("cert", _) => body["assignee"] = "CERT".into(),
            _ => {}
        }
        body
    }
}
