//! What the audience and the alert do to a version: an audience that changes is an edit, an alert
//! that is called back gives the version back.

use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::json;

use super::{
    AdvisoryError, AdvisoryId, Event, VersionId,
    store::{self, Mark},
};
use crate::access::{APPROVE, WRITE_ADVISORIES};

/// Counts as an edit of edition `edition` of a version something that stands beside its text: an
/// approved version is a draft again, and the actor does not approve it. The log entry is the
/// caller's.
pub async fn edit_beside(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    edition: i64,
) -> Result<AdvisoryId, AdvisoryError> {
    actor.require(WRITE_ADVISORIES, "write advisories")?;
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    let state = version.state.apply(Event::Edit)?;
    if version.edition != edition || !store::rewrite(tx, &version, state, &version.wording).await? {
        return Err(AdvisoryError::Overtaken);
    }
    if let Some(person) = actor.person() {
        store::note_editor(tx, version.id, person.id).await?;
    }
    Ok(version.advisory)
}

/// Takes back the publication of a version before anybody was told: it is approved again, and
/// `before`, which it had superseded, stands again.
pub async fn take_back(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    before: Option<VersionId>,
) -> Result<(), AdvisoryError> {
    actor.require(APPROVE, "call alerts back")?;
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    let state = version.state.apply(Event::CallBack)?;
    match store::advance(tx, &version, state, Mark::Nothing).await {
        Ok(true) => {}
        Ok(false) => return Err(AdvisoryError::Overtaken),
        // An update was begun meanwhile, and only one version at a time is on its way.
        Err(db::DbError::Constraint(_)) => return Err(AdvisoryError::AlreadyOpen(version.version + 1)),
        Err(error) => return Err(error.into()),
    }
    if let Some(before) = before {
        let before = store::version(tx, before).await?.ok_or(AdvisoryError::NotFound)?;
        let state = before.state.apply(Event::StandAgain)?;
        if !store::advance(tx, &before, state, Mark::Nothing).await? {
            return Err(AdvisoryError::Overtaken);
        }
    }
    store::stand_back(tx, version.advisory, before).await?;
    let entry = Entry::new("advisory.publication_called_back").about(version.advisory.0);
    log::write(tx, actor, entry.with(json!({"version": version.id, "standing": before}))).await?;
    Ok(())
}
