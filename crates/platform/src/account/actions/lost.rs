//! For somebody who has lost their telephone and their recovery codes.

use db::Snapshot;
use uuid::Uuid;

use super::super::{
    AccountError, KEEPERS, messages, place,
    store::{self, membership::Held},
};
use crate::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    job::Lane,
    log,
    message::{self, Draft},
};

/// Takes a person's second factor away, with their recovery codes and sessions, and writes to them.
/// Whoever signs in next with their password sets up another, so the actor makes sure first of who
/// is asking.
pub async fn reset_second_factor(tx: &mut Tx, actor: &Actor, person: PersonId) -> Result<(), AccountError> {
    let now = tx.now;
    let account = resettable(tx, actor, person, now).await?;
    store::clear_second_factor(tx, person).await?;
    store::session::end_all_but(tx, person, None).await?;
    let id: Uuid = tx.id();
    let draft = Draft {
        kind: messages::FACTOR_RESET,
        lane: Lane::Urgent,
        address: account.email,
        person: Some(person),
        contact: None,
        organisation: None,
        about: ("person", Some(person.0)),
        fields: serde_json::Value::Null,
        not_before: None,
        key: format!("{}:{id}", messages::FACTOR_RESET),
    };
    message::queue(tx, &draft).await?;
    log::write(tx, actor, log::Entry::new("account.second_factor_reset").about_a("person", person.0)).await?;
    Ok(())
}

/// The account of somebody whose second factor the actor may take away: an admin anybody's, a lead
/// that of a person who has accepted a role with them and has none elsewhere, for which somebody else
/// answers.
///
/// Nobody takes away their own: that would let whoever finds an open browser pass it by.
pub async fn resettable(
    snapshot: &mut Snapshot,
    actor: &Actor,
    person: PersonId,
    now: jiff::Timestamp,
) -> Result<store::Account, AccountError> {
    let to_do = "reset the second factor of somebody who has a role elsewhere";
    actor.require(KEEPERS, to_do)?;
    let account = store::by_id(snapshot, person).await?.ok_or(AccountError::NotFound)?;
    let held = store::membership::of_person(snapshot, person, now).await?;
    let kept = |held: &&Held| place::keeps(actor, held.organisation_id) && !held.awaits_acceptance;
    let keeps = held.iter().filter(kept).count();
    if !place::keeps(actor, None) {
        match keeps {
            0 => return Err(AccountError::NotFound),
            some if some < held.len() => return Err(Forbidden(to_do).into()),
            _ => {}
        }
    }
    if actor.person().is_some_and(|actor| actor.id == person) {
        return Err(AccountError::OwnFactor);
    }
    if account.totp_secret.is_none() {
        return Err(AccountError::NoFactor);
    }
    Ok(account)
}
