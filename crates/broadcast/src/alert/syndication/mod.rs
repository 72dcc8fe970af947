//! Alerts for everybody: those at TLP:CLEAR, as Atom (RFC 4287), as JSON Feed 1.1, and on a page for people, without
//! a sign-in.
//!
//! An entry is one alert, in full, since its page asks for a sign-in. What was withdrawn, or was
//! updated since, stays for [`REMEMBERED`] and says so. Nobody who asks twice costs more than one
//! indexed read: what was written last is kept until an alert changes.

mod json;
mod store;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use platform::{
    App,
    access::Rule,
    web::{
        Error, Route,
        etag::Validators,
        shell::{Language, Shell, render},
        show,
    },
};
use uuid::Uuid;

use self::store::Listed;
use crate::{
    advisory::{VersionId, store::Version, view::Reading},
    alert::State as AlertState,
};

/// How long after its end an alert is told of.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// For how long a copy serves without asking, in seconds: an alert is no later than that.
const CACHED: &str = "public, max-age=300";
/// The longest text of an entry, in bytes: what is longer is left to the alert's page.
const LONGEST: usize = 128 * 1024;

/// The rows of the public feeds.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/feeds/alerts", Rule::Anyone, page),
        Route::get("/feeds/alerts.atom", Rule::Anyone, atom),
        Route::get("/feeds/alerts.json", Rule::Anyone, json),
    ]
}

/// How a feed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Atom,
    Json,
    /// What stands on the page.
    Html,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// A feed before it is written.
#[derive(Debug)]
struct Feed {
    title: String,
    about: String,
    author: String,
    /// Its address, without the ending.
    at: String,
    /// The first page.
    home: String,
    updated: Timestamp,
    entries: Vec<Entry>,
}

/// An alert as it stands in a feed.
#[derive(Debug)]
struct Entry {
    id: Uuid,
    title: String,
    link: String,
    published: Timestamp,
    updated: Timestamp,
    /// HTML.
    content: String,
    /// Its marking, and its severity while it is in force.
    labels: Vec<String>,
}

/// `GET /feeds/alerts.atom`
async fn atom(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    answer(&app, &headers, Format::Atom).await
}

/// `GET /feeds/alerts.json`
async fn json(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    answer(&app, &headers, Format::Json).await
}

#[derive(Template)]
#[template(path = "syndication/page.html")]
struct PublicPage {
    shell: Shell,
    entries: String,
}

/// `GET /feeds/alerts`
async fn page(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let listed = store::listed(&mut snapshot, shell.now - REMEMBERED).await?;
    let validators = Validators::of(&identity(&app, &listed, Format::Html), None, shell.now);
    let entries = if let Some(text) = kept(Format::Html, validators.tag()) {
        text
    } else {
        let said = store::said(&mut snapshot).await?;
        keep(Format::Html, validators.tag(), written(&feed(&app, &listed, &said), Format::Html)?)
    };
    drop(snapshot);
    let entries = String::from_utf8_lossy(&entries).into_owned();
    Ok(render(StatusCode::OK, &PublicPage { shell, entries }))
}

async fn answer(app: &App, headers: &HeaderMap, format: Format) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let now = app.env.now();
    let listed = store::listed(&mut snapshot, now - REMEMBERED).await?;
    // A second may still bring another change: only the tag tells them apart.
    let changed = listed.iter().map(|alert| alert.changed_at).max().filter(|at| now - SETTLED > *at);
    let validators = Validators::of(&identity(app, &listed, format), changed, now);
    let cached = (header::CACHE_CONTROL, HeaderValue::from_static(CACHED));
    if validators.are_held(headers) {
        return Ok(([cached], validators.unchanged()).into_response());
    }
    let text = if let Some(text) = kept(format, validators.tag()) {
        text
    } else {
        let said = store::said(&mut snapshot).await?;
        drop(snapshot);
        keep(format, validators.tag(), written(&feed(app, &listed, &said), format)?)
    };
    let media_type = (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    Ok(([cached, media_type], validators.headers(), text).into_response())
}

/// After so long no change of that second can come any more.
const SETTLED: SignedDuration = SignedDuration::from_mins(1);

/// What a feed is made of, so that one of the same identity reads the same.
fn identity(app: &App, listed: &[Listed], format: Format) -> String {
    let (url, name) = (&app.settings.public_url, &app.settings.cert.name);
    let head = format!("{} {format:?} {url} {name}", env!("CARGO_PKG_VERSION"));
    let alerts = listed.iter().map(|alert| format!("{} {}", alert.id, alert.changed_at.as_microsecond()));
    std::iter::once(head).chain(alerts).collect::<Vec<_>>().join("\n")
}

