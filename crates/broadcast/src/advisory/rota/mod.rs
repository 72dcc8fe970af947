//! Who is rung when a High advisory waits for approval: one approver after the other until one
//! takes it on; and again, that one first, where they then decide nothing.
//!
//! Each call is a job that makes the next one in its own transaction: ten minutes later, and once the rota has
//! been gone through, to everybody at growing pauses until it is decided. Those who wrote the version are
//! passed over: they could not approve it.

pub mod messages;

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, App, Tx,
    access::PersonId,
    job::{self, Failure, Job, Lane, When},
    log::{self, Entry},
    message::Channel,
    organisation::contact::Mobile,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AdvisoryError, Severity, State, Version, VersionId, store};
use crate::access::APPROVE;
/// Somebody who may approve.
pub use platform::rota::OnCall as Approver;

/// How long one approver has before the next is rung.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How long somebody who has taken a version on has to decide before all begins anew.
pub const TO_DECIDE: SignedDuration = SignedDuration::from_mins(30);
/// How often the rota is gone through one by one before all are rung at once.
pub const ROUNDS: usize = 2;
/// How long it is until all are rung again, at most.
pub const AT_MOST: SignedDuration = SignedDuration::from_hours(2);

/// Rings the next approver, unless somebody has taken it on.
#[derive(Debug, Serialize, Deserialize)]
pub struct CallApprover {
    version: VersionId,
    /// What was submitted; a version that was edited since begins anew when it is submitted again.
    edition: i64,
    /// The how-manieth call, from 0.
    call: usize,
    /// Who had taken it on and did not decide, and when that was: they are rung first.
    lapsed: Option<(PersonId, Timestamp)>,
}

/// Begins to ring, where the version is High.
pub(super) async fn begin(tx: &mut Tx, version: &Version) -> Result<(), DbError> {
    if version.wording.severity != Severity::High {
        return Ok(());
    }
    let statement = sql!("DELETE FROM approval_call WHERE version_id = ?1");
    tx.run(statement, params![version.id]).await?;
    // Submitting has just made the next edition of it.
    let first = CallApprover { version: version.id, edition: version.edition + 1, call: 0, lapsed: None };
    queue(tx, &first, None).await
}

async fn queue(tx: &mut Tx, call: &CallApprover, not_before: Option<Timestamp>) -> Result<(), DbError> {
    job::enqueue(tx, call, When { not_before, key: Some(call.key()) }).await
}

impl Job for CallApprover {
    const NAME: &'static str = "advisory.call_approver";
    const LANE: Lane = Lane::Urgent;

