//! What is done to contacts: one function for each verb; pages, imports and tests all call these.

use jiff::Timestamp;
use serde_json::json;

use super::{
    ContactError, ContactId, ContactRole, CoverId, Details, KEEPERS, KEEPERS_AT_CERT, messages,
    store::{self, Contact},
};
use crate::{
    Actor, Tx,
    access::{Forbidden, Role, resolve},
    job::Lane,
    log::{self, Entry},
    message,
    organisation::{self, OrganisationId},
};

/// Refuses unless `actor` keeps the contacts of `organisation`: its own lead, or the CERT.
///
/// Whoever only answers for it sees its contacts and does not change them.
pub async fn keeps(
    tx: &mut db::Snapshot,
    actor: &Actor,
    organisation: OrganisationId,
    now: Timestamp,
) -> Result<(), ContactError> {
    let to_do = "change contacts";
    if matches!(actor, Actor::Job(_)) || actor.is_any(KEEPERS_AT_CERT) {
        let known = organisation::store::find(tx, organisation).await?;
        return known.map(|_| ()).ok_or(ContactError::NotFound);
    }
    let standing = organisation::store::standing(tx, actor, organisation, now).await?;
    if standing.is_empty() && !actor.at_cert() {
        return Err(ContactError::NotFound);
    }
    actor.require(KEEPERS, to_do)?;
    if standing.contains(&(Role::Lead, organisation)) { Ok(()) } else { Err(Forbidden(to_do).into()) }
}

/// The contact, if `actor` keeps it.
pub async fn kept(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    id: ContactId,
    now: Timestamp,
) -> Result<Contact, ContactError> {
    let contact = store::find(snapshot, id, now).await?.ok_or(ContactError::NotFound)?;
    keeps(snapshot, actor, contact.organisation_id, now).await?;
    Ok(contact)
}

/// Adds a contact and asks the owner of its address to confirm it.
pub async fn add(
    tx: &mut Tx,
    actor: &Actor,
    organisation: OrganisationId,
    details: &Details,
) -> Result<ContactId, ContactError> {
    let now = tx.now;
    keeps(tx, actor, organisation, now).await?;
    details.check()?;
    let id = store::insert(tx, organisation, details, None).await?;
    ask_to_confirm(tx, id, organisation, details, 1, Lane::Urgent).await?;
    log::write(tx, actor, told("contact.added", id, organisation, details.role)).await?;
    Ok(id)
}

/// Changes a contact. Another address has to be confirmed again.
pub async fn change(
    tx: &mut Tx,
    actor: &Actor,
    id: ContactId,
    version: i64,
    details: &Details,
) -> Result<OrganisationId, ContactError> {
    let now = tx.now;
    let before = kept(tx, actor, id, now).await?;
    details.check()?;
    if !store::update(tx, id, version, details).await? {
        return Err(ContactError::Changed);
    }
    if before.email != details.email {
        message::call_back(tx, id.0).await?;
        store::end_links(tx, id).await?;
        ask_to_confirm(tx, id, before.organisation_id, details, version + 1, Lane::Urgent).await?;
    }
    log::write(tx, actor, told("contact.changed", id, before.organisation_id, details.role)).await?;
    Ok(before.organisation_id)
}

/// Ends a contact: it is kept as history and not written to any more.
pub async fn end(
    tx: &mut Tx,
    actor: &Actor,
    id: ContactId,
    version: i64,
) -> Result<OrganisationId, ContactError> {
    let now = tx.now;
    let contact = kept(tx, actor, id, now).await?;
    if !store::end(tx, id, version).await? {
        return Err(ContactError::Changed);
    }
    message::call_back(tx, id.0).await?;
    store::end_links(tx, id).await?;
    log::write(tx, actor, told("contact.ended", id, contact.organisation_id, contact.role)).await?;
    Ok(contact.organisation_id)
}

