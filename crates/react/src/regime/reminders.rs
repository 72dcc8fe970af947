//! Who is reminded of a clock while it runs: those who lead and decide at its organisation, those of who answers for
//! it, and whoever handles the incident at the CERT where the clock is shared with it.
//!
//! A mail holds the incident's number and a link, and nothing else.

use std::collections::{BTreeMap, HashMap, HashSet, hash_map::Entry};

use db::{DbError, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    App, Tx,
    access::PersonId,
    clock::{self, Due, Next, Ringing, Running},
    job::Lane,
    mailboxes,
    message::{self, ContactId, Draft, Kind, NoLetter, Rendering, ToRender},
    organisation::OrganisationId,
};
use serde_json::json;

use super::{ClockId, Regime, State, state, store};
use crate::{
    bare,
    case::{
        Zone,
        timeline::{self, Entering},
    },
    incident::{self, IncidentId},
};

/// This noun's row of the table of clocks.
pub const KIND: clock::Kind = clock::Kind { name: "regulatory", counts: clock::Counts::ToAMoment, ring };
/// This noun's row of the table of messages.
pub const REMINDER: Kind = Kind { name: "clock_reminder", render };

/// What the clock of a duty is called among those about it.
const NAME: &str = "report";
/// How long before the deadline somebody is reminded, besides at half the time.
const BEFORE: [SignedDuration; 2] = [SignedDuration::from_hours(12), SignedDuration::from_hours(2)];
/// How long after awareness somebody is reminded of a duty without an hour.
const AFTER: [SignedDuration; 2] = [SignedDuration::from_hours(24), SignedDuration::from_hours(72)];

/// Starts the reminders of a clock that counts from `aware`, or sets them anew.
pub(super) async fn start(
    tx: &mut Tx,
    organisation: OrganisationId,
    clock: ClockId,
    (regime, aware): (&Regime, Timestamp),
    due_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let now = tx.now;
    let last = due_at.unwrap_or(aware + AFTER[1]);
    let moments = match due_at {
        Some(due) => rungs(now, due),
        None => AFTER.map(|after| aware + after).into(),
    };
    let Some(next_due_at) = moments.into_iter().find(|moment| *moment > now) else {
        return stop(tx, organisation, clock).await;
    };
    let policy = format!("{}/{}", regime.id, regime.version);
    let running = Running {
        about: clock.0,
        organisation,
        name: NAME,
        kind: KIND.name,
        due_at: last,
        next_due_at,
        policy,
    };
    clock::start(tx, &running).await
}

/// Stops them.
pub(super) async fn stop(tx: &mut Tx, organisation: OrganisationId, clock: ClockId) -> Result<(), DbError> {
    clock::stop(tx, clock.0, organisation, NAME).await
}

/// When somebody is reminded of a deadline whose clock was started then: at half of the time, 12 and 2 hours before,
/// and when it is over.
fn rungs(started: Timestamp, due: Timestamp) -> Vec<Timestamp> {
    let half = started + due.duration_since(started) / 2;
    let mut moments: Vec<_> = BEFORE.iter().map(|before| due - *before).chain([half, due]).collect();
    moments.retain(|moment| *moment > started);
    moments.sort_unstable();
    moments.dedup();
    moments
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(async move {
        let mut next = Vec::new();
        let mut incidents = HashMap::new();
        for each in due {
            next.push(one(tx, each, &mut incidents).await?);
        }
        Ok(next)
    })
}

/// Reminds of one clock. A statement for each: few are due in one minute, since people begin them.
async fn one(
    tx: &mut Tx,
    due: &Due,
    incidents: &mut HashMap<IncidentId, Option<PersonId>>,
) -> Result<Next, DbError> {
    let Some(ringing) = store::ringing(tx, ClockId(due.about)).await? else { return Ok(Next::Last) };
    if ringing.state != State::Running {
        return Ok(Next::Last);
    }
    let now = tx.now;
    let mut people = addressed(tx, ClockId(due.about)).await?;
    if ringing.zone == Zone::Shared {
        let handler = match incidents.entry(ringing.incident_id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let found = incident::store::incident(tx, ringing.incident_id).await?;
                *place.insert(found.and_then(|incident| incident.taken_by))
            }
        };
        people.extend(person(tx, handler).await?);
    }
    let mut told = HashSet::new();
    for (address, contact, person) in people {
        if !told.insert(address.to_lowercase()) {
            continue;
        }
        let key = format!("clock_reminder/{}/{}/{}/{address}", due.about, due.due_at.as_second(), due.rung);
        let draft = Draft {
            kind: REMINDER.name,
            lane: Lane::Urgent,
            address,
            person,
            contact,
            organisation: Some(due.organisation),
            about: ("incident", Some(ringing.incident_id.0)),
            fields: json!({"clock": due.about}),
            not_before: None,
            key,
        };
        message::queue(tx, &draft).await?;
    }
    if ringing.due_at.is_some_and(|due| due <= now) {
        over(tx, due, &ringing).await?;
        return Ok(Next::Last);
    }
    let moments = match ringing.due_at {
        Some(at) => rungs(due.started_at, at),
        None => vec![due.due_at],
    };
    Ok(moments.into_iter().find(|moment| *moment > now).map_or(Next::Last, Next::At))
}

