//! Ringing the people on call for an urgent incident: one after the other until one says that they look at it, then
//! everybody. How long each has, and by what they are rung, `content/policies/paging.toml` says.
//!
//! The ladder is a clock, and each call leaves in the transaction that decides it. A call holds the incident's number
//! and a link, like everything that is written about one. Opening the link says nothing; a button does.

pub mod bound;
pub mod messages;
pub mod store;

use db::DbError;
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    clock::{self, Due, Next, OF_THE_CERT, Ringing, Running},
    log::{self, Entry},
    rota::{self, OnCall},
};
use serde_json::json;

use super::policy::{Ladder, Policy};
use crate::{
    access::HANDLE_INCIDENTS,
    case::{
        self, CaseError, Sight, Zone,
        timeline::{self, Entering, Kind},
    },
    incident::{
        IncidentId, Standing,
        store::{Incident, incident as read_incident},
    },
    pace,
};
pub use bound::HELD;
use store::Paging;

/// This noun's row of the table of clocks.
pub const CLOCK: clock::Kind =
    clock::Kind { name: "incident_page", counts: clock::Counts::FromTheLast, ring };

/// The name of the clock of one incident.
const NAME: &str = "page";

/// On what occasion it is seen whether somebody has to be rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It was reported just now: whoever is rung is not told of it besides.
    Reported,
    /// Something was learned, or done about it.
    Later,
}

/// One call: for which ladder, the how-manieth, and to whom.
struct Calling<'a> {
    incident: &'a Incident,
    begun_at: Timestamp,
    occasion: Occasion,
    ladder: &'a Ladder,
    /// Who is called first whatever the rota says.
    first: Option<PersonId>,
    people: &'a [OnCall],
}

/// Begins to ring where an incident is urgent and nobody was rung for as much; ends it where it is not urgent any
/// more, or over. Of incidents that nobody has vouched for, one an hour is rung for, and one that is more urgent; the
/// others wait until the hour is over.
pub(crate) async fn follow(tx: &mut Tx, id: IncidentId, occasion: Occasion) -> Result<(), DbError> {
    let Some(incident) = read_incident(tx, id).await? else { return Ok(()) };
    let paging = store::paging(tx, id).await?;
    let policy = Policy::current(tx.now);
    let counts = incident.state.is_under_way() && incident.standing != Standing::Refuted;
    let urgent = incident.priority.filter(|_| counts);
    let urgent = urgent.and_then(|priority| Some((priority, policy.ladder(priority)?)));
    let Some((priority, ladder)) = urgent else {
        bound::release(tx, id).await?;
        return match paging.filter(Paging::is_ringing) {
            Some(paging) => end(tx, id, &paging).await,
            None => Ok(()),
        };
    };
    if paging.is_some_and(|paging| paging.ended_at.is_none() && paging.priority.rank() <= priority.rank()) {
        return bound::release(tx, id).await;
    }
    let (apart, now) = (incident.standing.is_apart(), tx.now);
    let is_taken = incident.taken_by.is_some();
    if apart && !is_taken && store::is_rung_apart(tx, messages::hour(now), priority).await? {
        return bound::hold(tx, id, None, bound::Why::Apart).await;
    }
    // One that is taken on is looked at: whoever has it is rung first, and hears that it grew.
    if let Some(organisation) = incident.organisation_id.filter(|_| !apart && !is_taken)
        && let Some(why) = bound::what_holds(tx, id, organisation, priority).await?
    {
        return bound::hold(tx, id, Some(organisation), why).await;
    }
    bound::release(tx, id).await?;
    store::begin(tx, id, (priority, apart), incident.taken_by).await?;
    let people = rota::everybody(tx, now).await?;
    let calling = Calling {
        incident: &incident,
        begun_at: now,
        occasion,
        ladder,
        first: incident.taken_by,
        people: &people,
    };
    if let Next::At(next_due_at) = calling.call(tx, 0).await? {
        let running = Running {
            about: id.0,
            organisation: OF_THE_CERT,
            name: NAME,
            kind: CLOCK.name,
            due_at: next_due_at,
            next_due_at,
            policy: policy.id(),
        };
        clock::start(tx, &running).await?;
    }
    Ok(())
}

async fn end(tx: &mut Tx, id: IncidentId, paging: &Paging) -> Result<(), DbError> {
    store::end(tx, id, paging.version).await?;
    clock::stop(tx, id.0, OF_THE_CERT, NAME).await
}

fn ring<'a>(tx: &'a mut Tx, due: &'a [Due]) -> Ringing<'a> {
    Box::pin(climb(tx, due))
}

/// Rings whoever is next. Each is about an incident of its own, and few ring at the same moment.
async fn climb(tx: &mut Tx, due: &[Due]) -> Result<Vec<Next>, DbError> {
    let now = tx.now;
    let people = rota::everybody(tx, now).await?;
    let policy = Policy::current(now);
    let mut next = Vec::new();
    for each in due {
        let id = IncidentId(each.about);
        let paging = store::paging(tx, id).await?.filter(Paging::is_ringing);
        let ladder = paging.as_ref().and_then(|paging| policy.ladder(paging.priority));
        let (Some(paging), Some(ladder), Some(incident)) = (&paging, ladder, read_incident(tx, id).await?)
        else {
            next.push(Next::Last);
            continue;
        };
        let calling = Calling {
            incident: &incident,
            begun_at: paging.begun_at,
            occasion: Occasion::Later,
            ladder,
            first: paging.first_id,
            people: &people,
        };
        let call = usize::try_from(each.rung).unwrap_or_default() + 1;
        next.push(calling.call(tx, call).await?);
    }
    Ok(next)
}

