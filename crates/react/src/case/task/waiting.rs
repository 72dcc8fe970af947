//! Tasks on a person's first page: how many are theirs, and when the first is due.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
};

use super::store;
use crate::access::READERS;

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let Some(person) = actor.person().filter(|_| actor.is_any(READERS)).map(|person| person.id) else {
        return Ok(Vec::new());
    };
    let tasks = if actor.at_cert() {
        store::of_person_at_cert(snapshot, person, store::START).await?
    } else {
        store::of_person(snapshot, actor, now, store::START).await?
    };
    let Some(first) = tasks.first() else { return Ok(Vec::new()) };
    let urgency = if first.is_late(&now) { Urgency::Now } else { Urgency::Soon };
    // A page of them is read, and one more.
    let words = match tasks.len() {
        count @ ..51 => {
            counted(i64::try_from(count).unwrap_or(i64::MAX), "task in incidents", "tasks in incidents")
        }
        _ => "More than 50 tasks in incidents".to_owned(),
    };
    let hint = format!("First: {}", first.called());
    Ok(vec![Waiting { hint, due: first.due_at, ..Waiting::new(urgency, words, "/incidents/tasks") }])
}
