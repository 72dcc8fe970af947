//! An observable as TheHive has it. One that was withdrawn is not told any more.

pub(super) mod api;
pub(super) mod given;

use db::listing;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{
    noun::Noun,
    query::field::{Field, Kind},
    said::tags,
    words::{data_type, kinds_of, millis, pap_label, tlp_label},
};
use crate::{case::Zone, incident::IncidentId, observable::ObservableId, seen};

/// What stands between `SELECT` and the rows `b`.
macro_rules! columns {
    () => {
        "SELECT b.id, b.incident_id, b.zone, b.kind, b.value, b.left_out, b.added_at, w.name AS through,
                COALESCE(x.text, '') AS text, COALESCE(x.tags, '') AS tags, COALESCE(x.tlp, 2) AS tlp,
                COALESCE(x.pap, 2) AS pap, COALESCE(x.ioc, FALSE) AS ioc, COALESCE(x.sighted, FALSE) AS sighted,
                x.changed_at "
    };
}

macro_rules! joined {
    () => {
        " b LEFT JOIN organisation w ON w.id = b.through_id LEFT JOIN thehive_said x ON x.about_id = b.id "
    };
}

listing! {
    // Indexes: those of `seen!`, then `observable_of`.
    static OWN = concat!(
        seen!(), columns!(),
        "FROM (SELECT q.* FROM seen v CROSS JOIN observable q
               WHERE q.incident_id = v.incident_id AND q.zone = v.zone AND q.left_out <> 'withdrawn')",
        joined!()
    );
    one: "b.id = ?1",
    of_case: "b.incident_id = ?1",
    tail: "",
}

listing! {
    // Indexes: the key, or `observable_of`.
    static CERT = concat!(
        columns!(),
        "FROM (SELECT q.*, i.apart FROM observable q CROSS JOIN incident i
               WHERE i.id = q.incident_id AND q.zone IN ('shared', 'cert') AND q.left_out <> 'withdrawn')",
        joined!()
    );
    listed: "b.apart = FALSE",
    one: "b.id = ?1",
    of_case: "b.incident_id = ?1",
    tail: "",
}

/// The observables that a caller sees.
pub(super) static NOUN: Noun = Noun {
    name: "Observable",
    own: &OWN,
    cert: &CERT,
    key: "b.id",
    fields: &[
        Field::new("_id", Kind::Id, "b.id"),
        Field::new("dataType", Kind::Word(kinds_of), "b.kind"),
        Field::new("data", Kind::Text, "b.value"),
        Field::new("message", Kind::Text, "COALESCE(x.text, '')"),
        Field::new("tags", Kind::Tags, "COALESCE(x.tags, '')"),
        Field::new("tlp", Kind::Number, "COALESCE(x.tlp, 2)"),
        Field::new("pap", Kind::Number, "COALESCE(x.pap, 2)"),
        Field::new("ioc", Kind::Truth, "COALESCE(x.ioc, FALSE)"),
        Field::new("sighted", Kind::Truth, "COALESCE(x.sighted, FALSE)"),
        Field::new("startDate", Kind::Time, "b.added_at"),
        Field::new("_createdAt", Kind::Time, "b.added_at"),
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
        id: ObservableId,
        incident_id: IncidentId,
        zone: Zone,
        kind: String,
        value: String,
        left_out: String,
        added_at: Timestamp,
        through: Option<String>,
        text: String,
        tags: String,
        tlp: i64,
        pap: i64,
        ioc: bool,
        sighted: bool,
        changed_at: Option<Timestamp>,
    }
}

impl Row {
    fn body(&self, cert: &str) -> Json {
        let mut body = json!({
            "_id": self.id,
            "_type": "Observable",
            "_createdBy": self.through.as_deref().unwrap_or(cert),
            "_createdAt": millis(self.added_at),
            "dataType": data_type(&self.kind),
            "data": self.value,
            "startDate": millis(self.added_at),
            "tlp": self.tlp,
            "tlpLabel": tlp_label(self.tlp),
            "pap": self.pap,
            "papLabel": pap_label(self.pap),
            "tags": tags(&self.tags),
            "ioc": self.ioc,
            "sighted": self.sighted,
            "reports": {},
            "message": self.text,
            "ignoreSimilarity": !self.left_out.is_empty(),
            "external": false,
            "extraData": {"zone": self.zone.code(), "kind": self.kind, "caseId": self.incident_id},
        });
        if let Some(at) = self.changed_at {
            body["_updatedAt"] = millis(at).into();
        }
        body
    }
}
