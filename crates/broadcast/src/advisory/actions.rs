//! One function for each verb; pages, commands and tests all call these.
//!
//! Each change names the edition that was read, so that two people lose the same race whichever
//! door they use; each writes one entry into the log.

use db::Snapshot;
use formats::Tlp;
use platform::{
    Actor, Tx,
    access::{Forbidden, PersonId, Role},
    log::{self, Entry},
    settings::Settings,
};
use serde_json::json;

use super::{
    AdvisoryError, AdvisoryId, AdvisoryNumber, Event, State, Version, VersionId, Wording, changes, rota,
    sent_back,
    store::{self, Mark, comment::CommentId},
    typed::Topic,
};
use crate::{
    access::{APPROVE, WRITE_ADVISORIES},
    audience, sighting,
    threat::ThreatId,
};

type Result<T> = std::result::Result<T, AdvisoryError>;

/// A draft that was just made.
#[derive(Clone, Copy, Debug)]
pub struct Created {
    /// The advisory.
    pub advisory: AdvisoryId,
    /// Its number.
    pub number: AdvisoryNumber,
    /// Its draft.
    pub version: VersionId,
}

/// Begins an advisory, about a threat or about nothing that is in the list.
pub async fn create(
    tx: &mut Tx,
    actor: &Actor,
    wording: &Wording,
    threat: Option<ThreatId>,
) -> Result<Created> {
    let author = person(actor, WRITE_ADVISORIES, "write advisories")?;
    let (advisory, number) = store::insert_advisory(tx, threat).await?;
    let version = store::insert_version(tx, advisory, 1, wording, author).await?;
    let entry = Entry::new("advisory.created").about(advisory.0);
    log::write(tx, actor, entry.with(json!({"version": version, "threat": threat}))).await?;
    Ok(Created { advisory, number, version })
}

/// Writes `wording` over edition `edition` of a version. An approved version is a draft again.
/// Text that is the same changes nothing, and makes nobody an editor.
pub async fn edit(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    edition: i64,
    wording: &Wording,
) -> Result<()> {
    let author = person(actor, WRITE_ADVISORIES, "write advisories")?;
    let version = read(tx, version, edition).await?;
    let state = version.state.apply(Event::Edit)?;
    if *wording == version.wording {
        return Ok(());
    }
    if !store::rewrite(tx, &version, state, wording).await? {
        return Err(AdvisoryError::Overtaken);
    }
    store::note_editor(tx, version.id, author).await?;
    write_log(tx, actor, "advisory.edited", &version, json!({"was": version.state.code()})).await
}

/// What has still to be written or chosen before `version` can be submitted: who approves it, also
/// approves whom it goes to. An update has to change something of either.
pub async fn missing(snapshot: &mut Snapshot, version: &Version) -> Result<Vec<&'static str>> {
    let audience = audience::store::audience(snapshot, version.id).await?;
    let changes = changes::of(snapshot, version).await?;
    let same = changes.is_some_and(|changes| changes.fields.is_empty());
    let change = same.then_some("a change from the version that stands");
    let binding = sighting::told::binding(snapshot, version.advisory).await?;
    let marking = binding.filter(|binding| version.wording.tlp < *binding).map(narrower);
    let missing = version.wording.missing().into_iter().chain(audience.missing());
    Ok(missing.chain(marking).chain(change).collect())
}

/// What is missing of a marking that is wider than that of the sightings which the advisory rests on.
const fn narrower(binding: Tlp) -> &'static str {
    match binding {
        Tlp::Clear | Tlp::Green => {
            "the marking TLP:GREEN or a narrower one, as of the sightings that it rests on"
        }
        Tlp::Amber => "the marking TLP:AMBER or a narrower one, as of the sightings that it rests on",
        Tlp::AmberStrict => "the marking TLP:AMBER+STRICT or TLP:RED, as of the sightings that it rests on",
        Tlp::Red => "the marking TLP:RED, as of the sightings that it rests on",
    }
}

/// Hands a draft to whoever approves. A High one pages the rota.
pub async fn submit(tx: &mut Tx, actor: &Actor, version: VersionId, edition: i64) -> Result<()> {
    let by = person(actor, WRITE_ADVISORIES, "submit advisories")?;
    let version = read(tx, version, edition).await?;
    let state = version.state.apply(Event::Submit)?;
    let missing = missing(tx, &version).await?;
    if !missing.is_empty() {
        return Err(AdvisoryError::Incomplete(missing));
    }
    advance(tx, &version, state, Mark::Submitted(by)).await?;
    rota::begin(tx, &version).await?;
    write_log(tx, actor, "advisory.submitted", &version, json!({})).await
}

