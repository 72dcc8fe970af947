//! Entries of a case's timeline: those that tell of a task are its logs, and those that somebody writes are TheHive's
//! custom events. What was corrected is not told: its correction is.

pub(super) mod api;
pub(super) mod log;

use db::listing;
use jiff::Timestamp;
use platform::App;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    noun::Noun,
    query::field::{Field, Kind as Of},
    words::millis,
};
use crate::{
    case::{
        Zone,
        timeline::{EntryId, Kind},
    },
    incident::IncidentId,
    seen,
};

/// What stands between `SELECT` and the rows `e`.
macro_rules! columns {
    () => {
        "SELECT e.id, e.incident_id, e.zone, e.kind, e.happened_at, e.recorded_at, e.about_id, e.text,
                w.name AS through "
    };
}

macro_rules! joined {
    () => {
        " e LEFT JOIN organisation w ON w.id = e.through_id "
    };
}

macro_rules! own {
    () => {
        "FROM (SELECT q.* FROM seen v CROSS JOIN case_entry q
               WHERE q.incident_id = v.incident_id AND q.zone = v.zone
                 AND NOT EXISTS (SELECT 1 FROM case_entry c WHERE c.corrects_id = q.id))"
    };
}

macro_rules! cert {
    () => {
        "FROM (SELECT q.*, i.apart FROM case_entry q CROSS JOIN incident i
               WHERE i.id = q.incident_id AND q.zone IN ('shared', 'cert')
                 AND NOT EXISTS (SELECT 1 FROM case_entry c WHERE c.corrects_id = q.id))"
    };
}

listing! {
    // Indexes: those of `seen!`, then `case_entry_of`.
    static OWN = concat!(seen!(), columns!(), own!(), joined!());
    one: "e.id = ?1",
    of_case: "e.incident_id = ?1",
    tail: "",
}

listing! {
    // Indexes: the key, or `case_entry_of`.
    static CERT = concat!(columns!(), cert!(), joined!());
    listed: "e.apart = FALSE",
    one: "e.id = ?1",
    of_case: "e.incident_id = ?1",
    tail: "",
}

listing! {
    // Indexes: those of `seen!`, then `case_entry_of`.
    static OWN_LOGS = concat!(
        seen!(), columns!(), "FROM (SELECT z.* ", own!(), " z WHERE z.kind = 'task' AND z.about_id IS NOT NULL)", joined!()
    );
    one: "e.id = ?1",
    of_task: "e.about_id = ?1",
    tail: "",
}

listing! {
    // Indexes: the key, or `case_entry_about`.
    static CERT_LOGS = concat!(
        columns!(), "FROM (SELECT z.* ", cert!(), " z WHERE z.kind = 'task' AND z.about_id IS NOT NULL)", joined!()
    );
    listed: "e.apart = FALSE",
    one: "e.id = ?1",
    of_task: "e.about_id = ?1",
    tail: "",
}

const FIELDS: &[Field] = &[
    Field::new("_id", Of::Id, "e.id"),
    Field::new("message", Of::Text, "e.text"),
    Field::new("date", Of::Time, "e.happened_at"),
    Field::new("startDate", Of::Time, "e.happened_at"),
    Field::new("_createdAt", Of::Time, "e.recorded_at"),
];

/// The entries that a caller sees, of every kind.
pub(super) static ENTRIES: Noun = Noun {
    name: "TimelineEvent",
    own: &OWN,
    cert: &CERT,
    key: "e.id",
    fields: FIELDS,
    read: |snapshot, app, selection| {
        Box::pin(async move {
            let rows: Vec<Row> = snapshot.list(selection).await?;
            Ok(rows.iter().map(|row| row.event(app)).collect())
        })
    },
};

/// Those that tell of a task.
pub(super) static LOGS: Noun = Noun {
    name: "Log",
    own: &OWN_LOGS,
    cert: &CERT_LOGS,
    key: "e.id",
    fields: FIELDS,
    read: |snapshot, app, selection| {
        Box::pin(async move {
            let rows: Vec<Row> = snapshot.list(selection).await?;
            Ok(rows.iter().map(|row| row.log(app)).collect())
        })
    },
};

db::record! {
    struct Row {
        id: EntryId,
        incident_id: IncidentId,
        zone: Zone,
        kind: Kind,
        happened_at: Timestamp,
        recorded_at: Timestamp,
        about_id: Option<Uuid>,
        text: String,
        through: Option<String>,
    }
}

impl Row {
    /// The organisation whose people or systems wrote it, or the CERT: no machine is told of people.
    fn by<'a>(&'a self, app: &'a App) -> &'a str {
        self.through.as_deref().unwrap_or(&app.settings.cert.name)
    }

    fn log(&self, app: &App) -> Json {
        json!({
            "_id": self.id,
            "_type": "Log",
            "_createdBy": self.by(app),
            "_createdAt": millis(self.recorded_at),
            "message": self.text,
            "date": millis(self.happened_at),
            "includeInTimeline": millis(self.happened_at),
            "owner": self.by(app),
            "extraData": {"zone": self.zone.code(), "taskId": self.about_id, "caseId": self.incident_id},
        })
    }

    /// As an entry of a timeline, which is what TheHive calls a custom event where somebody wrote it.
    fn event(&self, app: &App) -> Json {
        let (title, description) = self.text.split_once('\n').unwrap_or((&self.text, ""));
        json!({
            "_id": self.id,
            "_type": "CustomEvent",
            "_createdBy": self.by(app),
            "_createdAt": millis(self.recorded_at),
            "date": millis(self.happened_at),
            "title": title,
            "description": description,
            "kind": self.kind.code(),
            "zone": self.zone.code(),
            "aboutId": self.about_id,
        })
    }
}
