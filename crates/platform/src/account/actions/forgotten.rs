//! One-time links, and choosing a password with one: for who is invited and for who has forgotten.

use serde_json::json;

use super::{
    super::{
        AccountError, LINK_LASTS, Purpose, Visitor, after_password, folded, hashing, lasts, lockout,
        messages,
        password::{Known, Password},
        store, token,
    },
    enter::{Opened, actor_of, advance, remember_device},
};
use crate::{
    Actor, App, Tx,
    access::{PersonId, Session, Stage, resolve},
    job::Lane,
    log,
    message::{self, Draft},
};

/// Makes a one-time link's token. Its hash alone is kept, so it is made where it is used: by the
/// command that prints it, or while the mail that holds it is written.
pub async fn mint_link(tx: &mut Tx, person: PersonId, purpose: Purpose) -> Result<String, AccountError> {
    let (token, expires_at) = (token(tx.bytes()), tx.now + LINK_LASTS);
    store::link::insert(tx, resolve::hash(&token), purpose, person, expires_at).await?;
    Ok(token)
}

/// Sends a link to whoever has forgotten the password. The caller tells everybody the same: who has
/// an account is nobody's business.
pub async fn ask_for_link(app: &App, visitor: &Visitor, email: &str) -> Result<(), AccountError> {
    let email = folded(email);
    let mut tx = app.write().await?;
    lockout::enter(&mut tx, lockout::link(&email, visitor)).await?;
    if let Some(account) = store::by_email(&mut tx, &email).await? {
        let id: uuid::Uuid = tx.id();
        let draft = Draft {
            kind: messages::FORGOTTEN,
            lane: Lane::Urgent,
            address: email,
            person: Some(account.id),
            contact: None,
            organisation: None,
            about: ("person", Some(account.id.0)),
            fields: json!({}),
            not_before: None,
            key: format!("{}:{id}", messages::FORGOTTEN),
        };
        message::queue(&mut tx, &draft).await?;
        let entry = log::Entry::new("account.link_asked").about_a("person", account.id.0);
        log::write(&mut tx, &Actor::Anyone, entry).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whose account a link that still works leads to, and what it is for. Changes nothing: mail servers open
/// every link before people do.
pub async fn find_link(
    snapshot: &mut db::Snapshot,
    token: &str,
    now: jiff::Timestamp,
) -> Result<(store::Account, Purpose), AccountError> {
    let link = store::link::find(snapshot, resolve::hash(token), now).await?;
    let (person, purpose) = link.ok_or(AccountError::LinkGone)?;
    let account = store::by_id(snapshot, person).await?.ok_or(AccountError::LinkGone)?;
    Ok((account, purpose))
}

/// Uses a link up, and begins the session in which a password is chosen.
///
/// The browser is known from here on: whoever reads the person's mail is not an attacker who tries
/// passwords, and has to get in while one does.
pub async fn use_link(tx: &mut Tx, visitor: &Visitor, link: &str) -> Result<Opened, AccountError> {
    let (hash, now) = (resolve::hash(link), tx.now);
    let (person, purpose) = store::link::find(tx, hash, now).await?.ok_or(AccountError::LinkGone)?;
    let account = store::by_id(tx, person).await?.ok_or(AccountError::LinkGone)?;
    if !store::link::use_up(tx, hash).await? {
        return Err(AccountError::LinkGone);
    }
    let stage = Stage::Password;
    let token = token(tx.bytes());
    let lasts = lasts(stage, &[]);
    let id = store::session::insert(tx, &token, person, stage, visitor.browser, lasts).await?;
    let session = Session { id, person_id: person, name: account.name, stage, seen_at: now };
    let device = remember_device(tx, visitor, person).await?;
    let entry = log::Entry::new("account.link_used")
        .about_a("person", person.0)
        .with(json!({ "purpose": purpose.code() }));
    log::write(tx, &actor_of(&session), entry).await?;
    Ok(Opened { stage, token, device: Some(device) })
}

/// Chooses a password in the session that a link has begun. Every other session and link of the
/// person ends: whoever had the old password is out. The second factor stays.
pub async fn choose_password(
    app: &App,
    visitor: &Visitor,
    session: &Session,
    name: &str,
    password: &str,
) -> Result<Opened, AccountError> {
    let mut snapshot = app.read().await?;
    let mut known = known(&mut snapshot, session.person_id, app.env.now()).await?;
    drop(snapshot);
    name.clone_into(&mut known.name);
    let hash = hashing::hash(app, Password::chosen(password, &known)?).await;

    let mut tx = app.write().await?;
    let now = tx.now;
    let account = store::by_id(&mut tx, session.person_id).await?.ok_or(AccountError::StepGone)?;
    store::set_password(&mut tx, account.id, &hash).await?;
    store::set_name(&mut tx, account.id, name).await?;
    if account.password_hash.is_none() {
        store::membership::accept_all(&mut tx, account.id).await?;
    }
    store::link::use_up_all(&mut tx, account.id).await?;
    store::session::end_all_but(&mut tx, account.id, Some(session.id)).await?;
    let entry = log::Entry::new("account.password_chosen").about_a("person", account.id.0);
    log::write(&mut tx, &actor_of(session), entry).await?;
    let roles = resolve::roles(&mut tx, account.id, now).await?;
    let next = after_password(account.totp_secret.is_some(), &roles);
    let opened = advance(&mut tx, visitor, session, next).await?;
    tx.commit().await?;
    Ok(opened)
}

/// What everybody knows of a person.
pub(super) async fn known(
    snapshot: &mut db::Snapshot,
    person: PersonId,
    now: jiff::Timestamp,
) -> Result<Known, AccountError> {
    let account = store::by_id(snapshot, person).await?.ok_or(AccountError::StepGone)?;
    let held = store::membership::of_person(snapshot, person, now).await?;
    let organisations = held.into_iter().filter_map(|held| held.organisation).collect();
    Ok(Known { name: account.name, email: account.email, organisations })
}
