//! Signing in, step by step, and out.

use uuid::Uuid;

use super::super::{
    AccountError, Visitor, after_password, folded,
    hashing::{self, Compared},
    lasts, lockout,
    password::Password,
    second_factor::{self, Secret},
    store, token,
};
use crate::{
    Actor, App, Tx,
    access::{Person, PersonId, Session, Stage, resolve},
    log,
};

/// A session that was begun or brought further, for the browser's cookies.
#[derive(Clone, Debug)]
pub struct Opened {
    /// How far it is.
    pub stage: Stage,
    /// The session's new token.
    pub token: String,
    /// The browser's own token, where it is to be known from now on.
    pub device: Option<String>,
}

/// What somebody shows as their second factor.
#[derive(Clone, Debug)]
pub enum ShownCode<'a> {
    /// Six digits from the app.
    App(&'a str),
    /// One of the codes on paper.
    Recovery(&'a str),
}

impl<'a> ShownCode<'a> {
    /// What somebody typed where either may stand: a recovery code is longer than the app's.
    pub fn typed(text: &'a str) -> Self {
        let long = text.chars().filter(char::is_ascii_alphanumeric).count() > 6;
        if long { Self::Recovery(text) } else { Self::App(text) }
    }
}

/// Compares address and password, and begins a session at the stage that follows.
///
/// The attempt is counted before the hash is made, see `lockout`; an address that nobody has is
/// answered like a wrong password, as late.
pub async fn sign_in(
    app: &App,
    visitor: &Visitor,
    email: &str,
    password: &str,
) -> Result<Opened, AccountError> {
    let email = folded(email);
    let mut tx = app.write().await?;
    let known = known_device(&mut tx, visitor, &email).await?;
    lockout::enter(&mut tx, lockout::password(&email, visitor, known)).await?;
    let account = store::by_email(&mut tx, &email).await?;
    tx.commit().await?;

    let kept = account.as_ref().and_then(|account| account.password_hash.clone());
    let compared = hashing::compare(app, Password::typed(password), kept).await;

    let mut tx = app.write().await?;
    let (Some(account), Compared::Right(rehashed)) = (&account, compared) else {
        let entry = log::Entry::new("account.sign_in_refused");
        let entry = match account {
            Some(account) => entry.about_a("person", account.id.0),
            None => entry,
        };
        log::write(&mut tx, &Actor::Anyone, entry).await?;
        tx.commit().await?;
        return Err(AccountError::WrongPassword);
    };
    lockout::forgive(&mut tx, lockout::password(&email, visitor, known)).await?;
    if let Some(rehashed) = rehashed {
        store::set_password(&mut tx, account.id, &rehashed).await?;
    }
    let opened = begin(&mut tx, visitor, account).await?;
    tx.commit().await?;
    Ok(opened)
}

/// Shows a code in a session that waits for one; a right one makes it full.
pub async fn show_code(
    app: &App,
    visitor: &Visitor,
    session: &Session,
    shown: ShownCode<'_>,
) -> Result<Opened, AccountError> {
    let mut tx = app.write().await?;
    let account = store::by_id(&mut tx, session.person_id).await?.ok_or(AccountError::StepGone)?;
    let known = known_device(&mut tx, visitor, &account.email).await?;
    lockout::enter(&mut tx, lockout::code(account.id, visitor, known)).await?;
    tx.commit().await?;

    let mut tx = app.write().await?;
    let actor = actor_of(session);
    if !use_code(&mut tx, &account, &shown).await? {
        let entry = log::Entry::new("account.code_refused").about_a("person", account.id.0);
        log::write(&mut tx, &actor, entry).await?;
        tx.commit().await?;
        return Err(AccountError::WrongCode);
    }
    if let ShownCode::Recovery(_) = shown {
        let entry = log::Entry::new("account.recovery_code_used").about_a("person", account.id.0);
        log::write(&mut tx, &actor, entry).await?;
    }
    lockout::forgive(&mut tx, lockout::code(account.id, visitor, known)).await?;
    let opened = advance(&mut tx, visitor, session, Stage::Full).await?;
    tx.commit().await?;
    Ok(opened)
}

/// Ends the session that somebody is signed in with.
pub async fn sign_out(tx: &mut Tx, actor: &Actor) -> Result<(), AccountError> {
    if let Some(person) = actor.person() {
        super::settings::end_session(tx, actor, person.session).await?;
    }
    Ok(())
}

/// Uses a code up; `false` where it does not stand.
pub(super) async fn use_code(
    tx: &mut Tx,
    account: &store::Account,
    shown: &ShownCode<'_>,
) -> Result<bool, AccountError> {
    Ok(match shown {
        ShownCode::App(typed) => {
            let step = account.secret().and_then(|secret| secret.step_of(typed, tx.now, account.totp_step));
            match step {
                Some(step) => store::use_step(tx, account.id, step).await?,
                None => false,
            }
        }
        ShownCode::Recovery(typed) => {
            store::use_code(tx, account.id, second_factor::code_hash(account.id, typed)).await?
        }
    })
}

/// Begins a session for somebody whose password was right.
pub(super) async fn begin(
    tx: &mut Tx,
    visitor: &Visitor,
    account: &store::Account,
) -> Result<Opened, AccountError> {
    let now = tx.now;
    let roles = resolve::roles(tx, account.id, now).await?;
    let stage = after_password(account.totp_secret.is_some(), &roles);
    let token = token(tx.bytes());
    let lasts = lasts(stage, &roles);
    let id = store::session::insert(tx, &token, account.id, stage, visitor.browser, lasts).await?;
    let session = Session { id, person_id: account.id, name: account.name.clone(), stage, seen_at: now };
    let device = arrive(tx, visitor, &session, stage).await?;
    Ok(Opened { stage, token, device })
}

/// Brings a session to another stage, under another token.
pub(super) async fn advance(
    tx: &mut Tx,
    visitor: &Visitor,
    session: &Session,
    to: Stage,
) -> Result<Opened, AccountError> {
    let now = tx.now;
    let roles = resolve::roles(tx, session.person_id, now).await?;
    let token = token(tx.bytes());
    if !store::session::advance(tx, session.id, session.stage, to, &token, lasts(to, &roles)).await? {
        return Err(AccountError::StepGone);
    }
    let device = arrive(tx, visitor, session, to).await?;
    Ok(Opened { stage: to, token, device })
}

/// What comes with a stage: the offer of a second factor, or the note that somebody has signed in.
async fn arrive(
    tx: &mut Tx,
    visitor: &Visitor,
    session: &Session,
    stage: Stage,
) -> Result<Option<String>, AccountError> {
    match stage {
        Stage::Enrol => {
            let secret = Secret::new(tx);
            store::session::offer(tx, session.id, Some(secret.bytes())).await?;
            Ok(None)
        }
        Stage::Full => {
            let entry = log::Entry::new("account.signed_in").about_a("person", session.person_id.0);
            log::write(tx, &actor_of(session), entry).await?;
            remember_device(tx, visitor, session.person_id).await.map(Some)
        }
        Stage::Password | Stage::SecondFactor => Ok(None),
    }
}

/// Makes the visitor's browser one that this person is known by. It keeps its token, so that all who
/// share it stay known; a token that we did not give is not taken.
pub(super) async fn remember_device(
    tx: &mut Tx,
    visitor: &Visitor,
    person: PersonId,
) -> Result<String, AccountError> {
    let kept = match &visitor.device {
        Some(device) if store::session::is_known(tx, device).await? => Some(device.clone()),
        _ => None,
    };
    let device = kept.unwrap_or_else(|| token(tx.bytes()));
    store::session::remember(tx, &device, person).await?;
    Ok(device)
}

/// The browser's token, if this person has signed in with it before.
async fn known_device<'a>(
    tx: &mut Tx,
    visitor: &'a Visitor,
    email: &str,
) -> Result<Option<&'a str>, AccountError> {
    Ok(match visitor.device.as_deref() {
        Some(device) if store::session::knows(tx, device, email).await? => Some(device),
        _ => None,
    })
}

/// Who the log names for a step of a sign-in: the person, who may do nothing else yet.
pub(super) fn actor_of(session: &Session) -> Actor {
    let Session { id: session_id, person_id, name, .. } = session;
    let session: Uuid = *session_id;
    Actor::Person(Person { id: *person_id, name: name.clone(), session, roles: Vec::new() })
}
