//! One function for each verb; pages and tests all call these.
//!
//! The log is told that something was said, never what: words are forgotten after a while, the log is not.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    log::{self, Entry},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Event, MOST_MESSAGES, QuestionError, QuestionId, State, messages,
    store::{self, Moved, Question},
};
use crate::{
    access::WRITE_ADVISORIES,
    alert::{self, Alert, AlertId, State as AlertState},
};

type Result<T> = std::result::Result<T, QuestionError>;

/// Asks the CERT about an alert, for the organisation of this code to which it went and that the actor
/// answers for. The same form sent again is the same question.
pub async fn ask(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    code: &str,
    form: Option<Uuid>,
    text: &str,
) -> Result<QuestionId> {
    let by = person(actor, Role::ANSWERING, "ask the CERT about an alert")?;
    let text = given(text)?;
    let alert = readable(tx, actor, alert).await?;
    let code = code.trim().to_uppercase();
    let now = tx.now;
    let asking = store::asking(tx, actor, now, alert.id, &code).await?;
    let asking = asking.ok_or(QuestionError::NotYours(code))?;
    if let Some(form) = form
        && let Some(sent) = store::sent_with(tx, form, asking.0).await?
    {
        return Ok(sent);
    }
    in_force(&alert)?;
    if store::enough_open(tx, asking.0, alert.advisory_id).await? {
        return Err(QuestionError::TooMany);
    }
    let id = once(store::insert(tx, asking, &alert, form, by).await)?;
    let message = store::say(tx, id, form, Some(asking.1), by, text).await?;
    let entry = Entry::new("question.asked").about(id.0).organisation(asking.0);
    log::write(tx, actor, entry.with(json!({"alert": alert.id, "message": message}))).await?;
    Ok(id)
}

/// Asks on, at an alert of the same advisory that is in force; unless that is marked more widely, the
/// question is about it from now on. The same form sent again is one message.
pub async fn follow_up(
    tx: &mut Tx,
    actor: &Actor,
    alert: AlertId,
    question: QuestionId,
    form: Option<Uuid>,
    text: &str,
) -> Result<()> {
    let by = person(actor, Role::ANSWERING, "ask the CERT about an alert")?;
    let text = given(text)?;
    let alert = readable(tx, actor, alert).await?;
    let now = tx.now;
    let question = store::own(tx, actor, now, Role::ANSWERING, alert.advisory_id, question).await?;
    let question = question.ok_or(QuestionError::NotFound)?;
    let (count, sent) = store::said(tx, question.id, form).await?;
    if sent {
        return Ok(());
    }
    in_force(&alert)?;
    let state = question.state.apply(Event::FollowUp)?;
    // The last word is the CERT's.
    if count >= MOST_MESSAGES - 1 {
        return Err(QuestionError::Enough);
    }
    let asking = store::asking(tx, actor, now, alert.id, &question.code).await?;
    let (_, through) = asking.ok_or_else(|| QuestionError::NotYours(question.code.clone()))?;
    let waiting_since = if question.state == State::Open { question.waiting_since } else { now };
    // The talk never comes under a wider marking than that under which it began.
    let about = if alert.tlp.0 >= question.tlp.0 { alert.id } else { question.alert_id };
    let claimed_by = question.claimed_by;
    let moved = Moved { state, alert: about, waiting_since, claimed_by, reason: "", settled_at: None };
    advance(tx, &question, moved).await?;
    let message = once(store::say(tx, question.id, form, Some(through), by, text).await)?;
    write_log(tx, actor, "question.followed_up", &question, json!({"message": message})).await
}

/// Takes a question on, also from somebody else at the CERT.
pub async fn claim(tx: &mut Tx, actor: &Actor, question: QuestionId, version: i64) -> Result<()> {
    let by = person(actor, WRITE_ADVISORIES, "take on questions")?;
    let question = read(tx, question, version).await?;
    let state = question.state.apply(Event::Claim)?;
    let Question { waiting_since, settled_at, alert_id: alert, .. } = question;
    let moved = Moved { state, alert, waiting_since, claimed_by: Some(by), reason: "", settled_at };
    advance(tx, &question, moved).await?;
    write_log(tx, actor, "question.claimed", &question, json!({})).await
}

