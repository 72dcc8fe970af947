//! What surrounds every page: whose service this is, who is signed in, where they can go.
//!
//! Every page's struct holds a `shell: Shell`, its template extends `layout.html`, and [`render`]
//! turns it into a response. The shell holds nothing that a page decides: only what is the same
//! on the next page.

use std::borrow::Borrow;

use askama::{Template, filters::Safe};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;

use super::{assets, bookmark::Heard, show, table};

/// The language that a page's own words are in.
///
/// The Welsh words are drafts until a translator has read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// British English.
    #[default]
    English,
    /// Welsh.
    Welsh,
}

impl Language {
    /// The value of HTML's `lang` attribute.
    pub fn lang(self) -> &'static str {
        self.pick("en-GB", "cy")
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, english: T, welsh: T) -> T {
        match self {
            Self::English => english,
            Self::Welsh => welsh,
        }
    }
}

/// The body that runs the service, as its configuration names it.
#[derive(Clone, Debug)]
pub struct CertName {
    /// As people know it: "NHS National CSOC".
    pub name: String,
    /// Where somebody answers, day and night.
    pub telephone: String,
    /// The controller of the personal data, in the sense of the UK GDPR.
    pub controller: String,
    /// Where the controller's data protection officer is reached: an e-mail address.
    pub privacy_email: String,
}

impl CertName {
    /// The telephone number as a `tel:` link holds it.
    pub fn dial(&self) -> String {
        show::dial(&self.telephone)
    }
}

/// The person who is signed in, as the header shows them.
#[derive(Clone, Debug)]
pub struct Who {
    /// The person's name.
    pub name: String,
    /// For whom they act: "Responder, Leeds Teaching Hospitals NHS Trust".
    pub acting_as: String,
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// The words of the link.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page is in the part of the service that the link leads to.
    pub current: bool,
    /// The lists of that part, this one's own first, shown above each of them.
    pub pages: Vec<Self>,
}

impl NavItem {
    /// An entry that leads there.
    pub fn new(label: &str, href: &str) -> Self {
        Self { label: label.to_owned(), href: href.to_owned(), current: false, pages: Vec::new() }
    }

    /// The same with a menu of its own: whoever is at one of these, or below, is in this part.
    #[must_use]
    pub fn with(self, pages: Vec<Self>) -> Self {
        Self { pages, ..self }
    }

    /// Marks the part that somebody at this path is in, the one whose address says most of it, and the
    /// list of it that they are at.
    pub(super) fn mark(menu: &mut [Self], path: &str) {
        let furthest = menu.iter().filter_map(|part| part.reaches(path)).max();
        for part in menu {
            part.current = furthest.is_some() && part.reaches(path) == furthest;
            for page in &mut part.pages {
                page.current = path == page.href;
            }
        }
    }

    /// The length of the longest address of this part that is this path or stands above it.
    fn reaches(&self, path: &str) -> Option<usize> {
        let is_within =
            |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        let addresses = self.pages.iter().map(|page| &page.href).chain([&self.href]);
        addresses.filter(|href| is_within(href)).map(String::len).max()
    }
}

/// Something to tell the person once, at the top of the next page.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Whether it went well or needs attention.
    pub kind: NoticeKind,
    /// One sentence: "The contact was added."
    pub text: String,
}

/// What a [`Notice`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// What the person asked for was done.
    Success,
    /// Something the person should know.
    Important,
}

impl Notice {
    /// Whether something was done that the person asked for.
    pub fn is_success(&self) -> bool {
        self.kind == NoticeKind::Success
    }
}

/// What surrounds a page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language of the words around the page, and of times.
    pub language: Language,
    /// Whose service this is.
    pub cert: CertName,
    /// Whether this is a demonstration, which every page then says.
    pub demonstration: bool,
    /// Who is signed in; `None` for a visitor.
    pub who: Option<Who>,
    /// Where this person can go.
    pub navigation: Vec<NavItem>,
    /// The path of the page, so that signing in leads back to it.
    pub path: String,
    /// The instant the page is made for.
    pub now: Timestamp,
    /// Up to where this process had told of changes when the page was begun: what it shows is no older.
    pub heard: Heard,
    /// What to tell the person about what they did a moment ago.
    pub notice: Option<Notice>,
}

