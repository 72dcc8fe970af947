//! What the CERT is written when an incident is reported: its number and a link, whatever it is.
//!
//! The organisation is written nothing: its mail may be what is attacked, and read by who attacks it.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, NoLetter, Rendering, ToRender},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    IncidentId, State,
    store::{self, Incident},
};
use crate::{bare, triage::Priority};

/// This noun's rows of the table of messages.
pub const REPORTED: Kind = Kind { name: "incident_reported", render };
/// What whoever took it on is written when something is added.
pub const ADDED: Kind = Kind { name: "incident_added_to", render: render_added };

/// Tells everybody at the CERT who handles incidents. Of those that are kept apart one an hour is told, and
/// the first P2 and P1: whoever sends a thousand made-up reports does not send a thousand mails.
pub(crate) async fn tell(tx: &mut Tx, incident: IncidentId) -> Result<(), DbError> {
    let Some(found) = store::incident(tx, incident).await? else { return Ok(()) };
    let now = tx.now;
    let many = many_of(tx, incident, now).await?;
    for (person, address) in handlers(tx, now).await? {
        let key = match many {
            Some(organisation) if !found.standing.is_apart() => {
                format!("incident_reported/many/{organisation}/{}/{person}", now.as_second() / 3600)
            }
            _ => reported_key(&found, now, person),
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

/// So many incidents of one organisation are each told by a mail of their own within an hour.
const MOST: i64 = 10;

/// The organisation of an incident, where more of it were reported within an hour than are each told of. Index:
/// `incident_organisation`.
async fn many_of(tx: &mut Tx, incident: IncidentId, now: Timestamp) -> Result<Option<Uuid>, DbError> {
    let of = sql!("SELECT organisation_id FROM incident WHERE id = ?1");
    let Some((Some(organisation),)): Option<(Option<Uuid>,)> = tx.maybe(of, params![incident]).await? else {
        return Ok(None);
    };
    let statement = sql!(
        "SELECT count(*) FROM (
             SELECT opened_at FROM incident WHERE organisation_id = ?1 ORDER BY id DESC LIMIT 11) AS latest
         WHERE opened_at > ?2"
    );
    let since = now - SignedDuration::from_hours(1);
    let (lately,): (i64,) = tx.one(statement, params![organisation, since]).await?;
    Ok((lately > MOST).then_some(organisation))
}

/// Everybody at the CERT who handles incidents, with their address. Index: `membership_organisation`.
pub(crate) async fn handlers(
    snapshot: &mut Snapshot,
    now: Timestamp,
) -> Result<Vec<(PersonId, String)>, DbError> {
    let statement = sql!(
        "SELECT p.id, p.email FROM person p
         WHERE p.email IS NOT NULL AND p.erased_at IS NULL AND p.id IN (
             SELECT m.holder_id FROM membership m
             WHERE m.organisation_id IS NULL AND m.role IN ('duty_manager', 'analyst')
               AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1))
         ORDER BY p.id"
    );
    snapshot.all(statement, params![now]).await
}

/// What is told once: of an incident, or of those that are kept apart within an hour, of each urgency for which people
/// are rung.
pub(crate) fn reported_key(incident: &Incident, now: Timestamp, person: PersonId) -> String {
    if incident.standing.is_apart() {
        let urgent = incident.priority.filter(|priority| priority.is_urgent());
        let urgency = urgent.map_or("", Priority::code);
        format!("incident_reported/apart{urgency}/{}/{person}", now.as_second() / 3600)
    } else {
        format!("incident_reported/{}/{person}", incident.id)
    }
}

/// Tells whoever took an incident on that something was added to it. Index: the key of `person`.
pub(crate) async fn tell_added(tx: &mut Tx, incident: &Incident, addition: Uuid) -> Result<(), DbError> {
    let Some(person) = incident.taken_by else { return Ok(()) };
    let statement =
        sql!("SELECT email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    let Some((address,)): Option<(String,)> = tx.maybe(statement, params![person]).await? else {
        return Ok(());
    };
    let draft = Draft {
        kind: ADDED.name,
        lane: Lane::Urgent,
        address,
        person: Some(person),
        contact: None,
        organisation: None,
        about: ("incident", Some(incident.id.0)),
        fields: json!({}),
        not_before: None,
        key: format!("incident_added_to/{addition}"),
    };
    message::queue(tx, &draft).await
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let incident = told(&app, &message).await?;
        if incident.state != State::Reported {
            return Err(NoLetter::moot("Somebody took it on before this was sent."));
        }
        Ok(bare::letter(&app, &incident.receipt, &href(&incident)))
    })
}

fn render_added(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let incident = told(&app, &message).await?;
        Ok(bare::letter(&app, &incident.receipt, &href(&incident)))
    })
}

fn href(incident: &Incident) -> String {
    format!("/incidents/{}", incident.id)
}

/// The incident that a message is about.
async fn told(app: &App, message: &ToRender) -> Result<Incident, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = IncidentId(message.about.ok_or("it names no incident")?);
    let incident = store::incident(&mut app.read().await.map_err(said)?, id).await.map_err(said)?;
    Ok(incident.ok_or("there is no such incident")?)
}
