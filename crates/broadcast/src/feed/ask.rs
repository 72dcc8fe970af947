//! Asking an address: whether it has changed, and for what lies there.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use platform::net::{Net, Reach, Request, Response, retry_after};
use url::Url;

/// When a request is given up, redirects and the whole answer included. EPSS's file of a day, the
/// largest of those suggested but for ATT&CK, has 2 MB.
const WITHIN: Duration = Duration::from_mins(1);

/// By what a server tells whether something has changed (RFC 9110, section 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Validators {
    /// `ETag`
    pub etag: Option<String>,
    /// `Last-Modified`
    pub last_modified: Option<String>,
}

/// What a server answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is as it was.
    Unchanged,
    /// This is what lies there now.
    Changed(Vec<u8>, Validators),
}

/// Why an address could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(super) struct NotHeard {
    /// A sentence.
    pub reason: String,
    /// Whether there is nothing at this address.
    pub is_missing: bool,
    /// Whether it may well be there in a while: the server was not reached, has a fault of its own, or
    /// asks for patience.
    pub is_passing: bool,
    /// How long the server asks to be left alone.
    pub retry_after: Option<SignedDuration>,
}

impl NotHeard {
    /// It could not be read, for this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_missing: false, is_passing: false, retry_after: None }
    }

    /// It could not be read now, for this reason.
    pub fn for_now(reason: impl Into<String>) -> Self {
        Self { is_passing: true, ..Self::because(reason) }
    }
}

/// Asks for what lies at `url`, up to `most` bytes of it, unless it is as the validators say.
pub(super) async fn ask(
    net: &dyn Net,
    url: &Url,
    reach: Reach,
    known: &Validators,
    most: u64,
    now: Timestamp,
) -> Result<Answer, NotHeard> {
    let headers = conditions(known);
    let request = Request {
        method: Method::GET,
        url: url.clone(),
        headers,
        body: Vec::new(),
        most,
        within: WITHIN,
        reach,
    };
    let answer = net.send(request).await.map_err(|error| NotHeard::for_now(error.to_string()))?;
    match answer.status {
        StatusCode::OK => {
            let told = |name| Some(answer.headers.get(name)?.to_str().ok()?.to_owned());
            let validators =
                Validators { etag: told(header::ETAG), last_modified: told(header::LAST_MODIFIED) };
            Ok(Answer::Changed(answer.body, validators))
        }
        StatusCode::NOT_MODIFIED => Ok(Answer::Unchanged),
        _ => Err(refused(&answer, now)),
    }
}

/// Both, where both are known: a server that understands the first ignores the second.
fn conditions(known: &Validators) -> HeaderMap {
    let pairs: [(HeaderName, &Option<String>); 2] =
        [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)];
    let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
    pairs.into_iter().filter_map(|(name, text)| Some((name, value(text)?))).collect()
}

fn refused(answer: &Response, now: Timestamp) -> NotHeard {
    let status = answer.status;
    let reason = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => format!(
            "The server does not let us in ({status}). Where it asks for a key, give it in the settings \
             (network.keys)."
        ),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            format!("There is nothing at this address ({status}).")
        }
        StatusCode::TOO_MANY_REQUESTS => format!("The server asks for patience ({status})."),
        _ if status.is_redirection() => {
            format!("The server leads elsewhere ({status}), which is not followed with a key.")
        }
        _ if status.is_server_error() => format!("The server has a fault of its own ({status})."),
        _ => format!("The server did not send it ({status})."),
    };
    let told = answer.headers.get(header::RETRY_AFTER).and_then(|told| told.to_str().ok());
    NotHeard {
        reason,
        is_missing: matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE),
        is_passing: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        retry_after: told.and_then(|told| retry_after(told, now)),
    }
}