impl Shell {
    /// The part whose lists this page is one of: its menu stands above it.
    pub fn part(&self) -> Option<&NavItem> {
        self.navigation.iter().find(|part| part.pages.iter().any(|page| page.current))
    }

    /// The one of two texts that is in the page's language.
    pub fn say(&self, english: &'static str, welsh: &'static str) -> &'static str {
        self.language.pick(english, welsh)
    }

    /// The address of an asset, see [`assets::url`].
    pub fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    /// `at` as "3 June 2026, 14:05" in UK time.
    pub fn instant(&self, at: impl Borrow<Timestamp>) -> String {
        show::instant(at.borrow().as_microsecond(), self.language)
    }

    /// The day of `at` as "3 June 2026" in UK time.
    pub fn day(&self, at: impl Borrow<Timestamp>) -> String {
        show::day(at.borrow().as_microsecond(), self.language)
    }

    /// A telephone number as a `tel:` link holds it.
    pub fn dial(&self, number: &str) -> String {
        show::dial(number)
    }

    /// How long is left until `due`, or how long ago it was: "2 days 4 hours left".
    pub fn left(&self, due: impl Borrow<Timestamp>) -> String {
        show::left(due.borrow().as_microsecond(), self.now.as_microsecond(), self.language)
    }

    /// The head and body of a table, ready for a telephone, see `web/table.rs`.
    pub fn table(&self, html: &str) -> Safe<String> {
        Safe(table::labelled(html))
    }

    /// The colour of the tag that says how long is left until `due`.
    pub fn urgency(&self, due: impl Borrow<Timestamp>) -> &'static str {
        show::Urgency::of(due.borrow().as_microsecond(), self.now.as_microsecond()).colour()
    }
}

/// The page as a response.
///
/// A template can only fail to be written when a value in it fails to show itself; the person is
/// then told so without a template.
pub fn render<T: Template>(status: StatusCode, page: &T) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            let sentence = "Sorry, this page could not be shown. Try again in a few minutes.";
            (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
        }
    }
}

/// A page that says why there is no other page, and what to do next.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    title: &'static str,
    sentence: &'a str,
    next: &'static str,
    request_id: &'a str,
}

/// The page for a request that is answered with an error.
///
/// `sentence` says what happened ("Only a duty manager may approve an advisory."); an empty one
/// leaves it to the title. `request_id` lets whoever is telephoned find the request in the logs.
pub fn error(shell: Shell, status: StatusCode, sentence: &str, request_id: &str) -> Response {
    let (title, next) = words_of(status);
    render(status, &ErrorPage { shell, title, sentence, next, request_id })
}

/// The title of the error page, and what to do next.
fn words_of(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => (
            "This request could not be understood",
            "Go back, reload the page and try again. Nothing was changed.",
        ),
        StatusCode::UNAUTHORIZED => (
            "You are not signed in",
            "Sign in, then go back to what you were doing: what you saved is still there.",
        ),
        StatusCode::FORBIDDEN => (
            "You do not have permission to do this",
            "If it is part of your work, ask for the right role: in an organisation the person who leads cyber \
             security there, in the CERT an administrator.",
        ),
        StatusCode::NOT_FOUND => (
            "Page not found",
            "If you typed the address, check it is correct. If you followed a link, what it leads \
             to may not be meant for your organisation.",
        ),
        StatusCode::CONFLICT => (
            "This has changed meanwhile",
            "Go back, reload the page to see how it stands now, then decide what to do.",
        ),
        StatusCode::TOO_MANY_REQUESTS => ("Too many attempts", "Wait a few minutes, then try again."),
        status if status.is_server_error() => (
            "Sorry, there is a problem with the service",
            "Try again in a few minutes. If an alert cannot wait, telephone us.",
        ),
        _ => ("This could not be done", "Go back and try again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_to_do_next() {
        for status in [400, 401, 403, 404, 409, 429, 500, 503, 418] {
            let status = StatusCode::from_u16(status).expect("a status");
            let (title, next) = words_of(status);
            assert!(!title.ends_with('.') && next.ends_with('.'), "{status}");
        }
    }
}
