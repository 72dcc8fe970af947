//! What somebody sent while the database does not answer: it is held until the request is answered, and stands in the
//! page that says so, to be sent again as it was.
//!
//! Nothing of it is kept beyond the answer. A form that carries its own mark is taken once, however often it arrives.

use std::time::Duration;

use askama::Template;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use uuid::Uuid;

use super::{
    Error,
    shell::{Shell, render},
};

/// How long anything may take that does not wait for a large file.
const WITHIN: Duration = Duration::from_secs(30);
/// The fields by which a form that is sent twice is known to be one, and the state that it was written over.
const MARKS: [&str; 4] = ["form", "version", "report", "edition"];

/// A form that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    to: String,
    body: Option<Bytes>,
}

/// Answers within [`WITHIN`], or says that it cannot; with what was sent where the database is why.
pub(super) async fn answered_in_time(State(most): State<usize>, request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(WITHIN, holding(most, request, next)).await;
    // Whatever it was that took so long: whoever waits is told what still works.
    answered.unwrap_or_else(|_| Error::Away.into_response())
}

async fn holding(most: usize, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST || parts.uri.path().starts_with("/api/") {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let to = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let (held, body) = if is_form(&parts) {
        let Ok(held) = to_bytes(body, most).await else {
            let sentence = "The form is too large, or did not arrive whole.";
            return Error::Invalid(sentence.to_owned()).into_response();
        };
        (Some(held.clone()), Body::from(held))
    } else {
        (None, body)
    };
    let sent = Sent { to, body: held };
    // A little less than the whole, so that what was sent is still here when the time is over.
    let patience = WITHIN.saturating_sub(Duration::from_secs(1));
    let running = next.run(Request::from_parts(parts, body));
    let mut response =
        tokio::time::timeout(patience, running).await.unwrap_or_else(|_| Error::Away.into_response());
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.extensions_mut().insert(sent);
    }
    response
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"))
}

/// The page of a service whose database does not answer.
#[derive(Template)]
#[template(path = "away.html")]
struct AwayPage<'a> {
    shell: Shell,
    /// Whether something was to be changed.
    changes: bool,
    again: Option<Again>,
    request_id: &'a str,
}

/// A form as it was filled in.
#[derive(Debug, PartialEq, Eq)]
struct Again {
    to: String,
    fields: Vec<(String, String)>,
    /// What people wrote of it.
    shown: Vec<(String, String)>,
    /// Whether it carries a mark of its own.
    marked: bool,
}

impl Sent {
    /// The form, to be sent again; none where it holds a password, which does not stand in a page.
    fn again(&self) -> Option<Again> {
        let fields: Vec<(String, String)> = serde_html_form::from_bytes(self.body.as_ref()?).ok()?;
        if fields.iter().any(|(name, _)| name.contains("password")) {
            return None;
        }
        let is_mark = |name: &str, value: &str| MARKS.contains(&name) || value.parse::<Uuid>().is_ok();
        let shown = fields
            .iter()
            .filter(|(name, value)| !value.trim().is_empty() && !is_mark(name, value) && name != "go");
        let shown = shown.map(|(name, value)| (in_words(name), value.clone())).collect();
        let marked = fields.iter().any(|(name, value)| name == "form" && !value.is_empty());
        Some(Again { to: self.to.clone(), shown, marked, fields })
    }
}

/// A field's name as people read it.
fn in_words(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The page for whoever meets a database that does not answer: whom to ring, what still works, and what they sent.
pub(super) fn away(shell: Shell, sent: Option<&Sent>, request_id: &str) -> Response {
    let page = AwayPage { shell, changes: sent.is_some(), again: sent.and_then(Sent::again), request_id };
    render(StatusCode::SERVICE_UNAVAILABLE, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &'static str) -> Option<Again> {
        Sent { to: "/report/new".to_owned(), body: Some(Bytes::from_static(body.as_bytes())) }.again()
    }

    #[test]
    fn all_that_was_sent_is_sent_again_and_what_people_wrote_is_shown() {
        let form = "form=0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b&version=0&ring_name=&seen=files_locked&seen=data_gone\
                    &more=Ward+3+%26+4&go=send";
        let again = sent(form).expect("a form");
        assert!(again.marked);
        assert_eq!(again.fields.len(), 7);
        let shown: Vec<_> = again.shown.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(shown, ["Seen: files_locked", "Seen: data_gone", "More: Ward 3 & 4"]);
    }

    #[test]
    fn a_password_stands_in_no_page() {
        assert_eq!(sent("email=a%40example.org&password=orange"), None);
        assert!(sent("text=a").is_some_and(|again| !again.marked));
    }
}