/// Sends the link to confirm the address again; once an hour at most, so that nobody is flooded.
pub async fn send_link(tx: &mut Tx, actor: &Actor, id: ContactId) -> Result<OrganisationId, ContactError> {
    let now = tx.now;
    let contact = kept(tx, actor, id, now).await?;
    let organisation = contact.organisation_id;
    let details = Details {
        role: contact.role,
        kind: contact.kind,
        name: contact.name,
        email: contact.email,
        telephone: contact.telephone,
    };
    let key = confirm_key(tx, id, contact.version);
    if details.email.is_some() && !message::is_queued(tx, &key).await? {
        ask_to_confirm(tx, id, organisation, &details, contact.version, Lane::Urgent).await?;
        log::write(tx, actor, told("contact.asked_to_confirm", id, organisation, details.role)).await?;
    }
    Ok(organisation)
}

/// Queues the mail with the link, where there is an address and it was not asked this hour.
pub(crate) async fn ask_to_confirm(
    tx: &mut Tx,
    id: ContactId,
    organisation: OrganisationId,
    details: &Details,
    version: i64,
    lane: Lane,
) -> Result<(), ContactError> {
    let Some(address) = &details.email else { return Ok(()) };
    let key = confirm_key(tx, id, version);
    Ok(message::queue(tx, &messages::draft(id, organisation, address, lane, key)).await?)
}

/// The same within an hour.
fn confirm_key(tx: &Tx, id: ContactId, version: i64) -> String {
    format!("confirm {id} {version} {}", tx.now.as_second() / 3600)
}

/// Confirms an address by the token of its link, which works once.
pub async fn confirm(tx: &mut Tx, token: &str) -> Result<Contact, ContactError> {
    let now = tx.now;
    let link = store::of_link(tx, resolve::hash(token), now).await?.ok_or(ContactError::LinkEnded)?;
    let contact = store::find(tx, link, now).await?.ok_or(ContactError::LinkEnded)?;
    if !store::confirmed(tx, contact.id, contact.email.as_deref()).await? {
        return Err(ContactError::LinkEnded);
    }
    store::end_links(tx, contact.id).await?;
    organisation::store::note_reached(tx, contact.organisation_id).await?;
    let entry = told("contact.confirmed", contact.id, contact.organisation_id, contact.role);
    log::write(tx, &Actor::Anyone, entry).await?;
    Ok(contact)
}

/// Lets `deputy` stand in for `contact` from one moment until another.
pub async fn cover(
    tx: &mut Tx,
    actor: &Actor,
    contact: ContactId,
    deputy: ContactId,
    (from, until): (Timestamp, Timestamp),
) -> Result<OrganisationId, ContactError> {
    let now = tx.now;
    let away = kept(tx, actor, contact, now).await?;
    if until <= from || until <= now {
        return Err(ContactError::CoverEndsFirst);
    }
    let stands_in = store::find(tx, deputy, now).await?;
    let fits = stands_in.is_some_and(|deputy| deputy.organisation_id == away.organisation_id);
    if !fits || deputy == contact {
        return Err(ContactError::NoSuchDeputy);
    }
    let id = store::insert_cover(tx, contact, deputy, from, until).await?;
    let entry = told("contact.covered", contact, away.organisation_id, away.role);
    let payload = json!({ "cover": id, "deputy": deputy, "from": from, "until": until });
    log::write(tx, actor, entry.with(payload)).await?;
    Ok(away.organisation_id)
}

/// Ends a cover: the contact is back.
pub async fn end_cover(tx: &mut Tx, actor: &Actor, cover: CoverId) -> Result<OrganisationId, ContactError> {
    let now = tx.now;
    let id = store::covered(tx, cover, now).await?.ok_or(ContactError::NotFound)?;
    let contact = kept(tx, actor, id, now).await?;
    store::end_cover(tx, cover).await?;
    let entry = told("contact.cover_ended", id, contact.organisation_id, contact.role);
    log::write(tx, actor, entry.with(json!({ "cover": cover }))).await?;
    Ok(contact.organisation_id)
}

/// An entry without name or address: the log outlives them.
fn told(verb: &'static str, id: ContactId, organisation: OrganisationId, role: ContactRole) -> Entry {
    Entry::new(verb).about(id.0).organisation(organisation).with(json!({ "role": role.code() }))
}
