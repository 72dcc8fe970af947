//! From what a request carries to the [`Actor`] it stands for: two indexed statements, and now and then
//! a note of when it was last used.

use db::{DbError, Snapshot, params, sql};
use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{Actor, Key, KeyId, Person, PersonId, Role, Session, Stage};
use crate::{App, organisation::OrganisationId};

/// The name of the session cookie. `SameSite=Lax`, `HttpOnly` and, over TLS, `Secure`.
pub const COOKIE: &str = "carecert_session";

/// What is kept of a token: whoever reads the table cannot use it.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The session token among the cookies.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split("; "))
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// A session ends when it was not used for so long.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// Its last use is noted this often: a write for each page would cost more than the page.
const NOTED: SignedDuration = SignedDuration::from_mins(5);

/// The session of this token, and who it lets act: a [`Person`] only once it is full.
pub async fn visitor(app: &App, token: &str) -> Result<(Option<Session>, Actor), DbError> {
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    let statement = sql!(
        "SELECT s.id, s.person_id, p.name, s.stage, s.seen_at
         FROM session s JOIN person p ON p.id = s.person_id
         WHERE s.hash = ?1 AND s.expires_at > ?2 AND s.seen_at > ?3 AND p.erased_at IS NULL"
    );
    let found = snapshot.maybe(statement, params![hash(token), now, now - IDLE]).await?;
    let Some(session): Option<Session> = found else { return Ok((None, Actor::Anyone)) };
    let actor = if session.stage == Stage::Full {
        let roles = roles(&mut snapshot, session.person_id, now).await?;
        Actor::Person(Person {
            id: session.person_id,
            name: session.name.clone(),
            session: session.id,
            roles,
        })
    } else {
        Actor::Anyone
    };
    drop(snapshot);
    if session.seen_at < now - NOTED {
        unless_away(note_use(app, &session).await)?;
    }
    Ok((Some(session), actor))
}

/// What is only noted fails nothing: while the disk is full or the file is held, pages are still read.
fn unless_away(noted: Result<(), DbError>) -> Result<(), DbError> {
    match noted {
        Err(error) if error.is_away() => {
            tracing::warn!(%error, "that something was used is not noted");
            Ok(())
        }
        other => other,
    }
}

/// Moves the moment of last use, unless a request beside this one has done it.
async fn note_use(app: &App, session: &Session) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let statement = sql!("UPDATE session SET seen_at = ?1 WHERE id = ?2 AND seen_at = ?3");
    tx.run(statement, params![now, session.id, session.seen_at]).await?;
    tx.commit().await
}

/// The roles that a person holds at `now`. Index: `membership_holder`.
pub async fn roles(
    snapshot: &mut Snapshot,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<(Option<OrganisationId>, Role)>, DbError> {
    let statement = sql!(
        "SELECT organisation_id, role FROM membership
         WHERE holder_id = ?1 AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)
         ORDER BY from_at, id"
    );
    snapshot.all(statement, params![person, now]).await
}

/// The API key of this token; `None` where it is unknown, expired or revoked.
pub async fn key(app: &App, token: &str) -> Result<Option<Actor>, DbError> {
    let now = app.env.now();
    let statement = sql!(
        "SELECT id, organisation_id, scopes, used_at FROM api_key
         WHERE hash = ?1 AND expires_at > ?2 AND revoked_at IS NULL"
    );
    let found: Option<(KeyId, Option<OrganisationId>, String, Option<Timestamp>)> =
        app.read().await?.maybe(statement, params![hash(token), now]).await?;
    let Some((id, organisation, scopes, used_at)) = found else { return Ok(None) };
    if used_at.is_none_or(|used| used < now - SignedDuration::from_hours(1)) {
        unless_away(note_use_of_key(app, id).await)?;
    }
    Ok(Some(Actor::Key(Key { id, organisation, scopes: scopes.split(' ').map(str::to_owned).collect() })))
}

async fn note_use_of_key(app: &App, id: KeyId) -> Result<(), DbError> {
    let mut tx = app.write().await?;
    let now = tx.now;
    tx.run(sql!("UPDATE api_key SET used_at = ?1 WHERE id = ?2"), params![now, id]).await?;
    tx.commit().await
}
