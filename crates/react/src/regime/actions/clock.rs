//! What is done about a clock: reported, excused, required again, explained; and what its report has to say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use platform::{Actor, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{MOST, Result, advance, enter, kept, past, refused, seeing_to, write_log, writer};
use crate::{
    case::{CaseError, Sight, Zone, Zones, sight},
    incident::IncidentId,
    regime::{
        ClockId, Event, LONGEST_FACT, State, draft, reminders,
        store::{self, Clock, Doing, Step},
    },
};

/// The most facts that are written in a case, newer ones of the same key counted too.
const MOST_FACTS: i64 = 2_000;

/// A report that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The number that the recipient gave; may be empty.
    pub reference: String,
    /// What was sent.
    pub text: String,
    /// Why it is late; may be empty where it is not.
    pub reason: String,
    /// The form.
    pub form: Uuid,
}

/// Keeps that a report was sent, with its receipt: what was sent is kept as it was. A further report is a further part.
pub async fn report(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (id, version): (ClockId, i64),
    sent: &Sent,
) -> Result<()> {
    let Some((sight, clock)) = changing(tx, actor, incident, (id, version), sent.form).await? else {
        return Ok(());
    };
    past(tx, sent.at)?;
    let late = clock.due_at.is_some_and(|due| sent.at > due);
    let event = Event::Report { late, reasons: !sent.reason.trim().is_empty() };
    let first = clock.state == State::Running;
    let mut after = clock.clone();
    after.state = clock.state.apply(event).map_err(|error| refused(error.to_string()))?;
    after.ended_at = clock.ended_at.or(Some(sent.at));
    advance(tx, &clock, &after).await?;
    reminders::stop(tx, clock.organisation_id, clock.id).await?;
    let doing = Doing {
        step: Step::Reported,
        happened_at: sent.at,
        by_name: sent.by.trim(),
        reference: sent.reference.trim(),
        text: sent.text.trim(),
        reason: sent.reason.trim(),
        form: sent.form,
    };
    let step = kept(store::insert_step(tx, &clock, writer(actor, &sight), &doing).await)?;
    if first {
        follow(tx, &clock, sent.at).await?;
    }
    let part = if first { "" } else { "A further part. " };
    let number =
        if doing.reference.is_empty() { String::new() } else { format!(" Number: {}.", doing.reference) };
    let text = format!("{part}{}: sent by {}.{number}", clock.called(), doing.by_name);
    enter(tx, actor, &sight, clock.zone, sent.at, clock.id.0, &text).await?;
    write_log(
        tx,
        actor,
        &sight,
        clock.zone,
        "clock.reported",
        json!({"clock": clock.id, "step": step, "late": late}),
    )
    .await
}

/// Sets the deadlines of the duties that count from the report of this one.
async fn follow(tx: &mut Tx, clock: &Clock, sent: Timestamp) -> Result<()> {
    for next in store::of_awareness(tx, clock.awareness_id).await? {
        let Some((regime, duty)) = next.law() else { continue };
        let follows = next.regime == clock.regime && duty.after.as_ref() == Some(&clock.duty);
        if !follows || next.state != State::Running {
            continue;
        }
        let mut after = next.clone();
        after.due_at = duty.offset.due(sent, &regime.zone);
        advance(tx, &next, &after).await?;
        reminders::start(tx, next.organisation_id, next.id, (regime, next.aware_at), after.due_at).await?;
    }
    Ok(())
}

/// A decision about a clock.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The form.
    pub form: Uuid,
}

/// Decides that no report is required, and why.
pub async fn not_require(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    which: (ClockId, i64),
    decision: &Decision,
) -> Result<()> {
    decide(tx, actor, incident, which, decision, (Event::NotRequire, Step::NotRequired)).await
}

/// Decides that one is required after all, and why.
pub async fn require(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    which: (ClockId, i64),
    decision: &Decision,
) -> Result<()> {
    decide(tx, actor, incident, which, decision, (Event::Require, Step::Required)).await
}

/// Says why a report was late, where that was not said with it.
pub async fn explain(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    which: (ClockId, i64),
    decision: &Decision,
) -> Result<()> {
    decide(tx, actor, incident, which, decision, (Event::Explain, Step::Explained)).await
}

