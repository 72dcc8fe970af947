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
    triage::{NOT_KNOWN, Priority},
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

/// Those that nobody has taken on, by priority, and those that nobody has vouched for, of which the urgent stand with
/// their like; 1,000 of each at most.
async fn to_handle(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let (taken_on, verified) = (waiting(snapshot, false).await?, waiting(snapshot, true).await?);
    let mut lines = Vec::new();
    for priority in Priority::ALL {
        let of_it = |all: &[Many]| all.iter().find(|many| many.priority() == Some(*priority)).cloned();
        lines.extend(of_it(&taken_on).map(|many| to_be_taken_on(*priority, &many)));
        if priority.is_urgent() {
            lines.extend(of_it(&verified).map(|many| to_be_verified(Some(*priority), many.count)));
        }
    }
    let is_urgent = |many: &&Many| many.priority().is_some_and(Priority::is_urgent);
    let others: i64 = verified.iter().filter(|many| !is_urgent(many)).map(|many| many.count).sum();
    if others > 0 {
        lines.push(to_be_verified(None, others));
    }
    Ok(lines)
}

db::record! {
    /// How many wait of one priority.
    struct Many {
        code: String,
        count: i64,
        /// How many of them are so urgent because of what is not known.
        by_not_known: i64,
    }
}

impl Many {
    fn priority(&self) -> Option<Priority> {
        self.code.parse().ok()
    }
}

/// How many wait to be taken on, apart or not, by priority. Index: `incident_state`.
async fn waiting(snapshot: &mut Snapshot, apart: bool) -> Result<Vec<Many>, DbError> {
    let statement = sql!(
        "SELECT code, CAST(count(*) AS BIGINT) AS count,
                CAST(count(CASE WHEN because LIKE ?2 AND because NOT LIKE ?3 THEN 1 END) AS BIGINT) AS by_not_known
         FROM (SELECT COALESCE(priority, 'p9') AS code, priority_because AS because FROM incident
               WHERE apart = ?1 AND state = 'reported' ORDER BY COALESCE(priority, 'p9') LIMIT 1000) waiting
         GROUP BY code ORDER BY code"
    );
    snapshot.all(statement, params![apart, "%?%", "%!%"]).await
}

fn to_be_taken_on(priority: Priority, many: &Many) -> Waiting {
    let (one, more) = ("incident is to be taken on", "incidents are to be taken on");
    let words = format!("{}: {}", priority.label(), counted(many.count, one, more));
    let href = format!("/incidents?state=reported&priority={}", priority.code());
    let hint = match many.by_not_known {
        0 => priority.means().to_owned(),
        all if all == many.count => NOT_KNOWN.to_owned(),
        some => format!("{}; {some} of them because of what is not known yet", priority.means()),
    };
    Waiting { hint, ..Waiting::new(urgency_of(priority), words, href) }
}

/// Of one priority, or of all that are not urgent.
fn to_be_verified(priority: Option<Priority>, count: i64) -> Waiting {
    let words = counted(count, "report is not verified", "reports are not verified");
    let hint = "Ring the organisation on a number that was held before".to_owned();
    let all = "/incidents?list=apart&state=reported";
    let waiting = match priority {
        Some(priority) => {
            let (words, href) =
                (format!("{}: {words}", priority.label()), format!("{all}&priority={}", priority.code()));
            Waiting::new(urgency_of(priority), words, href)
        }
        None => Waiting::new(Urgency::Soon, words, all),
    };
    Waiting { hint, ..waiting }
}

const fn urgency_of(priority: Priority) -> Urgency {
    match priority {
        Priority::P1 => Urgency::Now,
        Priority::P2 | Priority::P3 => Urgency::Soon,
        Priority::P4 => Urgency::Open,
    }
}
