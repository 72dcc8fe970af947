//! Comparing what was just found with what others have, and what a person decides about it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
};
use serde_json::json;

use super::{
    CorrelationError, CorrelationId, State, messages,
    store::{self, Correlation, Match},
};
use crate::{
    access::HANDLE_INCIDENTS,
    incident::{IncidentId, store::Incident},
    observable::leaving_out::POLICY,
};

/// Compares what was added to an incident since `since` with what others have, and puts it to the CERT where it counts
/// enough. What is kept apart is compared once it is confirmed: or anybody could make an alert of a made-up report.
pub(crate) async fn compare(
    tx: &mut Tx,
    incident: &Incident,
    since: Timestamp,
) -> Result<Option<CorrelationId>, db::DbError> {
    if incident.standing.is_apart() {
        return Ok(None);
    }
    let from = tx.now - SignedDuration::from_hours(24 * POLICY.days);
    if store::matches(tx, incident, since, from).await?.is_empty() {
        return Ok(None);
    }
    // One observable alone may be too little, and enough with one of yesterday.
    let matches = store::matches(tx, incident, from, from).await?;
    let mut with: BTreeMap<IncidentId, BTreeMap<&[u8], &Match>> = BTreeMap::new();
    for each in &matches {
        with.entry(each.incident_id).or_default().insert(&each.hash, each);
    }
    let open = store::open_with(tx, incident.id).await?;
    let counted =
        |of: &BTreeMap<&[u8], &Match>| of.values().map(|each| POLICY.counts(&each.kind)).sum::<i64>();
    let others: BTreeSet<IncidentId> = with
        .iter()
        .filter(|(other, of)| counted(of) >= POLICY.threshold || open.iter().any(|(_, has)| has == *other))
        .map(|(other, _)| *other)
        .collect();
    if others.is_empty() {
        return Ok(None);
    }
    let mut members: Vec<IncidentId> = others.iter().copied().collect();
    let known = match open.first() {
        Some((id, _)) => Some(*id),
        None => store::open_with_any(tx, &members).await?,
    };
    let score = with.iter().filter(|(other, _)| others.contains(other)).map(|(_, of)| counted(of)).max();
    let score = score.unwrap_or_default();
    let (id, is_new) = match known {
        Some(id) => (id, false),
        None => (store::insert(tx, score).await?, true),
    };
    members.push(incident.id);
    let joined = store::has_incidents(tx, id, &members).await?;
    // Of those that were in it before, all that is older is in it too.
    let new_since = if joined == 0 { since } else { from };
    let shared = store::has_shared(tx, id, incident, new_since, from).await?;
    if joined + shared > 0 && !is_new {
        store::grow(tx, id, score).await?;
    }
    if is_new {
        let entry = Entry::new("correlation.found").about(id.0);
        log::write(tx, &Actor::Job("correlation"), entry.with(json!({"incidents": others.len() + 1})))
            .await?;
        messages::tell(tx, id).await?;
    }
    Ok(Some(id))
}

/// Says that a correlation is none, or nothing to warn of, and why.
pub async fn dismiss(
    tx: &mut Tx,
    actor: &Actor,
    id: CorrelationId,
    version: i64,
    reason: &str,
) -> Result<(), CorrelationError> {
    let by = handler(actor, "dismiss correlations")?;
    let found = read(tx, id, version).await?;
    if !store::decide(tx, &found, State::Dismissed, by, reason.trim(), None).await? {
        return Err(CorrelationError::Overtaken);
    }
    log::write(tx, actor, Entry::new("correlation.dismissed").about(id.0).with(json!({}))).await?;
    Ok(())
}

/// What a person drafts an advisory from, read before it is decided.
pub async fn to_draft(
    tx: &mut Tx,
    actor: &Actor,
    id: CorrelationId,
    version: i64,
) -> Result<Correlation, CorrelationError> {
    handler(actor, "draft advisories from correlations")?;
    read(tx, id, version).await
}

/// Notes that an advisory of this number was drafted from a correlation.
pub async fn drafted(
    tx: &mut Tx,
    actor: &Actor,
    found: &Correlation,
    advisory: &str,
) -> Result<(), CorrelationError> {
    let by = handler(actor, "draft advisories from correlations")?;
    if !store::decide(tx, found, State::Drafted, by, "", Some(advisory)).await? {
        return Err(CorrelationError::Overtaken);
    }
    let entry = Entry::new("correlation.drafted").about(found.id.0);
    log::write(tx, actor, entry.with(json!({"advisory": advisory}))).await?;
    Ok(())
}

async fn read(tx: &mut Tx, id: CorrelationId, version: i64) -> Result<Correlation, CorrelationError> {
    let found = store::correlation(tx, id).await?.ok_or(CorrelationError::NotFound)?;
    if found.state != State::Found {
        return Err(CorrelationError::Decided);
    }
    if found.version == version { Ok(found) } else { Err(CorrelationError::Overtaken) }
}

fn handler(actor: &Actor, to_do: &'static str) -> Result<PersonId, CorrelationError> {
    actor.require(HANDLE_INCIDENTS, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}
