//! People for demonstrations: with a password, and the second factor that their role asks for,
//! without mails.

use super::{
    super::{AccountError, Secret, Visitor, folded, password::Password, store},
    enter::{self, Opened},
};
use crate::{
    Actor, App, Tx,
    access::{PersonId, Role, Session, Stage},
    log,
    organisation::OrganisationId,
    settings::Hashing,
};

/// A person to be made at once.
#[derive(Clone, Debug)]
pub struct Seed<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The person's address.
    pub email: &'a str,
    /// The role.
    pub role: Role,
    /// At which organisation; `None` for the roles at the CERT.
    pub organisation: Option<OrganisationId>,
    /// The password, of which nothing is asked.
    pub password: &'a str,
}

/// Makes a person who can sign in at once: [`current_code`] is what their app would show.
pub async fn seed(tx: &mut Tx, cost: Hashing, seed: &Seed<'_>) -> Result<PersonId, AccountError> {
    let (person, _) = store::meet(tx, seed.name, &folded(seed.email)).await?;
    let hash = Password::typed(seed.password).hashed(cost, tx.bytes());
    store::set_password(tx, person, &hash).await?;
    // Of learners no second factor is asked, and few will set one up.
    if seed.role != Role::Learner {
        let secret = Secret::new(tx);
        // No step was used yet: step 0 is of 1970.
        store::set_secret(tx, person, secret, 0).await?;
    }
    store::membership::give(tx, person.0, seed.organisation, seed.role, None).await?;
    let entry = log::Entry::new("account.created").about_a("person", person.0);
    log::write(tx, &Actor::Job("seed"), entry).await?;
    Ok(person)
}

/// The code that stands now for the person of this address, who may have no second factor: only where everything is a
/// demonstration, whose people are made up.
pub async fn current_code(app: &App, email: &str) -> Result<Option<String>, AccountError> {
    if !app.settings.demonstration {
        return Ok(None);
    }
    let account = store::by_email(&mut app.read().await?, &folded(email)).await?;
    Ok(account.and_then(|account| account.secret()).map(|secret| secret.code(app.env.now())))
}

/// Signs a visitor in as the person of this address, without password or code: only where everything is
/// a demonstration, which shows both to everybody. `None` elsewhere, or where nobody has the address.
pub async fn sign_in_at_demonstration(
    app: &App,
    visitor: &Visitor,
    email: &str,
) -> Result<Option<Opened>, AccountError> {
    if !app.settings.demonstration {
        return Ok(None);
    }
    let mut tx = app.write().await?;
    let Some(account) = store::by_email(&mut tx, &folded(email)).await? else { return Ok(None) };
    let begun = enter::begin(&mut tx, visitor, &account).await?;
    let opened = match begun.stage {
        Stage::SecondFactor => {
            let (id, now) = (store::session::of_token(&mut tx, &begun.token).await?, tx.now);
            let session = Session {
                id,
                person_id: account.id,
                name: account.name.clone(),
                stage: begun.stage,
                seen_at: now,
            };
            enter::advance(&mut tx, visitor, &session, Stage::Full).await?
        }
        _ => begun,
    };
    tx.commit().await?;
    Ok(Some(opened))
}