/// That the time of a clock is over enters the timeline by itself.
async fn over(tx: &mut Tx, due: &Due, ringing: &store::Ringing) -> Result<(), DbError> {
    let text = format!("{}: the time is over and no report was kept here.", ringing.called());
    let kind = timeline::Kind::Clock;
    let mut entering = Entering::now(tx, ringing.zone, kind, due.about, &text);
    entering.happened_at = due.due_at;
    match timeline::enter_by_itself(tx, ringing.incident_id, &entering).await {
        Err(crate::case::CaseError::Database(error)) => Err(error),
        _ => Ok(()),
    }
}

/// An address, and the contact or the person whose it is.
type Addressed = (String, Option<ContactId>, Option<PersonId>);

/// The contacts who decide and lead at the organisation of a clock, or of who answers for it, and the people who hold
/// these roles there. Indexes: the key of `duty_clock`, those of `mailboxes!`, `membership_organisation`.
async fn addressed(tx: &mut Tx, clock: ClockId) -> Result<Vec<Addressed>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT organisation_id FROM duty_clock WHERE id = ?1",
            "?2",
            "'executive', 'security_lead'"
        ),
        "SELECT told.email, told.contact_id, told.person_id FROM (
             SELECT email, contact_id, NULL AS person_id FROM mailbox
             UNION ALL
             SELECT p.email, NULL, p.id
             FROM writer w CROSS JOIN membership m JOIN person p ON p.id = m.holder_id
             WHERE m.organisation_id IN (w.organisation_id, w.written_to) AND m.role IN ('lead', 'executive')
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2) AND NOT m.awaits_acceptance
               AND p.email IS NOT NULL AND p.erased_at IS NULL) told
         ORDER BY told.email LIMIT 100"
    );
    let now = tx.now;
    tx.all(statement, params![clock, now]).await
}

/// The address of whoever handles the incident. Index: the key of `person`.
async fn person(tx: &mut Tx, handler: Option<PersonId>) -> Result<Option<Addressed>, DbError> {
    let Some(handler) = handler else { return Ok(None) };
    let statement =
        sql!("SELECT email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    let found: Option<(String,)> = tx.maybe(statement, params![handler]).await?;
    Ok(found.map(|(address,)| (address, None, Some(handler))))
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let said = |error: DbError| error.to_string();
        let fields: BTreeMap<String, ClockId> =
            serde_json::from_value(message.fields.clone()).map_err(|error| error.to_string())?;
        let clock = *fields.get("clock").ok_or("it names no clock")?;
        let mut snapshot = app.read().await.map_err(said)?;
        let ringing = store::ringing(&mut snapshot, clock).await.map_err(said)?;
        let ringing = ringing.ok_or("there is no such clock")?;
        if ringing.state != State::Running {
            return Err(NoLetter::moot("It was reported before this was sent."));
        }
        let incident = incident::store::incident(&mut snapshot, ringing.incident_id).await.map_err(said)?;
        let incident = incident.ok_or("there is no such incident")?;
        let path = format!("/incidents/{}{}", incident.id, state::path(clock));
        Ok(bare::letter(&app, &incident.receipt, &path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_reminded_at_half_the_time_and_before_it_is_over() {
        let started: Timestamp = "2026-11-02T08:00:00Z".parse().unwrap();
        let hours = |due: i64| -> Vec<i64> {
            let due = started + SignedDuration::from_hours(due);
            rungs(started, due).into_iter().map(|at| at.duration_since(started).as_hours()).collect()
        };
        assert_eq!(hours(72), [36, 60, 70, 72]);
        assert_eq!(hours(24), [12, 22, 24], "half of it is 12 hours before");
        assert_eq!(hours(2), [1, 2]);
        assert_eq!(hours(-1), Vec::<i64>::new());
    }
}
