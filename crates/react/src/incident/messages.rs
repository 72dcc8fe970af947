//! What the CERT is written when an incident is reported: its number and a link, whatever it is.
//!
//! The organisation is written nothing: its mail may be what is attacked, and read by who attacks it.

use db::{DbError, params, sql};
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, NoLetter, Rendering, ToRender},
};
use serde_json::json;

use super::{IncidentId, Standing, State, store};
use crate::bare;

/// This noun's row of the table of messages.
pub const REPORTED: Kind = Kind { name: "incident_reported", render };

/// Tells everybody at the CERT who handles incidents. Of those that are kept apart one an hour is told: whoever
/// sends a thousand made-up reports does not send a thousand mails. Index: `membership_organisation`.
pub(crate) async fn tell(tx: &mut Tx, incident: IncidentId, standing: Standing) -> Result<(), DbError> {
    let statement = sql!(
        "SELECT p.id, p.email FROM person p
         WHERE p.email IS NOT NULL AND p.erased_at IS NULL AND p.id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('duty_manager', 'analyst')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY p.id"
    );
    let now = tx.now;
    let told: Vec<(PersonId, String)> = tx.all(statement, params![now]).await?;
    for (person, address) in told {
        let key = if standing.is_apart() {
            format!("incident_reported/apart/{}/{person}", now.as_second() / 3600)
        } else {
            format!("incident_reported/{incident}/{person}")
        };
        let draft = Draft {
            kind: REPORTED.name,
            lane: Lane::Urgent,
            address,
            person: Some(person),
            contact: None,
            organisation: None,
            about: ("incident", Some(incident.0)),
            fields: json!({}),
            not_before: None,
            key,
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "every renderer is given its message")]
fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let id = IncidentId(message.about.ok_or("it names no incident")?);
        let mut snapshot = app.read().await.map_err(said)?;
        let incident = store::incident(&mut snapshot, id).await.map_err(said)?;
        let incident = incident.ok_or("there is no such incident")?;
        if incident.state != State::Reported {
            return Err(NoLetter::moot("Somebody took it on before this was sent."));
        }
        Ok(bare::letter(&app, &incident.receipt, &format!("/incidents/{id}")))
    })
}
