//! When an action is due: whoever has it is reminded once, by its incident's number and a link.

use db::DbError;
use jiff::Timestamp;
use platform::{
    Tx,
    clock::{self, Due, Next, OF_THE_CERT, Ringing, Running},
};

use super::{FollowUpId, Owner, State, store};
use crate::{
    case::{
        messages::{self, ACTION_DUE, Of},
        timeline::{Entering, Kind, actions::enter_rung},
    },
    incident::store::Incident,
};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "follow_up", counts: clock::Counts::ToAMoment, ring };

/// Sets the clock of an action, or stops it. Where nobody knows of which organisation the incident is, it is the CERT's.
pub(super) async fn set(
    tx: &mut Tx,
    id: FollowUpId,
    incident: &Incident,
    due_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let organisation = incident.organisation_id.unwrap_or(OF_THE_CERT);
    let Some(due_at) = due_at else {
        return clock::stop(tx, id.0, organisation, KIND.name).await;
    };
    let running = Running {
        about: id.0,
        organisation,
        name: KIND.name,
        kind: KIND.name,
        due_at,
        next_due_at: due_at,
        policy: "follow_up/1".to_owned(),
    };
    clock::start(tx, &running).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        for each in due {
            let found = store::any(tx, FollowUpId(each.about)).await?;
            let Some(found) = found.filter(|found| found.state == State::Open) else { continue };
            let text = format!("Action “{}” is due.", found.called());
            let entering = Entering::now(tx, found.zone, Kind::Lesson, found.id.0, &text);
            enter_rung(tx, found.incident_id, &entering).await?;
            let now = tx.now;
            let people = match found.owner() {
                Owner::Nobody => Vec::new(),
                Owner::Person(person) => vec![person],
                Owner::Role(role, organisation) => store::holders(tx, role, organisation, now).await?,
            };
            for person in people {
                let due = each.due_at.as_second();
                let key = format!("{}/{}/{due}/{person}", ACTION_DUE.name, found.id);
                messages::tell(tx, Of::Action(found.id), (found.incident_id, found.zone), person, key)
                    .await?;
            }
        }
        Ok(vec![Next::Last; due.len()])
    })
}
