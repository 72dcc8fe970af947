//! Actions from lessons on a person's first page: how many are theirs, and when the first is due.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
};
use uuid::Uuid;

use super::{FollowUpId, store};
use crate::access::READERS;

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let Some(person) = actor.person().filter(|_| actor.is_any(READERS)).map(|person| person.id) else {
        return Ok(Vec::new());
    };
    let start = (Timestamp::UNIX_EPOCH, FollowUpId(Uuid::nil()));
    let actions = if actor.at_cert() {
        store::of_person_at_cert(snapshot, person, now, start).await?
    } else {
        store::of_person(snapshot, actor, now, start).await?
    };
    let Some(first) = actions.first() else { return Ok(Vec::new()) };
    let urgency = if first.is_late(&now) { Urgency::Soon } else { Urgency::Open };
    // A page of them is read, and one more.
    let words = match actions.len() {
        count @ ..51 => {
            counted(i64::try_from(count).unwrap_or(i64::MAX), "action from a lesson", "actions from lessons")
        }
        _ => "More than 50 actions from lessons".to_owned(),
    };
    let hint = format!("First: {}", first.called());
    Ok(vec![Waiting { hint, due: Some(first.due_at), ..Waiting::new(urgency, words, "/incidents/actions") }])
}
