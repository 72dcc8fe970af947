//! One function for each verb; pages, the API and tests call these.

use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
    web::show,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    MOST_CHANGES, MOST_COUNTED, MOST_SERVICES, Said, ServiceId,
    store::{self, Writer},
};
use crate::{
    case::{
        CaseError, Party, Sight, Zone, sight,
        timeline::{self, Entering, Kind},
        writer,
    },
    incident::IncidentId,
    triage::{self, Answer},
};

type Result<T> = std::result::Result<T, CaseError>;

const TO_DO: &str = "write on the impact board of this case";
/// The board is everybody's who works on the case.
const ZONE: Zone = Zone::Shared;

/// Puts a service on the board. The same form sent again is one service, of which nothing more is said.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    said: &Said,
    form: Uuid,
) -> Result<Option<ServiceId>> {
    let Some((sight, writer)) = writing(tx, actor, incident, form).await? else { return Ok(None) };
    let (_, services, _) = store::so_far(tx, incident, form).await?;
    if services >= MOST_SERVICES {
        return Err(CaseError::Refused(format!(
            "The board has {MOST_SERVICES} services, the most it can have."
        )));
    }
    let said = &checked(tx, said)?;
    let id = store::insert(tx, incident, ZONE, said).await?;
    makes_urgent(tx, actor, &sight, None, said).await?;
    changed(tx, actor, &sight, (id, said, writer), &format!("On the board: {}", told(said))).await?;
    Ok(Some(id))
}

/// Says how a service stands now; how it stood before is kept.
pub async fn change(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (id, version): (ServiceId, i64),
    said: &Said,
    form: Uuid,
) -> Result<()> {
    let Some((sight, writer)) = writing(tx, actor, incident, form).await? else { return Ok(()) };
    let before = store::service(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    let said = &checked(tx, said)?;
    if before.said() == *said {
        return Ok(());
    }
    if !store::advance(tx, (id, version), said).await? {
        return Err(CaseError::Overtaken);
    }
    makes_urgent(tx, actor, &sight, Some(&before.said()), said).await?;
    changed(tx, actor, &sight, (id, said, writer), &told(said)).await
}

/// Tells triage what the board says now and did not say of this service before: what somebody answered there about
/// the incident as a whole is not asked again with each change.
async fn makes_urgent(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    before: Option<&Said>,
    said: &Said,
) -> Result<()> {
    let was = before.map(Said::is_a_reason).unwrap_or_default();
    let new: Vec<_> = said.is_a_reason().into_iter().filter(|question| !was.contains(question)).collect();
    if !new.is_empty() {
        let answers: Vec<_> = new.into_iter().map(|question| (question, Answer::Yes)).collect();
        triage::actions::tell(tx, actor, sight, &answers).await?;
    }
    Ok(())
}

/// Keeps how much was postponed so far, up to a moment.
pub async fn count(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    (counted_at, appointments, procedures): (Timestamp, i64, i64),
    form: Uuid,
) -> Result<()> {
    let Some((sight, writer)) = writing(tx, actor, incident, form).await? else { return Ok(()) };
    if counted_at > tx.now {
        return Err(CaseError::Refused(
            "What was postponed is counted up to now, or a moment before.".into(),
        ));
    }
    if [appointments, procedures].iter().any(|count| !(0..=MOST_COUNTED).contains(count)) {
        return Err(CaseError::Refused("Enter whole numbers, 0 or more.".into()));
    }
    let kept = store::insert_count(tx, incident, ZONE, (counted_at, appointments, procedures), writer).await;
    let id = once(kept)?;
    let text = format!(
        "Postponed so far: {} appointments and {} procedures.",
        show::count(appointments),
        show::count(procedures)
    );
    enter(tx, actor, &sight, counted_at, id, &text).await?;
    write_log(tx, actor, &sight, "impact.counted", json!({"count": id, "zone": ZONE.code()})).await
}

/// The sight of somebody who writes on the board, and who they are; nothing where this form was kept.
async fn writing(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<(Sight, Writer)>> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    sight.write(ZONE, TO_DO)?;
    if sight.party == Party::Guest {
        return Err(Forbidden(TO_DO).into());
    }
    let person = writer(actor, TO_DO)?;
    let (kept, _, changes) = store::so_far(tx, incident, form).await?;
    if kept {
        return Ok(None);
    }
    if changes >= MOST_CHANGES {
        return Err(CaseError::Refused("A great deal was written on this board. Ring the CERT.".into()));
    }
    let through = sight.through;
    Ok(Some((sight, Writer { person, through, form })))
}

/// What is said, made whole: a divert has a beginning, and one that is over has none.
fn checked(tx: &Tx, said: &Said) -> Result<Said> {
    let mut said = said.clone();
    if said.diverted_to.is_empty() {
        said.diverted_since = None;
    } else if said.diverted_since.is_none() {
        said.diverted_since = Some(tx.now);
    }
    if said.diverted_since.is_some_and(|since| since > tx.now) {
        return Err(CaseError::Refused("Since when patients are diverted must be in the past.".into()));
    }
    Ok(said)
}

/// What is said of a service, in a sentence: the note on harm stays on the board.
fn told(said: &Said) -> String {
    let mut parts = vec![
        said.state.label().to_lowercase(),
        format!("downtime procedure: {}", said.downtime.label().to_lowercase()),
    ];
    if !said.diverted_to.is_empty() {
        parts.push(format!("patients are diverted to {}", said.diverted_to));
    }
    parts.push(format!("harm to patients: {}", said.harm.label().to_lowercase()));
    format!("{}: {}.", said.name, parts.join("; "))
}

async fn changed(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    (id, said, writer): (ServiceId, &Said, Writer),
    text: &str,
) -> Result<()> {
    let kept = store::keep(tx, sight.incident.id, ZONE, id, (said, writer)).await;
    let change = once(kept)?;
    let now = tx.now;
    enter(tx, actor, sight, now, id.0, text).await?;
    write_log(
        tx,
        actor,
        sight,
        "impact.changed",
        json!({"service": id, "change": change, "zone": ZONE.code()}),
    )
    .await
}

fn once<T>(result: std::result::Result<T, db::DbError>) -> Result<T> {
    match result {
        Err(db::DbError::Constraint(_)) => Err(CaseError::Twice),
        other => Ok(other?),
    }
}

async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    happened_at: Timestamp,
    about: Uuid,
    text: &str,
) -> Result<()> {
    let (zone, kind, about) = (ZONE, Kind::Impact, Some(about));
    let entering = Entering { zone, kind, happened_at, about, text, corrects: None, form: None };
    timeline::enter(tx, actor, sight, &entering).await?;
    Ok(())
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    sight: &Sight,
    verb: &'static str,
    payload: serde_json::Value,
) -> Result<()> {
    let mut entry = Entry::new(verb).about(sight.incident.id.0);
    if let Some(organisation) = sight.incident.organisation_id {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
