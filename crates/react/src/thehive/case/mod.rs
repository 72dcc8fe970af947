//! A case as TheHive has it: an incident with what clients call it. A guest reads none of that, since it is what was
//! reported; how urgent it is, one who reads the shared zone.

pub(super) mod api;
pub(super) mod made;

use db::{DbError, Snapshot, listing};
use jiff::Timestamp;
use platform::App;
use serde_json::{Value as Json, json};

use super::{
    noun::Noun,
    query::field::{Field, Kind},
    said::tags,
    words::{
        case_stage, case_status, millis, pap_label, severity, severity_label, states_of_stage, tlp_label,
    },
};
use crate::{
    incident::{IncidentId, Receipt, State, store},
    seen,
    triage::Priority,
};

macro_rules! title {
    () => {
        "CASE WHEN i.guest = TRUE THEN i.receipt ELSE COALESCE(NULLIF(x.title, ''), i.receipt) END"
    };
}

macro_rules! text {
    () => {
        "CASE WHEN i.guest = TRUE THEN ''
              ELSE COALESCE(NULLIF(x.text, ''),
                            (SELECT r.more FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1), '') END"
    };
}

macro_rules! tags {
    () => {
        "CASE WHEN i.guest = TRUE THEN '' ELSE COALESCE(x.tags, '') END"
    };
}

macro_rules! resolution {
    () => {
        "CASE WHEN i.guest = TRUE THEN '' ELSE COALESCE(x.resolution, '') END"
    };
}

macro_rules! severity {
    () => {
        "CAST(CASE WHEN i.shared = 0 THEN 2 WHEN i.priority = 'p1' THEN 4 WHEN i.priority = 'p2' THEN 3
                   WHEN i.priority = 'p4' THEN 1 ELSE 2 END AS BIGINT)"
    };
}

/// What stands between `SELECT` and the rows `i`, and behind them.
macro_rules! columns {
    () => {
        concat!(
            "SELECT i.id, i.receipt, i.state, i.opened_at, i.taken_at, i.closed_at,
                    CASE WHEN i.shared = 0 THEN NULL ELSE i.priority END AS priority,
                    CASE WHEN i.guest = TRUE THEN '' ELSE i.reason END AS reason, o.code, o.name,
                    CASE WHEN i.guest = TRUE THEN NULL ELSE
                        (SELECT r.since_at FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1)
                    END AS since_at,
                    CASE WHEN i.guest = TRUE THEN '' ELSE COALESCE(x.impact, '') END AS impact, ",
            title!(),
            " AS title, ",
            text!(),
            " AS text, ",
            tags!(),
            " AS tags, ",
            resolution!(),
            " AS resolution, COALESCE(x.tlp, 2) AS tlp, COALESCE(x.pap, 2) AS pap,
             CASE WHEN i.guest = TRUE THEN NULL ELSE x.changed_at END AS changed_at "
        )
    };
}

macro_rules! joined {
    () => {
        " i LEFT JOIN organisation o ON o.id = i.organisation_id LEFT JOIN thehive_said x ON x.about_id = i.id "
    };
}

listing! {
    // Indexes: those of `seen!`, then the keys.
    static OWN = concat!(
        seen!(), columns!(),
        "FROM (SELECT q.*, v.guest, v.shared
               FROM (SELECT incident_id, guest, MAX(CASE WHEN zone = 'shared' THEN 1 ELSE 0 END) AS shared
                     FROM seen GROUP BY incident_id, guest) v CROSS JOIN incident q
               WHERE q.id = v.incident_id)",
        joined!()
    );
    one: "i.id = ?1",
    tail: "",
}

listing! {
    // Indexes: the key, or `incident_list`.
    static CERT = concat!(columns!(), "FROM (SELECT q.*, FALSE AS guest, 1 AS shared FROM incident q)", joined!());
    listed: "i.apart = FALSE",
    one: "i.id = ?1",
    tail: "",
}

