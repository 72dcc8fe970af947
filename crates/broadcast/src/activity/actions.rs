//! One function for each verb; pages and tests call these.

use jiff::civil::Date;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
    uk,
};
use serde_json::{Value, json};

use super::{
    ActivityError, ActivityId, Area, Change, Decided, Facts, House, StateId,
    store::{self, NewState, State},
    threat_of, warning,
};
use crate::{
    access::WRITE_ADVISORIES,
    advisory::actions::Created,
    audience::{self, Choices, EVERY, Part},
    sighting,
    threat::{self, ThreatId},
    triage,
};

type Result<T> = std::result::Result<T, ActivityError>;

/// Notes that a threat is active in `area`.
pub async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    threat: ThreatId,
    area: Area,
    facts: &Facts,
) -> Result<ActivityId> {
    let by = person(actor, "note where threats are active")?;
    ordered(facts.from, facts.until)?;
    let threat = threat_of(tx, threat).await?.id;
    let activity: ActivityId = tx.id();
    let state = NewState { activity, threat, area, facts, change: Change::Entered, by };
    write(tx, actor, "activity.entered", &state).await?;
    triage::actions::seen(tx, &[threat]).await?;
    Ok(activity)
}

/// Corrects an entry, which stood in `state` when it was read; what it said before stays.
pub async fn correct(
    tx: &mut Tx,
    actor: &Actor,
    activity: ActivityId,
    state: StateId,
    area: Area,
    facts: &Facts,
) -> Result<()> {
    let by = person(actor, "correct where threats are active")?;
    ordered(facts.from, facts.until)?;
    let before = read(tx, activity, state).await?;
    if before.area == area && before.facts == *facts {
        return Ok(());
    }
    replace(tx, state).await?;
    let state = NewState { activity, threat: before.threat, area, facts, change: Change::Corrected, by };
    write(tx, actor, "activity.corrected", &state).await
}

/// Says on which day it was last active.
pub async fn end(
    tx: &mut Tx,
    actor: &Actor,
    activity: ActivityId,
    state: StateId,
    until: Date,
) -> Result<()> {
    let by = person(actor, "end where threats are active")?;
    let before = read(tx, activity, state).await?;
    ordered(before.facts.from, Some(until))?;
    replace(tx, state).await?;
    let (threat, area) = (before.threat, before.area);
    let facts = Facts { until: Some(until), ..before.facts };
    let state = NewState { activity, threat, area, facts: &facts, change: Change::Ended, by };
    write(tx, actor, "activity.ended", &state).await
}

/// Begins a warning to the organisations of `area`, as they are on the day of its publication, filled
/// in from what is known. It is reviewed and approved like every advisory.
pub async fn warn(
    tx: &mut Tx,
    actor: &Actor,
    house: &House,
    threat: ThreatId,
    version: i64,
    area: Area,
    decided: Decided,
) -> Result<Created> {
    person(actor, "write advisories")?;
    let threat = threat_of(tx, threat).await?;
    if threat.version != version {
        return Err(threat::ThreatError::Overtaken.into());
    }
    let today = uk::day(tx.now);
    let known = warning::Known::of(tx, threat, area, today).await?;
    if let Some(binding) = known.binding().filter(|binding| decided.tlp < *binding) {
        return Err(ActivityError::TooWide(binding));
    }
    let wording = warning::wording(&known, house, decided);
    let created = threat::actions::begin_advisory(tx, actor, &known.threat, &wording).await?;
    sighting::told::rest_on(tx, created.advisory, known.rests_on()).await?;
    let parts = match area {
        Area::Everywhere => vec![(Part::Kind, vec![EVERY.to_owned()])],
        Area::Region(_) => {
            let codes = area.on(today).into_iter().map(|region| region.code.clone());
            vec![(Part::Region, codes.collect())]
        }
    };
    let choices = Choices { mode: Some(decided.mode), parts };
    audience::actions::choose(tx, actor, created.version, FIRST_EDITION, &choices).await?;
    let payload = json!({"advisory": created.advisory, "region": area.column()});
    log::write(tx, actor, Entry::new("threat.warned").about(known.threat.id.0).with(payload)).await?;
    Ok(created)
}

/// The edition of a version that was just made.
const FIRST_EDITION: i64 = 1;

/// The person who acts: who says where a threat is active is always somebody.
fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(WRITE_ADVISORIES, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

fn ordered(from: Date, until: Option<Date>) -> Result<()> {
    if until.is_some_and(|until| until < from) { Err(ActivityError::EndsFirst) } else { Ok(()) }
}

/// The entry as the actor has it before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, activity: ActivityId, state: StateId) -> Result<State> {
    let standing = store::standing(tx, activity).await?.ok_or(ActivityError::NotFound)?;
    if standing.id == state { Ok(standing) } else { Err(ActivityError::Overtaken) }
}

async fn replace(tx: &mut Tx, state: StateId) -> Result<()> {
    if store::supersede(tx, state).await? { Ok(()) } else { Err(ActivityError::Overtaken) }
}

/// Keeps a state, and one entry of the log about its threat.
async fn write(tx: &mut Tx, actor: &Actor, verb: &'static str, state: &NewState<'_>) -> Result<()> {
    let id = store::keep(tx, state).await?;
    let payload: Value = json!({"activity": state.activity, "state": id, "region": state.area.column()});
    log::write(tx, actor, Entry::new(verb).about_a("threat", state.threat.0).with(payload)).await?;
    Ok(())
}