    async fn run(self, app: App) -> Result<(), Failure> {
        let mut tx = app.write().await?;
        let waiting = store::version(&mut tx, self.version)
            .await?
            .filter(|version| version.state == State::InReview && version.edition == self.edition);
        let now = tx.now;
        if waiting.is_none() || accepted(&mut tx, self.version, now).await?.is_some() {
            return Ok(());
        }
        let mut rota = able(&mut tx, self.version, now).await?;
        let first =
            rota.iter().position(|approver| Some(approver.person_id) == self.lapsed.map(|(who, _)| who));
        rota.rotate_left(first.unwrap_or(0));
        let alone = rota.len() * ROUNDS;
        let called =
            if self.call < alone { std::slice::from_ref(&rota[self.call % rota.len()]) } else { &rota[..] };
        // A text that waited for a gateway to be set up would come days late.
        let by: &[Channel] = if app.texts.is_ready() { &Channel::ALL } else { &[Channel::Mail] };
        for approver in called {
            note_call(&mut tx, self.version, approver.person_id).await?;
            messages::queue(&mut tx, &self, approver, by).await?;
        }
        if rota.is_empty() {
            tracing::error!(version = %self.version, "a High advisory waits and nobody can approve it");
        }
        let again = tx.now + pause(self.call, alone);
        let next = Self { call: self.call + 1, ..self };
        queue(&mut tx, &next, Some(again)).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl CallApprover {
    fn key(&self) -> String {
        let since = self.lapsed.map_or(0, |(_, at)| at.as_microsecond());
        format!("approval_call/{}/{}/{since}/{}", self.version, self.edition, self.call)
    }
}

/// How long after a call the next one follows, where the first `alone` of them ring one person each. Behind
/// these all are rung, twice as long apart each time: it stays undecided, and nobody is rung all night long.
fn pause(call: usize, alone: usize) -> SignedDuration {
    let rung = call.checked_sub(alone).map_or(0, |all| all + 1);
    (PATIENCE * (1 << rung.min(4))).min(AT_MOST)
}

/// Takes a version on: nobody else is rung for it while there is time to decide.
pub async fn accept(tx: &mut Tx, actor: &Actor, version: VersionId) -> Result<(), AdvisoryError> {
    actor.require(APPROVE, "approve advisories")?;
    let by = actor.person().ok_or(AdvisoryError::NotFound)?.id;
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    // Only what can still be approved can be taken on.
    version.state.apply(super::Event::Approve)?;
    if store::editors(tx, version.id).await?.contains(&by) {
        return Err(AdvisoryError::OwnWork);
    }
    let now = tx.now;
    if accepted(tx, version.id, now).await?.is_some_and(|(person, _)| person == by) {
        return Ok(());
    }
    let statement = sql!(
        "INSERT INTO approval_call (version_id, person_id, accepted_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (version_id, person_id) DO UPDATE SET accepted_at = excluded.accepted_at"
    );
    tx.run(statement, params![version.id, by, now]).await?;
    if version.wording.severity == Severity::High {
        let lapsed = Some((by, now));
        let again = CallApprover { version: version.id, edition: version.edition, call: 0, lapsed };
        queue(tx, &again, Some(now + TO_DECIDE)).await?;
    }
    let entry = Entry::new("advisory.taken_on").about(version.advisory.0);
    log::write(tx, actor, entry.with(json!({"version": version.id}))).await?;
    Ok(())
}

/// Who took a version on, the latest, and when, while their time to decide runs.
pub async fn accepted(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
) -> Result<Option<(PersonId, Timestamp)>, DbError> {
    let statement = sql!(
        "SELECT person_id, accepted_at FROM approval_call
         WHERE version_id = ?1 AND accepted_at > ?2 ORDER BY accepted_at DESC, person_id LIMIT 1"
    );
    snapshot.maybe(statement, params![version, now - TO_DECIDE]).await
}

async fn note_call(tx: &mut Tx, version: VersionId, person: PersonId) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO approval_call (version_id, person_id, called_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (version_id, person_id) DO UPDATE SET called_at = excluded.called_at"
    );
    let now = tx.now;
    tx.run(statement, params![version, person, now]).await?;
    Ok(())
}

/// Whether somebody was rung again for a version after the call of that moment. Index: the primary key.
async fn is_called_since(
    snapshot: &mut Snapshot,
    version: VersionId,
    person: PersonId,
    called: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT person_id FROM approval_call WHERE version_id = ?1 AND person_id = ?2 AND called_at > ?3"
    );
    let found: Option<(PersonId,)> = snapshot.maybe(statement, params![version, person, called]).await?;
    Ok(found.is_some())
}

/// Every duty manager, those on the rota first, in its order.
pub async fn approvers(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Approver>, DbError> {
    platform::rota::duty_managers(snapshot, now).await
}

/// Those who can approve `version`: the rota, or every duty manager where nobody on it can.
pub async fn able(
    snapshot: &mut Snapshot,
    version: VersionId,
    now: Timestamp,
) -> Result<Vec<Approver>, DbError> {
    let editors = store::editors(snapshot, version).await?;
    let mut able = approvers(snapshot, now).await?;
    able.retain(|approver| !editors.contains(&approver.person_id));
    if able.iter().any(|approver| approver.position.is_some()) {
        able.retain(|approver| approver.position.is_some());
    }
    Ok(able)
}

/// Sets the rota anew, in the order in which people are rung.
pub async fn set(tx: &mut Tx, actor: &Actor, people: &[PersonId]) -> Result<(), AdvisoryError> {
    actor.require(APPROVE, "change the rota of approvers")?;
    platform::rota::set_order(tx, people).await?;
    log::write(tx, actor, Entry::new("rota.changed").with(json!({"people": people}))).await?;
    Ok(())
}

/// Sets the mobiles on which people are texted.
pub async fn set_mobiles(
    tx: &mut Tx,
    actor: &Actor,
    mobiles: &[(PersonId, Option<Mobile>)],
) -> Result<(), AdvisoryError> {
    actor.require(APPROVE, "change the rota of approvers")?;
    for (person, mobile) in mobiles {
        platform::rota::set_mobile(tx, *person, mobile.as_ref()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_rung_again_at_growing_pauses_without_an_end() {
        let minutes = |call| pause(call, 2).as_mins();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 400].map(minutes), [10, 10, 20, 40, 80, 120, 120, 120]);
        // Nobody is there who could be rung: it is looked again.
        assert_eq!(pause(0, 0).as_mins(), 20);
    }
}