/// Sends a version back to its authors, who are told.
pub async fn send_back(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    edition: i64,
    reason: &str,
) -> Result<()> {
    let by = person(actor, APPROVE, "send advisories back")?;
    let reason = given(reason)?;
    let version = read(tx, version, edition).await?;
    let state = version.state.apply(Event::SendBack)?;
    advance(tx, &version, state, Mark::SentBack(reason)).await?;
    sent_back::tell(tx, &version, by).await?;
    write_log(tx, actor, "advisory.sent_back", &version, json!({"reason": reason})).await
}

/// Approves a version as it stands in `edition`. Nobody who edited it may.
pub async fn approve(tx: &mut Tx, actor: &Actor, version: VersionId, edition: i64) -> Result<()> {
    let by = person(actor, APPROVE, "approve advisories")?;
    let version = read(tx, version, edition).await?;
    let state = version.state.apply(Event::Approve)?;
    if store::editors(tx, version.id).await?.contains(&by) {
        return Err(AdvisoryError::OwnWork);
    }
    advance(tx, &version, state, Mark::Approved(by)).await?;
    write_log(tx, actor, "advisory.approved", &version, json!({})).await
}

/// Releases a version without a second person, where the installation allows it. Somebody else
/// reviews it afterwards.
pub async fn release_alone(
    tx: &mut Tx,
    settings: &Settings,
    actor: &Actor,
    version: VersionId,
    edition: i64,
    reason: &str,
) -> Result<()> {
    let by = person(actor, APPROVE, "release advisories")?;
    if !settings.single_person_release {
        return Err(AdvisoryError::NeverAlone);
    }
    let reason = given(reason)?;
    let version = read(tx, version, edition).await?;
    let state = version.state.apply(Event::ReleaseAlone)?;
    advance(tx, &version, state, Mark::ReleasedAlone(by, reason)).await?;
    write_log(tx, actor, "advisory.released_alone", &version, json!({"reason": reason})).await
}

/// Notes that a second person has reviewed what one released alone, and what they found.
pub async fn review_alone(tx: &mut Tx, actor: &Actor, version: VersionId, finding: &str) -> Result<()> {
    let by = person(actor, APPROVE, "review releases")?;
    let finding = given(finding)?;
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    if version.approved_by == Some(by) || store::editors(tx, version.id).await?.contains(&by) {
        return Err(AdvisoryError::OwnRelease);
    }
    if !store::note_review(tx, version.id, by).await? {
        return Err(AdvisoryError::NothingToReview);
    }
    write_log(tx, actor, "advisory.reviewed", &version, json!({"finding": finding})).await
}

/// Says something about a version that is on its way, for those who write and those who approve it. It
/// decides nothing: what must change before it is approved is a reason to send it back.
pub async fn comment(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    topic: Option<Topic>,
    text: &str,
) -> Result<CommentId> {
    let by = person(actor, WRITE_ADVISORIES, "comment on advisories")?;
    let text = given(text)?;
    let version = on_its_way(tx, version).await?;
    let comment = store::comment::comment(tx, version.id, topic, text, by).await?;
    let comment = comment.ok_or(AdvisoryError::EnoughComments)?;
    write_log(tx, actor, "advisory.commented", &version, json!({"comment": comment})).await?;
    Ok(comment)
}

/// Notes that a comment is dealt with.
pub async fn settle_comment(
    tx: &mut Tx,
    actor: &Actor,
    version: VersionId,
    comment: CommentId,
) -> Result<()> {
    let by = person(actor, WRITE_ADVISORIES, "settle comments on advisories")?;
    let version = on_its_way(tx, version).await?;
    if !store::comment::settle(tx, version.id, comment, by).await? {
        return Err(AdvisoryError::CommentSettled);
    }
    write_log(tx, actor, "advisory.comment_settled", &version, json!({"comment": comment})).await
}

/// A version that is neither published nor withdrawn yet.
async fn on_its_way(tx: &mut Snapshot, version: VersionId) -> Result<Version> {
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    refuse_withdrawn(&version)?;
    if version.state.is_open() { Ok(version) } else { Err(AdvisoryError::NothingOpen) }
}

