//! Entering a review and taking it back: pages and tests call these.

use formats::cacao::Playbook;
use jiff::civil::Date;
use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
};
use serde_json::json;

use super::{
    Kind, has_welsh, hash,
    store::{self, Entered},
};
use crate::playbook::{APPROVE_PLAYBOOKS, PlaybookError};

/// Enters that somebody of this name and profession has read a playbook as it stands, and agreed. It takes the
/// place of the review that was entered before.
pub async fn enter(
    tx: &mut Tx,
    actor: &Actor,
    playbook: &Playbook,
    kind: Kind,
    (name, profession): (&str, &str),
    day: Date,
) -> Result<(), PlaybookError> {
    actor.require(APPROVE_PLAYBOOKS, "enter reviews of playbooks")?;
    let by = actor.person().ok_or(Forbidden("enter reviews of playbooks"))?.id;
    if kind == Kind::Welsh && !has_welsh(playbook) {
        return Err(PlaybookError::NoWelsh);
    }
    store::end(tx, &playbook.id, kind).await?;
    let day = day.to_string();
    let hash = hash(kind, &playbook.document);
    let entered = Entered { cacao_id: &playbook.id, kind, hash, name, profession, day: &day, by };
    match store::insert(tx, &entered).await {
        Err(db::DbError::Constraint(_)) => return Err(PlaybookError::Overtaken),
        other => other?,
    };
    write_log(tx, actor, "playbook.reviewed", playbook, kind).await
}

/// Takes a review back.
pub async fn take_back(
    tx: &mut Tx,
    actor: &Actor,
    playbook: &Playbook,
    kind: Kind,
) -> Result<(), PlaybookError> {
    actor.require(APPROVE_PLAYBOOKS, "take reviews of playbooks back")?;
    if !store::end(tx, &playbook.id, kind).await? {
        return Err(PlaybookError::Overtaken);
    }
    write_log(tx, actor, "playbook.review_taken_back", playbook, kind).await
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    playbook: &Playbook,
    kind: Kind,
) -> Result<(), PlaybookError> {
    let hash = data_encoding::HEXLOWER.encode(&crate::playbook::hash(playbook));
    let payload = json!({"playbook": playbook.id, "hash": hash, "review": kind.code()});
    log::write(tx, actor, Entry::new(verb).with(payload)).await?;
    Ok(())
}
