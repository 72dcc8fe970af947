//! Handing over: pages and tests call this.

use platform::{
    Actor, Tx,
    access::Forbidden,
    log::{self, Entry},
};

use super::{HandoverError, NoteId, store};
use crate::access::WRITE_ADVISORIES;

/// Keeps a note; `after` is the one that the writer had read, which is still the last.
pub async fn write(
    tx: &mut Tx,
    actor: &Actor,
    after: Option<NoteId>,
    text: &str,
) -> Result<NoteId, HandoverError> {
    const TO_DO: &str = "hand over";
    actor.require(WRITE_ADVISORIES, TO_DO)?;
    let by = actor.person().ok_or(Forbidden(TO_DO))?.id;
    let text = text.trim();
    if text.is_empty() {
        return Err(HandoverError::Empty);
    }
    if store::last(tx).await?.map(|note| note.id) != after {
        return Err(HandoverError::Overtaken);
    }
    let id = store::insert(tx, by, text).await?;
    log::write(tx, actor, Entry::new("handover.written").about(id.0)).await?;
    Ok(id)
}
