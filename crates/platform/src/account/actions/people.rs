//! Who has an account, and which roles: inviting, giving and ending roles, erasing.

use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        AT_CERT_LASTS, AccountError, KEEPERS, Purpose, folded, messages,
        store::{self, Met},
    },
    forgotten::mint_link,
};
use crate::{
    Actor, Tx,
    access::{PersonId, Role},
    job::Lane,
    log,
    message::{self, Draft},
    organisation::OrganisationId,
};

/// Somebody who is to have a role.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Where to reach them.
    pub email: String,
    /// How they are called, until they say it themselves. Not used where they have an account.
    pub name: String,
    /// The role.
    pub role: Role,
    /// At which organisation; `None` for the roles at the CERT.
    pub organisation: Option<OrganisationId>,
}

/// Who was invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// Somebody new, or who has not joined yet: they got a link.
    ByLink(PersonId),
    /// Somebody with an account: they were told of the role.
    HasAccount(PersonId),
}

/// Gives somebody a role and writes to them.
pub async fn invite(tx: &mut Tx, actor: &Actor, who: &Invitation) -> Result<Invited, AccountError> {
    may_keep(actor, who.role, who.organisation)?;
    let (person, has_account) = give(tx, actor, who).await?;
    let kind = if has_account { messages::ROLE_GIVEN } else { messages::INVITATION };
    let id: Uuid = tx.id();
    let draft = Draft {
        kind,
        lane: Lane::Urgent,
        address: folded(&who.email),
        person: Some(person),
        contact: None,
        organisation: who.organisation,
        about: ("person", Some(person.0)),
        fields: json!({ "role": who.role.code(), "organisation": who.organisation }),
        not_before: None,
        key: format!("{kind}:{id}"),
    };
    message::queue(tx, &draft).await?;
    let mut entry = log::Entry::new("account.invited").about_a("person", person.0);
    if let Some(organisation) = who.organisation {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry).await?;
    Ok(if has_account { Invited::HasAccount(person) } else { Invited::ByLink(person) })
}

/// Makes an account and answers with its one-time link's token, for the command line.
pub async fn create(tx: &mut Tx, actor: &Actor, who: &Invitation) -> Result<String, AccountError> {
    may_keep(actor, who.role, who.organisation)?;
    let (person, has_account) = match give(tx, actor, who).await {
        // Called again for somebody whose link was lost: another link.
        Err(AccountError::RoleHeld) => {
            let account = store::by_email(tx, &folded(&who.email)).await?.ok_or(AccountError::NotFound)?;
            (account.id, account.password_hash.is_some())
        }
        given => given?,
    };
    let purpose = if has_account { Purpose::Password } else { Purpose::Join };
    mint_link(tx, person, purpose).await
}

/// Ends a role that somebody holds.
pub async fn end_role(tx: &mut Tx, actor: &Actor, membership: Uuid) -> Result<PersonId, AccountError> {
    actor.require(KEEPERS, "end roles")?;
    let now = tx.now;
    let (person, organisation, role) =
        store::membership::find(tx, membership, now).await?.ok_or(AccountError::NotFound)?;
    may_keep(actor, role, organisation)?;
    if role == Role::Admin && store::membership::administrators(tx).await? < 2 {
        return Err(AccountError::LastAdmin);
    }
    store::membership::end(tx, membership).await?;
    note_role(tx, actor, "role.taken", person, role, organisation).await?;
    Ok(person)
}

/// Removes all that says who somebody was: name, address, password, sessions. The log stays whole:
/// it holds their id, which means nobody from now on.
pub async fn erase(tx: &mut Tx, actor: &Actor, person: PersonId) -> Result<(), AccountError> {
    actor.require(&[Role::Admin], "erase people")?;
    store::by_id(tx, person).await?.ok_or(AccountError::NotFound)?;
    let now = tx.now;
    let held = store::membership::of_person(tx, person, now).await?;
    let is_admin = held.iter().any(|held| held.role == Role::Admin);
    if is_admin && store::membership::administrators(tx).await? < 2 {
        return Err(AccountError::LastAdmin);
    }
    for held in held {
        note_role(tx, actor, "role.taken", person, held.role, held.organisation_id).await?;
    }
    store::erase(tx, person).await?;
    log::write(tx, actor, log::Entry::new("account.erased").about_a("person", person.0)).await?;
    Ok(())
}

/// Whether `actor` decides who holds `role` there: an admin everywhere, a lead for the roles of the
/// organisation that they lead themselves (not of those it answers for).
fn may_keep(actor: &Actor, role: Role, organisation: Option<OrganisationId>) -> Result<(), AccountError> {
    actor.require(KEEPERS, "give or end roles")?;
    match (role.at_cert(), organisation) {
        (true, Some(_)) => {
            return Err(AccountError::RoleElsewhere(role, "at the CERT, not at an organisation"));
        }
        (false, None) => return Err(AccountError::RoleElsewhere(role, "at an organisation: name it")),
        _ => {}
    }
    let leads = |organisation| {
        let held = (Some(organisation), Role::Lead);
        actor.person().is_some_and(|person| person.roles.contains(&held))
    };
    let all = matches!(actor, Actor::Job(_)) || actor.is_any(&[Role::Admin]);
    if all || organisation.is_some_and(leads) { Ok(()) } else { Err(AccountError::NotFound) }
}

/// Gives the role to the person of the address, who is new where nobody has it; says also whether
/// they have a password.
async fn give(tx: &mut Tx, actor: &Actor, who: &Invitation) -> Result<(PersonId, bool), AccountError> {
    let now = tx.now;
    if let Some(organisation) = who.organisation {
        store::membership::organisation(tx, organisation).await?.ok_or(AccountError::NotFound)?;
    }
    let (person, met) = store::meet(tx, &who.name, &folded(&who.email)).await?;
    if met == Met::New {
        log::write(tx, actor, log::Entry::new("account.created").about_a("person", person.0)).await?;
    }
    let account = store::by_id(tx, person).await?.ok_or(AccountError::NotFound)?;
    let held = store::membership::of_person(tx, person, now).await?;
    let held_here = || held.iter().filter(|held| held.organisation_id == who.organisation);
    if held_here().any(|held| held.role == who.role) {
        return Err(AccountError::RoleHeld);
    }
    let membership = store::membership::give(tx, person.0, who.organisation, who.role, None).await?;
    // Whose address it is, is not for an organisation to find out by inviting it.
    if who.organisation.is_some() && held_here().all(|held| held.awaits_acceptance) {
        store::membership::await_acceptance(tx, membership).await?;
    }
    note_role(tx, actor, "role.given", person, who.role, who.organisation).await?;
    // A session keeps to the strictest of the roles, also to one that came after it began.
    if who.role != Role::Learner && account.totp_secret.is_none() {
        store::session::end_all_but(tx, person, None).await?;
    } else if who.role.at_cert() {
        store::session::shorten(tx, person, AT_CERT_LASTS).await?;
    }
    Ok((person, account.password_hash.is_some()))
}

async fn note_role(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    person: PersonId,
    role: Role,
    organisation: Option<OrganisationId>,
) -> Result<(), AccountError> {
    let now = tx.now;
    let mut entry = log::Entry::new(verb)
        .about_a("person", person.0)
        .with(json!({ "role": role.code(), "at": now.to_string() }));
    if let Some(organisation) = organisation {
        entry = entry.organisation(organisation);
    }
    log::write(tx, actor, entry).await?;
    Ok(())
}
