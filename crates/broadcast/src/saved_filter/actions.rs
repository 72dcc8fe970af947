//! One function for each verb; pages and tests call these.

use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId},
    log::{self, Entry},
};
use serde_json::json;

use super::{
    MOST, SavedFilterError, SavedFilterId,
    store::{self, SavedFilter},
};
use crate::access::WRITE_ADVISORIES;

type Result<T> = std::result::Result<T, SavedFilterError>;

platform::vocabulary! {
    /// Who has a saved filter.
    pub enum Audience {
        Own = "own", "Only me";
        Shared = "shared", "Everybody at the CERT";
    }
}

/// Saves a filter under a name.
pub async fn save(
    tx: &mut Tx,
    actor: &Actor,
    name: &str,
    query: &str,
    audience: Audience,
) -> Result<SavedFilterId> {
    let owner = person(actor)?;
    if store::own(tx, owner).await?.len() >= MOST {
        return Err(SavedFilterError::TooMany);
    }
    let kept = store::insert(tx, owner, name, query, audience == Audience::Shared).await?;
    let id = kept.ok_or(SavedFilterError::Taken)?;
    let payload = json!({ "query": query, "audience": audience });
    log::write(tx, actor, Entry::new("saved_filter.saved").about(id.0).with(payload)).await?;
    Ok(id)
}

/// Gives a filter another name, and shares it or not.
pub async fn change(
    tx: &mut Tx,
    actor: &Actor,
    id: SavedFilterId,
    version: i64,
    name: &str,
    audience: Audience,
) -> Result<()> {
    let filter = read(tx, actor, id, version).await?;
    if audience != Audience::Shared && filter.owner_id != person(actor)? {
        return Err(Forbidden("take a colleague's filter from the others").into());
    }
    if store::is_taken(tx, &filter, name).await? {
        return Err(SavedFilterError::Taken);
    }
    moved(store::change(tx, &filter, name, audience == Audience::Shared).await?)?;
    let payload = json!({ "audience": audience });
    log::write(tx, actor, Entry::new("saved_filter.changed").about(id.0).with(payload)).await?;
    Ok(())
}

/// Deletes a filter.
pub async fn delete(tx: &mut Tx, actor: &Actor, id: SavedFilterId, version: i64) -> Result<()> {
    let filter = read(tx, actor, id, version).await?;
    moved(store::delete(tx, &filter).await?)?;
    log::write(tx, actor, Entry::new("saved_filter.deleted").about(id.0)).await?;
    Ok(())
}

fn person(actor: &Actor) -> Result<PersonId> {
    const TO_DO: &str = "save filters";
    actor.require(WRITE_ADVISORIES, TO_DO)?;
    Ok(actor.person().ok_or(Forbidden(TO_DO))?.id)
}

async fn read(tx: &mut Tx, actor: &Actor, id: SavedFilterId, version: i64) -> Result<SavedFilter> {
    let reader = person(actor)?;
    let filter = store::filter(tx, reader, id).await?.ok_or(SavedFilterError::NotFound)?;
    moved(filter.version == version)?;
    Ok(filter)
}

const fn moved(moved: bool) -> Result<()> {
    if moved { Ok(()) } else { Err(SavedFilterError::Overtaken) }
}
