//! One function for each verb; pages, API and tests all call these.
//!
//! The log is told that something was added, rung or closed, never the words: they are forgotten after a while,
//! the log is not.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    key::Scope,
    log::{self, Entry},
    organisation,
    web::show::in_sentence,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Event, IncidentError, IncidentId, MOST_ADDITIONS, MOST_ADDITIONS_TO_A_REPORT, Outcome, Receipt, Side,
    Standing, State,
    call_back::{self, NumberOf},
    messages,
    store::{self, Incident, Moved},
};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{Zone, situation::clocks, timeline::actions::enter_event},
    correlation, observable, pace, regime,
    report::{self, store::Report},
    run,
    triage::{self, paging::Occasion},
};

type Result<T> = std::result::Result<T, IncidentError>;

/// Takes an incident on, also from somebody else at the CERT, or again after it was closed.
pub async fn take_on(tx: &mut Tx, actor: &Actor, id: IncidentId, version: i64) -> Result<()> {
    let by = handler(actor, "take on incidents")?;
    let incident = read(tx, id, version).await?;
    let mut moved = Moved::of(&incident);
    moved.state = incident.state.apply(Event::TakeOn)?;
    (moved.taken_by, moved.taken_at) = (Some(by), Some(tx.now));
    (moved.reason, moved.closed_at) = (String::new(), None);
    advance(tx, &incident, &moved).await?;
    let again = if incident.state == State::Closed { "Opened again" } else { "Taken on" };
    enter_event(tx, actor, None, id, (Zone::Shared, &format!("{again} by the CERT."))).await?;
    if incident.state != State::Open {
        clocks::start(tx, id, moved.organisation).await?;
    }
    write_log(tx, actor, "incident.taken_on", &moved, id, json!({})).await?;
    Ok(triage::paging::taken_on(tx, actor, id, by).await?)
}

/// Closes an incident, and says why: its organisation reads it. It was said before what kind of incident it was. What
/// is followed in it is stopped, but for what the organisation follows by itself.
pub async fn close(tx: &mut Tx, actor: &Actor, id: IncidentId, version: i64, reason: &str) -> Result<()> {
    let incident = handled(tx, actor, "close incidents", (id, version)).await?;
    let reason = given(reason)?;
    let mut moved = Moved::of(&incident);
    moved.state = incident.state.apply(Event::Close)?;
    if triage::store::kind(tx, id).await?.is_none() {
        return Err(IncidentError::NotClassified);
    }
    (moved.reason, moved.closed_at) = (reason.to_owned(), Some(tx.now));
    advance(tx, &incident, &moved).await?;
    enter_event(tx, actor, None, id, (Zone::Shared, &format!("Closed, because: {reason}"))).await?;
    clocks::stop(tx, id, moved.organisation).await?;
    run::actions::stop_all(tx, actor, id, "The incident was closed.").await?;
    pace::store::end_all(tx, id).await?;
    write_log(tx, actor, "incident.closed", &moved, id, json!({})).await?;
    Ok(triage::paging::follow(tx, id, Occasion::Later).await?)
}

/// Says of which organisation an incident is, where nobody knew, or what was typed was not what was meant.
pub async fn place(tx: &mut Tx, actor: &Actor, id: IncidentId, version: i64, code: &str) -> Result<()> {
    handler(actor, "say of whom an incident is")?;
    let incident = read(tx, id, version).await?;
    // Somebody who was signed in, or held a code, said for whom: that is not for anybody to change.
    if incident.standing != Standing::Unverified || !incident.state.is_under_way() {
        return Err(IncidentError::NotTheSame);
    }
    let code = code.trim().to_uppercase();
    let found = organisation::store::id_of(tx, &code).await?;
    let mut moved = Moved::of(&incident);
    moved.organisation = Some(found.ok_or_else(|| IncidentError::NoOrganisation(code.clone()))?);
    advance(tx, &incident, &moved).await?;
    enter_event(tx, actor, None, id, (Zone::Cert, &format!("Said to be of {code}."))).await?;
    clocks::stop(tx, id, incident.organisation_id).await?;
    if moved.state == State::Open {
        clocks::start(tx, id, moved.organisation).await?;
    }
    write_log(tx, actor, "incident.placed", &moved, id, json!({})).await?;
    let placed = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
    observable::actions::judge_again(tx, &placed).await?;
    Ok(triage::actions::placed(tx, id).await?)
}

