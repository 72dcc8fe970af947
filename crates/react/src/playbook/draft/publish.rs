//! Publishing a draft, which makes a version of a playbook that people read and follow. Runs stay with the version
//! that they began with.

use formats::{Tlp, cacao::Playbook};
use jiff::SignedDuration;
use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::{Value, json};

use super::{
    DraftError, DraftId, State,
    actions::{Result, person, read, seen, stamp, write_log, written},
    store::{self, Draft},
};
use crate::playbook::{
    APPROVE_PLAYBOOKS, PlaybookId, actions::marking, built_in, guidance::EXTENSION, hash, store as kept,
};

/// Publishes a draft as it was seen in this edition. Whoever wrote in it may not.
pub async fn publish(tx: &mut Tx, actor: &Actor, id: DraftId, edition: i64) -> Result<PlaybookId> {
    let by = person(actor, APPROVE_PLAYBOOKS, "publish playbooks")?;
    let draft = seen(tx, id, edition).await?;
    if draft.state != State::Submitted {
        return Err(DraftError::NotSubmitted);
    }
    if store::has_written(tx, id, by).await? {
        return Err(DraftError::OwnWork);
    }
    let known = kept::called(tx, &draft.cacao_id).await?;
    if known.as_ref().map(|known| known.number) != draft.based_on {
        return Err(DraftError::Behind);
    }
    let document = dated(tx, &draft)?;
    let playbook = Playbook::read(&document).map_err(|_| DraftError::Unsound)?;
    let tlp = marking(&playbook);
    if draft.in_front_of.is_some() && tlp != Some(Tlp::Clear.code()) {
        return Err(DraftError::NotClear);
    }
    let coming = kept::Coming { playbook: &playbook, hash: hash(&playbook), tlp, document: &document };
    let (id, number) = if let Some(known) = known {
        if !kept::advance(tx, &known, known.number + 1, &coming).await? {
            return Err(DraftError::Overtaken);
        }
        (known.id, known.number + 1)
    } else {
        match kept::insert(tx, &coming).await {
            Err(db::DbError::Constraint(_)) => return Err(DraftError::Overtaken),
            other => (other?, 1),
        }
    };
    kept::keep(tx, id, number, &coming, actor).await?;
    kept::word(tx, id, &playbook.name).await?;
    if let Some(slug) = &draft.in_front_of {
        kept::put_in_front(tx, id, slug).await?;
    }
    if !store::decide(tx, &draft, State::Published, by).await? {
        return Err(DraftError::Overtaken);
    }
    let hash = data_encoding::HEXLOWER.encode(&coming.hash);
    let payload = json!({"hash": hash, "modified": playbook.modified, "tlp": tlp, "draft": draft.id});
    log::write(tx, actor, Entry::new("playbook.published").about(id.0).with(payload)).await?;
    write_log(tx, actor, "playbook_draft.published", draft.id, json!({"playbook": id})).await?;
    Ok(id)
}

/// The document with its new `modified`, which is later than that of any version before. Signatures were of other
/// words; and of its reviews a document says nothing, since they hold here as long as the words do.
fn dated(tx: &Tx, draft: &Draft) -> Result<Vec<u8>> {
    let mut document = read(draft)?;
    let was = document["modified"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let ours = draft.in_front_of.as_deref().and_then(built_in).map(|ours| ours.playbook.modified);
    let after = was.max(ours).map_or(tx.now, |was| was + SignedDuration::from_millis(1));
    document["modified"] = json!(stamp(tx.now.max(after)));
    let said = &mut document["playbook_extensions"];
    if said.get(EXTENSION).is_some() {
        said[EXTENSION]["clinical_review"] = json!({"state": "not-reviewed"});
    } else if said.is_null()
        && let Some(object) = document.as_object_mut()
    {
        object.remove("playbook_extensions");
    }
    if let Some(object) = document.as_object_mut() {
        object.remove("signatures");
    }
    summarise(&mut document);
    Ok(written(&document))
}

/// Has the summary of what a machine would need agree with the steps, where there is one.
fn summarise(document: &mut Value) {
    let types: Vec<String> = document["workflow"]
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(|step| step["type"].as_str().map(str::to_owned))
        .collect();
    let timed = document["workflow"].to_string();
    let timed = timed.contains("\"timeout\":") || timed.contains("\"delay\":");
    let Some(summary) = document.get_mut("playbook_processing_summary").and_then(Value::as_object_mut) else {
        return;
    };
    let has = |kind: &str| types.iter().any(|each| each == kind);
    for (property, holds) in [
        ("external_playbooks", has("playbook-action")),
        ("parallel_processing", has("parallel")),
        ("if_logic", has("if-condition")),
        ("while_logic", has("while-condition")),
        ("switch_logic", has("switch-condition")),
        ("temporal_logic", timed),
    ] {
        if holds || summary.contains_key(property) {
            summary.insert(property.to_owned(), json!(holds));
        }
    }
}
