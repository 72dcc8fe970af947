//! The call to somebody on the rota: by mail and by text, the incident's number and a link.

use db::DbError;
use jiff::Timestamp;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Channel, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
    rota::OnCall,
};
use serde::Deserialize;
use serde_json::json;

use super::{Calling, Occasion, Paging, store};
use crate::{
    bare,
    incident::{self, IncidentId, Receipt},
};

/// Somebody is called by mail.
pub const MAIL: Kind = Kind { name: "incident_page", render: |app, to| Box::pin(mail(app, to)) as Rendering };
/// Somebody is called by text.
pub const TEXT: Kind =
    Kind { name: "incident_page_text", render: |app, to| Box::pin(text(app, to)) as Rendering };

/// The hour in which a moment lies.
pub(super) fn hour(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap_or(at)
}

/// Queues one call to a person, once by each channel.
pub(super) async fn queue(
    tx: &mut Tx,
    calling: &Calling<'_>,
    call: usize,
    person: &OnCall,
) -> Result<(), DbError> {
    let incident = calling.incident;
    for channel in &calling.ladder.by {
        let (kind, lane, address) = match channel {
            Channel::Mail => (MAIL.name, Lane::Urgent, Some(person.email.clone())),
            Channel::Sms => (TEXT.name, Lane::Elsewhere, person.mobile.clone()),
        };
        let Some(address) = address else { continue };
        let (who, began) = (person.person_id, calling.begun_at.as_microsecond());
        let key = if *channel == Channel::Mail && calling.occasion == Occasion::Reported {
            // Whoever is called needs no second mail that says the same.
            incident::messages::reported_key(incident, calling.begun_at, who)
        } else {
            format!("{kind}/{}/{began}/{call}/{who}", incident.id)
        };
        let draft = Draft {
            kind,
            lane,
            address,
            person: Some(who),
            contact: None,
            organisation: None,
            about: ("incident", Some(incident.id.0)),
            fields: json!({"person": who, "called": tx.now}),
            not_before: None,
            key,
        };
        message::queue(tx, &draft).await?;
    }
    Ok(())
}

/// Who is called, and when that was decided.
#[derive(Debug, Deserialize)]
struct Call {
    person: PersonId,
    called: Timestamp,
}

async fn mail(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let (id, receipt) = rung(&app, &to).await?;
    Ok(bare::letter(&app, &receipt, &format!("/incidents/{id}")))
}

async fn text(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let (id, receipt) = rung(&app, &to).await?;
    let text = format!("{receipt} {}", app.link(&format!("/incidents/{id}")));
    Ok(Letter { subject: format!("[{receipt}]"), text, html: None })
}

/// What a call is about, while somebody still has to hear it.
async fn rung(app: &App, to: &ToRender) -> Result<(IncidentId, Receipt), NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = IncidentId(to.about.ok_or("it names no incident")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let paging = store::paging(&mut snapshot, id).await.map_err(said)?;
    if !paging.is_some_and(|paging: Paging| paging.is_ringing()) {
        return Err(NoLetter::moot("Somebody looks at it, or it is over."));
    }
    // Of several calls that waited together, the last one is heard.
    let Call { person, called } =
        serde_json::from_value(to.fields.clone()).map_err(|error| error.to_string())?;
    if store::is_called_since(&mut snapshot, id, person, called).await.map_err(said)? {
        return Err(NoLetter::moot("They were called again since."));
    }
    let incident = incident::store::incident(&mut snapshot, id).await.map_err(said)?;
    let incident = incident.ok_or("there is no such incident")?;
    Ok((id, incident.receipt))
}
