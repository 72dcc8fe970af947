//! One function for each verb; pages and tests all call these.
//!
//! The log is told that something was declared, answered or told, never the words.

use jiff::SignedDuration;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    job::{self, When},
    log::{self, Entry},
    message,
    organisation::OrganisationId,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Declared, HOURS, LONGEST, MOST_UPDATES, OutageError, OutageId, Said, Stands, State, Tell,
    jobs::{self, Occasion},
    reminders,
    store::{self, Answering, Outage},
};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{Zone, sight, timeline::actions::enter_event},
    incident::IncidentId,
    report::{
        self, Facts, Seen, Way,
        actions::{Sender, Sent},
    },
    stands,
    supplier::{self, SupplierId, folded},
    triage,
};

type Result<T> = std::result::Result<T, OutageError>;

const TO_DECLARE: &str = "declare that a supplier is down";
const TO_ANSWER: &str = "answer for this organisation";

/// Declares on an incident that a supplier is down: everybody who uses it is concerned from now on, and is written to
/// by a job. Says how many there are. The same form sent again is one outage.
pub async fn declare(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    declared: &Declared,
) -> Result<(OutageId, u64)> {
    let by = handler(actor)?;
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(Zone::Cert, TO_DECLARE)?;
    if let Some(before) = store::declared_with(tx, declared.form).await? {
        return Ok((before, 0));
    }
    if sight.incident.standing.is_apart() {
        let sentence = "Nobody has vouched for this report. Call the organisation back first: what is declared here is \
                        told to everybody who uses the supplier.";
        return Err(OutageError::Refused(sentence.to_owned()));
    }
    let told = text(&declared.told, "Write what those concerned are told.")?;
    if declared.since > now {
        return Err(OutageError::Refused("Since when it is down must be in the past.".to_owned()));
    }
    if !(HOURS.0..=HOURS.1).contains(&declared.hours) {
        let sentence = format!("Give those concerned between {} and {} hours to answer.", HOURS.0, HOURS.1);
        return Err(OutageError::Refused(sentence));
    }
    let supplier = supplier::actions::named(tx, &declared.supplier).await?;
    let (system, key) = (declared.system.trim(), folded(&declared.system));
    let same = |(_, _, other): &&(OutageId, super::Receipt, String)| {
        other.is_empty() || key.is_empty() || *other == key
    };
    if let Some((_, receipt, _)) = store::open_of(tx, supplier).await?.iter().find(same) {
        let sentence =
            format!("It is declared already, as {receipt}. Tell those concerned what is new there.");
        return Err(OutageError::Refused(sentence));
    }
    let answer_by = now + SignedDuration::from_hours(declared.hours);
    let new = store::New {
        form: declared.form,
        incident,
        supplier,
        system,
        folded: &key,
        told,
        since: declared.since,
        answer_by,
        by,
    };
    let (id, receipt) = once(store::insert(tx, &new).await)?;
    let concerned = store::concern(tx, id, supplier, &key).await?;
    if concerned == 0 {
        return Err(OutageError::Nobody);
    }
    if let Some(organisation) = sight.incident.organisation_id {
        // Whoever reported it needs no second incident of its own.
        store::opened(tx, id, organisation, incident).await?;
    }
    enqueue(tx, id, Occasion::Declared).await?;
    reminders::start(tx, id, answer_by).await?;
    // How many others use it is not for the organisation, nor for guests.
    let text = format!("Declared that a supplier is down, as {receipt}: {concerned} organisations are told.");
    enter_event(tx, actor, None, incident, (Zone::Cert, &text)).await?;
    let payload = json!({"incident": incident, "supplier": supplier, "organisations": concerned});
    write_log(tx, actor, "outage.declared", id, payload).await?;
    Ok((id, concerned))
}

/// Tells everybody concerned what is new. The same form sent again is told once.
pub async fn update(tx: &mut Tx, actor: &Actor, id: OutageId, (form, words): (Uuid, &str)) -> Result<()> {
    let by = handler(actor)?;
    let words = text(words, "Write what is new.")?;
    let outage = store::outage(tx, id).await?.ok_or(OutageError::NotFound)?;
    let (kept, updates) = store::told_so_far(tx, id, form).await?;
    if kept {
        return Ok(());
    }
    if outage.state != State::Declared {
        return Err(OutageError::Over);
    }
    if updates >= MOST_UPDATES {
        return Err(OutageError::Refused(
            "A great deal was told of this outage. Ring those concerned.".into(),
        ));
    }
    let update = once(store::insert_update(tx, id, (form, words), by).await)?;
    enqueue(tx, id, Occasion::Update(update)).await?;
    write_log(tx, actor, "outage.updated", id, json!({"update": update})).await
}