/// What was written last, by its tag: one text for each format.
static LAST: Mutex<[Option<(String, Bytes)>; 3]> = Mutex::new([None, None, None]);

fn kept(format: Format, tag: &str) -> Option<Bytes> {
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    last[format as usize].as_ref().filter(|(of, _)| of == tag).map(|(_, text)| text.clone())
}

fn keep(format: Format, tag: &str, text: String) -> Bytes {
    let text = Bytes::from(text);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    last[format as usize] = Some((tag.to_owned(), text.clone()));
    text
}

fn feed(app: &App, listed: &[Listed], said: &HashMap<VersionId, Version>) -> Feed {
    let cert = app.settings.cert.name.clone();
    let entries = listed.iter().map(|alert| {
        let ended = alert.state != AlertState::InForce;
        let severity = (!ended).then(|| alert.severity.label().to_owned());
        Entry {
            id: alert.id.0,
            title: visible(&title(alert)),
            link: app.link(&format!("/alerts/{}", alert.id)),
            published: alert.issued_at,
            updated: alert.changed_at,
            content: visible(&content(alert, said.get(&alert.version_id))),
            labels: std::iter::once(formats::Tlp::Clear.to_string()).chain(severity).collect(),
        }
    });
    Feed {
        title: format!("Cyber alerts of {cert}"),
        about: "Alerts for health and care that everybody may read (TLP:CLEAR).".to_owned(),
        author: cert,
        at: app.link("/feeds/alerts"),
        home: app.link("/"),
        // A feed that never held anything never changed.
        updated: listed.iter().map(|alert| alert.changed_at).max().unwrap_or(Timestamp::UNIX_EPOCH),
        entries: entries.collect(),
    }
}

fn title(alert: &Listed) -> String {
    let Listed { number, title, severity, .. } = alert;
    match alert.state {
        AlertState::Withdrawn => format!("[{number}] Withdrawn: {title}"),
        AlertState::InForce => format!("[{number}] {}: {title}", severity.label()),
        _ => format!("[{number}] No longer current: {title}"),
    }
}

#[derive(Template)]
#[template(path = "syndication/entry.html")]
struct Whole {
    reading: Reading,
}

#[derive(Template)]
#[template(source = "<p>{{ sentence }}</p>", ext = "html")]
struct Ended {
    sentence: String,
}

/// What an entry says: the alert while it is in force, and that it is no more afterwards. What took
/// its place is told of only where everybody may read that too.
fn content(alert: &Listed, version: Option<&Version>) -> String {
    let reason = alert.ended_reason.as_deref().unwrap_or_default();
    let sentence = match (alert.state, version) {
        (AlertState::InForce, Some(version)) => {
            let whole = Whole { reading: Reading::of(version, Vec::new()) }.render().unwrap_or_default();
            if !whole.is_empty() && whole.len() <= LONGEST {
                return whole;
            }
            version.wording.content.summary.clone()
        }
        (AlertState::Withdrawn, _) => format!("This alert was withdrawn and no longer holds. {reason}"),
        _ if alert.followed => format!("An update of {} has taken the place of this alert.", alert.number),
        _ => "This alert is no longer current.".to_owned(),
    };
    Ended { sentence }.render().unwrap_or_default()
}

/// The text without what XML 1.0 (section 2.2) has no place for.
fn visible(text: &str) -> String {
    let fits = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars().filter(|c| fits(c) && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

#[derive(Template)]
#[template(path = "syndication/atom.xml")]
struct AtomFeed<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "syndication/entries.html")]
struct Entries<'a> {
    feed: &'a Feed,
}

impl Entry {
    /// When it was issued, in words.
    fn since(&self) -> String {
        show::instant(self.published.as_microsecond(), Language::English)
    }
}

fn written(feed: &Feed, format: Format) -> Result<String, Error> {
    let text = match format {
        Format::Atom => AtomFeed { feed }.render().map_err(|error| error.to_string()),
        Format::Html => Entries { feed }.render().map_err(|error| error.to_string()),
        Format::Json => serde_json::to_string(&json::Feed::of(feed)).map_err(|error| error.to_string()),
    };
    text.map_err(|error| {
        tracing::error!(%error, "a feed could not be written");
        Error::Internal
    })
}
