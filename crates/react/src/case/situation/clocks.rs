//! When the next situation report is due: whoever took the incident on is reminded, by its number and a link alone.

use platform::{
    Tx,
    clock::{self, Due, Next, Ringing, Running},
    organisation::OrganisationId,
};

use super::EVERY;
use crate::{
    case::{
        Zone,
        messages::{self, Of, SITUATION_DUE},
        timeline::{Entering, Kind, actions::enter_rung},
    },
    incident::{IncidentId, State, store},
};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "case_situation", counts: clock::Counts::ToAMoment, ring };

/// Begins to wait for the next report, or waits anew. An incident of which nobody knows the organisation has no clock.
pub(crate) async fn start(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: Option<OrganisationId>,
) -> Result<(), db::DbError> {
    let Some(organisation) = organisation else { return Ok(()) };
    let due_at = tx.now + EVERY;
    let running = Running {
        about: incident.0,
        organisation,
        name: KIND.name,
        kind: KIND.name,
        due_at,
        next_due_at: due_at,
        policy: "case/1".to_owned(),
    };
    clock::start(tx, &running).await
}

/// Waits for no further report.
pub(crate) async fn stop(
    tx: &mut Tx,
    incident: IncidentId,
    organisation: Option<OrganisationId>,
) -> Result<(), db::DbError> {
    match organisation {
        Some(organisation) => clock::stop(tx, incident.0, organisation, KIND.name).await,
        None => Ok(()),
    }
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        let mut next = Vec::with_capacity(due.len());
        for each in due {
            let incident = store::incident(tx, IncidentId(each.about)).await?;
            let Some(incident) = incident.filter(|incident| incident.state == State::Open) else {
                next.push(Next::Last);
                continue;
            };
            let text = "A situation report is due.";
            let entering = Entering::now(tx, Zone::Shared, Kind::Situation, incident.id.0, text);
            enter_rung(tx, incident.id, &entering).await?;
            if let Some(person) = incident.taken_by {
                let due_at = each.due_at.as_second();
                let key = format!("{}/{}/{due_at}/{}", SITUATION_DUE.name, incident.id, each.rung);
                let to = (incident.id, Zone::Shared);
                messages::tell(tx, Of::Situation(tx.now), to, person, key).await?;
            }
            next.push(Next::At(tx.now + EVERY));
        }
        Ok(next)
    })
}