/// Says that it works again, or that it was declared in error; everybody concerned is told.
pub async fn end(tx: &mut Tx, actor: &Actor, id: OutageId, version: i64, state: State) -> Result<()> {
    let by = handler(actor)?;
    let outage = store::outage(tx, id).await?.ok_or(OutageError::NotFound)?;
    let (occasion, verb, said) = match state {
        State::Restored => (Occasion::Restored, "outage.restored", "Restored"),
        State::Withdrawn => (Occasion::Withdrawn, "outage.withdrawn", "Withdrawn"),
        State::Declared => return Err(OutageError::Over),
    };
    if outage.state != State::Declared {
        return Err(OutageError::Over);
    }
    if !store::end(tx, (id, version), state, by).await? {
        return Err(OutageError::Overtaken);
    }
    // What has not left says what is no longer so.
    message::call_back(tx, id.0).await?;
    reminders::stop(tx, id).await?;
    enqueue(tx, id, occasion).await?;
    let text = format!("{said}: {}.", outage.receipt);
    enter_event(tx, actor, None, outage.incident_id, (Zone::Cert, &text)).await?;
    write_log(tx, actor, verb, id, json!({})).await
}

/// For whom somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// For one organisation, over the answer that they have before them.
    One(OrganisationId, i64),
    /// For all for whom they answer and that have not answered.
    AllWaiting,
}

/// Says how an organisation stands, or all that have not answered; says for how many.
pub async fn answer(tx: &mut Tx, actor: &Actor, id: OutageId, whose: Whose, said: &Said) -> Result<u64> {
    let by = actor.person().ok_or(Forbidden(TO_ANSWER))?.id;
    let outage = store::outage(tx, id).await?.ok_or(OutageError::NotFound)?;
    let (said, now) = (checked(said)?, tx.now);
    let answered = match whose {
        Whose::One(organisation, version) => {
            let found = store::own_reply(tx, actor, now, Role::READING, (id, organisation)).await?;
            found.ok_or(OutageError::NotFound)?;
            let through = stands::through(tx, actor, now, Role::ANSWERING, organisation).await?;
            let who = Answering { by, through: through.ok_or(Forbidden(TO_ANSWER))? };
            takes_answers(&outage)?;
            if !store::answer(tx, id, (organisation, version), &said, who).await? {
                return Err(OutageError::Overtaken);
            }
            write_answered(tx, actor, id, Some(organisation), 1, &said).await?;
            1
        }
        Whose::AllWaiting => {
            let mut answered = 0;
            for through in stands::all_through(tx, actor, now).await? {
                takes_answers(&outage)?;
                answered += store::answer_all(tx, actor, id, &said, Answering { by, through }).await?;
            }
            if answered == 0 {
                return Err(OutageError::NotFound);
            }
            write_answered(tx, actor, id, None, answered, &said).await?;
            answered
        }
    };
    if said.stands == Stands::Affected {
        look_at_spread(tx, &outage).await?;
    }
    Ok(answered)
}

/// Opens an incident of an organisation's own from the outage, or finds the one that it opened.
pub async fn open_incident(
    tx: &mut Tx,
    actor: &Actor,
    id: OutageId,
    organisation: OrganisationId,
) -> Result<IncidentId> {
    let now = tx.now;
    let reply = store::own_reply(tx, actor, now, Role::READING, (id, organisation)).await?;
    let reply = reply.ok_or(OutageError::NotFound)?;
    if let Some(before) = reply.incident_id {
        return Ok(before);
    }
    let through = stands::through(tx, actor, now, Role::ANSWERING, organisation).await?;
    let through = through.ok_or(Forbidden(TO_ANSWER))?;
    let outage = store::outage(tx, id).await?.ok_or(OutageError::NotFound)?;
    takes_answers(&outage)?;
    let facts = Facts {
        seen: vec![Seen::SupplierDown],
        since: Some(outage.since_at),
        care: reply.note.clone(),
        more: format!("Opened from the outage {}: {}.", outage.receipt, outage.called()),
        ..Facts::default()
    };
    let (form, sender) = (tx.id(), Sender::Known { organisation, through });
    let sent: Sent = report::actions::take(tx, actor, form, Way::Session, sender, &facts).await?;
    if !store::opened(tx, id, organisation, sent.incident).await? {
        return Err(OutageError::Overtaken);
    }
    let entry = Entry::new("outage.incident_opened").about(id.0).organisation(organisation);
    log::write(tx, actor, entry.with(json!({"incident": sent.incident}))).await?;
    if reply.stands == Stands::Waiting {
        let by = actor.person().ok_or(Forbidden(TO_ANSWER))?.id;
        let said = Said {
            stands: Stands::Affected,
            downtime: reply.downtime,
            patients: reply.patients,
            note: reply.note,
        };
        let version = (organisation, reply.version + 1);
        if !store::answer(tx, id, version, &said, Answering { by, through }).await? {
            return Err(OutageError::Overtaken);
        }
        write_answered(tx, actor, id, Some(organisation), 1, &said).await?;
        look_at_spread(tx, &outage).await?;
    }
    Ok(sent.incident)
}