/// Answers a question, or adds to the answer; the organisation is told that there is one.
pub async fn answer(
    tx: &mut Tx,
    actor: &Actor,
    question: QuestionId,
    version: i64,
    text: &str,
) -> Result<()> {
    let by = person(actor, WRITE_ADVISORIES, "answer questions")?;
    let text = given(text)?;
    let question = read(tx, question, version).await?;
    let state = question.state.apply(Event::Answer)?;
    if store::said(tx, question.id, None).await?.0 >= MOST_MESSAGES {
        return Err(QuestionError::Enough);
    }
    settle(tx, &question, state, by, "").await?;
    let message = store::say(tx, question.id, None, None, by, text).await?;
    write_log(tx, actor, "question.answered", &question, json!({"message": message})).await
}

/// Closes a question without an answer, and says why: those who asked are told, and read the reason.
pub async fn close(
    tx: &mut Tx,
    actor: &Actor,
    question: QuestionId,
    version: i64,
    reason: &str,
) -> Result<()> {
    let by = person(actor, WRITE_ADVISORIES, "close questions")?;
    let reason = given(reason)?;
    let question = read(tx, question, version).await?;
    let state = question.state.apply(Event::Close)?;
    settle(tx, &question, state, by, reason).await?;
    write_log(tx, actor, "question.closed", &question, json!({})).await
}

/// The question waits no more.
async fn settle(tx: &mut Tx, question: &Question, state: State, by: PersonId, reason: &str) -> Result<()> {
    let Question { waiting_since, claimed_by, alert_id: alert, .. } = *question;
    let claimed_by = claimed_by.or(Some(by));
    let settled_at = Some(tx.now);
    advance(tx, question, Moved { state, alert, waiting_since, claimed_by, reason, settled_at }).await?;
    messages::tell(tx, question).await?;
    Ok(())
}

/// The person who acts: whoever asks or answers is always somebody.
fn person(actor: &Actor, roles: &[Role], to_do: &'static str) -> Result<PersonId> {
    actor.require(roles, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

fn given(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() { Err(QuestionError::Empty) } else { Ok(text) }
}

/// The alert, where the actor reads it and it is out.
async fn readable(tx: &mut Tx, actor: &Actor, alert: AlertId) -> Result<Alert> {
    let now = tx.now;
    let alert = alert::store::readable(tx, actor, alert, now).await?;
    alert.filter(|alert| alert.state.is_out()).ok_or(QuestionError::NotFound)
}

fn in_force(alert: &Alert) -> Result<()> {
    if alert.state == AlertState::InForce { Ok(()) } else { Err(QuestionError::Ended) }
}

/// What was kept, unless the same form was kept at the same moment.
fn once<T>(kept: std::result::Result<T, db::DbError>) -> Result<T> {
    match kept {
        Err(db::DbError::Constraint(_)) => Err(QuestionError::Twice),
        other => Ok(other?),
    }
}

/// The question that the actor has before them, unless something has happened to it since.
async fn read(tx: &mut Tx, question: QuestionId, version: i64) -> Result<Question> {
    let question = store::question(tx, question).await?.ok_or(QuestionError::NotFound)?;
    if question.version == version { Ok(question) } else { Err(QuestionError::Overtaken) }
}

async fn advance(tx: &mut Tx, question: &Question, moved: Moved<'_>) -> Result<()> {
    if store::advance(tx, question, &moved).await? { Ok(()) } else { Err(QuestionError::Overtaken) }
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    question: &Question,
    payload: serde_json::Value,
) -> Result<()> {
    let entry = Entry::new(verb).about(question.id.0).organisation(question.organisation_id);
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(())
}
