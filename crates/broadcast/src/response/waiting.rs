//! What of the alerts waits for a person at an organisation: those to answer, and the decisions of an executive.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::{
    Actor,
    access::Role,
    waiting::{Part, Urgency, Waiting, counted},
    web::show,
};
use uuid::Uuid;

use super::{
    AlertId, DECIDING, EventId,
    store::{decisions, lists},
};

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

/// How many alerts are shown one by one.
const SHOWN: usize = 5;

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let mut lines = Vec::new();
    if actor.is_any(DECIDING) {
        lines.extend(decisions_of(snapshot, actor, now).await?);
    }
    if actor.is_any(Role::ANSWERING) && !actor.at_cert() {
        let waiting = lists::waiting(snapshot, actor, now, (0, AlertId(Uuid::nil()))).await?;
        let to_answer = waiting
            .iter()
            .filter(|alert| !alert.nothing_to_do() && alert.unacknowledged + alert.in_progress > 0);
        lines.extend(to_answer.take(SHOWN).map(|alert| alert_line(alert, now)));
    }
    Ok(lines)
}

async fn decisions_of(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Waiting>, DbError> {
    let waiting = decisions::waiting(snapshot, actor, now, EventId(Uuid::nil())).await?;
    let Some(first) = waiting.first() else { return Ok(None) };
    let count = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let words = counted(count, "decision waits for you", "decisions wait for you");
    let due = waiting.iter().filter_map(|request| request.due_at).min();
    let line = Waiting::new(Urgency::Now, words, "/decisions");
    Ok(Some(Waiting { hint: format!("First: {}", first.title), due, ..line }))
}

fn alert_line(alert: &lists::Waiting, now: Timestamp) -> Waiting {
    let due = alert.has_deadline().then_some(alert.urgent_at);
    let urgency = if due.is_some_and(|due| due < now) { Urgency::Now } else { Urgency::Soon };
    let what = if alert.unacknowledged > 0 { "Acknowledge" } else { "Answer, or close" };
    let words = format!("{what}: {}", alert.title);
    let href = format!("/alerts/{}", alert.alert_id);
    let open = if alert.unacknowledged > 0 { alert.unacknowledged } else { alert.in_progress };
    let many = if open > 1 { format!(", for {} organisations", show::count(open)) } else { String::new() };
    Waiting { hint: format!("{}{many}", alert.number), due, ..Waiting::new(urgency, words, href) }
}
