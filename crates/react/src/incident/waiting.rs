//! Incidents on a person's first page: for the CERT those to be taken on, to be called back, and that they took on
//! themselves; for an organisation those of its own that are not over.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    waiting::{Part, Urgency, Waiting, counted},
    web::{shell::Language, show},
};
use uuid::Uuid;

use super::{
    IncidentId,
    store::{self, Incident},
};
use crate::{
    access::{HANDLE_INCIDENTS, READERS},
    triage::Priority,
};

/// This noun's part of what waits.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(read(snapshot, actor, now)) };

/// How many of its own incidents somebody is shown one by one.
const SHOWN: usize = 5;

async fn read(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    if actor.is_any(HANDLE_INCIDENTS) {
        let mut lines = to_handle(snapshot).await?;
        if let Some(person) = actor.person() {
            let mine = store::in_hand(snapshot, person.id).await?;
            lines.extend(mine.iter().take(SHOWN).map(own_one));
        }
        Ok(lines)
    } else if actor.is_any(READERS) && !actor.at_cert() {
        let newest = IncidentId(Uuid::max());
        let own = store::all_own(snapshot, actor, now, newest).await?;
        Ok(own.iter().filter(|incident| incident.state.is_under_way()).take(SHOWN).map(own_one).collect())
    } else {
        Ok(Vec::new())
    }
}

fn own_one(incident: &Incident) -> Waiting {
    let urgency = match incident.priority {
        Some(Priority::P1 | Priority::P2) | None => Urgency::Now,
        Some(Priority::P3 | Priority::P4) => Urgency::Open,
    };
    let hint = format!("{}. {}", incident.called(), incident.seen_in_words());
    let href = format!("/incidents/{}", incident.id);
    Waiting { hint, ..Waiting::new(urgency, format!("Incident {} goes on", incident.receipt), href) }
}

/// How many incidents that go on are named one by one to the next shift.
const HANDED_OVER: usize = 8;

/// What a shift hands over: those that nobody has taken on or vouched for, and those that go on, with who has them.
pub(crate) async fn to_hand_over(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let mut lines = to_handle(snapshot).await?;
    let (open, all) = (going_on(snapshot).await?, how_many_go_on(snapshot).await?);
    let more = all - i64::try_from(open.len().min(HANDED_OVER)).unwrap_or(i64::MAX);
    lines.extend(open.iter().take(HANDED_OVER).map(handed_over));
    if more > 0 {
        let words = counted(more, "more incident goes on", "more incidents go on");
        lines.push(Waiting::new(Urgency::Soon, words, "/incidents?state=open"));
    }
    Ok(lines)
}

fn handed_over(incident: &Incident) -> Waiting {
    let words = format!("{} {}: {}", incident.receipt, incident.priority_tag().0, incident.called());
    let since = incident.taken_at.map(|at| show::instant(at.as_microsecond(), Language::English));
    let taker = incident.taker.as_deref().unwrap_or("somebody who has left");
    let hint = match since {
        Some(since) => format!("{taker} has it, since {since}"),
        None => "nobody has it".to_owned(),
    };
    Waiting { words, hint, ..own_one(incident) }
}

/// All that somebody has taken on and that are not over, the most urgent first, nine at most. Index: `incident_state`.
async fn going_on(snapshot: &mut Snapshot) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(
        store::incidents!(),
        "WHERE i.id IN (SELECT g.id FROM incident g WHERE g.apart = FALSE AND g.state = 'open'
                        ORDER BY COALESCE(g.priority, 'p9'), g.id DESC LIMIT 9)
         ORDER BY COALESCE(i.priority, 'p9'), i.id DESC"
    );
    snapshot.all(statement, params![]).await
}

/// How many there are, counted up to 1,000. Index: `incident_state`.
async fn how_many_go_on(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM incident WHERE apart = FALSE AND state = 'open' LIMIT 1000) open"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![]).await?.0)
}

/// Those that nobody has taken on, by priority, 1,000 of them at most, and those that nobody has vouched for. Index:
/// `incident_state_priority`.
async fn to_handle(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        "SELECT priority, count(*) FROM (
             SELECT priority FROM incident WHERE apart = FALSE AND state = 'reported' AND priority IS NOT NULL
             ORDER BY priority LIMIT 1000) waiting
         GROUP BY priority ORDER BY priority"
    );
    let mut lines = Vec::new();
    for (priority, count) in snapshot.all::<(Priority, i64)>(statement, params![]).await? {
        let urgency = match priority {
            Priority::P1 => Urgency::Now,
            Priority::P2 | Priority::P3 => Urgency::Soon,
            Priority::P4 => Urgency::Open,
        };
        let (one, many) = ("incident is to be taken on", "incidents are to be taken on");
        let words = format!("{}: {}", priority.label(), counted(count, one, many));
        let href = format!("/incidents?state=reported&priority={}", priority.code());
        lines.push(Waiting { hint: priority.means().to_owned(), ..Waiting::new(urgency, words, href) });
    }
    let apart = store::waiting(snapshot, true).await?;
    if apart > 0 {
        let words = counted(apart, "report is not verified", "reports are not verified");
        let hint = "Ring the organisation on a number that was held before".to_owned();
        let href = "/incidents?list=apart&state=reported";
        lines.push(Waiting { hint, ..Waiting::new(Urgency::Soon, words, href) });
    }
    Ok(lines)
}
