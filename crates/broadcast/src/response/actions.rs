//! One function for each verb; pages, API, jobs and tests all call these.
//!
//! What is said, the stages, the counters, the clocks and the log entry change in one transaction.

use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
    uk,
};
use serde_json::json;

use super::{
    AlertHead, AlertId, Chosen, Event, EventId, ResponseError, Said, Stage, clocks, ladder, recipients,
    store::{self, choices, moves},
};
use crate::{alert::State, webhook};

/// For how many something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Organisations for which it was said now.
    pub moved: u64,
    /// Organisations chosen whose stage did not allow it, or did not need it: left as they are.
    pub left: u64,
}

/// What an executive says to a request to accept a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The organisation bears the risk.
    Accept,
    /// It does not, for this reason.
    SendBack(String),
}

/// Acknowledges `alert` for those of `chosen` that the actor answers for.
///
/// Organisations already acknowledged are left as they are and counted.
pub async fn acknowledge(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    chosen: &Chosen,
) -> Result<Moved, ResponseError> {
    say(tx, actor, alert, chosen, Event::Acknowledge, &Said::default()).await
}

/// Says whether `alert` applies, what is done about it, or how it ends, for those of `chosen` that
/// the actor answers for. Asking to accept the risk tells the executives, and is refused where there
/// is none.
pub async fn answer(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    chosen: &Chosen,
    said: &Said,
) -> Result<Moved, ResponseError> {
    if *said == Said::default() {
        return Err(ResponseError::NothingSaid);
    }
    let event = said.event();
    if matches!(event, Event::NotApplicable | Event::AskToAccept) && !said.has_reason() {
        return Err(ResponseError::ReasonMissing);
    }
    if said.planned_on.is_some_and(|day| day < uk::day(tx.now)) {
        return Err(ResponseError::PlannedInThePast);
    }
    say(tx, actor, alert, chosen, event, said).await
}

/// Decides on every request about `alert` that waits for this executive, but their own. `seen` is how
/// many the page showed: what came in since is not decided unseen.
pub async fn decide(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    decision: &Decision,
    seen: u64,
) -> Result<Moved, ResponseError> {
    let (event, said) = match decision {
        Decision::Accept => (Event::Accept, Said::default()),
        Decision::SendBack(reason) => (Event::SendBack, Said::reason(reason)),
    };
    if event == Event::SendBack && !said.has_reason() {
        return Err(ResponseError::ReasonMissing);
    }
    let decided = say(tx, actor, alert, &Chosen::All, event, &said).await?;
    let now = tx.now;
    if decided.moved == 0
        && store::decisions::about(tx, actor, now, alert).await?.iter().any(|asked| asked.own)
    {
        return Err(ResponseError::OwnRequest);
    }
    if decided.moved == seen { Ok(decided) } else { Err(ResponseError::NotAsSeen) }
}

/// Says that what was said before was wrong, and opens the response again. What was said stays.
pub async fn correct(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    chosen: &Chosen,
    reason: &str,
) -> Result<Moved, ResponseError> {
    let said = Said::reason(reason);
    if !said.has_reason() {
        return Err(ResponseError::ReasonMissing);
    }
    say(tx, actor, alert, chosen, Event::Correct, &said).await
}

async fn say(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    chosen: &Chosen,
    event: Event,
    said: &Said,
) -> Result<Moved, ResponseError> {
    may(actor, event)?;
    if !said.is_short() {
        return Err(ResponseError::TooLong);
    }
    let alert = store::held(tx, alert).await?.ok_or(ResponseError::NotFound)?;
    let id: EventId = tx.id();
    let list = chosen.list(tx, actor, alert.id, id).await?;
    let next_update_at = next_update(&alert, event, said, tx.now)?;
    let step =
        moves::Move { id, alert: &alert, event, said, mode: &list.mode, list: list.id, next_update_at };
    let moved = match advance(tx, actor, &step).await {
        Err(ResponseError::NotFound) if *chosen == Chosen::Kept && list.mode != "all" => {
            return Err(ResponseError::NobodyChosen);
        }
        moved => moved?,
    };
    if moved.moved > 0 {
        match event {
            Event::AskToAccept => {
                if let Some(name) = recipients::nobody_decides(tx, actor, &alert, id).await? {
                    return Err(ResponseError::NobodyDecides(name));
                }
                recipients::ask_executives(tx, actor, &alert, id).await?;
            }
            Event::Accept | Event::SendBack => recipients::tell_decision(tx, &alert, id).await?,
            _ => {}
        }
        webhook::answered(tx, &alert, id).await?;
        let organisation = moves::only_one(tx, alert.id, id).await?;
        let entry = Entry::new(event.verb())
            .about_a("alert", alert.id.0)
            .with(json!({ "event": id, "organisations": moved.moved, "left": moved.left, "said": said }));
        let entry = match organisation {
            Some(organisation) => entry.organisation(organisation),
            None => entry,
        };
        log::write(tx, actor, entry).await?;
    }
    if chosen.passing() {
        choices::clear(tx, list.id, alert.id).await?;
    }
    Ok(moved)
}

