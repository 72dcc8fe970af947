//! When a task is due: whoever has it is reminded once, by its incident's number and a link.

use jiff::Timestamp;
use platform::{
    Tx,
    clock::{self, Due, Next, Ringing, Running},
};

use super::{TaskId, store};
use crate::{
    case::{
        messages::{self, Of, TASK_DUE},
        timeline::{Entering, Kind, actions::enter_rung},
    },
    incident::{self, store::Incident},
};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "case_task", counts: clock::Counts::ToAMoment, ring };

/// Sets the clock of a task, or stops it. An incident of which nobody knows the organisation has none.
pub(super) async fn set(
    tx: &mut Tx,
    task: TaskId,
    incident: &Incident,
    due_at: Option<Timestamp>,
) -> Result<(), db::DbError> {
    let Some(organisation) = incident.organisation_id else { return Ok(()) };
    let Some(due_at) = due_at else {
        return clock::stop(tx, task.0, organisation, KIND.name).await;
    };
    let running = Running {
        about: task.0,
        organisation,
        name: KIND.name,
        kind: KIND.name,
        due_at,
        next_due_at: due_at,
        policy: "case/1".to_owned(),
    };
    clock::start(tx, &running).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        for each in due {
            let found = store::any(tx, TaskId(each.about)).await?;
            let Some(task) = found.filter(|task| task.state.is_to_do()) else { continue };
            let incident = incident::store::incident(tx, task.incident_id).await?;
            // In a case that is over, or goes on in another one, nobody is asked for anything.
            if !incident.is_some_and(|incident| incident.state.is_under_way()) {
                continue;
            }
            let text = format!("Task “{}” is due.", task.title);
            let entering = Entering::now(tx, task.zone, Kind::Task, task.id.0, &text);
            enter_rung(tx, task.incident_id, &entering).await?;
            let Some(person) = task.person_id else { continue };
            let key = format!("{}/{}/{}", TASK_DUE.name, task.id, each.due_at.as_second());
            messages::tell(tx, Of::Task(task.id), (task.incident_id, task.zone), person, key).await?;
        }
        Ok(vec![Next::Last; due.len()])
    })
}
