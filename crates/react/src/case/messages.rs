//! What people are written about a case: its incident's number and a link, whatever it is.

use db::{DbError, params, sql};
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, Rendering, ToRender},
};
use serde_json::json;

use crate::{
    bare,
    incident::{IncidentId, store},
};

/// A task is due.
pub(crate) const TASK_DUE: Kind = Kind { name: "case_task_due", render };
/// A situation report is due.
pub(crate) const SITUATION_DUE: Kind = Kind { name: "case_situation_due", render };
/// There is a message that was not read.
pub(crate) const MESSAGE: Kind = Kind { name: "case_message", render };

/// Writes to a person that there is something under `path`; nothing where they have left. Index: the key of `person`.
pub(super) async fn tell(
    tx: &mut Tx,
    kind: &'static str,
    incident: IncidentId,
    person: PersonId,
    path: &str,
    key: String,
) -> Result<(), DbError> {
    let statement =
        sql!("SELECT email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    let Some((address,)): Option<(String,)> = tx.maybe(statement, params![person]).await? else {
        return Ok(());
    };
    let draft = Draft {
        kind,
        lane: Lane::Urgent,
        address,
        person: Some(person),
        contact: None,
        organisation: None,
        about: ("incident", Some(incident.0)),
        fields: json!({ "path": path }),
        not_before: None,
        key,
    };
    message::queue(tx, &draft).await
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = IncidentId(message.about.ok_or("it names no incident")?);
        let incident = store::incident(&mut app.read().await.map_err(said)?, id).await.map_err(said)?;
        let incident = incident.ok_or("there is no such incident")?;
        let path = message.fields["path"].as_str().unwrap_or("/incidents");
        Ok(bare::letter(&app, &incident.receipt, path))
    })
}