async fn decide(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    which: (ClockId, i64),
    decision: &Decision,
    (event, step): (Event, Step),
) -> Result<()> {
    let Some((sight, clock)) = changing(tx, actor, incident, which, decision.form).await? else {
        return Ok(());
    };
    if decision.reason.trim().is_empty() {
        return Err(refused("Write the reason first."));
    }
    let now = tx.now;
    let mut after = clock.clone();
    after.state = clock.state.apply(event).map_err(|error| refused(error.to_string()))?;
    match step {
        Step::NotRequired => after.ended_at = Some(now),
        Step::Required => after.ended_at = None,
        Step::Reported | Step::Explained => {}
    }
    advance(tx, &clock, &after).await?;
    match clock.law() {
        Some((regime, _)) if after.state == State::Running => {
            reminders::start(tx, clock.organisation_id, clock.id, (regime, clock.aware_at), clock.due_at)
                .await?;
        }
        _ => reminders::stop(tx, clock.organisation_id, clock.id).await?,
    }
    let doing = Doing {
        step,
        happened_at: now,
        by_name: decision.by.trim(),
        reference: "",
        text: "",
        reason: decision.reason.trim(),
        form: decision.form,
    };
    let id = kept(store::insert_step(tx, &clock, writer(actor, &sight), &doing).await)?;
    let text = format!("{}: {}, by {}. {}", clock.called(), step.label(), doing.by_name, doing.reason);
    enter(tx, actor, &sight, clock.zone, now, clock.id.0, &text).await?;
    let verb = match step {
        Step::NotRequired => "clock.not_required",
        Step::Required => "clock.required",
        Step::Reported | Step::Explained => "clock.explained",
    };
    write_log(tx, actor, &sight, clock.zone, verb, json!({"clock": clock.id, "step": id})).await
}

/// Keeps what somebody wrote for the facts of a clock's report: those that are new or other than before.
pub async fn write_facts(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: ClockId,
    written: &BTreeMap<String, String>,
) -> Result<usize> {
    let now = tx.now;
    let seen = sight(tx, actor, now, incident).await?;
    let clock = store::clock(tx, incident, seen.reads, id).await?.ok_or(CaseError::NotFound)?;
    let sight = seeing_to(tx, actor, incident, clock.zone).await?;
    let Some((_, duty)) = clock.law() else { return Err(CaseError::NotFound) };
    if store::facts_written(tx, incident, clock.zone).await? >= MOST_FACTS {
        return Err(refused("A great deal was written in this case. Ring the CERT to add more."));
    }
    let before = store::facts(tx, incident, Zones::of(&[clock.zone, Zone::Shared])).await?;
    let mut changed = Vec::new();
    for fact in &duty.facts {
        let Some(text) = written.get(&fact.key).map(|text| text.trim()) else { continue };
        if text.chars().count() > LONGEST_FACT {
            return Err(refused(format!("{} must be {LONGEST_FACT} characters or fewer", fact.label)));
        }
        let known = draft::newest(&before, clock.zone, &fact.key);
        if known.unwrap_or_default() != text {
            store::insert_fact(tx, incident, clock.zone, writer(actor, &sight), (&fact.key, text)).await?;
            changed.push(fact.key.as_str());
        }
    }
    if !changed.is_empty() {
        write_log(
            tx,
            actor,
            &sight,
            clock.zone,
            "clock.facts_written",
            json!({"clock": clock.id, "facts": changed}),
        )
        .await?;
    }
    Ok(changed.len())
}

/// The clock that somebody has before them, unless something has happened to it since; nothing where this form has
/// been kept.
async fn changing(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (id, version): (ClockId, i64),
    form: Uuid,
) -> Result<Option<(Sight, Clock)>> {
    let now = tx.now;
    let seen = sight(tx, actor, now, incident).await?;
    let clock = store::clock(tx, incident, seen.reads, id).await?.ok_or(CaseError::NotFound)?;
    let sight = seeing_to(tx, actor, incident, clock.zone).await?;
    if store::kept_of(tx, form).await?.is_some() {
        return Ok(None);
    }
    if clock.version != version {
        return Err(CaseError::Overtaken);
    }
    if store::steps_of_case(tx, incident, clock.zone).await? >= MOST {
        return Err(refused("A great deal was done in this case. Ring the CERT to add more."));
    }
    Ok(Some((sight, clock)))
}
