//! Beginning and ending shifts, and handing over: pages and tests call these.

use jiff::Timestamp;
use platform::{Actor, Tx, access::Forbidden};
use uuid::Uuid;

use super::{HandoverId, MOST, ShiftId, Wanted, store};
use crate::{
    case::{
        CaseError, Zone, people, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
};

const TO_DO: &str = "say who is at work on this case";

/// Says that somebody of the actor's side is at work on the case. The same form sent again is one shift.
pub async fn begin(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Zone,
    wanted: &Wanted,
) -> Result<ShiftId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let (count, same) = store::sent_with(tx, (incident, zone), wanted.form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} shifts in this case, which is the most.")));
    }
    let from_at = wanted.from_at.unwrap_or(now);
    if wanted.until_at.is_some_and(|until| until <= from_at) {
        return Err(CaseError::Refused("A shift ends after it begins.".into()));
    }
    let all = people::colleagues(tx, &sight, now).await?;
    let who = all.into_iter().find(|each| each.id == wanted.person);
    let who = who
        .ok_or_else(|| CaseError::Refused("Choose somebody of your side who writes in this case.".into()))?;
    let id = store::begin(tx, (incident, zone), wanted, who.through_id).await?;
    let text = format!("{}: {} is at work on it.", wanted.duty.label(), who.name);
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Handover, id.0, &text)).await?;
    write_log(tx, actor, "case.shift_begun", &sight.incident, id.0).await?;
    Ok(id)
}

/// Ends a shift.
pub async fn end(tx: &mut Tx, actor: &Actor, incident: IncidentId, id: ShiftId) -> Result<(), CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let shift = store::shift(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    sight.write(shift.zone, TO_DO)?;
    if !store::end(tx, id).await? {
        return Err(CaseError::Overtaken);
    }
    let text = format!("{}: a shift ended.", shift.role.label());
    timeline::enter(tx, actor, &sight, &Entering::now(tx, shift.zone, Kind::Handover, id.0, &text)).await?;
    write_log(tx, actor, "case.shift_ended", &sight.incident, id.0).await
}

/// Writes what the next shift must know; `after` is the note that the writer had read, which is still the last of
/// its zone. The same form sent again is one note.
pub async fn hand_over(
    tx: &mut Tx,
    actor: &Actor,
    (incident, zone, form): (IncidentId, Zone, Uuid),
    after: Option<HandoverId>,
    (text, next_due_at): (&str, Option<Timestamp>),
) -> Result<HandoverId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(zone, TO_DO)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    if let Some(same) = store::written_with(tx, incident, form).await? {
        return Ok(same);
    }
    if store::last(tx, incident, zone).await?.map(|last| last.id) != after {
        return Err(CaseError::Refused(
            "Somebody handed over after you began to write. Read their note below, and send yours again."
                .into(),
        ));
    }
    let id =
        store::write(tx, (incident, zone, form), (text.trim(), next_due_at), (by, sight.through)).await?;
    let entry = Entering::now(tx, zone, Kind::Handover, id.0, "Handed over to the next shift.");
    timeline::enter(tx, actor, &sight, &entry).await?;
    write_log(tx, actor, "case.handed_over", &sight.incident, id.0).await?;
    Ok(id)
}