/// Stage, counters, times and clocks of one thing said.
async fn advance(tx: &mut Tx, actor: &Actor, step: &moves::Move<'_>) -> Result<Moved, ResponseError> {
    let standing = moves::standing(tx, actor, step).await?;
    let chosen: u64 = standing.iter().map(|(_, count)| count.unsigned_abs()).sum();
    if chosen == 0 {
        return Err(ResponseError::NotFound);
    }
    match step.alert.state {
        State::InForce => {}
        State::Superseded => return Err(ResponseError::Superseded),
        _ => return Err(ResponseError::Withdrawn),
    }
    let moved = moves::say(tx, actor, step).await?;
    if moved == 0 {
        refuse(&standing, step.event)?;
    } else {
        moves::time(tx, step).await?;
        if moves::settle(tx, step).await? != moved {
            return Err(ResponseError::Overtaken);
        }
        moves::count(tx, step).await?;
        moves::reached(tx, step).await?;
        clocks::follow(tx, step).await?;
    }
    Ok(Moved { moved, left: chosen.saturating_sub(moved) })
}

/// Nothing moved: fine where all were acknowledged before, otherwise the first reason.
fn refuse(standing: &[(Stage, i64)], event: Event) -> Result<(), ResponseError> {
    let repeated =
        event == Event::Acknowledge && standing.iter().any(|(stage, _)| *stage != Stage::ForInformation);
    match standing.iter().find_map(|(stage, _)| stage.apply(event).err()) {
        Some(refused) if !repeated => Err(refused.into()),
        _ => Ok(()),
    }
}

/// Whether the actor may say this at all; for which organisations, the statements see to.
fn may(actor: &Actor, event: Event) -> Result<(), Forbidden> {
    let to_do = match event {
        Event::Accept | Event::SendBack => "decide whether a risk is accepted",
        _ => "answer alerts",
    };
    match actor {
        Actor::Key(key) if key.scopes.iter().any(|scope| scope == super::api::WRITE) => {
            if event.roles() == super::DECIDING { Err(Forbidden(to_do)) } else { Ok(()) }
        }
        _ => actor.require(event.roles(), to_do),
    }
}

/// When the next update is due after this: as the organisation says, within what the policy allows
/// unless it says why, or else as the policy says.
fn next_update(
    alert: &AlertHead,
    event: Event,
    said: &Said,
    now: jiff::Timestamp,
) -> Result<Option<jiff::Timestamp>, ResponseError> {
    let begins_anew = match event {
        Event::Acknowledge | Event::Update | Event::Correct => true,
        // The clock goes on as it was, unless the organisation says another date.
        Event::AskToAccept => false,
        _ => return Ok(None),
    };
    let latest = ladder::of(alert, "update").map(|ladder| now + ladder.within);
    let Some(wanted) = said.next_update_at else { return Ok(latest.filter(|_| begins_anew)) };
    if wanted <= now {
        return Err(ResponseError::UpdateInThePast);
    }
    let reason = said.next_update_reason.as_deref().unwrap_or_default();
    match latest {
        Some(latest) if wanted > latest && reason.trim().is_empty() => {
            Err(ResponseError::UpdateTooLate(AlertHead::instant(latest)))
        }
        _ => Ok(Some(wanted)),
    }
}
