//! One function for each verb; pages and tests call these.

use jiff::Timestamp;
use platform::{Actor, Tx, access::Forbidden, web::show::in_sentence};
use uuid::Uuid;

use super::{Event, FollowUpId, MOST, Owner, ROLES, ROLES_AT_CERT, State, Wanted, clocks, store};
use crate::{
    case::{
        CaseError, Sight, Zone, people, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
    lesson::{self, LessonId},
};

pub(super) const TO_DO: &str = "write actions in this case";

/// Writes down what follows from a lesson, in its zone. The same form sent again is one action.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    (incident, of): (IncidentId, LessonId),
    form: Uuid,
    wanted: &Wanted,
) -> Result<FollowUpId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let lesson = lesson::store::lesson(tx, incident, sight.reads, of).await?.ok_or(CaseError::NotFound)?;
    let zone = lesson.zone;
    sight.write(zone, TO_DO)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    let (count, same) = store::sent_with(tx, (incident, zone), form).await?;
    if let Some(same) = same {
        return Ok(same);
    }
    if lesson.replaced_by.is_some() {
        return Err(CaseError::Refused("The lesson was written anew. Go back and choose that one.".into()));
    }
    if count >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} actions here, which is the most.")));
    }
    let behind = behind(tx, &sight, zone, wanted.owner).await?;
    let id = store::insert(tx, (incident, zone, of), (form, wanted), behind, (by, sight.through)).await?;
    let text = format!("Action: {}", wanted.title.trim());
    timeline::enter(tx, actor, &sight, &Entering::now(tx, zone, Kind::Lesson, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, Some(wanted.due_at)).await?;
    write_log(tx, actor, "case.action_added", &sight.incident, id.0).await?;
    Ok(id)
}

/// Says what happened to an action: that it is dropped only with the reason.
pub async fn advance(
    tx: &mut Tx,
    actor: &Actor,
    (incident, id, version): (IncidentId, FollowUpId, i64),
    event: Event,
    outcome: &str,
) -> Result<(), CaseError> {
    let (sight, found) = opened(tx, actor, incident, id, version).await?;
    let state = found.state.apply(event).map_err(|refused| CaseError::Refused(refused.to_string()))?;
    let outcome = outcome.trim();
    if state == State::Dropped && outcome.is_empty() {
        return Err(CaseError::Refused("Write why it will not be done, for whoever asks afterwards.".into()));
    }
    let owner = (found.owner(), (found.person_id, found.organisation_id));
    if !store::advance(tx, &found, (state, outcome), owner, found.due_at).await? {
        return Err(CaseError::Overtaken);
    }
    let why = if outcome.is_empty() { String::new() } else { format!("\n{outcome}") };
    let text = format!("Action “{}”: {}.{why}", found.called(), in_sentence(state.label()));
    timeline::enter(tx, actor, &sight, &Entering::now(tx, found.zone, Kind::Lesson, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, Some(found.due_at).filter(|_| state == State::Open)).await?;
    write_log(tx, actor, "case.action_moved", &sight.incident, id.0).await
}

/// Gives an action to somebody else, or another day.
pub async fn hand(
    tx: &mut Tx,
    actor: &Actor,
    (incident, id, version): (IncidentId, FollowUpId, i64),
    owner: Owner,
    due_at: Timestamp,
) -> Result<(), CaseError> {
    let (sight, found) = opened(tx, actor, incident, id, version).await?;
    if found.state != State::Open {
        return Err(CaseError::Refused("There is nothing left to do in this action.".into()));
    }
    // Whoever has it may keep it, whoever looks at it.
    let behind = if owner == found.owner() {
        (found.person_id, found.organisation_id)
    } else {
        behind(tx, &sight, found.zone, owner).await?
    };
    if !store::advance(tx, &found, (found.state, &found.outcome), (owner, behind), due_at).await? {
        return Err(CaseError::Overtaken);
    }
    let text = format!("Action “{}”: it has another owner or day.", found.called());
    timeline::enter(tx, actor, &sight, &Entering::now(tx, found.zone, Kind::Lesson, id.0, &text)).await?;
    clocks::set(tx, id, &sight.incident, Some(due_at)).await?;
    write_log(tx, actor, "case.action_handed", &sight.incident, id.0).await
}

/// The action that the actor has before them, and may change.
async fn opened(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    id: FollowUpId,
    version: i64,
) -> Result<(Sight, store::FollowUp), CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let found = store::follow_up(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    sight.write(found.zone, TO_DO)?;
    if found.version == version { Ok((sight, found)) } else { Err(CaseError::Overtaken) }
}

/// The person and the organisation behind an owner, where the actor may choose them for this zone: a person of their
/// own side, or a role of an organisation that is in it.
async fn behind(tx: &mut Tx, sight: &Sight, zone: Zone, owner: Owner) -> Result<store::Behind, CaseError> {
    let now = tx.now;
    let refused = || CaseError::Refused("Choose somebody who writes in this part of the case.".into());
    match owner {
        Owner::Nobody => Err(refused()),
        Owner::Person(person) => {
            let all = people::colleagues(tx, sight, now).await?;
            let found = all.into_iter().find(|each| each.id == person).ok_or_else(refused)?;
            Ok((Some(person), found.through_id))
        }
        Owner::Role(role, organisation) => {
            let all = people::wholes(tx, sight, zone, "").await?;
            let fits =
                if organisation.is_some() { ROLES.contains(&role) } else { ROLES_AT_CERT.contains(&role) };
            let is_there = all.iter().any(|whole| whole.id == organisation);
            if fits && is_there { Ok((None, organisation)) } else { Err(refused()) }
        }
    }
}
