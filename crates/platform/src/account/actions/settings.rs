//! What people keep of their own account: password, second factor, recovery codes, sessions.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    super::{
        AccountError, Secret, Visitor,
        hashing::{self, Compared},
        lockout,
        password::Password,
        second_factor, store,
    },
    enter::{Opened, ShownCode, actor_of, advance, use_code},
    forgotten::known,
};
use crate::{
    Actor, App, Tx,
    access::{Forbidden, Person, PersonId, Session, Stage},
    log,
};

/// What the page about one's own account shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The person's address.
    pub email: String,
    /// The roles held.
    pub roles: Vec<store::membership::Held>,
    /// Whether there is a second factor.
    pub has_second_factor: bool,
    /// How many recovery codes are left.
    pub codes_left: i64,
    /// The sessions, the latest first.
    pub sessions: Vec<store::session::Listed>,
}

/// A second factor that was confirmed.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The recovery codes, which are shown once.
    pub codes: Vec<String>,
    /// The session that the person is signed in with from now on, where this ended a sign-in.
    pub opened: Option<Opened>,
}

/// Reads one's own account.
pub async fn overview(
    snapshot: &mut db::Snapshot,
    person: PersonId,
    now: Timestamp,
) -> Result<Overview, AccountError> {
    let account = store::by_id(snapshot, person).await?.ok_or(AccountError::NotFound)?;
    Ok(Overview {
        roles: store::membership::of_person(snapshot, person, now).await?,
        has_second_factor: account.totp_secret.is_some(),
        codes_left: store::codes_left(snapshot, person).await?,
        sessions: store::session::of_person(snapshot, person, now).await?,
        email: account.email,
    })
}

/// Accepts a role that one was given: from now on those who keep the organisation's people see who one
/// is. One that was accepted before is no error.
pub async fn accept_role(tx: &mut Tx, actor: &Actor, membership: Uuid) -> Result<(), AccountError> {
    let person = this_person(actor)?;
    if store::membership::accept(tx, person.id, membership).await? {
        let entry = log::Entry::new("role.accepted").about_a("person", person.id.0);
        log::write(tx, actor, entry.with(serde_json::json!({ "membership": membership }))).await?;
    }
    Ok(())
}

/// Changes the password of somebody who shows the present one; their other sessions end.
pub async fn change_password(
    app: &App,
    visitor: &Visitor,
    actor: &Actor,
    present: &str,
    new: &str,
) -> Result<(), AccountError> {
    let person = this_person(actor)?;
    let mut snapshot = app.read().await?;
    let known = known(&mut snapshot, person.id, app.env.now()).await?;
    drop(snapshot);
    // Refused before the present one is counted as an attempt.
    let new = Password::chosen(new, &known)?;
    check_password(app, visitor, person.id, present).await?;
    let hash = hashing::hash(app, new).await;

    let mut tx = app.write().await?;
    store::set_password(&mut tx, person.id, &hash).await?;
    store::link::use_up_all(&mut tx, person.id).await?;
    store::session::end_all_but(&mut tx, person.id, Some(person.session)).await?;
    note(&mut tx, actor, "account.password_changed").await?;
    tx.commit().await?;
    Ok(())
}

/// Offers a new second factor to somebody who shows the one they have, a recovery code where they
/// have lost it or, where they have none, the password.
pub async fn offer_second_factor(
    app: &App,
    visitor: &Visitor,
    actor: &Actor,
    shown: &str,
) -> Result<(), AccountError> {
    let person = this_person(actor)?;
    let account = store::by_id(&mut app.read().await?, person.id).await?.ok_or(AccountError::NotFound)?;
    if account.totp_secret.is_some() {
        check_code(app, visitor, actor, &ShownCode::typed(shown)).await?;
    } else {
        check_password(app, visitor, person.id, shown).await?;
    }
    let mut tx = app.write().await?;
    let secret = Secret::new(&tx);
    store::session::offer(&mut tx, person.session, Some(secret.bytes())).await?;
    tx.commit().await?;
    Ok(())
}

/// The second factor that is offered in this session, and the account it would be for.
pub async fn offered_second_factor(
    snapshot: &mut db::Snapshot,
    session: &Session,
) -> Result<Option<(Secret, String)>, AccountError> {
    let offered = store::session::offered(snapshot, session.id).await?;
    let Some(secret) = offered.as_deref().and_then(Secret::from_bytes) else { return Ok(None) };
    let account = store::by_id(snapshot, session.person_id).await?.ok_or(AccountError::StepGone)?;
    Ok(Some((secret, account.email)))
}

