//! One function for each verb; pages, API and tests all call these.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    log::{self, Entry},
    organisation,
};
use serde_json::json;

use super::{
    Event, Receipt, Report, SightingError, SightingId,
    store::{self, Judged, Sighting},
    told,
};
use crate::{
    access::WRITE_ADVISORIES,
    threat::{self, Said, ThreatId},
    triage,
};

type Result<T> = std::result::Result<T, SightingError>;

/// A sighting that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which.
    pub id: SightingId,
    /// The number to quote.
    pub receipt: Receipt,
}

/// Takes what the actor saw at the organisation of this code, which is one that they answer for. It
/// counts for that organisation, whoever of those that answer for it reports it. The same form sent
/// again is the same sighting.
pub async fn report(tx: &mut Tx, actor: &Actor, code: &str, report: &Report) -> Result<Taken> {
    if actor.person().is_some() {
        actor.require(Role::ANSWERING, "report sightings")?;
    }
    let code = code.trim().to_uppercase();
    let now = tx.now;
    let reporting = organisation::store::answered_for(tx, actor, now, &code).await?;
    let reporting = reporting.ok_or(SightingError::NotYours(code))?;
    if let Some(form) = report.form
        && let Some((id, receipt)) = store::sent_with(tx, form, reporting.0).await?
    {
        return Ok(Taken { id, receipt });
    }
    let receipt = Receipt::drawn(tx.bytes());
    let id = match store::insert(tx, actor, reporting, report, &receipt).await {
        Err(db::DbError::Constraint(_)) => return Err(SightingError::Twice),
        other => other?,
    };
    let payload =
        json!({"seen": report.seen.code(), "tlp": report.tlp.code(), "telling": report.telling.code()});
    let entry = Entry::new("sighting.reported").about(id.0).organisation(reporting.0);
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(Taken { id, receipt })
}

/// Says of which threat a sighting is.
pub async fn link(
    tx: &mut Tx,
    actor: &Actor,
    sighting: SightingId,
    version: i64,
    threat: ThreatId,
) -> Result<()> {
    let by = person(actor, "link sightings")?;
    let sighting = read(tx, sighting, version).await?;
    let status = sighting.status.apply(Event::Link)?;
    let threat = threat::store::threat(tx, threat).await?.ok_or(SightingError::NotFound)?.id;
    advance(tx, &sighting, Judged { status, threat: Some(threat), reason: None, by }).await?;
    let concerned: Vec<_> = sighting.threat.into_iter().chain([threat]).collect();
    triage::actions::seen(tx, &concerned).await?;
    write_log(tx, actor, "sighting.linked", &sighting, json!({"threat": threat})).await
}

/// Enters a threat by hand because of a sighting, whose marking binds every advisory about it.
pub async fn make_threat(
    tx: &mut Tx,
    actor: &Actor,
    sighting: SightingId,
    version: i64,
    said: &Said,
) -> Result<ThreatId> {
    person(actor, "add threats")?;
    let tlp = read(tx, sighting, version).await?.report.tlp;
    let said = Said { marking: said.marking.max(Some(tlp)), ..said.clone() };
    let threat = threat::actions::write_by_hand(tx, actor, &said).await?;
    told::made_of(tx, threat, sighting).await?;
    link(tx, actor, sighting, version, threat).await?;
    Ok(threat)
}

/// Says that a sighting is not followed up, and why: those who reported it read the reason.
pub async fn dismiss(
    tx: &mut Tx,
    actor: &Actor,
    sighting: SightingId,
    version: i64,
    reason: &str,
) -> Result<()> {
    let by = person(actor, "dismiss sightings")?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(SightingError::Empty);
    }
    let sighting = read(tx, sighting, version).await?;
    let status = sighting.status.apply(Event::Dismiss)?;
    advance(tx, &sighting, Judged { status, threat: None, reason: Some(reason), by }).await?;
    triage::actions::seen(tx, sighting.threat.as_slice()).await?;
    write_log(tx, actor, "sighting.dismissed", &sighting, json!({"reason": reason})).await
}

/// Puts a dismissed sighting among the new ones again.
pub async fn take_up(tx: &mut Tx, actor: &Actor, sighting: SightingId, version: i64) -> Result<()> {
    let by = person(actor, "take sightings up again")?;
    let sighting = read(tx, sighting, version).await?;
    let status = sighting.status.apply(Event::TakeUp)?;
    advance(tx, &sighting, Judged { status, threat: None, reason: None, by }).await?;
    write_log(tx, actor, "sighting.taken_up", &sighting, json!({})).await
}

/// The person who acts: who judged a sighting is always somebody.
fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(WRITE_ADVISORIES, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

/// The sighting that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, sighting: SightingId, version: i64) -> Result<Sighting> {
    let sighting = store::sighting(tx, sighting).await?.ok_or(SightingError::NotFound)?;
    if sighting.version == version { Ok(sighting) } else { Err(SightingError::Overtaken) }
}

async fn advance(tx: &mut Tx, sighting: &Sighting, judged: Judged<'_>) -> Result<()> {
    if store::advance(tx, sighting, &judged).await? { Ok(()) } else { Err(SightingError::Overtaken) }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    sighting: &Sighting,
    payload: serde_json::Value,
) -> Result<()> {
    let entry = Entry::new(verb).about(sighting.id.0).organisation(sighting.organisation);
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
