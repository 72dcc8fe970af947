//! One function for each verb of an alert; pages, commands and tests all call these.

use db::DbError;
use platform::{
    Actor, Tx,
    access::PersonId,
    job::{self, When},
    log::{self, Entry},
    message,
    organisation::OrganisationId,
};
use serde_json::json;

use super::{
    Alert, AlertError, AlertId, Answers, CALL_BACK, Event, FanOut, State, TellWithdrawn, carry, freeze,
    mailbox,
    store::{self, Marking},
};
use crate::{
    access::APPROVE,
    advisory::{self, AdvisoryNumber, VersionId},
    audience::{self, Mode},
    policy::{Asked, Policy},
    sector::Recount,
    webhook,
};

type Result<T> = std::result::Result<T, AlertError>;

/// An alert that was just published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// The alert.
    pub alert: AlertId,
    /// To how many organisations it will go.
    pub organisations: u64,
}

/// Publishes an approved version: the alert, its frozen audience, the counters, the clocks and the
/// job that delivers it, all in `tx`. For [`CALL_BACK`] nobody sees it and it can be called back.
///
/// `answers` says what becomes of the answers to the version before; where this is the first it
/// says nothing.
pub async fn publish(tx: &mut Tx, actor: &Actor, version: VersionId, answers: Answers) -> Result<Published> {
    let by = duty_manager(actor, "publish alerts")?;
    let mode = audience::store::audience(tx, version).await?.mode.ok_or(AlertError::NoMode)?;
    let version = advisory::actions::mark_published(tx, actor, version).await?.version;
    let before = store::newest(tx, version.advisory).await?;
    if before.as_ref().is_some_and(|before| before.state == State::Issued) {
        return Err(AlertError::StillIssuing);
    }
    let policy = Policy::current(tx.now);
    let asked = policy.asks(version.wording.severity.code()).filter(|_| mode == Mode::MustRespond);
    let supersedes = before.filter(|before| before.state == State::InForce).map(|before| before.id);
    let now = tx.now;
    let alert = Alert {
        id: tx.id(),
        advisory_id: version.advisory,
        version_id: version.id,
        number: version.number,
        title: version.wording.title,
        severity: version.wording.severity,
        tlp: Marking(version.wording.tlp),
        mode,
        state: State::Issued,
        policy: policy.id(),
        issued_at: now,
        issued_by: by,
        deliver_at: now + CALL_BACK,
        fanned_out_at: None,
        ended_at: None,
        ended_reason: None,
        supersedes_id: supersedes,
        answers_stand: answers == Answers::Stand && supersedes.is_some(),
        acknowledge_by: asked.map(|asked| now + asked.acknowledge.within),
        remediate_by: asked.map(|asked| now + asked.remediate.within),
        changed_at: now,
    };
    store::insert(tx, &alert).await?;
    let organisations = freeze_audience(tx, &alert, asked).await?;
    let when = When { not_before: Some(alert.deliver_at), key: Some(format!("fan_out/{}", alert.id)) };
    job::enqueue(tx, &FanOut { alert: alert.id }, when).await?;
    let published = json!({
        "advisory": alert.advisory_id,
        "version": alert.version_id,
        "number": alert.number,
        "organisations": organisations,
        "mode": mode.code(),
        "policy": &alert.policy,
        "supersedes": supersedes,
        "answersStand": alert.answers_stand,
    });
    log::write(tx, actor, Entry::new("alert.published").about(alert.id.0).with(published)).await?;
    Ok(Published { alert: alert.id, organisations })
}

async fn freeze_audience(tx: &mut Tx, alert: &Alert, asked: Option<&Asked>) -> Result<u64> {
    let organisations = freeze::audience(tx, alert).await?;
    if organisations == 0 {
        return Err(AlertError::Nobody);
    }
    freeze::count(tx, alert.id, alert.issued_at).await?;
    if let (Some(asked), Some(acknowledge_by), Some(remediate_by)) =
        (asked, alert.acknowledge_by, alert.remediate_by)
    {
        freeze::start_clocks(tx, alert, "acknowledge", &asked.acknowledge, acknowledge_by).await?;
        freeze::start_clocks(tx, alert, "remediate", &asked.remediate, remediate_by).await?;
    }
    Ok(organisations)
}

/// Calls an alert back before anybody was told: its version is approved again, and what was frozen
/// is removed, since nobody was asked anything. The alert itself and the log keep that it was.
pub async fn call_back(tx: &mut Tx, actor: &Actor, alert: AlertId, reason: &str) -> Result<()> {
    duty_manager(actor, "call alerts back")?;
    let reason = given(reason)?;
    let alert = store::alert(tx, alert).await?.ok_or(AlertError::NotFound)?;
    advance(tx, &alert, Event::CallBack, Some(reason)).await?;
    let before = match alert.supersedes_id {
        Some(before) => store::alert(tx, before).await?.map(|before| before.version_id),
        None => None,
    };
    advisory::publication::take_back(tx, actor, alert.version_id, before).await?;
    let organisations = freeze::undo(tx, alert.id).await?;
    let entry = Entry::new("alert.called_back").about(alert.id.0);
    log::write(tx, actor, entry.with(json!({"reason": reason, "organisations": organisations}))).await?;
    Ok(())
}