/// Confirms the second factor that was offered with a code of it. Ends a sign-in that waited for
/// it; changing it ends the person's other sessions.
pub async fn confirm_second_factor(
    tx: &mut Tx,
    visitor: &Visitor,
    session: &Session,
    typed: &str,
) -> Result<Confirmed, AccountError> {
    let now = tx.now;
    let (secret, _) = offered_second_factor(tx, session).await?.ok_or(AccountError::StepGone)?;
    let step = secret.step_of(typed, now, None).ok_or(AccountError::WrongCode)?;
    store::set_secret(tx, session.person_id, secret, step).await?;
    store::session::offer(tx, session.id, None).await?;
    store::session::end_all_but(tx, session.person_id, Some(session.id)).await?;
    let actor = actor_of(session);
    note(tx, &actor, "account.second_factor_set").await?;
    let codes = make_codes(tx, &actor, session.person_id).await?;
    let opened = match session.stage {
        Stage::Full => None,
        _ => Some(advance(tx, visitor, session, Stage::Full).await?),
    };
    Ok(Confirmed { codes, opened })
}

/// New recovery codes for somebody who shows a code of their app; the old ones end.
pub async fn new_recovery_codes(
    app: &App,
    visitor: &Visitor,
    actor: &Actor,
    typed: &str,
) -> Result<Vec<String>, AccountError> {
    let person = this_person(actor)?;
    check_code(app, visitor, actor, &ShownCode::App(typed)).await?;
    let mut tx = app.write().await?;
    let codes = make_codes(&mut tx, actor, person.id).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Ends one of one's own sessions. One that has ended already is no error.
pub async fn end_session(tx: &mut Tx, actor: &Actor, session: Uuid) -> Result<(), AccountError> {
    let person = this_person(actor)?;
    if store::session::end(tx, person.id, session).await? {
        log::write(tx, actor, log::Entry::new("session.ended").about(session)).await?;
    }
    Ok(())
}

/// Ends all of one's own sessions but this one; says how many.
pub async fn end_other_sessions(tx: &mut Tx, actor: &Actor) -> Result<u64, AccountError> {
    let person = this_person(actor)?;
    let ended = store::session::end_all_but(tx, person.id, Some(person.session)).await?;
    let entry = log::Entry::new("session.others_ended")
        .about_a("person", person.id.0)
        .with(serde_json::json!({ "count": ended }));
    log::write(tx, actor, entry).await?;
    Ok(ended)
}

/// Asks again for the password of somebody who is signed in: whoever finds an open browser does not
/// have it. Counted like a sign-in.
async fn check_password(
    app: &App,
    visitor: &Visitor,
    person: PersonId,
    typed: &str,
) -> Result<(), AccountError> {
    let device = visitor.session.as_deref();
    let mut tx = app.write().await?;
    let account = store::by_id(&mut tx, person).await?.ok_or(AccountError::NotFound)?;
    lockout::enter(&mut tx, lockout::password(&account.email, visitor, device)).await?;
    tx.commit().await?;
    if hashing::compare(app, Password::typed(typed), account.password_hash).await == Compared::Wrong {
        return Err(AccountError::NotYourPassword);
    }
    let mut tx = app.write().await?;
    lockout::forgive(&mut tx, lockout::password(&account.email, visitor, device)).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks again for a code of somebody who is signed in.
async fn check_code(
    app: &App,
    visitor: &Visitor,
    actor: &Actor,
    shown: &ShownCode<'_>,
) -> Result<(), AccountError> {
    let person = this_person(actor)?.id;
    let device = visitor.session.as_deref();
    let mut tx = app.write().await?;
    let account = store::by_id(&mut tx, person).await?.ok_or(AccountError::NotFound)?;
    lockout::enter(&mut tx, lockout::code(person, visitor, device)).await?;
    tx.commit().await?;
    let mut tx = app.write().await?;
    if !use_code(&mut tx, &account, shown).await? {
        return Err(AccountError::WrongCode);
    }
    if let ShownCode::Recovery(_) = shown {
        note(&mut tx, actor, "account.recovery_code_used").await?;
    }
    lockout::forgive(&mut tx, lockout::code(person, visitor, device)).await?;
    tx.commit().await?;
    Ok(())
}

async fn make_codes(tx: &mut Tx, actor: &Actor, person: PersonId) -> Result<Vec<String>, AccountError> {
    let codes = second_factor::new_codes(tx);
    let hashes: Vec<_> = codes.iter().map(|code| second_factor::code_hash(person, code)).collect();
    store::set_codes(tx, person, &hashes).await?;
    note(tx, actor, "account.recovery_codes_made").await?;
    Ok(codes)
}

async fn note(tx: &mut Tx, actor: &Actor, verb: &'static str) -> Result<(), AccountError> {
    let person = this_person(actor)?.id;
    log::write(tx, actor, log::Entry::new(verb).about_a("person", person.0)).await?;
    Ok(())
}

fn this_person(actor: &Actor) -> Result<&Person, AccountError> {
    actor.person().ok_or(AccountError::Forbidden(Forbidden("keep an account")))
}
