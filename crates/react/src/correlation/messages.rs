//! What the CERT is written when the same is found at several organisations: a number and a link.

use db::DbError;
use platform::{
    App, Tx,
    job::Lane,
    message::{self, Draft, Kind, NoLetter, Rendering, ToRender},
};
use serde_json::json;

use super::{
    CorrelationId, State,
    store::{self, Correlation},
};
use crate::bare;

/// This noun's row of the table of messages.
pub(crate) const FOUND: Kind = Kind { name: "correlation_found", render };

/// Tells everybody at the CERT who handles incidents. Index: `membership_organisation`.
pub(super) async fn tell(tx: &mut Tx, id: CorrelationId) -> Result<(), DbError> {
    let now = tx.now;
    for (person, address) in crate::incident::messages::handlers(tx, now).await? {
        let draft = Draft {
            kind: FOUND.name,
            lane: Lane::Urgent,
            address,
            person: Some(person),
            contact: None,
            organisation: None,
            about: ("correlation", Some(id.0)),
            fields: json!({}),
            not_before: None,
            key: format!("correlation_found/{id}/{person}"),
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let found = told(&app, &message).await?;
        if found.state != State::Found {
            return Err(NoLetter::moot("Somebody decided about it before this was sent."));
        }
        Ok(bare::letter(&app, &found.receipt, &format!("/correlations/{}", found.id)))
    })
}

/// The correlation that a message is about.
async fn told(app: &App, message: &ToRender) -> Result<Correlation, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = CorrelationId(message.about.ok_or("it names no correlation")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let found = store::correlation(&mut snapshot, id).await.map_err(said)?;
    Ok(found.ok_or("there is no such correlation")?)
}
