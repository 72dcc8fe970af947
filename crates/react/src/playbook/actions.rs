//! One function for each verb; the command, the pages and the tests all call these.

use formats::{Tlp, cacao::Playbook};
use platform::{
    Actor, Tx,
    import::Taken,
    log::{self, Entry},
};
use serde_json::json;

use super::{
    KEEP_PLAYBOOKS, PlaybookError, PlaybookId, State, built_ins, hash,
    store::{self, Coming},
};

type Result<T> = std::result::Result<T, PlaybookError>;

/// Takes a playbook in, which `document` holds byte for byte. A version that is newer than the one here takes
/// its place; the one here, sent again, is read again where it was withdrawn.
pub async fn import(
    tx: &mut Tx,
    actor: &Actor,
    playbook: &Playbook,
    document: &[u8],
) -> Result<(PlaybookId, Taken)> {
    actor.require(KEEP_PLAYBOOKS, "import playbooks")?;
    if built_ins().iter().any(|ours| ours.playbook.id == playbook.id) {
        return Err(PlaybookError::BuiltIn);
    }
    let coming = Coming { playbook, hash: hash(playbook), tlp: marking(playbook), document };
    let Some(known) = store::called(tx, &playbook.id).await? else {
        if playbook.revoked {
            return Err(PlaybookError::Revoked);
        }
        let id = match store::insert(tx, &coming).await {
            Err(db::DbError::Constraint(_)) => return Err(PlaybookError::Overtaken),
            other => other?,
        };
        keep(tx, actor, id, 1, &coming).await?;
        return Ok((id, Taken::New));
    };
    if known.hash == coming.hash {
        if known.state == State::Current {
            return Ok((known.id, Taken::Same));
        }
        if !store::advance(tx, &known, known.number, &coming).await? {
            return Err(PlaybookError::Overtaken);
        }
        write_log(tx, actor, "playbook.imported", known.id, told(&coming)).await?;
        return Ok((known.id, Taken::Changed));
    }
    if playbook.modified < known.modified {
        return Err(PlaybookError::Older(known.modified));
    }
    if playbook.modified == known.modified {
        return Err(PlaybookError::SameTime(known.modified));
    }
    if playbook.revoked {
        if known.state == State::Current {
            withdraw(tx, actor, known.id, known.version, "Whoever made it has revoked it.").await?;
            return Ok((known.id, Taken::Changed));
        }
        return Ok((known.id, Taken::Same));
    }
    if !store::advance(tx, &known, known.number + 1, &coming).await? {
        return Err(PlaybookError::Overtaken);
    }
    keep(tx, actor, known.id, known.number + 1, &coming).await?;
    Ok((known.id, Taken::Changed))
}

/// Has a playbook read no more, with a reason; what was imported is kept.
pub async fn withdraw(tx: &mut Tx, actor: &Actor, id: PlaybookId, version: i64, reason: &str) -> Result<()> {
    actor.require(KEEP_PLAYBOOKS, "withdraw playbooks")?;
    let known = store::playbook(tx, actor, id).await?.ok_or(PlaybookError::NotFound)?;
    if known.state == State::Withdrawn {
        return Err(PlaybookError::Withdrawn);
    }
    if !store::withdraw(tx, id, version, reason).await? {
        return Err(PlaybookError::Overtaken);
    }
    write_log(tx, actor, "playbook.withdrawn", id, json!({"reason": reason})).await
}

async fn keep(tx: &mut Tx, actor: &Actor, id: PlaybookId, number: i64, coming: &Coming<'_>) -> Result<()> {
    store::keep(tx, id, number, coming, actor).await?;
    store::word(tx, id, &coming.playbook.name).await?;
    write_log(tx, actor, "playbook.imported", id, told(coming)).await
}

fn told(coming: &Coming<'_>) -> serde_json::Value {
    json!({"hash": data_encoding::HEXLOWER.encode(&coming.hash), "modified": coming.playbook.modified, "tlp": coming.tlp})
}

/// The narrowest of its markings; none where it says none that we know, which is the narrowest of all.
pub(super) fn marking(playbook: &Playbook) -> Option<&'static str> {
    let read: Option<Vec<Tlp>> = playbook.tlp.iter().map(|each| each.parse().ok()).collect();
    read?.into_iter().max().map(Tlp::code)
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    id: PlaybookId,
    payload: serde_json::Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(id.0).with(payload)).await?;
    Ok(())
}