/// Begins the next version of a published advisory, with the words of the one that stands.
pub async fn start_update(tx: &mut Tx, actor: &Actor, number: AdvisoryNumber) -> Result<VersionId> {
    let author = person(actor, WRITE_ADVISORIES, "write advisories")?;
    let standing = standing(tx, number).await?;
    if let Some(open) = store::open_version(tx, number).await? {
        return Err(AdvisoryError::AlreadyOpen(open.version));
    }
    let next = standing.version + 1;
    let version = match store::insert_version(tx, standing.advisory, next, &standing.wording, author).await {
        // Two began at once: the index lets one of them in.
        Err(db::DbError::Constraint(_)) => return Err(AdvisoryError::AlreadyOpen(next)),
        other => other?,
    };
    audience::store::take_over(tx, standing.id, version).await?;
    let entry = Entry::new("advisory.update_started").about(standing.advisory.0);
    log::write(tx, actor, entry.with(json!({"version": version}))).await?;
    Ok(version)
}

/// What publishing a version did.
#[derive(Clone, Debug)]
pub struct Published {
    /// The version, as it stands now.
    pub version: Version,
    /// The one that stood before, and is superseded.
    pub superseded: Option<VersionId>,
}

/// Lets an approved version stand: part of publishing, which makes its alert in the same
/// transaction. The version that stood before is superseded.
pub async fn mark_published(tx: &mut Tx, actor: &Actor, version: VersionId) -> Result<Published> {
    actor.require(APPROVE, "publish advisories")?;
    let mut version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    refuse_withdrawn(&version)?;
    let state = version.state.apply(Event::Publish)?;
    let before = store::standing(tx, version.advisory).await?;
    if let Some(before) = &before {
        let superseded = before.state.apply(Event::Supersede)?;
        advance(tx, before, superseded, Mark::Nothing).await?;
    }
    advance(tx, &version, state, Mark::Published).await?;
    store::let_stand(tx, &version).await?;
    let superseded = before.map(|before| before.id);
    write_log(tx, actor, "advisory.published", &version, json!({"superseded": superseded})).await?;
    (version.state, version.published_at) = (State::Published, Some(tx.now));
    version.edition += 1;
    Ok(Published { version, superseded })
}

/// Withdraws a published advisory: it no longer holds, and takes no more updates.
pub async fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    number: AdvisoryNumber,
    reason: &str,
) -> Result<AdvisoryId> {
    person(actor, APPROVE, "withdraw advisories")?;
    let reason = given(reason)?;
    let standing = standing(tx, number).await?;
    let state = standing.state.apply(Event::Withdraw)?;
    advance(tx, &standing, state, Mark::Nothing).await?;
    store::note_withdrawal(tx, standing.advisory, reason).await?;
    write_log(tx, actor, "advisory.withdrawn", &standing, json!({"reason": reason})).await?;
    Ok(standing.advisory)
}

/// The person who acts, in one of `roles`: who wrote and who approved is always somebody.
fn person(actor: &Actor, roles: &[Role], to_do: &'static str) -> Result<PersonId> {
    actor.require(roles, to_do)?;
    Ok(actor.person().ok_or(Forbidden(to_do))?.id)
}

fn given(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() { Err(AdvisoryError::NoReason) } else { Ok(reason) }
}

/// The version that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Snapshot, version: VersionId, edition: i64) -> Result<Version> {
    let version = store::version(tx, version).await?.ok_or(AdvisoryError::NotFound)?;
    if version.edition != edition {
        return Err(AdvisoryError::Overtaken);
    }
    refuse_withdrawn(&version)?;
    Ok(version)
}

fn refuse_withdrawn(version: &Version) -> Result<()> {
    if version.withdrawn_at.is_some() { Err(AdvisoryError::Withdrawn) } else { Ok(()) }
}

/// The version that stands under `number`.
async fn standing(tx: &mut Snapshot, number: AdvisoryNumber) -> Result<Version> {
    let advisory = store::id_of(tx, number).await?.ok_or(AdvisoryError::NotFound)?;
    store::standing(tx, advisory).await?.ok_or(AdvisoryError::NotStanding)
}

async fn advance(tx: &mut Tx, version: &Version, state: State, mark: Mark<'_>) -> Result<()> {
    if store::advance(tx, version, state, mark).await? { Ok(()) } else { Err(AdvisoryError::Overtaken) }
}

/// One entry about the advisory, with the version and the edition that the actor had before them.
async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    version: &Version,
    mut payload: serde_json::Value,
) -> Result<()> {
    payload["version"] = json!(version.id);
    payload["edition"] = json!(version.edition);
    log::write(tx, actor, Entry::new(verb).about(version.advisory.0).with(payload)).await?;
    Ok(())
}
