//! One function for each verb but publishing; pages and tests call these.

use formats::cacao::{
    LARGEST, Playbook,
    edit::{self, At, Kind, NewId},
};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    log::{self, Entry},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{
    DraftError, DraftId, State,
    store::{self, Beginning, Draft},
    value::define_extension,
};
use crate::playbook::{
    APPROVE_PLAYBOOKS, KEEP_PLAYBOOKS, PlaybookError, PlaybookId, built_ins, guidance::EXTENSION,
    shelf::Shelf, store as kept,
};

pub(super) type Result<T> = std::result::Result<T, DraftError>;

const TO_WRITE: &str = "write playbooks";

/// Begins a new playbook of this name, for the CERT of this name: with one step, and read by the CERT alone until
/// somebody says otherwise.
pub async fn begin(tx: &mut Tx, actor: &Actor, cert: &str, name: &str) -> Result<DraftId> {
    let by = person(actor, KEEP_PLAYBOOKS, TO_WRITE)?;
    let (id, document) = begun(tx, cert, name)?;
    let beginning = Beginning {
        cacao_id: &id,
        name,
        based_on: None,
        in_front_of: None,
        document: written(&document),
        by,
    };
    insert(tx, actor, beginning).await
}

/// The document of a new playbook, and what names it.
fn begun(tx: &Tx, cert: &str, name: &str) -> Result<(String, Value)> {
    let now = stamp(tx.now);
    let mut new_id = |kind: &str| new_id(tx, kind);
    let id = new_id("playbook");
    let mut document = json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id, "name": name,
        "created_by": identity(cert), "created": now, "modified": now,
        "playbook_extensions": {EXTENSION: {
            "slug": "", "use_when": [], "clinical_review": {"state": "not-reviewed"},
        }},
    });
    edit::begin(&mut document, &mut new_id)?;
    let start = document["workflow_start"].as_str().unwrap_or_default().to_owned();
    edit::add(&mut document, &At::After(start), (Kind::Action, ""), &mut new_id)?;
    define_extension(&mut document);
    Ok((id, document))
}

/// Begins to change one of the program's own playbooks, or one that was written here, which its address names so;
/// the draft of it that is open, where there is one.
pub async fn change(tx: &mut Tx, actor: &Actor, cert: &str, named: &str) -> Result<DraftId> {
    let by = person(actor, KEEP_PLAYBOOKS, TO_WRITE)?;
    let (playbook, slug) = found(tx, actor, named).await?;
    if slug.is_none() && playbook.created_by != identity(cert) {
        return Err(DraftError::NotOurs);
    }
    if let Some(open) = store::open_of(tx, &playbook.id).await? {
        return Ok(open);
    }
    let based_on = kept::called(tx, &playbook.id).await?.map(|known| known.number);
    let beginning = Beginning {
        cacao_id: &playbook.id,
        name: &playbook.name,
        based_on,
        in_front_of: slug,
        document: written(&playbook.document),
        by,
    };
    insert(tx, actor, beginning).await
}

/// Copies a playbook into a new one, which says what it was made of.
pub async fn copy(tx: &mut Tx, actor: &Actor, cert: &str, named: &str) -> Result<DraftId> {
    let by = person(actor, KEEP_PLAYBOOKS, TO_WRITE)?;
    let (playbook, _) = found(tx, actor, named).await?;
    let (id, now) = (new_id(tx, "playbook"), stamp(tx.now));
    let mut document = playbook.document.clone();
    let name = format!("{} (copy)", playbook.name);
    let object = document.as_object_mut().ok_or(edit::Refused::NoPlaybook)?;
    for property in ["signatures", "revoked", "valid_from", "valid_until"] {
        object.remove(property);
    }
    for (property, value) in [
        ("id", json!(id)),
        ("name", json!(name)),
        ("created_by", json!(identity(cert))),
        ("created", json!(now)),
        ("modified", json!(now)),
        ("derived_from", json!([playbook.id])),
    ] {
        object.insert(property.to_owned(), value);
    }
    let beginning = Beginning {
        cacao_id: &id,
        name: &name,
        based_on: None,
        in_front_of: None,
        document: written(&document),
        by,
    };
    insert(tx, actor, beginning).await
}

async fn insert(tx: &mut Tx, actor: &Actor, beginning: Beginning<'_>) -> Result<DraftId> {
    let of = json!({"playbook": beginning.cacao_id});
    let id = match store::insert(tx, beginning).await {
        Err(db::DbError::Constraint(_)) => return Err(DraftError::Overtaken),
        other => other?,
    };
    write_log(tx, actor, "playbook_draft.begun", id, of).await?;
    Ok(id)
}

