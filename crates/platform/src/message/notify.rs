//! Hands texts to a gateway that speaks as GOV.UK Notify does, by its REST documentation
//! (<https://docs.notifications.service.gov.uk/rest-api.html>).
//!
//! A text's reference is its row's id. The gateway takes a second request for another text, whatever
//! its reference: before a try is repeated it is asked whether it has one of this reference. A gateway that is
//! not there, or does not take our key, takes no text at all: that is no text's fault, and all wait.

use std::{sync::Arc, time::Duration};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::Sha256;
use url::Url;
use uuid::Uuid;

use super::{Mail, Post, PostError, Sending};
use crate::{
    env::Env,
    net::{Net, NetError, Reach, Request},
    settings::Sms,
};

/// When a request is given up.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const MOST: u64 = 64 * 1024;
/// The template's one placeholder.
pub(crate) const PLACEHOLDER: &str = "message";

/// Texts through a gateway.
#[derive(Debug)]
pub struct NotifyPost {
    net: Arc<dyn Net>,
    env: Env,
    url: String,
    service: Uuid,
    secret: Secret,
    template: Uuid,
}

/// The part of a key that signs.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What the gateway says of a request that it does not take.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Wrong>,
}

#[derive(Deserialize)]
struct Wrong {
    #[serde(default)]
    error: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Found {
    notifications: Vec<Json>,
}

impl NotifyPost {
    /// A client of the gateway as the settings say; no request is made yet.
    pub fn new(sms: &Sms, net: Arc<dyn Net>, env: Env) -> Result<Self, String> {
        let (service, secret) = parts(&sms.key).ok_or(
            "sms.key: write the key as the gateway shows it: its name, the service's id and the secret, \
             joined by hyphens",
        )?;
        let template = sms.template.parse();
        let template = template
            .map_err(|_| "sms.template: write the template's id, as the gateway shows it".to_owned())?;
        Ok(Self { net, env, url: sms.url.clone(), service, secret: Secret(secret), template })
    }

    /// Whether the gateway takes our key, and has a template that our words fit in. Sends nothing.
    pub async fn try_gateway(&self) -> Result<(), String> {
        let answer = self.ask(Method::GET, &format!("/v2/template/{}", self.template), None).await;
        let (status, body) = answer.map_err(|error| error.said().to_owned())?;
        if status != StatusCode::OK {
            return Err(said(status, &body));
        }
        let template: Json =
            serde_json::from_slice(&body).map_err(|_| "its answer cannot be read".to_owned())?;
        let is_text = template["type"] == "sms";
        let words = template["body"].as_str().unwrap_or_default();
        if is_text && words.contains(&format!("(({PLACEHOLDER}))")) {
            Ok(())
        } else {
            Err(format!("the template is not one of text messages that says (({PLACEHOLDER}))"))
        }
    }

    /// The token of one request: a JSON Web Token, which holds for 30 seconds.
    fn token(&self) -> String {
        let part = |value: Json| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let now = self.env.now().as_second();
        let signed = format!(
            "{}.{}",
            part(json!({ "typ": "JWT", "alg": "HS256" })),
            part(json!({ "iss": self.service, "iat": now }))
        );
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.0.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Json>,
    ) -> Result<(StatusCode, Vec<u8>), PostError> {
        let url = Url::parse(&format!("{}{path}", self.url))
            .map_err(|error| PostError::Later(format!("sms.url: {error}")))?;
        let mut headers = HeaderMap::new();
        let token = HeaderValue::from_str(&format!("Bearer {}", self.token()));
        headers.insert(header::AUTHORIZATION, token.expect("letters of Base64 and dots"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let reach = Reach::Allowed;
        let request = Request { method, url, headers, body, most: MOST, within: WITHIN, reach };
        match self.net.send(request).await {
            Ok(answer) => Ok((answer.status, answer.body)),
            // It may have taken it nevertheless: whoever repeats a try asks for it first.
            Err(error @ (NetError::Refused(_) | NetError::Unreachable(_) | NetError::TooSlow(_))) => {
                Err(PostError::Down(error.to_string()))
            }
            Err(error @ NetError::TooLarge(_)) => Err(PostError::Later(error.to_string())),
        }
    }

    /// Whether the gateway already has the text of this id: of an earlier try the answer was lost.
    async fn has(&self, mail: &Mail) -> Result<bool, PostError> {
        let (status, body) =
            self.ask(Method::GET, &format!("/v2/notifications?reference={}", mail.id), None).await?;
        if status != StatusCode::OK {
            return Err(why(status, &body));
        }
        let found: Found = serde_json::from_slice(&body)
            .map_err(|_| PostError::Later("The gateway's answer cannot be read.".to_owned()))?;
        Ok(!found.notifications.is_empty())
    }

    async fn hand_over(&self, mail: &Mail) -> Result<(), PostError> {
        if mail.again && self.has(mail).await? {
            return Ok(());
        }
        let body = json!({
            "phone_number": mail.to,
            "template_id": self.template,
            "personalisation": { PLACEHOLDER: mail.letter.text },
            "reference": mail.id.to_string(),
        });
        let (status, answer) = self.ask(Method::POST, "/v2/notifications/sms", Some(body)).await?;
        match status {
            StatusCode::CREATED => Ok(()),
            // What is wrong with this text, which no repeating mends.
            StatusCode::BAD_REQUEST => Err(PostError::Refused(said(status, &answer))),
            _ => Err(why(status, &answer)),
        }
    }
}

impl Post for NotifyPost {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(self.hand_over(mail))
    }
}

/// The service's id and the secret of a key: its last two UUIDs, behind a name that holds anything.
fn parts(key: &str) -> Option<(Uuid, String)> {
    let key = key.trim();
    let (rest, secret) = key.split_at_checked(key.len().checked_sub(36)?)?;
    let rest = rest.strip_suffix('-')?;
    let service = rest.get(rest.len().checked_sub(36)?..)?.parse().ok()?;
    let _: Uuid = secret.parse().ok()?;
    Some((service, secret.to_owned()))
}

/// Whether the gateway takes no text at all: it does not know us, by our key or our clock, is not where the settings
/// say, or is broken. Otherwise, as of too many at once, it puts this one off.
fn why(status: StatusCode, body: &[u8]) -> PostError {
    let said = said(status, body);
    let of_all = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED,
    ];
    if status.is_server_error() || status.is_redirection() || of_all.contains(&status) {
        PostError::Down(said)
    } else {
        PostError::Later(said)
    }
}

/// What the gateway said, in at most 300 letters.
fn said(status: StatusCode, body: &[u8]) -> String {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    let first = refusal.and_then(|refusal| refusal.errors.into_iter().next());
    let said = first.map_or_else(
        || "it said no more".to_owned(),
        |wrong| format!("{}: {}", wrong.error, wrong.message).chars().take(300).collect(),
    );
    format!("The gateway answered {}: {said}", status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_whatever_its_name() {
        let (service, secret) =
            ("26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0");
        let expected = (service.parse().unwrap(), secret.to_owned());
        for name in ["my_test_key-", "a name-with-hyphens-", "-", "sch\u{f6}n-"] {
            assert_eq!(parts(&format!("{name}{service}-{secret}")), Some(expected.clone()), "{name}");
        }
        for wrong in [
            "",
            secret,
            &format!("{service}{secret}"),
            &format!("x-{service}-{}", &secret[1..]),
            "\u{20ac}\u{20ac}",
        ] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
