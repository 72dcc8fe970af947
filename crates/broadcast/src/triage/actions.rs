//! One function for each verb; pages and tests call these.

use db::DbError;
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
};
use serde_json::json;

use super::{Cause, Facts, Policy, Setting, judge, store};
use crate::{
    access::WRITE_ADVISORIES,
    threat::{self, ThreatError, ThreatId, store::Threat},
};
use formats::ssvc::Point;

type Result<T> = std::result::Result<T, ThreatError>;

/// Sets a decision point of a threat, whatever sources tell of it. What was set before is replaced.
pub async fn set(
    tx: &mut Tx,
    actor: &Actor,
    threat: ThreatId,
    version: i64,
    point: Point,
    value: &str,
    reason: &str,
) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || point.value(value).is_none() {
        return Err(ThreatError::Empty);
    }
    let setting =
        Setting { point, value: Some(value.to_owned()), reason: reason.to_owned(), by: who(actor)? };
    change(tx, actor, threat, version, &setting).await
}

/// Withdraws what was set of a decision point: it is what sources tell again.
pub async fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    threat: ThreatId,
    version: i64,
    point: Point,
) -> Result<()> {
    let setting = Setting { point, value: None, reason: String::new(), by: who(actor)? };
    change(tx, actor, threat, version, &setting).await
}

/// The person who acts: who decides is always somebody.
fn who(actor: &Actor) -> Result<platform::access::PersonId> {
    const TO_DO: &str = "decide about threats";
    actor.require(WRITE_ADVISORIES, TO_DO)?;
    Ok(actor.person().ok_or(Forbidden(TO_DO))?.id)
}

async fn change(tx: &mut Tx, actor: &Actor, id: ThreatId, version: i64, setting: &Setting) -> Result<()> {
    let threat = threat::store::threat(tx, id).await?.ok_or(ThreatError::NotFound)?;
    // In one step with the version, so that of two who decide at once one is told.
    if threat.version != version || !threat::store::hold(tx, &threat).await? {
        return Err(ThreatError::Overtaken);
    }
    if !threat.kind.is_decided() || !threat.kind.asked().contains(&setting.point) {
        return Err(ThreatError::NothingToDecide);
    }
    let ended = store::end(tx, id, setting.point, setting.by).await?;
    let verb = match &setting.value {
        Some(value) => {
            store::set(tx, id, setting, value).await?;
            "threat.point_set"
        }
        None if ended => "threat.point_withdrawn",
        None => return Err(ThreatError::Overtaken),
    };
    sort_anew(tx, &threat, Cause::Analyst).await?;
    let payload = json!({ "point": setting.point.code(), "value": setting.value, "reason": setting.reason });
    log::write(tx, actor, Entry::new(verb).about(id.0).with(payload)).await?;
    Ok(())
}

/// Sorts these threats anew after something of them was seen in the sector, or turned out not to be. They are
/// held in the order of their ids first.
pub(crate) async fn seen(tx: &mut Tx, threats: &[ThreatId]) -> std::result::Result<(), DbError> {
    let mut threats = threats.to_vec();
    threats.sort_unstable();
    threats.dedup();
    threat::store::known::hold_these(tx, &threats).await?;
    for threat in threat::store::threats(tx, &threats).await? {
        sort_anew(tx, &threat, Cause::Sector).await?;
    }
    Ok(())
}

/// Judges a threat by what is told, set and seen of it now, and notes what that changed.
async fn sort_anew(tx: &mut Tx, threat: &Threat, cause: Cause) -> std::result::Result<(), DbError> {
    let said = threat::store::said(tx, threat.id).await?;
    let said: Vec<_> = said.iter().map(|(source, said)| (*source, said)).collect();
    let beside = store::beside(tx, &[threat.id]).await?.remove(&threat.id).unwrap_or_default();
    let facts = Facts { kind: threat.kind, said: &said, beside: &beside };
    for (id, was, _) in threat::store::looks_of(tx, &[threat.id]).await?.into_iter().take(1) {
        let looks = judge::looks(facts, Policy::current(tx.now), was);
        // An analyst's setting moves the version on, so that of two one is told.
        if looks != was || cause == Cause::Analyst {
            let told = looks.differs(was).then_some((cause, was));
            threat::store::look(tx, id, looks, told).await?;
        }
    }
    Ok(())
}
