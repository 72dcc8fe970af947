//! One function for each verb; pages, the doctor and tests all call these.

use std::path::Path;

use db::Snapshot;
use formats::age::{self, AgeError, Identity, Recipient};
use platform::{
    Actor, App,
    account::{Visitor, attempts},
    log::{self, Entry},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{OfflineError, store};
use crate::{
    code::{self, CodeError},
    incident::Receipt,
    report::{
        self, Way,
        actions::Sender,
        facts::{Facts, Written},
    },
};

type Result<T> = std::result::Result<T, OfflineError>;

/// The most keys of an installation: each costs work for every file.
const MOST_KEYS: usize = 20;

/// The keys of an installation.
#[derive(Clone, Debug)]
pub struct Keys {
    /// With which new forms seal.
    pub current: Recipient,
    /// What opens their files, and those of older forms.
    pub all: Vec<Identity>,
}

/// A file that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The number to quote.
    pub receipt: Receipt,
    /// It had been sent before.
    pub again: bool,
}

/// The keys of this installation: those of the file that its settings name, and the one that it made for itself
/// before there was a file. A form that somebody keeps goes on working whichever it is of.
///
/// While the database does not answer they are those of the last time: that is when the form is wanted.
pub async fn keys(app: &App) -> Result<Keys> {
    match known(app).await {
        Ok(Some(keys)) => {
            app.remember(keys.clone());
            Ok(keys)
        }
        Ok(None) => Err(OfflineError::Keys("none was made yet".to_owned())),
        Err(OfflineError::Database(error)) if error.is_away() => {
            let remembered = app.remembered::<Keys>().map(|keys| Keys::clone(&keys));
            remembered.ok_or(OfflineError::Database(error))
        }
        Err(error) => Err(error),
    }
}

async fn known(app: &App) -> Result<Option<Keys>> {
    let named = match &app.settings.reports.age_identity_file {
        Some(file) => of_file(file).await?,
        None => Vec::new(),
    };
    let kept = kept(&mut app.read().await?).await?;
    Ok(together(named, kept))
}

/// The keys of this installation; one is made where there is none. Called when a service starts, never by a page.
pub async fn made(app: &App) -> Result<Keys> {
    if known(app).await?.is_some() {
        return keys(app).await;
    }
    let mut tx = app.write().await?;
    let drawn = Identity::drawn(tx.bytes());
    if store::keep(&mut tx, &drawn.secret()).await? {
        log::write(&mut tx, &Actor::Job("offline form"), Entry::new("offline_key.made")).await?;
    }
    tx.commit().await?;
    keys(app).await
}

fn together(mut all: Vec<Identity>, kept: Option<Identity>) -> Option<Keys> {
    all.extend(kept);
    all.first().map(Identity::recipient).map(|current| Keys { current, all })
}

/// The keys of a file, the current one first.
pub async fn of_file(file: &Path) -> Result<Vec<Identity>> {
    let wrong = |reason: String| OfflineError::Keys(format!("{}: {reason}", file.display()));
    let text = tokio::fs::read_to_string(file).await.map_err(|error| wrong(error.to_string()))?;
    let keys = age::identities(&text).map_err(|error| wrong(error.to_string()))?;
    if keys.len() > MOST_KEYS {
        return Err(wrong(format!("more than {MOST_KEYS} keys")));
    }
    Ok(keys)
}

/// The key that the installation made for itself, where it did.
pub async fn kept(snapshot: &mut Snapshot) -> Result<Option<Identity>> {
    let secret = store::secret(snapshot).await?;
    let read = |secret: String| {
        secret.parse().map_err(|_| OfflineError::Keys("the key in the database is none".to_owned()))
    };
    secret.map(read).transpose()
}

/// Takes a file of the offline form, whoever sends it. The same answers sealed or sent again are the same report.
///
/// A code in it is used up; one that is wrong leaves the report unverified, and refuses nothing: whoever wrote it
/// may not be able to write again.
pub async fn take(app: &App, visitor: &Visitor, file: &[u8]) -> Result<Taken> {
    let mut tx = app.write().await?;
    attempts::enter(&mut tx, attempts::sealed_report(visitor)).await?;
    tx.commit().await?;
    if file.trim_ascii().is_empty() {
        return Err(OfflineError::Nothing);
    }
    let (keys, file) = (keys(app).await?, file.to_vec());
    // On its own thread: with many keys a hostile file takes some milliseconds.
    let opened = tokio::task::spawn_blocking(move || age::open(&file, &keys.all)).await;
    let json = opened.unwrap_or(Err(AgeError::Damaged))?;
    let written = Written::parse(&json)?;
    let form = form_of(&json);
    match send(app, visitor, form, &written.facts(), &written.code).await {
        Err(Declined::Wait) => send(app, visitor, form, &written.facts(), "").await,
        other => other,
    }
    .map_err(|declined| match declined {
        Declined::Wait => OfflineError::NotAReport,
        Declined::Other(error) => error,
    })
}

/// Why a report was not sent with its code.
enum Declined {
    /// Too many codes were tried from this network: it goes without.
    Wait,
    Other(OfflineError),
}

impl<E: Into<OfflineError>> From<E> for Declined {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

async fn send(
    app: &App,
    visitor: &Visitor,
    form: Uuid,
    facts: &Facts,
    typed: &str,
) -> std::result::Result<Taken, Declined> {
    let mut tx = app.write().await?;
    let again = report::store::begun_with(&mut tx, form).await?.is_some();
    let mut sender = Sender::Unknown { organisation: None };
    if !again && !typed.trim().is_empty() {
        match code::actions::redeem(&mut tx, visitor, typed).await {
            Ok(redeemed) => {
                sender = Sender::Holder { code: redeemed.code, organisation: redeemed.organisation };
            }
            Err(CodeError::Wait(_)) => return Err(Declined::Wait),
            Err(CodeError::Database(error)) => return Err(error.into()),
            // The attempt counts, and the report is taken all the same.
            Err(_) => {}
        }
    }
    let actor = if let Sender::Holder { .. } = sender { Actor::CodeHolder } else { Actor::Anyone };
    let sent = report::actions::take(&mut tx, &actor, form, Way::Offline, sender, facts).await?;
    tx.commit().await?;
    Ok(Taken { receipt: sent.receipt, again })
}

/// What the same answers are known by, sealed again or not.
fn form_of(json: &[u8]) -> Uuid {
    let digest = Sha256::new().chain_update("react offline report\0").chain_update(json).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