/// In which order people are rung: who has the incident in hand, then the rota, or every duty manager where nobody is
/// on it.
fn order(people: &[OnCall], first: Option<PersonId>) -> Vec<&OnCall> {
    let on_rota = people.iter().any(|person| person.position.is_some());
    let is_first = |person: &&OnCall| Some(person.person_id) == first;
    let rung = |person: &&OnCall| person.position.is_some() || (!on_rota && person.decides);
    let rest = people.iter().filter(|person| rung(person) && !is_first(person));
    people.iter().filter(is_first).chain(rest).collect()
}

impl Calling<'_> {
    /// Makes a call, counted from 0; says when the next one is due.
    async fn call(&self, tx: &mut Tx, call: usize) -> Result<Next, DbError> {
        let order = order(self.people, self.first);
        let (called, next) = if let Some(person) = order.get(call) {
            (vec![*person], Next::At(tx.now + self.ladder.each))
        } else {
            let round = call - order.len() + 1;
            let again = Next::At(tx.now + self.ladder.again);
            (self.people.iter().collect(), if round < self.ladder.everybody { again } else { Next::Last })
        };
        if called.is_empty() {
            tracing::error!(incident = %self.incident.id, "an incident is urgent and there is nobody to be rung");
        }
        for person in &called {
            store::note_call(tx, self.incident.id, person.person_id).await?;
            messages::queue(tx, self, call, person).await?;
        }
        let ids: Vec<_> = called.iter().map(|person| person.person_id).collect();
        let mut entry = Entry::new("incident.paged").about(self.incident.id.0);
        if let Some(organisation) = self.incident.organisation_id {
            entry = entry.organisation(organisation);
        }
        log::write(tx, &Actor::Job("paging"), entry.with(json!({ "people": ids, "call": call }))).await?;
        Ok(next)
    }
}

/// Somebody at the CERT says that they look at an incident: nobody else is rung for it.
pub async fn acknowledge(tx: &mut Tx, actor: &Actor, id: IncidentId) -> Result<(), CaseError> {
    const TO_DO: &str = "look at incidents for the CERT";
    let now = tx.now;
    let sight = case::sight(tx, actor, now, id).await?;
    sight.write(Zone::Cert, TO_DO)?;
    actor.require(HANDLE_INCIDENTS, TO_DO)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    heard(tx, actor, &sight, by).await
}

/// Whoever takes an incident on looks at it.
pub(crate) async fn taken_on(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    by: PersonId,
) -> Result<(), CaseError> {
    let now = tx.now;
    let sight = case::sight(tx, actor, now, id).await?;
    heard(tx, actor, &sight, by).await
}

async fn heard(tx: &mut Tx, actor: &Actor, sight: &Sight, by: PersonId) -> Result<(), CaseError> {
    let id = sight.incident.id;
    bound::release(tx, id).await?;
    pace::store::acknowledge(tx, id).await?;
    let Some(paging) = store::paging(tx, id).await?.filter(Paging::is_ringing) else { return Ok(()) };
    if !store::acknowledge(tx, id, paging.version, by).await? {
        return Err(CaseError::Overtaken);
    }
    clock::stop(tx, id.0, OF_THE_CERT, NAME).await?;
    let text = format!("The call for {} was answered: somebody looks at it.", paging.priority.label());
    let entering = Entering::now(tx, Zone::Cert, Kind::Triage, id.0, &text);
    timeline::enter(tx, actor, sight, &entering).await?;
    let mut entry = Entry::new("incident.page_answered").about(id.0);
    if let Some(organisation) = sight.incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(json!({ "priority": paging.priority.code() }))).await?;
    Ok(())
}

/// How the ringing for an incident stands, for the pages of the CERT.
#[derive(Clone, Debug)]
pub struct Paged {
    /// The incident.
    pub incident: IncidentId,
    /// How it stands, where somebody was rung.
    pub paging: Option<Paging>,
    /// Why nobody is rung yet, where nobody is.
    pub held: Option<bound::HeldFor>,
    /// Who was called and when, the last first.
    pub calls: Vec<store::Call>,
}

/// How the ringing for an incident stands; none where nobody was rung, nor has to be.
pub async fn shown(snapshot: &mut db::Snapshot, incident: IncidentId) -> Result<Option<Paged>, DbError> {
    let (paging, held) =
        (store::paging(snapshot, incident).await?, bound::held_for(snapshot, incident).await?);
    let calls = if paging.is_some() { store::calls(snapshot, incident).await? } else { Vec::new() };
    Ok((paging.is_some() || held.is_some()).then_some(Paged { incident, paging, held, calls }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u128, decides: bool, position: Option<i64>) -> OnCall {
        let person_id = PersonId(uuid::Uuid::from_u128(number));
        OnCall { person_id, name: String::new(), email: String::new(), mobile: None, position, decides }
    }

    #[test]
    fn the_rota_is_rung_in_its_order_and_who_has_it_in_hand_first() {
        let id = |person: &&OnCall| person.person_id.0.as_u128();
        let ids = |people: &[OnCall], first: Option<u128>| -> Vec<_> {
            let first = first.map(|first| PersonId(uuid::Uuid::from_u128(first)));
            order(people, first).iter().map(id).collect()
        };
        let people = [
            person(4, true, Some(1)),
            person(2, true, Some(2)),
            person(3, true, None),
            person(9, false, None),
        ];
        assert_eq!(ids(&people, None), [4, 2]);
        assert_eq!(ids(&people, Some(2)), [2, 4]);
        assert_eq!(ids(&people, Some(9)), [9, 4, 2]);
        assert_eq!(ids(&people[2..], None), [3]);
        assert_eq!(ids(&people[3..], None), [0_u128; 0]);
    }
}
