//! What is done about who answers for whom.

use jiff::Timestamp;
use serde_json::json;

use super::{
    AnsweringError, KEEPERS, LinkId,
    store::{self, NewLink},
};
use crate::{
    Actor, Tx,
    log::{self, Entry},
    organisation::{self, OrganisationId},
};

/// From when until when somebody answers, and why.
#[derive(Clone, Debug)]
pub struct Terms {
    /// From this moment.
    pub from: Timestamp,
    /// Until this moment; until it is revoked where `None`.
    pub until: Option<Timestamp>,
    /// A word for those who wonder later.
    pub note: String,
}

/// Lets the organisation with the code `answering` answer for `organisation`.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    organisation: OrganisationId,
    answering: &str,
    terms: &Terms,
) -> Result<LinkId, AnsweringError> {
    actor.require(KEEPERS, "say who answers for whom")?;
    if terms.until.is_some_and(|until| until <= terms.from) {
        return Err(AnsweringError::EndsFirst);
    }
    organisation::store::find(tx, organisation).await?.ok_or(AnsweringError::NotFound)?;
    let code = answering.trim().to_uppercase();
    let answering = organisation::store::find_by_code(tx, &code).await?;
    let answering = answering.ok_or(AnsweringError::UnknownCode(code))?;
    if answering.id == organisation {
        return Err(AnsweringError::ForItself);
    }
    let overlaps = |link: &store::Stored| {
        link.until_at.is_none_or(|until| until > terms.from)
            && terms.until.is_none_or(|until| until > link.from_at)
    };
    if store::between(tx, answering.id, organisation).await?.iter().any(overlaps) {
        return Err(AnsweringError::AlreadyAnswers(answering.name));
    }
    let link = NewLink {
        answering: answering.id,
        organisation,
        from: terms.from,
        until: terms.until,
        note: &terms.note,
    };
    let id = store::insert(tx, &link).await?;
    let entry = Entry::new("answering.added").about(id.0).organisation(organisation);
    let payload = json!({ "answering": answering.id, "from": terms.from, "until": terms.until });
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(id)
}

/// Ends a link now: the organisation answers for itself again, and no key of the other stands for
/// it any longer.
pub async fn revoke(tx: &mut Tx, actor: &Actor, id: LinkId) -> Result<OrganisationId, AnsweringError> {
    actor.require(KEEPERS, "say who answers for whom")?;
    let organisation = store::revoke(tx, id).await?.ok_or(AnsweringError::NotFound)?;
    log::write(tx, actor, Entry::new("answering.revoked").about(id.0).organisation(organisation)).await?;
    Ok(organisation)
}