const FIELDS: &[Field] = &[
    Field::new("_id", Kind::Id, "i.id"),
    Field::new("number", Kind::Receipt, "i.receipt"),
    Field::new("title", Kind::Text, title!()),
    Field::new("description", Kind::Text, text!()),
    Field::new("severity", Kind::Number, severity!()),
    Field::new("tlp", Kind::Number, "COALESCE(x.tlp, 2)"),
    Field::new("pap", Kind::Number, "COALESCE(x.pap, 2)"),
    Field::new("tags", Kind::Tags, tags!()),
    Field::new("stage", Kind::Word(states_of_stage), "i.state"),
    Field::new("status", Kind::Text, STATUS),
    Field::new("owningOrganisation", Kind::Text, "COALESCE(o.code, '')"),
    Field::new("_createdAt", Kind::Time, "i.opened_at"),
    Field::new("newDate", Kind::Time, "i.opened_at"),
    Field::new("inProgressDate", Kind::Time, "i.taken_at"),
    Field::new("closedDate", Kind::Time, "i.closed_at"),
];

/// [`case_status`] in SQL.
const STATUS: &str = concat!(
    "CASE i.state WHEN 'reported' THEN 'New' WHEN 'open' THEN 'InProgress' WHEN 'joined' THEN 'Duplicated'
     ELSE COALESCE(NULLIF(",
    resolution!(),
    ", ''), 'Other') END"
);

/// The cases that a caller sees.
pub(super) static NOUN: Noun = Noun {
    name: "Case",
    own: &OWN,
    cert: &CERT,
    key: "i.id",
    fields: FIELDS,
    read: |snapshot, app, selection| {
        Box::pin(async move {
            let rows: Vec<Row> = snapshot.list(selection).await?;
            Ok(rows.iter().map(|row| row.body(app)).collect())
        })
    },
};

db::record! {
    struct Row {
        id: IncidentId,
        receipt: Receipt,
        state: State,
        opened_at: Timestamp,
        taken_at: Option<Timestamp>,
        closed_at: Option<Timestamp>,
        priority: Option<Priority>,
        reason: String,
        code: Option<String>,
        name: Option<String>,
        since_at: Option<Timestamp>,
        title: String,
        text: String,
        tags: String,
        tlp: i64,
        pap: i64,
        resolution: String,
        impact: String,
        changed_at: Option<Timestamp>,
    }
}

impl Row {
    fn body(&self, app: &App) -> Json {
        let severity = severity(self.priority);
        let mut body = json!({
            "_id": self.id,
            "_type": "Case",
            "_createdBy": self.name.as_deref().unwrap_or("Not known"),
            "_createdAt": millis(self.opened_at),
            "number": self.receipt.number(),
            "title": self.title,
            "description": self.text,
            "severity": severity,
            "severityLabel": severity_label(severity),
            "startDate": millis(self.since_at.unwrap_or(self.opened_at)),
            "tags": tags(&self.tags),
            "flag": false,
            "tlp": self.tlp,
            "tlpLabel": tlp_label(self.tlp),
            "pap": self.pap,
            "papLabel": pap_label(self.pap),
            "status": case_status(self.state, &self.resolution),
            "stage": case_stage(self.state),
            "access": {"_kind": "OrganisationAccessKind"},
            "customFields": [],
            "owningOrganisation": self.code,
            "newDate": millis(self.opened_at),
            "timeToDetect": 0,
            "extraData": {
                "receipt": self.receipt.to_string(),
                "link": app.link(&format!("/incidents/{}", self.id)),
            },
        });
        for (name, at) in [
            ("_updatedAt", self.changed_at),
            ("inProgressDate", self.taken_at),
            ("closedDate", self.closed_at),
            ("endDate", self.closed_at),
        ] {
            if let Some(at) = at {
                body[name] = millis(at).into();
            }
        }
        for (name, text) in [("summary", &self.reason), ("impactStatus", &self.impact)] {
            if !text.is_empty() {
                body[name] = text.as_str().into();
            }
        }
        body
    }
}

/// The incident that a client calls by its id, its number or its receipt; whether it is theirs is not asked.
pub(super) async fn called(snapshot: &mut Snapshot, text: &str) -> Result<Option<IncidentId>, DbError> {
    if let Ok(id) = text.parse::<IncidentId>() {
        return Ok(Some(id));
    }
    let receipt: Option<Receipt> = match text.parse::<u64>() {
        Ok(number) => Receipt::numbered(number),
        Err(_) => text.parse().ok(),
    };
    match receipt {
        Some(receipt) => store::called(snapshot, &receipt).await,
        None => Ok(None),
    }
}