/// Notes that an organisation which has just said that it uses a system is concerned by its outages, and tells it.
pub(crate) async fn concerns_too(
    tx: &mut Tx,
    organisation: OrganisationId,
    supplier: SupplierId,
    system: &str,
) -> std::result::Result<(), db::DbError> {
    for outage in store::concern_one(tx, organisation, supplier, system).await? {
        jobs::tell_one(tx, outage, organisation).await?;
    }
    Ok(())
}

/// Gives the outages of a supplier to the one that it was joined to: they concern those that use either.
pub(crate) async fn joined(
    tx: &mut Tx,
    from: SupplierId,
    into: SupplierId,
) -> std::result::Result<(), db::DbError> {
    store::moved(tx, from, into).await?;
    for (outage, _, system) in store::open_of(tx, into).await? {
        if store::concern(tx, outage, into, &system).await? > 0 {
            enqueue(tx, outage, Occasion::Declared).await?;
        }
    }
    Ok(())
}

/// Tells triage that the incident has spread, once two organisations say that they are affected. Each answer waits here
/// for the one before it, so that two at the same moment are two.
async fn look_at_spread(tx: &mut Tx, outage: &Outage) -> Result<()> {
    if !store::hold(tx, outage.id).await? || store::affected(tx, outage.id).await? < 2 {
        return Ok(());
    }
    store::note_spread(tx, outage.id).await?;
    let text = format!("Two organisations or more say that {} affects them.", outage.receipt);
    Ok(triage::actions::spread(tx, outage.incident_id, &text).await?)
}

async fn enqueue(tx: &mut Tx, outage: OutageId, occasion: Occasion) -> std::result::Result<(), db::DbError> {
    let once: Uuid = tx.id();
    let when = When { not_before: None, key: Some(format!("{}/{once}", occasion.key(outage))) };
    job::enqueue(tx, &Tell { outage, occasion }, when).await
}

const fn takes_answers(outage: &Outage) -> Result<()> {
    if outage.state.takes_answers() { Ok(()) } else { Err(OutageError::Over) }
}

fn checked(said: &Said) -> Result<Said> {
    if said.stands == Stands::Waiting {
        return Err(OutageError::Refused("Say how you stand.".to_owned()));
    }
    let note = said.note.trim().to_owned();
    if note.chars().count() > LONGEST {
        return Err(OutageError::Refused(format!("Write no more than {LONGEST} characters.")));
    }
    Ok(Said { note, ..said.clone() })
}

fn text<'a>(words: &'a str, missing: &str) -> Result<&'a str> {
    let words = words.trim();
    if words.is_empty() {
        return Err(OutageError::Refused(missing.to_owned()));
    }
    if words.chars().count() > LONGEST {
        return Err(OutageError::Refused(format!("Write no more than {LONGEST} characters.")));
    }
    Ok(words)
}

/// The person at the CERT who acts.
fn handler(actor: &Actor) -> Result<PersonId> {
    actor.require(HANDLE_INCIDENTS, TO_DECLARE)?;
    Ok(actor.person().ok_or(Forbidden(TO_DECLARE))?.id)
}

fn once<T>(kept: std::result::Result<T, db::DbError>) -> Result<T> {
    match kept {
        Err(db::DbError::Constraint(_)) => Err(OutageError::Twice),
        other => Ok(other?),
    }
}

async fn write_answered(
    tx: &mut Tx,
    actor: &Actor,
    id: OutageId,
    organisation: Option<OrganisationId>,
    organisations: u64,
    said: &Said,
) -> Result<()> {
    let mut entry = Entry::new("outage.answered").about(id.0);
    if let Some(organisation) = organisation {
        entry = entry.organisation(organisation);
    }
    let payload = json!({"stands": said.stands.code(), "downtime": said.downtime.code(),
                         "patients": said.patients.code(), "organisations": organisations});
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    id: OutageId,
    payload: serde_json::Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(id.0).with(payload)).await?;
    Ok(())
}