/// Keeps what came of ringing a number: only one that was held before the incident can confirm anything.
pub async fn call_back(
    tx: &mut Tx,
    actor: &Actor,
    (id, version): (IncidentId, i64),
    number: NumberOf,
    outcome: Outcome,
    note: &str,
) -> Result<()> {
    let by = handler(actor, "call back")?;
    let incident = read(tx, id, version).await?;
    if !incident.state.is_under_way() {
        return Err(IncidentError::Overtaken);
    }
    let numbers = call_back::numbers(tx, &incident).await?;
    let rung = numbers.into_iter().find(|each| each.of == number).ok_or(IncidentError::NoProof)?;
    if !rung.is_proof {
        return Err(IncidentError::NoProof);
    }
    let mut moved = Moved::of(&incident);
    moved.standing = incident.standing.after(outcome);
    advance(tx, &incident, &moved).await?;
    if incident.standing.is_apart() && !moved.standing.is_apart() {
        // What it holds was not compared while nobody had vouched for it.
        let confirmed = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
        correlation::actions::compare(tx, &confirmed, incident.opened_at).await?;
    }
    let call = call_back::insert(tx, id, &rung, outcome, note.trim(), by).await?;
    let text = format!("Called back: {}.", in_sentence(outcome.label()));
    enter_event(tx, actor, None, id, (Zone::Shared, &text)).await?;
    // Which number was rung is for the CERT alone, as on the page of the incident.
    enter_event(tx, actor, None, id, (Zone::Cert, &format!("Rang: {}.", rung.called))).await?;
    let payload = json!({"call": call, "outcome": outcome.code(), "contact": rung.of.contact()});
    write_log(tx, actor, "incident.called_back", &moved, id, payload).await?;
    // What is believed now is rung for as what was always believed.
    Ok(triage::paging::follow(tx, id, Occasion::Later).await?)
}

/// Joins an incident to another one: its reports, additions and call backs are that one's from now on.
pub async fn join(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    version: i64,
    into: &Receipt,
) -> Result<IncidentId> {
    let incident = handled(tx, actor, "join incidents", (id, version)).await?;
    let found = store::called(tx, into).await?.ok_or(IncidentError::NoSuchNumber)?;
    let into = store::incident(tx, found).await?.ok_or(IncidentError::NoSuchNumber)?;
    if into.id == incident.id {
        return Err(IncidentError::Itself);
    }
    let same = match (incident.organisation_id, into.organisation_id) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    // What was denied by telephone is not joined to what was not: that takes another call.
    let denied = |each: &Incident| each.standing == Standing::Refuted;
    if !same || denied(&into) != denied(&incident) || !into.state.is_under_way() {
        return Err(IncidentError::Apart);
    }
    if regime::store::runs(tx, id).await? {
        return Err(IncidentError::ClocksRun);
    }
    let mut moved = Moved::of(&incident);
    moved.state = incident.state.apply(Event::Join)?;
    (moved.joined_into, moved.closed_at) = (Some(into.id), Some(tx.now));
    let mut joined = Moved::of(&into);
    joined.standing = into.standing.together(incident.standing);
    joined.organisation = into.organisation_id.or(incident.organisation_id);
    // In the order of their keys, so that two joins never wait for each other.
    if incident.id < into.id {
        advance(tx, &incident, &moved).await?;
        advance(tx, &into, &joined).await?;
    } else {
        advance(tx, &into, &joined).await?;
        advance(tx, &incident, &moved).await?;
    }
    report::store::moved(tx, incident.id, into.id).await?;
    store::moved(tx, incident.id, into.id).await?;
    // What was found in these is the other one's too; what people entered in the case stays in it.
    observable::store::moved(tx, incident.id, into.id).await?;
    let whole = store::incident(tx, into.id).await?.ok_or(IncidentError::NotFound)?;
    observable::actions::judge_again(tx, &whole).await?;
    correlation::actions::compare(tx, &whole, into.opened_at.min(incident.opened_at)).await?;
    let text = format!("Joined to {}, where the case goes on.", into.receipt);
    enter_event(tx, actor, None, id, (Zone::Shared, &text)).await?;
    let text = format!("{} was joined to this incident.", incident.receipt);
    enter_event(tx, actor, None, into.id, (Zone::Shared, &text)).await?;
    clocks::stop(tx, id, incident.organisation_id).await?;
    let reason = format!("The case goes on in {}.", into.receipt);
    run::actions::stop_all(tx, actor, id, &reason).await?;
    pace::store::end_all(tx, id).await?;
    write_log(tx, actor, "incident.joined", &moved, id, json!({"into": into.id})).await?;
    triage::actions::joined(tx, actor, incident.id, into.id).await?;
    Ok(into.id)
}

/// Adds to an incident: somebody at its organisation, or of those who answer for it, or at the CERT. The same form
/// sent again is one addition.
pub async fn add(tx: &mut Tx, actor: &Actor, id: IncidentId, form: Uuid, text: &str) -> Result<()> {
    let by = actor.person().ok_or(Forbidden("add to incidents"))?.id;
    let now = tx.now;
    if actor.is_any(HANDLE_INCIDENTS) {
        let incident = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
        let from = store::Adding { side: Side::Cert, through: None, person: Some(by), report: None };
        return append(tx, actor, &incident, form, &from, text).await;
    }
    let incident = store::own(tx, actor, now, Role::READING, id).await?.ok_or(IncidentError::NotFound)?;
    actor.require(Role::ANSWERING, "add to incidents")?;
    let code = incident.code.clone().unwrap_or_default();
    let reporting = organisation::store::answered_for(tx, actor, now, &code).await?;
    let (_, through) = reporting.ok_or(Forbidden("add to incidents"))?;
    let from =
        store::Adding { side: Side::Organisation, through: Some(through), person: Some(by), report: None };
    append(tx, actor, &incident, form, &from, text).await
}

