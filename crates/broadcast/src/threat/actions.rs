//! One function for each verb; pages, commands and tests all call these.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    key::Scope,
    log::{self, Entry},
};
use serde_json::json;

use super::{
    Event, Kind, Said, ThreatError, ThreatId, advise,
    intake::{Heard, Known},
    store::{self, Threat},
};
use crate::{
    access::WRITE_ADVISORIES,
    advisory::{self, Wording, actions::Created},
    sighting,
    source::Source,
};

type Result<T> = std::result::Result<T, ThreatError>;

/// Notes by hand what somebody learned about a threat. Where it is a vulnerability that is a threat
/// already, it is a further statement about that one; any other kind is a threat of its own, which speaks
/// of its vulnerabilities.
pub async fn write_by_hand(tx: &mut Tx, actor: &Actor, said: &Said) -> Result<ThreatId> {
    Ok(write(tx, actor, said).await?.0)
}

/// The same; and whether it was added to a threat that was known.
pub(super) async fn write(tx: &mut Tx, actor: &Actor, said: &Said) -> Result<(ThreatId, bool)> {
    actor.require_or_key(WRITE_ADVISORIES, Scope::WriteThreats.code(), "add threats")?;
    let verbatim = serde_json::to_string(said).map_err(|error| db::DbError::Engine(error.to_string()))?;
    // Each writing is a statement of its own.
    let key: uuid::Uuid = tx.id();
    let heard = Heard { key: key.to_string(), verbatim, said: of_its_own(said) };
    let mut known = Known::of(tx, Source::Hand, std::slice::from_ref(&heard)).await?;
    let mut first = None;
    for cve in &heard.said.cves {
        match (first, known.threat_of(&cve.to_string())) {
            (Some((first, threat)), Some(other)) if threat != other => {
                return Err(ThreatError::TwoThreats(first, *cve));
            }
            (None, Some(threat)) => first = Some((*cve, threat)),
            _ => {}
        }
    }
    let (threat, _) = known.take(tx, Source::Hand, None, &heard).await?;
    let threat = threat.ok_or(ThreatError::NotFound)?;
    log::write(tx, actor, Entry::new("threat.written").about(threat.0).with(json!({"key": key}))).await?;
    Ok((threat, first.is_some()))
}

/// What is no vulnerability itself speaks of those that it names, and is none of them.
fn of_its_own(said: &Said) -> Said {
    if said.kind == Kind::Vulnerability {
        return said.clone();
    }
    let mentions = said.mentions.iter().chain(&said.cves).copied().collect();
    Said { cves: Vec::new(), mentions, ..said.clone() }
}

/// Says that the actor looks into a threat, or takes it over.
pub async fn claim(tx: &mut Tx, actor: &Actor, threat: ThreatId, version: i64) -> Result<()> {
    let by = person(actor, "claim threats")?;
    let threat = read(tx, threat, version).await?;
    let status = threat.status.apply(Event::Claim)?;
    moved(store::advance(tx, &threat, status, Some(by), None).await?)?;
    write_log(tx, actor, "threat.claimed", &threat, json!({"from": threat.claimed_by})).await
}

/// Gives a claimed threat back, for somebody else to claim.
pub async fn release(tx: &mut Tx, actor: &Actor, threat: ThreatId, version: i64) -> Result<()> {
    person(actor, "release threats")?;
    let threat = read(tx, threat, version).await?;
    let status = threat.status.apply(Event::Release)?;
    moved(store::advance(tx, &threat, status, None, None).await?)?;
    write_log(tx, actor, "threat.released", &threat, json!({"from": threat.claimed_by})).await
}

/// Says that a threat does not concern the sector, and why.
pub async fn dismiss(tx: &mut Tx, actor: &Actor, threat: ThreatId, version: i64, reason: &str) -> Result<()> {
    person(actor, "dismiss threats")?;
    let reason = written(reason)?;
    let threat = read(tx, threat, version).await?;
    let status = threat.status.apply(Event::Dismiss)?;
    moved(store::advance(tx, &threat, status, threat.claimed_by, Some(reason)).await?)?;
    write_log(tx, actor, "threat.dismissed", &threat, json!({"reason": reason})).await
}

/// Puts a dismissed threat among the new ones again.
pub async fn take_up(tx: &mut Tx, actor: &Actor, threat: ThreatId, version: i64) -> Result<()> {
    person(actor, "take threats up again")?;
    let threat = read(tx, threat, version).await?;
    let status = threat.status.apply(Event::TakeUp)?;
    moved(store::advance(tx, &threat, status, None, None).await?)?;
    write_log(tx, actor, "threat.taken_up", &threat, json!({})).await
}

/// Adds a comment for colleagues.
pub async fn comment(tx: &mut Tx, actor: &Actor, threat: ThreatId, text: &str) -> Result<()> {
    let by = person(actor, "comment on threats")?;
    let text = written(text)?;
    let threat = store::threat(tx, threat).await?.ok_or(ThreatError::NotFound)?;
    store::comment(tx, threat.id, by, text).await?;
    write_log(tx, actor, "threat.commented", &threat, json!({"text": text})).await
}

/// Begins an advisory about a threat, filled in from what sources say.
pub async fn start_advisory(tx: &mut Tx, actor: &Actor, threat: ThreatId, version: i64) -> Result<Created> {
    person(actor, "write advisories")?;
    let threat = read(tx, threat, version).await?;
    let said = store::said(tx, threat.id).await?;
    begin_advisory(tx, actor, &threat, &advise::wording(&threat, &said)).await
}

/// Begins an advisory with these words about a threat that was just written.
pub async fn begin_with(tx: &mut Tx, actor: &Actor, threat: ThreatId, wording: &Wording) -> Result<Created> {
    let threat = store::threat(tx, threat).await?.ok_or(ThreatError::NotFound)?;
    begin_advisory(tx, actor, &threat, wording).await
}

/// Begins an advisory about a threat with these words.
pub(crate) async fn begin_advisory(
    tx: &mut Tx,
    actor: &Actor,
    threat: &Threat,
    wording: &Wording,
) -> Result<Created> {
    let by = person(actor, "write advisories")?;
    let status = threat.status.apply(Event::Advise)?;
    let created = advisory::actions::create(tx, actor, wording, Some(threat.id)).await?;
    sighting::told::rest_on_those_of(tx, created.advisory, threat.id).await?;
    let claimed_by = threat.claimed_by.unwrap_or(by);
    moved(store::advance(tx, threat, status, Some(claimed_by), None).await?)?;
    write_log(tx, actor, "threat.advised", threat, json!({"advisory": created.advisory})).await?;
    Ok(created)
}

/// The person who acts: who judged a threat is always somebody.
fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(WRITE_ADVISORIES, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

fn written(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() { Err(ThreatError::Empty) } else { Ok(text) }
}

/// The threat that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, threat: ThreatId, version: i64) -> Result<Threat> {
    let threat = store::threat(tx, threat).await?.ok_or(ThreatError::NotFound)?;
    moved(threat.version == version)?;
    Ok(threat)
}

const fn moved(moved: bool) -> Result<()> {
    if moved { Ok(()) } else { Err(ThreatError::Overtaken) }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    threat: &Threat,
    payload: serde_json::Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(threat.id.0).with(payload)).await?;
    Ok(())
}
