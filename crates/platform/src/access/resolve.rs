//! From what a request carries to the [`Actor`] it stands for: two indexed statements.

use db::{DbError, Snapshot, params, sql};
use http::{HeaderMap, header};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Actor, Key, KeyId, Person, PersonId, Role};
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

/// The person whose full session this is; `None` where it has ended or lacks its second factor.
pub async fn person(app: &App, token: &str) -> Result<Option<Actor>, DbError> {
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    let statement = sql!(
        "SELECT s.id, s.person_id, p.name FROM session s JOIN person p ON p.id = s.person_id
         WHERE s.hash = ?1 AND s.expires_at > ?2 AND s.stage = 'full' AND p.erased_at IS NULL"
    );
    let found: Option<(Uuid, PersonId, String)> =
        snapshot.maybe(statement, params![hash(token), now]).await?;
    let Some((session, id, name)) = found else { return Ok(None) };
    let roles = roles(&mut snapshot, id, now).await?;
    Ok(Some(Actor::Person(Person { id, name, session, roles })))
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
        "SELECT id, organisation_id, scopes FROM api_key
         WHERE hash = ?1 AND expires_at > ?2 AND revoked_at IS NULL"
    );
    let found: Option<(KeyId, OrganisationId, String)> =
        app.read().await?.maybe(statement, params![hash(token), now]).await?;
    Ok(found.map(|(id, organisation, scopes)| {
        Actor::Key(Key { id, organisation, scopes: scopes.split(' ').map(str::to_owned).collect() })
    }))
}
