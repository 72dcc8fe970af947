//! Sending and reading: pages and tests call these.

use platform::{Actor, Tx, access::Forbidden};
use uuid::Uuid;

use super::{MessageId, recipients, store};
use crate::{
    case::{
        CaseError, Zone, Zones,
        messages::{self, Of},
        sight,
        sight::writer,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
};

const TO_DO: &str = "write messages in this case";

/// Sends a message. Who answers has read what stood there: `seen` is the last message that they had before them. The
/// same form sent again is one message.
pub async fn send(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (zone, form): (Zone, Uuid),
    (text, seen): (&str, Option<MessageId>),
) -> Result<MessageId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let by = (writer(actor, TO_DO)?, sight.through);
    let text = text.trim();
    if text.is_empty() {
        return Err(CaseError::Refused("Write something first.".into()));
    }
    if let Some(same) = store::sent_with(tx, incident, form).await? {
        return Ok(same);
    }
    let id = store::insert(tx, (incident, zone, form), text, by).await?;
    if let Some(seen) = seen {
        store::mark_read(tx, incident, Zones::of(&[zone]), seen, by).await?;
    }
    for person in recipients::of(tx, &sight, zone).await? {
        if person != by.0 && store::tell_once(tx, incident, person).await? {
            let key = format!("case_message/{id}/{person}");
            messages::tell(tx, Of::Messages, (incident, zone), person, key).await?;
        }
    }
    let entry = Entering::now(tx, zone, Kind::Message, id.0, "A message was written.");
    timeline::enter(tx, actor, &sight, &entry).await?;
    write_log(tx, actor, "case.message_sent", &sight.incident, id.0).await?;
    Ok(id)
}

/// Says that the actor has read the messages that they see, up to one of them.
pub async fn read(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    until: MessageId,
) -> Result<(), CaseError> {
    const TO_READ: &str = "say that messages were read";
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let by = (actor.person().ok_or(Forbidden(TO_READ))?.id, sight.through);
    if store::mark_read(tx, incident, sight.reads, until, by).await? > 0 {
        write_log(tx, actor, "case.messages_read", &sight.incident, until.0).await?;
    }
    Ok(())
}
