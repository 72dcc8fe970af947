//! Supplier outages on a person's first page: those that somebody has not answered yet for whom they answer.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    Actor,
    access::Role,
    waiting::{Part, Urgency, Waiting},
};
use uuid::Uuid;

use super::{OutageId, State, store};

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

/// How many are shown one by one.
const SHOWN: usize = 5;

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    if actor.at_cert() || !actor.is_any(Role::ANSWERING) {
        return Ok(Vec::new());
    }
    let latest = (Timestamp::MAX, OutageId(Uuid::max()));
    let own = store::own(snapshot, actor, now, latest).await?;
    let waiting = own.into_iter().filter(|outage| outage.state == State::Declared && outage.waiting > 0);
    let line = |outage: store::Listed| {
        let words = format!("{} is down: say where you stand", outage.supplier);
        let href = format!("/outages/{}", outage.id);
        Waiting {
            hint: outage.system,
            due: Some(outage.answer_by),
            ..Waiting::new(Urgency::Now, words, href)
        }
    };
    Ok(waiting.take(SHOWN).map(line).collect())
}
