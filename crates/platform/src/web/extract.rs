//! What handlers take from a request; a refusal is shown like every other error.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Multipart, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    response::Response,
};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;

use super::{
    Error,
    bookmark::Heard,
    route::MOST,
    shell::{CertName, Language, NavItem, Shell, Who},
};
use crate::{Actor, App, access::Session};

/// A posted form; fields that occur several times become a list.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| Error::Invalid("The form is too large, or did not arrive whole.".to_owned()))?;
        refuse_nul(&body)?;
        let fields = serde_html_form::from_bytes(&body)
            .map_err(|error| Error::Invalid(format!("The form cannot be read: {error}.")))?;
        Ok(Self(fields))
    }
}

/// A posted form with a file, read part by part. No more than `MOST` bytes of a part are held, and one more
/// where there are more, so that whoever reads it can say so: the rest passes by, up to what the route takes.
#[derive(Debug)]
pub struct Upload<const MOST: usize>(Vec<(String, Vec<u8>)>);

/// The parts that are held of a form with a file.
const MOST_PARTS: usize = 8;

impl<const MOST: usize> Upload<MOST> {
    /// What came under this name; nothing where there is no such part.
    pub fn part(&self, name: &str) -> &[u8] {
        self.0.iter().find(|(known, _)| known == name).map_or(&[], |(_, bytes)| bytes)
    }
}

impl<const MOST: usize> FromRequest<App> for Upload<MOST> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let broken = |_| Error::Invalid("The file did not arrive whole. Send it again.".to_owned());
        let refused = |_| Error::MediaType("multipart/form-data");
        let mut form = Multipart::from_request(request, app).await.map_err(refused)?;
        let mut parts = Vec::new();
        while let Some(mut field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let mut held = Vec::new();
            while let Some(bytes) = field.chunk().await.map_err(broken)? {
                let more = (MOST + 1).saturating_sub(held.len()).min(bytes.len());
                held.extend_from_slice(&bytes[..more]);
            }
            if parts.len() < MOST_PARTS {
                parts.push((name, held));
            }
        }
        Ok(Self(parts))
    }
}

/// Refuses an address or a form with a NUL in it, which no browser sends and PostgreSQL keeps in no
/// text: it would be a failure of ours where it is a fault of the sender.
pub(super) fn refuse_nul(encoded: &[u8]) -> Result<(), Error> {
    let sent = encoded.contains(&0) || encoded.windows(3).any(|part| part == b"%00");
    if sent { Err(in_no_text()) } else { Ok(()) }
}

/// The same for JSON, in which NUL is only ever an escape. Whatever becomes of the text: one part of
/// it may be kept as it is and another as JSON, of which each engine thinks its own.
fn refuse_escaped_nul(json: &[u8]) -> Result<(), Error> {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return Err(in_no_text());
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

fn in_no_text() -> Error {
    Error::Invalid("What was sent holds a character that is in no text.".to_owned())
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let (head, body) = request.into_parts();
        let body = Bytes::from_request(Request::from_parts(head.clone(), body), app)
            .await
            .map_err(|refusal| not_taken(&refusal))?;
        refuse_escaped_nul(&body)?;
        axum::Json::from_request(Request::from_parts(head, body.into()), app)
            .await
            .map(|axum::Json(body)| Self(body))
            .map_err(|refusal: JsonRejection| match refusal {
                JsonRejection::MissingJsonContentType(_) => Error::MediaType("application/json"),
                other => Error::Invalid(other.body_text()),
            })
    }
}

/// Why a body was not taken as it came.
fn not_taken(refusal: &BytesRejection) -> Error {
    if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::TooLarge(MOST)
    } else {
        Error::Invalid("The body did not arrive whole.".to_owned())
    }
}

/// The guard has found out who it is before any handler runs.
impl FromRequestParts<App> for Actor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self::Anyone))
    }
}

/// The session, on routes whose rule names stages; the guard lets nobody there without one.
impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::SignIn)
    }
}

impl FromRequestParts<App> for Shell {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let actor = parts.extensions.get().cloned().unwrap_or(Actor::Anyone);
        Ok(shell(app, &actor, parts.uri.path()))
    }
}

/// What stands around a page for this actor at this path.
pub(super) fn shell(app: &App, actor: &Actor, path: &str) -> Shell {
    // The services stand before the platform, as a person's daily work does before its upkeep.
    let mut navigation: Vec<_> =
        app.services.iter().rev().flat_map(|service| (service.navigation)(actor)).collect();
    NavItem::mark(&mut navigation, path);
    let cert = &app.settings.cert;
    Shell {
        language: Language::English,
        cert: CertName {
            name: cert.name.clone(),
            telephone: cert.telephone.clone(),
            controller: cert.data_controller.clone(),
            privacy_email: cert.privacy_email.clone(),
        },
        demonstration: app.settings.demonstration,
        who: actor
            .person()
            .map(|person| Who { name: person.name.clone(), acting_as: person.roles_in_words() }),
        navigation,
        path: path.to_owned(),
        now: app.env.now(),
        heard: Heard::by_now(app, actor.holder()),
        notice: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_however_it_is_written() {
        for sent in ["a\0b", "q=%00"] {
            assert!(refuse_nul(sent.as_bytes()).is_err(), "{sent:?}");
        }
        assert!(refuse_nul(b"q=100%25&r=%200").is_ok());
        for sent in [r#"{"a": "\u0000"}"#, r#"["\\\u0000"]"#, r#"{"\"\u0000": 1}"#] {
            assert!(refuse_escaped_nul(sent.as_bytes()).is_err(), "{sent}");
        }
        for sent in [r#"{"a": "\\u0000"}"#, r#""\u0001 u0000""#, "\"\\"] {
            assert!(refuse_escaped_nul(sent.as_bytes()).is_ok(), "{sent}");
        }
    }
}
