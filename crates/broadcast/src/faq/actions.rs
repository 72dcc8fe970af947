//! One function for each verb; pages and tests all call these.

use formats::Tlp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    FaqError, FaqId, State, Wording, markings,
    store::{self, Faq},
};
use crate::{
    access::WRITE_ADVISORIES,
    alert::{Alert, AlertId},
    question::{self, QuestionId, store::Question},
};

type Result<T> = std::result::Result<T, FaqError>;

/// Publishes an entry because of a question, of which it says nothing. The same form sent again is the
/// same entry.
pub async fn publish(
    tx: &mut Tx,
    actor: &Actor,
    question: QuestionId,
    form: Option<Uuid>,
    wording: &Wording,
) -> Result<FaqId> {
    let by = person(actor, "publish questions and answers")?;
    let (question, alert, widest) = about(tx, question).await?;
    if let Some(form) = form
        && let Some(sent) = store::sent_with(tx, form).await?
    {
        return Ok(sent);
    }
    check(wording, widest)?;
    let id = match store::insert(tx, question.advisory_id, question.id, form).await {
        Err(db::DbError::Constraint(_)) => return Err(FaqError::Twice),
        other => other?,
    };
    store::word(tx, id, 1, alert.id, wording, by).await?;
    write_log(tx, actor, "faq.published", id, told(1, &alert, wording, question.id)).await?;
    Ok(id)
}

/// Words an entry anew, for the newest alert; what it said before is kept.
pub async fn edit(tx: &mut Tx, actor: &Actor, id: FaqId, version: i64, wording: &Wording) -> Result<()> {
    let by = person(actor, "edit published questions and answers")?;
    let faq = read(tx, id, version).await?;
    let (question, alert, widest) = about(tx, faq.question_id).await?;
    check(wording, widest)?;
    if !store::advance(tx, id, version).await? {
        return Err(FaqError::Overtaken);
    }
    store::word(tx, id, version + 1, alert.id, wording, by).await?;
    write_log(tx, actor, "faq.edited", id, told(version + 1, &alert, wording, question.id)).await
}

/// Has an entry read no more, with a reason for those at the CERT; what it said is kept.
pub async fn withdraw(tx: &mut Tx, actor: &Actor, id: FaqId, version: i64, reason: &str) -> Result<()> {
    let by = person(actor, "withdraw published questions and answers")?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(FaqError::Empty);
    }
    read(tx, id, version).await?;
    if !store::withdraw(tx, id, version, reason, by).await? {
        return Err(FaqError::Overtaken);
    }
    write_log(tx, actor, "faq.withdrawn", id, json!({"reason": reason})).await
}

/// The question of an entry, the newest alert of its advisory, and the widest marking that the entry may
/// have: that of the alert, and of the one about which was asked, since the answer may say what that did.
pub(super) async fn about(
    snapshot: &mut db::Snapshot,
    question: QuestionId,
) -> Result<(Question, Alert, Tlp)> {
    let question = question::store::question(snapshot, question).await?.ok_or(FaqError::NotFound)?;
    let alert = store::newest(snapshot, question.advisory_id).await?.ok_or(FaqError::NotFound)?;
    let widest = alert.tlp.0.max(question.tlp.0);
    Ok((question, alert, widest))
}

fn check(wording: &Wording, widest: Tlp) -> Result<()> {
    if wording.question.trim().is_empty() || wording.answer.trim().is_empty() {
        return Err(FaqError::Empty);
    }
    if markings(widest).any(|tlp| tlp == wording.tlp) { Ok(()) } else { Err(FaqError::Marking(wording.tlp)) }
}

/// The person who acts: who answers for what others read is always somebody.
fn person(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(WRITE_ADVISORIES, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

/// The entry that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, id: FaqId, version: i64) -> Result<Faq> {
    let faq = store::faq(tx, id).await?.ok_or(FaqError::NotFound)?;
    match faq.state {
        State::Withdrawn => Err(FaqError::Withdrawn),
        State::Published if faq.version != version => Err(FaqError::Overtaken),
        State::Published => Ok(faq),
    }
}

fn told(version: i64, alert: &Alert, wording: &Wording, question: QuestionId) -> serde_json::Value {
    let alert: AlertId = alert.id;
    json!({"version": version, "alert": alert, "tlp": wording.tlp.code(), "question": question})
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    id: FaqId,
    payload: serde_json::Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(id.0).with(payload)).await?;
    Ok(())
}
