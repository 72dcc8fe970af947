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
use jiff::{
    Timestamp,
    fmt::rfc2822::{DateTimeParser, DateTimePrinter},
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

/// What a copy of something that everybody may read is known by: a tag, and when it last changed.
#[derive(Clone, Debug)]
pub struct Validators {
    tag: String,
    changed: Option<Timestamp>,
}

impl Validators {
    /// Those of what `identity` stands for, which changes whenever it does. A date has whole seconds,
    /// so that there is none while another change may come within the same one.
    pub fn of(identity: &str, changed: Option<Timestamp>, now: Timestamp) -> Self {
        let changed = changed.filter(|changed| changed.as_second() < now.as_second());
        Self { tag: tag_of(identity), changed }
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether whoever asks holds what there is. The date counts only where no tag was sent (RFC 9110,
    /// section 13.1.3).
    pub fn are_held(&self, headers: &HeaderMap) -> bool {
        let since = || {
            let given = headers.get(header::IF_MODIFIED_SINCE)?.to_str().ok()?;
            let given = DateTimeParser::new().parse_timestamp(given).ok()?;
            Some(self.changed?.as_second() <= given.as_second())
        };
        holds(headers, &header::IF_NONE_MATCH, &self.tag).or_else(since).unwrap_or(false)
    }

    /// The headers of an answer.
    pub fn headers(&self) -> HeaderMap {
        let date = |at| DateTimePrinter::new().timestamp_to_rfc9110_string(at).ok();
        let pairs = [
            (header::ETAG, Some(self.tag.clone())),
            (header::LAST_MODIFIED, self.changed.as_ref().and_then(date)),
        ];
        let value = |text: Option<String>| HeaderValue::from_str(&text?).ok();
        pairs.into_iter().filter_map(|(name, text)| Some((name, value(text)?))).collect()
    }

    /// The answer to whoever holds it.
    pub fn unchanged(&self) -> Response {
        (StatusCode::NOT_MODIFIED, self.headers()).into_response()
    }
}

fn tag_of(text: &str) -> String {
    let hash = Sha256::digest(text);
    format!("\"{}\"", HEXLOWER.encode(&hash[..16]))
}

fn written(body: &impl Serialize) -> Result<(String, String), Error> {
    let text = serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Error::Internal
    })?;
    let tag = tag_of(&text);
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

    #[test]
    fn a_tag_goes_before_a_date_and_a_date_waits_for_its_second_to_end() {
        let at = |micros: i64| Timestamp::from_microsecond(1_780_000_000_000_000 + micros).unwrap();
        let validators = Validators::of("a", Some(at(200_000)), at(5_000_000));
        let date = validators.headers()[header::LAST_MODIFIED].to_str().unwrap().to_owned();
        assert_eq!(date, "Thu, 28 May 2026 20:26:40 GMT");
        assert!(validators.are_held(&with(&header::IF_MODIFIED_SINCE, &date)));
        assert!(!validators.are_held(&with(&header::IF_MODIFIED_SINCE, "Thu, 28 May 2026 20:26:39 GMT")));
        assert!(!validators.are_held(&with(&header::IF_MODIFIED_SINCE, "yesterday")));
        let mut both = with(&header::IF_MODIFIED_SINCE, &date);
        both.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"another\""));
        assert!(!validators.are_held(&both));
        assert!(validators.are_held(&with(&header::IF_NONE_MATCH, validators.tag())));
        let fresh = Validators::of("a", Some(at(200_000)), at(900_000));
        assert!(!fresh.headers().contains_key(header::LAST_MODIFIED));
        assert!(!fresh.are_held(&with(&header::IF_MODIFIED_SINCE, &date)));
    }
}
