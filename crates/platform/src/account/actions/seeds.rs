//! People for demonstrations and tests: with password and second factor, without mails.

use super::super::{AccountError, Secret, folded, password::Password, store};
use crate::{
    Actor, App, Tx,
    access::{PersonId, Role},
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

/// A person who was made.
#[derive(Clone, Copy, Debug)]
pub struct Seeded {
    /// Who.
    pub person: PersonId,
    /// The secret of the second factor: [`Secret::code`] is what an app would show.
    pub secret: Secret,
}

/// Makes a person who can sign in at once. A second seed for the same address gives another role.
pub async fn seed(tx: &mut Tx, cost: Hashing, seed: &Seed<'_>) -> Result<Seeded, AccountError> {
    let email = folded(seed.email);
    let (person, _) = store::meet(tx, seed.name, &email).await?;
    let account = store::by_id(tx, person).await?.ok_or(AccountError::NotFound)?;
    let secret = account.secret().unwrap_or_else(|| Secret::new(tx));
    let hash = Password::typed(seed.password).hashed(cost, tx.bytes());
    store::set_password(tx, person, &hash).await?;
    // No step was used yet: step 0 is of 1970.
    store::set_secret(tx, person, secret, 0).await?;
    store::membership::give(tx, person.0, seed.organisation, seed.role, None).await?;
    let entry = log::Entry::new("account.created").about_a("person", person.0);
    log::write(tx, &Actor::Job("seed"), entry).await?;
    Ok(Seeded { person, secret })
}

/// The code that stands now for the person of this address: only where everything is a
/// demonstration, whose people are made up.
pub async fn current_code(app: &App, email: &str) -> Result<Option<String>, AccountError> {
    if !app.settings.demonstration {
        return Ok(None);
    }
    let account = store::by_email(&mut app.read().await?, &folded(email)).await?;
    Ok(account.and_then(|account| account.secret()).map(|secret| secret.code(app.env.now())))
}
