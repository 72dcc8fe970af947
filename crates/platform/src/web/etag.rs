//! Entity tags: a machine that holds a thing already is not sent it again, and one that changes a
//! thing may say which one it saw (RFC 9110, sections 8.8.3 and 13).
//!
//! A tag is the hash of what is told, so that it changes whenever that does.

use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{self, HeaderName},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Error;

/// `body` as JSON under its tag, or 304 where the machine's `If-None-Match` holds that tag.
pub fn tagged(headers: &HeaderMap, body: &impl Serialize) -> Result<Response, Error> {
    let (text, tag) = written(body)?;
    let value = HeaderValue::from_str(&tag).map_err(|_| Error::Internal)?;
    if holds(headers, &header::IF_NONE_MATCH, &tag) == Some(true) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, value)]).into_response());
    }
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json), (header::ETAG, value)], text).into_response())
}

/// Refuses a change of something that is not as the machine's `If-Match` says.
pub fn must_match(headers: &HeaderMap, body: &impl Serialize) -> Result<(), Error> {
    let (_, tag) = written(body)?;
    if holds(headers, &header::IF_MATCH, &tag) == Some(false) { Err(Error::Changed) } else { Ok(()) }
}

fn written(body: &impl Serialize) -> Result<(String, String), Error> {
    let text = serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Error::Internal
    })?;
    let hash = Sha256::digest(&text);
    let tag = format!("\"{}\"", HEXLOWER.encode(&hash[..16]));
    Ok((text, tag))
}

/// Whether the header names `tag`, or any tag with `*`; `None` where there is no such header.
fn holds(headers: &HeaderMap, name: &HeaderName, tag: &str) -> Option<bool> {
    let mut given = headers.get_all(name).iter().peekable();
    given.peek()?;
    let mut named = given.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    // Whoever stands between may have marked it as weak when it compressed the answer.
    Some(named.any(|named| ["*", tag].contains(&named.trim().trim_start_matches("W/"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn what_is_held_is_not_sent_again() {
        let first = tagged(&HeaderMap::new(), &"a").unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        for held in [tag.to_owned(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = tagged(&with(&header::IF_NONE_MATCH, &held), &"a").unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{held}");
        }
        assert_eq!(tagged(&with(&header::IF_NONE_MATCH, tag), &"b").unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn what_changed_in_between_is_not_changed_unseen() {
        let seen = tagged(&HeaderMap::new(), &"a").unwrap();
        let seen = with(&header::IF_MATCH, seen.headers()[header::ETAG].to_str().unwrap());
        assert!(must_match(&seen, &"a").is_ok());
        assert!(matches!(must_match(&seen, &"b"), Err(Error::Changed)));
        assert!(must_match(&HeaderMap::new(), &"b").is_ok());
    }
}
