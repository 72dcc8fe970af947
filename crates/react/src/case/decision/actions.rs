//! Writing decisions down: pages and tests call this.

use platform::{Actor, Tx};

use super::{Decided, DecisionId, store};
use crate::{
    case::{
        CaseError, Zone, sight,
        sight::writer,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::IncidentId,
};

const TO_DO: &str = "write decisions in this case";

/// Writes down what was decided. The same form sent again is one decision.
pub async fn decide(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Zone,
    decided: &Decided,
) -> Result<DecisionId, CaseError> {
    keep(tx, actor, incident, Some(zone), decided, None).await
}

/// Writes down what came of looking at a decision again: it stands in the same zone, and a decision is reviewed once.
pub async fn review(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    reviews: DecisionId,
    decided: &Decided,
) -> Result<DecisionId, CaseError> {
    keep(tx, actor, incident, None, decided, Some(reviews)).await
}

async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    incident: IncidentId,
    zone: Option<Zone>,
    decided: &Decided,
    reviews: Option<DecisionId>,
) -> Result<DecisionId, CaseError> {
    let now = tx.now;
    let sight = sight(tx, actor, now, incident).await?;
    let before = match reviews {
        Some(id) => Some(store::decision(tx, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?),
        None => None,
    };
    let zone = before.as_ref().map(|before| before.zone).or(zone).ok_or(CaseError::NotFound)?;
    sight.write(zone, TO_DO)?;
    let by = writer(actor, TO_DO)?;
    if let Some(same) = store::sent_with(tx, incident, decided.form).await? {
        return Ok(same);
    }
    if before.is_some_and(|before| before.reviewed_by.is_some()) {
        return Err(CaseError::Refused(
            "It was reviewed already: review the decision that came of it.".into(),
        ));
    }
    if decided.decided_at > now {
        return Err(CaseError::Refused("When it was decided must be in the past.".into()));
    }
    let id = store::insert(tx, (incident, zone), decided, reviews, (by, sight.through)).await?;
    let text = format!(
        "Decided by {} ({}): {}",
        decided.decider.trim(),
        decided.role.trim(),
        decided.decided.trim()
    );
    let entering =
        Entering { happened_at: decided.decided_at, ..Entering::now(tx, zone, Kind::Decision, id.0, &text) };
    timeline::enter(tx, actor, &sight, &entering).await?;
    write_log(tx, actor, "case.decided", &sight.incident, id.0).await?;
    Ok(id)
}
