//! One function for each verb; pages, the offline form and tests all call these.

use db::Snapshot;
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    account::{Visitor, attempts},
    log::{self, Entry},
    organisation::{self, OrganisationId},
};
use serde_json::json;

use super::{
    CodeError, CodeId, MOST_CODES, MOST_SHEETS, OneTimeCode, SheetId,
    store::{self, Sheet},
};
use crate::access::{KEEP_CODES, KEEP_CODES_AT_CERT};

type Result<T> = std::result::Result<T, CodeError>;

/// A code that was right, and is used up.
#[derive(Clone, Copy, Debug)]
pub struct Redeemed {
    /// Which.
    pub code: CodeId,
    /// Whose.
    pub organisation: OrganisationId,
}

/// Uses a code up, as somebody typed it. What is wrong, used or revoked is refused in the same words, and waits where
/// many were; a right one never does.
///
/// On a refusal because of too many attempts `tx` must be dropped; on any other it must be committed, so that the
/// attempt counts.
pub async fn redeem(tx: &mut Tx, visitor: &Visitor, typed: &str) -> Result<Redeemed> {
    let redeemed = use_up(tx, typed).await;
    if matches!(redeemed, Err(CodeError::Wrong)) {
        // Nobody guesses 80 bits: only what is wrong is counted and kept waiting, or whoever guesses on and on
        // would keep out who holds a right one.
        attempts::enter(tx, attempts::report_code(visitor)).await?;
    }
    redeemed
}

/// The same without counting, for what comes by a way that has no network of its own, such as mail.
pub async fn use_up(tx: &mut Tx, typed: &str) -> Result<Redeemed> {
    let code: OneTimeCode = typed.parse().map_err(|()| CodeError::Wrong)?;
    let (code, organisation, sheet) = store::redeem(tx, code.hash()).await?.ok_or(CodeError::Wrong)?;
    let entry = Entry::new("code_sheet.used").about(sheet.0).organisation(organisation);
    log::write(tx, &Actor::CodeHolder, entry.with(json!({"code": code}))).await?;
    Ok(Redeemed { code, organisation })
}

/// Makes a sheet of so many codes for an organisation. They are in what comes back, and nowhere else.
pub async fn print(
    tx: &mut Tx,
    actor: &Actor,
    organisation: OrganisationId,
    size: i64,
) -> Result<(Sheet, Vec<OneTimeCode>)> {
    let now = tx.now;
    let by = keeps(tx, actor, organisation, now).await?;
    if store::standing(tx, organisation).await? >= MOST_SHEETS {
        return Err(CodeError::TooMany);
    }
    let codes: Vec<_> = (0..size.clamp(1, MOST_CODES)).map(|_| OneTimeCode::drawn(tx.bytes())).collect();
    let id = store::insert(tx, organisation, by, &codes).await?;
    let entry = Entry::new("code_sheet.made").about(id.0).organisation(organisation);
    log::write(tx, actor, entry.with(json!({"codes": codes.len()}))).await?;
    let sheet = store::sheet(tx, id).await?.ok_or(CodeError::NotFound)?;
    Ok((sheet, codes))
}

/// Revokes one code of a sheet.
pub async fn revoke(tx: &mut Tx, actor: &Actor, sheet: SheetId, code: CodeId) -> Result<()> {
    let now = tx.now;
    let sheet = kept(tx, actor, sheet, now).await?;
    if !store::revoke(tx, sheet.id, code).await? {
        return Err(CodeError::Overtaken);
    }
    let entry = Entry::new("code_sheet.code_revoked").about(sheet.id.0).organisation(sheet.organisation_id);
    log::write(tx, actor, entry.with(json!({"code": code}))).await?;
    Ok(())
}

/// Revokes what is left of a sheet.
pub async fn revoke_sheet(tx: &mut Tx, actor: &Actor, sheet: SheetId) -> Result<OrganisationId> {
    let now = tx.now;
    let sheet = kept(tx, actor, sheet, now).await?;
    let by = keeps(tx, actor, sheet.organisation_id, now).await?;
    if !store::revoke_sheet(tx, sheet.id, by).await? {
        return Err(CodeError::Overtaken);
    }
    let entry = Entry::new("code_sheet.revoked").about(sheet.id.0).organisation(sheet.organisation_id);
    log::write(tx, actor, entry.with(json!({"codes": sheet.unused}))).await?;
    Ok(sheet.organisation_id)
}

/// A sheet, if the actor keeps the codes of its organisation.
pub async fn kept(snapshot: &mut Snapshot, actor: &Actor, id: SheetId, now: Timestamp) -> Result<Sheet> {
    let sheet = store::sheet(snapshot, id).await?.ok_or(CodeError::NotFound)?;
    keeps(snapshot, actor, sheet.organisation_id, now).await?;
    Ok(sheet)
}

/// Refuses unless the actor keeps the codes of an organisation: its own lead, or the CERT. Whoever only answers
/// for it does not: a code says that somebody stands in that house.
pub async fn keeps(
    snapshot: &mut Snapshot,
    actor: &Actor,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<PersonId> {
    let to_do = "keep codes for reports";
    let by = actor.person().ok_or(Forbidden(to_do))?.id;
    if actor.is_any(KEEP_CODES_AT_CERT) {
        let known = organisation::store::find(snapshot, organisation).await?;
        return known.map(|_| by).ok_or(CodeError::NotFound);
    }
    let standing = organisation::store::standing(snapshot, actor, organisation, now).await?;
    if standing.is_empty() {
        return Err(CodeError::NotFound);
    }
    actor.require(KEEP_CODES, to_do)?;
    if standing.contains(&(Role::Lead, organisation)) { Ok(by) } else { Err(Forbidden(to_do).into()) }
}