/// Withdraws an advisory and its alert: its clocks stop, what has not left is called back, and
/// whoever was told is told so.
pub async fn withdraw(tx: &mut Tx, actor: &Actor, number: AdvisoryNumber, reason: &str) -> Result<AlertId> {
    duty_manager(actor, "withdraw alerts")?;
    let reason = given(reason)?;
    let advisory = advisory::store::id_of(tx, number).await?.ok_or(AlertError::NotFound)?;
    let alert = store::newest(tx, advisory).await?.ok_or(AlertError::NotFound)?;
    advance(tx, &alert, Event::Withdraw, Some(reason)).await?;
    advisory::actions::withdraw(tx, actor, number, reason).await?;
    freeze::stop_clocks(tx, alert.id).await?;
    message::call_back(tx, alert.id.0).await?;
    let when = When { not_before: None, key: Some(format!("tell_withdrawn/{}", alert.id)) };
    job::enqueue(tx, &TellWithdrawn { alert: alert.id }, when).await?;
    webhook::withdrawn(tx, &alert).await?;
    let entry = Entry::new("alert.withdrawn").about(alert.id.0).with(json!({"reason": reason}));
    log::write(tx, actor, entry).await?;
    Ok(alert.id)
}

/// Brings an issued alert into force, when its delivery begins: the alert whose place it takes
/// ends, and the answers to that one are carried over where they stand. Nothing where it is in
/// force already; `None` where it ended before.
pub(super) async fn bring_into_force(tx: &mut Tx, actor: &Actor, alert: AlertId) -> Result<Option<Alert>> {
    let mut alert = store::alert(tx, alert).await?.ok_or(AlertError::NotFound)?;
    match alert.state {
        State::Issued => {}
        State::InForce => return Ok(Some(alert)),
        State::CalledBack | State::Superseded | State::Withdrawn => return Ok(None),
    }
    advance(tx, &alert, Event::Deliver, None).await?;
    alert.state = State::InForce;
    let mut carried = 0;
    if let Some(before) = alert.supersedes_id {
        carried = supersede(tx, before, &alert).await?;
    }
    let now = tx.now;
    Recount { alert: alert.id }.after(tx, now).await?;
    webhook::in_force(tx, &alert).await?;
    let entry = Entry::new("alert.in_force").about(alert.id.0);
    log::write(tx, actor, entry.with(json!({"supersedes": alert.supersedes_id, "carriedOver": carried})))
        .await?;
    Ok(Some(alert))
}

/// Carries over what the next organisations behind `after` answered, where an update waits to come
/// into force and answers stand; says which was the last, or that there are no more.
pub(super) async fn carry_some(
    tx: &mut Tx,
    alert: AlertId,
    after: OrganisationId,
) -> Result<Option<OrganisationId>> {
    let alert = store::alert(tx, alert).await?.ok_or(AlertError::NotFound)?;
    let waits = alert.state == State::Issued && alert.answers() == Answers::Stand;
    let Some(before) = alert.supersedes_id.filter(|_| waits) else { return Ok(None) };
    let Some(last) = mailbox::last_of_next(tx, alert.id, after).await? else { return Ok(None) };
    carry::some(tx, (before, alert.id), (after, last)).await?;
    Ok(Some(last))
}

async fn supersede(tx: &mut Tx, before: AlertId, alert: &Alert) -> Result<i64> {
    let before = store::alert(tx, before).await?.ok_or(AlertError::NotFound)?;
    if before.state != State::InForce {
        return Ok(0);
    }
    advance(tx, &before, Event::Supersede, None).await?;
    let mut carried = 0;
    if alert.answers() == Answers::Stand {
        carried = carry::rest(tx, before.id, alert.id).await?;
        freeze::count(tx, alert.id, tx.now).await?;
        freeze::time(tx, alert.id).await?;
    }
    freeze::stop_clocks(tx, before.id).await?;
    message::call_back(tx, before.id.0).await?;
    Ok(carried)
}

/// Moves an alert on; whoever comes second meets the state that the first left.
async fn advance(tx: &mut Tx, alert: &Alert, event: Event, reason: Option<&str>) -> Result<()> {
    let to = alert.state.apply(event)?;
    if store::advance(tx, alert.id, alert.state, to, reason).await? {
        return Ok(());
    }
    let met = store::alert(tx, alert.id).await?.ok_or(AlertError::NotFound)?;
    match met.state.apply(event) {
        Err(refused) => Err(refused.into()),
        Ok(_) => Err(DbError::NoRow("an alert that moves to and fro").into()),
    }
}

fn duty_manager(actor: &Actor, to_do: &'static str) -> Result<PersonId> {
    actor.require(APPROVE, to_do)?;
    Ok(actor.person().ok_or(AlertError::NotFound)?.id)
}

fn given(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(AlertError::NoReason),
        reason => Ok(reason),
    }
}
