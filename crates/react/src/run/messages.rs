//! What people are written about a task that is late, or may begin: the number of the incident and a link, and nothing else.

use db::DbError;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, NoLetter, Rendering, ToRender},
};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Late};
use crate::{bare, case::still_reads, incident};

/// What whoever has it is written.
pub const DUE: Kind = Kind { name: "run_task_due", render };
/// What whoever has it is written when it has waited as long as the playbook says.
pub const BEGINS: Kind = Kind { name: "run_task_begins", render };
/// What those in charge are written.
pub const LATE: Kind = Kind { name: "run_task_late", render };

/// Queues a mail about a task that is late.
pub(super) async fn tell(
    tx: &mut Tx,
    kind: &Kind,
    late: &Late,
    person: PersonId,
    address: String,
) -> Result<(), DbError> {
    let draft = Draft {
        kind: kind.name,
        lane: Lane::Urgent,
        address,
        person: Some(person),
        contact: None,
        organisation: None,
        about: ("incident", Some(late.incident_id.0)),
        fields: json!({"run": late.run_id, "task": late.id, "person": person}),
        not_before: None,
        key: format!("{}/{}/{person}", kind.name, late.id),
    };
    message::queue(tx, &draft).await
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let named = |field: &str| message.fields[field].as_str().and_then(|id| id.parse::<Uuid>().ok());
        let (run, task) = (named("run").ok_or("it names no run")?, named("task").ok_or("it names no task")?);
        let mut snapshot = app.read().await.map_err(said)?;
        let late = store::late(&mut snapshot, task).await.map_err(said)?;
        let late = late.ok_or_else(|| NoLetter::moot("It was dealt with before this was sent."))?;
        let person = PersonId(named("person").ok_or("it names nobody")?);
        let zone = (late.incident_id, late.zone);
        if !still_reads(&mut snapshot, person, app.env.now(), zone).await.map_err(said)? {
            return Err(NoLetter::moot("They do not read this case any more."));
        }
        let incident = incident::store::incident(&mut snapshot, late.incident_id).await.map_err(said)?;
        let incident = incident.ok_or("there is no such incident")?;
        Ok(bare::letter(&app, &incident.receipt, &format!("/incidents/{}/runs/{run}", incident.id)))
    })
}