/// Changes the document of a draft by `make`, over whatever stands in it now: what is the business of one step
/// disturbs nobody who writes in another. A draft that was submitted is a draft again.
pub async fn save<T>(
    tx: &mut Tx,
    actor: &Actor,
    id: DraftId,
    make: impl FnOnce(&mut Value, &mut NewId<'_>) -> Result<T>,
) -> Result<T> {
    let by = person(actor, KEEP_PLAYBOOKS, TO_WRITE)?;
    let draft = open(tx, id).await?;
    let mut document = read(&draft)?;
    let before = document.clone();
    let done = make(&mut document, &mut |kind: &str| new_id(tx, kind))?;
    if document == before {
        return Ok(done);
    }
    let bytes = written(&document);
    if bytes.len() > LARGEST {
        return Err(DraftError::TooLarge);
    }
    let name = document["name"].as_str().unwrap_or(&draft.name).to_owned();
    if !store::save(tx, &draft, &name, bytes).await? {
        return Err(DraftError::Overtaken);
    }
    store::note_editor(tx, id, by).await?;
    write_log(tx, actor, "playbook_draft.saved", id, Value::Null).await?;
    Ok(done)
}

/// Hands a draft, as it was seen in this edition, to a second person.
pub async fn submit(tx: &mut Tx, actor: &Actor, id: DraftId, edition: i64) -> Result<()> {
    person(actor, KEEP_PLAYBOOKS, "submit playbooks")?;
    let draft = seen(tx, id, edition).await?;
    if Playbook::read(&draft.document).is_err() {
        return Err(DraftError::Unsound);
    }
    if draft.state != State::Draft || !store::submit(tx, &draft).await? {
        return Err(DraftError::Overtaken);
    }
    write_log(tx, actor, "playbook_draft.submitted", id, Value::Null).await
}

/// Sends a draft back to those who write it, with a reason.
pub async fn send_back(tx: &mut Tx, actor: &Actor, id: DraftId, edition: i64, reason: &str) -> Result<()> {
    person(actor, APPROVE_PLAYBOOKS, "send playbooks back")?;
    let draft = seen(tx, id, edition).await?;
    if draft.state != State::Submitted {
        return Err(DraftError::NotSubmitted);
    }
    if !store::send_back(tx, &draft, reason).await? {
        return Err(DraftError::Overtaken);
    }
    write_log(tx, actor, "playbook_draft.sent_back", id, json!({"reason": reason})).await
}

/// Drops a draft: nothing of it is published.
pub async fn drop_it(tx: &mut Tx, actor: &Actor, id: DraftId, edition: i64) -> Result<()> {
    let by = person(actor, KEEP_PLAYBOOKS, "drop drafts of playbooks")?;
    let draft = seen(tx, id, edition).await?;
    if !store::decide(tx, &draft, State::Dropped, by).await? {
        return Err(DraftError::Overtaken);
    }
    write_log(tx, actor, "playbook_draft.dropped", id, Value::Null).await
}

/// The document of a draft.
pub fn read(draft: &Draft) -> Result<Value> {
    serde_json::from_slice(&draft.document).map_err(|error| {
        tracing::error!(draft = %draft.id, %error, "a draft cannot be read");
        edit::Refused::NoPlaybook.into()
    })
}

/// A document as it is kept.
pub(super) fn written(document: &Value) -> Vec<u8> {
    serde_json::to_string_pretty(document).unwrap_or_default().into_bytes()
}

/// A time as CACAO writes it.
pub(super) fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A draft that can still be written in.
async fn open(tx: &mut Tx, id: DraftId) -> Result<Draft> {
    let draft = store::draft(tx, id).await?.ok_or(DraftError::NotFound)?;
    if draft.state.is_open() { Ok(draft) } else { Err(DraftError::Over) }
}

/// The same, as it was seen in this edition.
pub(super) async fn seen(tx: &mut Tx, id: DraftId, edition: i64) -> Result<Draft> {
    let draft = open(tx, id).await?;
    if draft.edition == edition { Ok(draft) } else { Err(DraftError::Overtaken) }
}

/// The person who acts, in one of `roles`.
pub(super) fn person(actor: &Actor, roles: &[Role], to_do: &'static str) -> Result<PersonId> {
    actor.require(roles, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

/// The playbook of an address as it stands, and the word of the one of the program's own, where it is one.
async fn found(tx: &mut Tx, actor: &Actor, named: &str) -> Result<(Playbook, Option<&'static str>)> {
    let shelf = Shelf::read(tx).await?;
    if let Some(ours) = shelf.called(named) {
        return Ok((Playbook::clone(&ours.playbook), Some(ours.slug)));
    }
    let id: PlaybookId = named.parse().map_err(|()| PlaybookError::NotFound)?;
    let kept = kept::playbook(tx, actor, id).await?.ok_or(PlaybookError::NotFound)?;
    let playbook = Playbook::read(&kept.document).map_err(|_| DraftError::Unsound)?;
    let ours = built_ins().iter().find(|ours| ours.playbook.id == playbook.id).map(|ours| ours.slug);
    Ok((playbook, ours))
}

/// An identity in the sense of CACAO, which is the same for all that a CERT of this name writes.
pub fn identity(cert: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("CareCERT: {cert}")).into();
    format!("identity--{}", uuid(digest))
}

fn new_id(tx: &Tx, kind: &str) -> String {
    format!("{kind}--{}", uuid(tx.bytes::<32>()))
}

/// CACAO has no names of version 7, which ours are otherwise.
fn uuid(bytes: [u8; 32]) -> Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    Builder::from_random_bytes(half).into_uuid()
}

pub(super) async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    id: DraftId,
    payload: Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(id.0).with(payload)).await?;
    Ok(())
}
