//! A POST that is sent again gets the answer of the first one (draft-ietf-httpapi-idempotency-key-header).
//!
//! The caller names its request in `Idempotency-Key`; the answer is kept for a day. The key is taken
//! before the request is answered and the answer kept after it, so that a process which dies in
//! between leaves a key that is free again after two minutes; the actions themselves (acknowledge,
//! answer, close) do no harm when they are then done once more.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::store;
use crate::{Actor, App, access::Key, web::Error};

/// The header that names a request.
const HEADER: &str = "idempotency-key";
/// The longest answer that is kept.
const LONGEST: usize = 1024 * 1024;
/// No request is answered for so long; whoever took the key then is no more.
const ABANDONED: SignedDuration = SignedDuration::from_mins(2);

/// Answers a request of `key` with a body of `most` bytes, or gives the answer that the same request got before.
pub(crate) async fn answer(app: &App, key: &Key, most: usize, request: Request, next: Next) -> Response {
    let named = request.headers().get(HEADER).filter(|_| request.method() == Method::POST).cloned();
    match named {
        Some(name) => {
            let answered = once(app, key.id.0, &name, (request, most), next).await;
            answered.unwrap_or_else(IntoResponse::into_response)
        }
        None => next.run(request).await,
    }
}

/// What stands for a request of a key in what it does, where it has a name: for a body that is too large to be held here, so that
/// its handler does it once.
pub fn mark_of(actor: &Actor, headers: &HeaderMap) -> Result<Option<Uuid>, Error> {
    let (Actor::Key(key), Some(name)) = (actor, headers.get(HEADER)) else { return Ok(None) };
    let digest: [u8; 32] =
        Sha256::new().chain_update(key.id.0.as_bytes()).chain_update(read(name)?).finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Ok(Some(Builder::from_random_bytes(bytes).into_uuid()))
}

/// The name of a request.
fn read(name: &HeaderValue) -> Result<&str, Error> {
    let name = name.to_str().ok().filter(|name| (1..=255).contains(&name.len()));
    name.ok_or_else(|| Error::Invalid("The Idempotency-Key is not 1 to 255 characters.".to_owned()))
}

async fn once(
    app: &App,
    holder: Uuid,
    name: &HeaderValue,
    (request, most): (Request, usize),
    next: Next,
) -> Result<Response, Error> {
    let name = read(name)?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, most).await.map_err(|_| Error::TooLarge(most))?;
    let hash: [u8; 32] =
        Sha256::new().chain_update(parts.uri.path()).chain_update([0]).chain_update(&body).finalize().into();

    let mut tx = app.write().await?;
    let abandoned_before = tx.now - ABANDONED;
    let kept = store::take_name(&mut tx, holder, name, hash, abandoned_before).await?;
    tx.commit().await?;
    if let Some(kept) = kept {
        return replay(kept, hash);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(app, holder, name, response).await
}

/// The answer that was kept.
fn replay(kept: store::Kept, hash: [u8; 32]) -> Result<Response, Error> {
    if kept.request != hash {
        let sentence = "This Idempotency-Key was used for another request. Use a new one for each request.";
        return Err(Error::Unprocessable(sentence.to_owned()));
    }
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let Some(status) = status else {
        let sentence = "The same request is still being answered. Try again in a few seconds.";
        return Err(Error::Conflict(sentence.to_owned()));
    };
    let json = "application/json";
    let headers =
        [(header::CONTENT_TYPE, json), (header::HeaderName::from_static("idempotency-replayed"), "true")];
    Ok((status, headers, kept.body).into_response())
}

/// Keeps an answer. A refusal or a failure is not kept: the request may be mended and sent again.
async fn keep(app: &App, holder: Uuid, name: &str, response: Response) -> Result<Response, Error> {
    if !response.status().is_success() {
        let mut tx = app.write().await?;
        store::free_name(&mut tx, holder, name).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LONGEST).await.map_err(|error| {
        tracing::error!(%error, "an answer could not be kept");
        Error::Internal
    })?;
    let mut tx = app.write().await?;
    let status = i64::from(parts.status.as_u16());
    store::keep_answer(&mut tx, holder, name, status, &String::from_utf8_lossy(&body)).await?;
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}
