//! Giving and revoking keys.

use std::collections::HashMap;

use db::DbError;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{KEEPERS, KeyError, Scope, expiry, store};
use crate::{
    Actor, Tx,
    access::{KeyId, PersonId, Role, resolve},
    account, log,
    organisation::OrganisationId,
};

/// A key to be given.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Names the form that it is asked for with, so that the same one sent again gives no second key.
    pub form: Option<Uuid>,
    /// What its owners call it: "Ticket system".
    pub name: String,
    /// The organisation that it is given to; none for a key of the CERT's own.
    pub organisation: Option<OrganisationId>,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// For how many days.
    pub days: i64,
    /// Whom it stands for: the organisation itself, which includes all that it answers for now and
    /// later, or some of those. Nobody where it is the CERT's.
    pub stands_for: Vec<OrganisationId>,
}

/// Gives a key; its token is in the answer and nowhere else.
pub async fn create(tx: &mut Tx, actor: &Actor, new: &NewKey) -> Result<(KeyId, String), KeyError> {
    may_keep(actor, new.organisation)?;
    let now = tx.now;
    let expires_at = expiry(now, new.days)?;
    if new.scopes.is_empty() {
        return Err(KeyError::NoScope);
    }
    if !new.scopes.iter().all(|scope| Scope::of(new.organisation).contains(scope)) {
        return Err(KeyError::NotItsScope);
    }
    if new.organisation.is_some() && new.stands_for.is_empty() {
        return Err(KeyError::NoOrganisation);
    }
    let until = match new.organisation {
        Some(organisation) => until(tx, organisation, expires_at).await?,
        None => HashMap::new(),
    };

    let token = format!("cc_{}", account::token(tx.bytes()));
    let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.code()).collect();
    let created_by = actor.person().map_or(PersonId(Uuid::nil()), |person| person.id);
    let key = store::NewKey {
        id: new.form.map_or_else(|| tx.id(), KeyId),
        hash: resolve::hash(&token),
        name: &new.name,
        organisation: new.organisation,
        scopes: &scopes.join(" "),
        created_by,
        expires_at,
    };
    let id = match store::insert(tx, &key).await {
        Err(DbError::Constraint(_)) if new.form.is_some() => return Err(KeyError::GivenAlready),
        other => other?,
    };
    for organisation in &new.stands_for {
        let until = *until.get(organisation).ok_or(KeyError::NotAnsweredFor)?;
        store::stand_for(tx, id, *organisation, until).await?;
    }
    let entry = log::Entry::new("key.given").about(id.0).with(json!({
        "scopes": scopes,
        "stands_for": new.stands_for,
        "expires_at": expires_at.to_string(),
    }));
    log::write(tx, actor, of(entry, new.organisation)).await?;
    Ok((id, token))
}

/// For whom a key of this organisation may stand, and until when.
async fn until(
    tx: &mut Tx,
    organisation: OrganisationId,
    expires_at: Timestamp,
) -> Result<HashMap<OrganisationId, Timestamp>, KeyError> {
    let now = tx.now;
    let answered = store::answered_for(tx, organisation, now).await?;
    let answered =
        answered.into_iter().map(|(id, _, until)| (id, until.unwrap_or(expires_at).min(expires_at)));
    Ok(answered.chain([(organisation, expires_at)]).collect())
}

/// An entry of the log that concerns the organisation, where it is one's.
fn of(entry: log::Entry, organisation: Option<OrganisationId>) -> log::Entry {
    match organisation {
        Some(organisation) => entry.organisation(organisation),
        None => entry,
    }
}

/// Ends a key at once. One that was revoked before stays as it is.
pub async fn revoke(tx: &mut Tx, actor: &Actor, key: KeyId) -> Result<(), KeyError> {
    actor.require(KEEPERS, "revoke keys")?;
    let (organisation, _) = store::find(tx, key).await?.ok_or(KeyError::NotFound)?;
    may_keep(actor, organisation)?;
    if store::revoke(tx, key).await? {
        let entry = log::Entry::new("key.revoked").about(key.0);
        log::write(tx, actor, of(entry, organisation)).await?;
    }
    Ok(())
}

/// Whether `actor` keeps the keys of this organisation: its own lead, or an admin; those of the CERT an
/// admin alone.
fn may_keep(actor: &Actor, organisation: Option<OrganisationId>) -> Result<(), KeyError> {
    actor.require(KEEPERS, "keep API keys")?;
    let all = matches!(actor, Actor::Job(_)) || actor.is_any(&[Role::Admin]);
    let leads = organisation.is_some()
        && actor.person().is_some_and(|person| person.roles.contains(&(organisation, Role::Lead)));
    if all || leads { Ok(()) } else { Err(KeyError::NotFound) }
}
