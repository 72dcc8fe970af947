//! Saying that a step was reached, and for whom one waits: pages and tests call these.

use jiff::Timestamp;
use platform::{Actor, Tx, access::Forbidden};
use uuid::Uuid;

use super::{MOST, Mark, WaitId, store};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{
        CaseError, Sight, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
};

const TO_DO: &str = "say how far this incident is";
const TO_WAIT: &str = "say that the CERT waits";

/// Says when an incident was contained, or care as before. Who says it again says it better: the last one holds, all of
/// them stand in the timeline.
pub async fn mark(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (mark, at): (Mark, Timestamp),
) -> Result<(), CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(Zone::Shared, TO_DO)?;
    actor.person().ok_or(Forbidden(TO_DO))?;
    if at > now || at < sight.incident.opened_at {
        return Err(CaseError::Refused("It must be between the report and now.".into()));
    }
    store::mark(tx, incident, mark, at).await?;
    let (text, verb) = match mark {
        Mark::Contained => ("Contained: the attacker does no more.", "incident.contained"),
        Mark::Recovered => ("Care is as it was before.", "incident.recovered"),
    };
    let about = incident.0;
    let entering = Entering { happened_at: at, ..Entering::now(tx, Zone::Shared, Kind::Pace, about, text) };
    timeline::enter(tx, actor, &sight, &entering).await?;
    write_log(tx, actor, verb, &sight.incident, about).await
}

/// Says that the CERT waits for the organisation from now on, and for what. The same form sent again is one.
pub async fn wait(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    form: Uuid,
    what: &str,
) -> Result<WaitId, CaseError> {
    let (sight, by) = handler(tx, actor, incident).await?;
    let what = what.trim();
    if what.is_empty() {
        return Err(CaseError::Refused("Enter what you wait for.".into()));
    }
    let (count, same) = store::sent_with(tx, incident, form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if !sight.incident.state.is_under_way() {
        return Err(CaseError::Refused("The incident is closed: nobody waits for anything.".into()));
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("It was waited {MOST} times, which is the most.")));
    }
    let id = store::wait(tx, incident, form, what, by).await?;
    let text = format!("The CERT waits for the organisation: {what}");
    timeline::enter(tx, actor, &sight, &Entering::now(tx, Zone::Shared, Kind::Pace, id.0, &text)).await?;
    write_log(tx, actor, "incident.wait_begun", &sight.incident, id.0).await?;
    Ok(id)
}

/// Says that the CERT waits no more.
pub async fn go_on(tx: &mut Tx, actor: &Actor, incident: IncidentId, wait: WaitId) -> Result<(), CaseError> {
    let (sight, by) = handler(tx, actor, incident).await?;
    if !store::end(tx, incident, wait, Some(by)).await? {
        return Err(CaseError::Refused("Nobody waits for this any more. Reload the page to see it.".into()));
    }
    let text = "The CERT waits no more.";
    timeline::enter(tx, actor, &sight, &Entering::now(tx, Zone::Shared, Kind::Pace, wait.0, text)).await?;
    write_log(tx, actor, "incident.wait_ended", &sight.incident, wait.0).await
}

async fn handler(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
) -> Result<(Sight, platform::access::PersonId), CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(Zone::Shared, TO_WAIT)?;
    actor.require(HANDLE_INCIDENTS, TO_WAIT)?;
    Ok((sight, actor.person().ok_or(Forbidden(TO_WAIT))?.id))
}
