//! Those that do not say how they stand are reminded, by one clock for each outage: it queues a job that walks over
//! them, so that the sweep of clocks asks nothing of any organisation.
//!
//! There are as many reminders as `content/policies/outage.toml` says, and none once the outage is over. Whoever has
//! answered is left out when the messages are queued, and again when they leave.

use db::DbError;
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    clock::{self, Due, Next, OF_THE_CERT, Ringing, Running},
    job::{self, When},
    log::{self, Entry},
};
use serde_json::json;

use super::{
    OutageId, State, Tell,
    jobs::Occasion,
    policy::Policy,
    store::{self, Outage},
};
use crate::case::{
    Zone,
    timeline::{Entering, Kind, actions::enter_rung},
};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "outage_answers", counts: clock::Counts::ToAMoment, ring };

/// The name of the clock of one outage.
const NAME: &str = "answers";

/// Starts the clock of an outage that is declared just now.
pub(super) async fn start(tx: &mut Tx, outage: OutageId, answer_by: Timestamp) -> Result<(), DbError> {
    let now = tx.now;
    let policy = Policy::of(now);
    let Some(first) = policy.moments(now, answer_by).first().copied() else { return Ok(()) };
    let running = Running {
        about: outage.0,
        organisation: OF_THE_CERT,
        name: NAME,
        kind: KIND.name,
        due_at: answer_by,
        next_due_at: first,
        policy: policy.id(),
    };
    clock::start(tx, &running).await
}

/// Stops it: the outage is over.
pub(super) async fn stop(tx: &mut Tx, outage: OutageId) -> Result<(), DbError> {
    clock::stop(tx, outage.0, OF_THE_CERT, NAME).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(climb(tx, due))
}

async fn climb(tx: &mut Tx, due: &[Due]) -> Result<Vec<Next>, DbError> {
    let now = tx.now;
    let mut next = Vec::with_capacity(due.len());
    for each in due {
        let moments = Policy::of(each.started_at).moments(each.started_at, each.due_at);
        let rung = usize::try_from(each.rung).unwrap_or(usize::MAX);
        if rung >= moments.len() {
            next.push(Next::Last);
            continue;
        }
        let (outage, number) = (OutageId(each.about), each.rung + 1);
        let tell = Tell { outage, occasion: Occasion::Reminder(number) };
        let when = When { not_before: None, key: Some(tell.occasion.key(outage)) };
        job::enqueue(tx, &tell, when).await?;
        // Where this machine slept over several of them, they do not come all at once.
        let soonest = now + each.due_at.duration_since(each.started_at) / 4;
        next.push(moments.get(rung + 1).map_or(Next::Last, |moment| Next::At(soonest.max(*moment))));
    }
    Ok(next)
}

/// Writes down that those who had not answered were reminded; nothing where there were none.
pub(super) async fn note(tx: &mut Tx, id: OutageId, number: i64) -> Result<(), DbError> {
    let reminded = store::reminded(tx, id, number).await?;
    let Some(outage) = store::outage(tx, id).await?.filter(|_| reminded > 0) else { return Ok(()) };
    let whom = if reminded == 1 { "organisation" } else { "organisations" };
    let text = format!("Reminded {reminded} {whom} that had not answered {}.", outage.receipt);
    let entering = Entering::now(tx, Zone::Cert, Kind::Event, outage.incident_id.0, &text);
    enter_rung(tx, outage.incident_id, &entering).await?;
    let payload = json!({"reminder": number, "organisations": reminded});
    log::write(tx, &Actor::Job("outage"), Entry::new("outage.reminded").about(id.0).with(payload)).await?;
    Ok(())
}

/// When those that have not answered are reminded next; `None` where they are not any more.
pub(super) fn next(outage: &Outage, now: Timestamp) -> Option<Timestamp> {
    if outage.state != State::Declared {
        return None;
    }
    let moments = Policy::of(outage.declared_at).moments(outage.declared_at, outage.answer_by);
    moments.into_iter().find(|moment| *moment > now)
}