/// Adds what a system of the incident's organisation has to say, or of those who answer for it. The caller has asked
/// whether it is theirs.
pub(super) async fn add_by_machine(
    tx: &mut Tx,
    actor: &Actor,
    incident: &Incident,
    form: Uuid,
    text: &str,
) -> Result<()> {
    let now = tx.now;
    let code = incident.code.clone().unwrap_or_default();
    let reporting = organisation::store::answered_for(tx, actor, now, &code).await?;
    let (_, through) = reporting.ok_or(IncidentError::NotFound)?;
    let from = store::Adding { side: Side::Organisation, through: Some(through), person: None, report: None };
    append(tx, actor, incident, form, &from, text).await
}

/// Adds what the holder of a code has to say to what they reported.
pub async fn add_as_holder(tx: &mut Tx, report: &Report, form: Uuid, text: &str) -> Result<()> {
    let id = report.incident.ok_or(IncidentError::NotFound)?;
    let incident = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
    let from = store::Adding { side: Side::Holder, through: None, person: None, report: Some(report.id) };
    append(tx, &Actor::CodeHolder, &incident, form, &from, text).await
}

/// Adds what somebody has to say who answered the answer to their mail.
pub async fn add_by_mail(tx: &mut Tx, actor: &Actor, report: &Report, form: Uuid, text: &str) -> Result<()> {
    let id = report.incident.ok_or(IncidentError::NotFound)?;
    let incident = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
    let from = store::Adding { side: Side::Mail, through: None, person: None, report: Some(report.id) };
    append(tx, actor, &incident, form, &from, text).await
}

async fn append(
    tx: &mut Tx,
    actor: &Actor,
    incident: &Incident,
    form: Uuid,
    from: &store::Adding,
    text: &str,
) -> Result<()> {
    let text = given(text)?;
    if store::is_added(tx, form).await? {
        return Ok(());
    }
    // Strangers have a bound of their own, for each report: or they could keep those who are known from adding.
    let enough = match from.report {
        Some(report) => store::added_to(tx, report).await? >= MOST_ADDITIONS_TO_A_REPORT,
        None => store::added(tx, incident.id).await? >= MOST_ADDITIONS,
    };
    if enough {
        return Err(IncidentError::Enough);
    }
    if incident.state == State::Joined {
        return Err(IncidentError::Overtaken);
    }
    let addition = match store::add(tx, incident.id, form, from, text).await {
        Err(db::DbError::Constraint(_)) => return Err(IncidentError::Twice),
        other => other?,
    };
    if from.side != Side::Cert {
        messages::tell_added(tx, incident, addition).await?;
    }
    // Its words stand on the page of the incident, which guests do not read.
    let told = format!("Something was added to the report, by {}.", in_sentence(from.side.label()));
    enter_event(tx, actor, from.through, incident.id, (Zone::Shared, &told)).await?;
    observable::actions::found_in(tx, incident, observable::Origin::Addition, text).await?;
    let moved = Moved::of(incident);
    let payload = json!({"addition": addition, "side": from.side.code()});
    write_log(tx, actor, "incident.added_to", &moved, incident.id, payload).await
}

/// The person at the CERT who acts.
fn handler(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(HANDLE_INCIDENTS, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

/// The incident of which somebody at the CERT disposes; or a machine of the CERT, with a scope of its own, once somebody
/// has taken it on: until then people are rung for it, and what a machine does must not end that.
async fn handled(
    tx: &mut Tx,
    actor: &Actor,
    to_do: &'static str,
    (id, version): (IncidentId, i64),
) -> Result<Incident> {
    actor.require_or_key(HANDLE_INCIDENTS, Scope::CloseCases.code(), to_do)?;
    let incident = read(tx, id, version).await?;
    if matches!(actor, Actor::Key(_)) && incident.state == State::Reported {
        return Err(IncidentError::NotTakenOn);
    }
    Ok(incident)
}

fn given(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() { Err(IncidentError::Empty) } else { Ok(text) }
}

/// The incident that the actor has before them, unless something has happened to it since.
async fn read(tx: &mut Tx, id: IncidentId, version: i64) -> Result<Incident> {
    let incident = store::incident(tx, id).await?.ok_or(IncidentError::NotFound)?;
    if incident.version == version { Ok(incident) } else { Err(IncidentError::Overtaken) }
}

async fn advance(tx: &mut Tx, incident: &Incident, moved: &Moved) -> Result<()> {
    if store::advance(tx, incident, moved).await? { Ok(()) } else { Err(IncidentError::Overtaken) }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    moved: &Moved,
    id: IncidentId,
    payload: serde_json::Value,
) -> Result<()> {
    let mut entry = Entry::new(verb).about(id.0);
    if let Some(organisation) = moved.organisation {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
