//! Adding a feed, and changing what was decided about one: one form for both.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platform::{
    App,
    net::Allowed,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use url::Url;

use crate::{
    feed::{EVERY, FOLLOWED, Feed, FeedError, FeedId, Plan, SILENT_AFTER, actions, store, suggested},
    source::{Keys, Source},
};

/// The longest address and the longest keys, in characters.
const LONGEST_URL: usize = 2_000;
const LONGEST_KEYS: usize = 200_000;

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    source: String,
    url: String,
    every: String,
    silent: String,
    keys: String,
    version: i64,
}

impl From<&Feed> for Typed {
    fn from(feed: &Feed) -> Self {
        Self {
            name: feed.name.clone(),
            source: feed.source.code().to_owned(),
            url: feed.url.to_string(),
            every: feed.every_minutes.to_string(),
            silent: feed.silent_hours.to_string(),
            keys: feed.keys.clone().unwrap_or_default(),
            version: feed.version,
        }
    }
}

#[derive(Template)]
#[template(path = "feed/edit.html")]
struct EditPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    /// The feed that is changed; none where one is added.
    feed: Option<FeedId>,
}

impl EditPage {
    fn sources(&self) -> Vec<Choice> {
        let hint = |source: Source| match source {
            Source::Csaf => "A provider-metadata.json, a ROLIE feed, a changes.csv, or one document",
            Source::News => "RSS, Atom or JSON Feed",
            Source::Cve => {
                "Records as JSON: one, a list of them, or one a line; or a delta.json or deltaLog.json, which lead to them"
            }
            Source::Stix => "A STIX 2.1 bundle",
            Source::Epss => "CSV, plain or gzip",
            Source::Kev | Source::Hand => "",
        };
        let choice = |source: &Source| Choice::new(source.code(), source.label()).hint(hint(*source));
        FOLLOWED.iter().map(|source| choice(source).chosen_in(&[&self.typed.source])).collect()
    }

    fn every(&self) -> Vec<Choice> {
        choices(EVERY, &self.typed.every)
    }

    fn silent(&self) -> Vec<Choice> {
        choices(SILENT_AFTER, &self.typed.silent)
    }

    fn heading(&self) -> &'static str {
        if self.feed.is_some() { "Change the feed" } else { "Add a feed" }
    }
}

fn choices(of: &[(i64, &'static str)], typed: &str) -> Vec<Choice> {
    of.iter().map(|(value, words)| Choice::new(value.to_string(), *words).chosen_in(&[typed])).collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    suggested: Option<usize>,
}

/// `GET /sources/feeds/new?suggested=0`
pub(super) async fn new(shell: Shell, Query(asked): Query<Asked>) -> Response {
    let suggested = asked.suggested.and_then(|place| suggested::all().get(place));
    let nothing = Typed { every: "60".to_owned(), silent: "168".to_owned(), ..Typed::default() };
    let typed = suggested.map_or(nothing, |each| Typed {
        name: each.name.clone(),
        source: each.source.code().to_owned(),
        url: each.url.clone(),
        every: each.every.to_string(),
        silent: each.silent.to_string(),
        ..Typed::default()
    });
    render(StatusCode::OK, &EditPage { shell, problems: Problems::none(), typed, feed: None })
}

/// `POST /sources/feeds/new`
pub(super) async fn add(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(plan) = read(&typed, &visit.app.settings.network.allow, &mut problems) else {
        return Ok(again(visit.shell, problems, typed, None));
    };
    let mut tx = visit.app.write().await?;
    match actions::add(&mut tx, &visit.actor, &plan).await {
        Ok(feed) => {
            tx.commit().await?;
            Ok(super::to(feed).into_response())
        }
        Err(error) => refused(error, visit.shell, typed, None),
    }
}

/// `GET /sources/feeds/{id}/change`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<FeedId>,
) -> Result<Response, Error> {
    let feed = store::feed(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    let page = EditPage { shell, problems: Problems::none(), typed: (&feed).into(), feed: Some(id) };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /sources/feeds/{id}/change`
pub(super) async fn change(
    visit: Visit,
    Path(id): Path<FeedId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(plan) = read(&typed, &visit.app.settings.network.allow, &mut problems) else {
        return Ok(again(visit.shell, problems, typed, Some(id)));
    };
    let mut tx = visit.app.write().await?;
    match actions::change(&mut tx, &visit.actor, id, typed.version, &plan).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(super::to(id).into_response())
        }
        Err(error) => refused(error, visit.shell, typed, Some(id)),
    }
}

/// What a person can mend in the form is told there.
fn refused(error: FeedError, shell: Shell, typed: Typed, feed: Option<FeedId>) -> Result<Response, Error> {
    if !matches!(error, FeedError::Twice) {
        return Err(error.into());
    }
    let mut problems = Problems::none();
    problems.push("url", error.to_string());
    Ok(again(shell, problems, typed, feed))
}

fn again(shell: Shell, problems: Problems, typed: Typed, feed: Option<FeedId>) -> Response {
    render(StatusCode::UNPROCESSABLE_ENTITY, &EditPage { shell, problems, typed, feed })
}

fn read(typed: &Typed, allowed: &Allowed, problems: &mut Problems) -> Option<Plan> {
    let name = problems.text("name", &typed.name, 100, "a name for it");
    let source = typed.source.parse().ok().filter(|source| FOLLOWED.contains(source));
    if source.is_none() {
        problems.push("source", "Select what is published there");
    }
    let url = address(&typed.url);
    match &url {
        None => problems.push(
            "url",
            "Enter a web address that begins with https:// or http://, without a name or password in it",
        ),
        Some(url) if allowed.check(url).is_err() => problems.push(
            "url",
            "Enter an address on the public internet: this one is within a network of its own, and is asked only \
             where the settings allow that (network.allow)",
        ),
        Some(_) => {}
    }
    let every = chosen(EVERY, &typed.every);
    if every.is_none() {
        problems.push("every", "Select how often it is asked");
    }
    let silent = chosen(SILENT_AFTER, &typed.silent);
    if silent.is_none() {
        problems.push("silent", "Select after how long you want to be told");
    }
    let keys = problems.optional_text("keys", &typed.keys, LONGEST_KEYS, "the keys");
    let keys = keys.filter(|keys| !keys.is_empty());
    if let Some(Err(reason)) = keys.as_ref().map(|keys| Keys::parse(keys.as_bytes())) {
        problems.push("keys", format!("These are no public keys. {reason}"));
    }
    if !problems.is_empty() {
        return None;
    }
    Some(Plan { name: name?, source: source?, url: url?, every_minutes: every?, silent_hours: silent?, keys })
}

/// An address that can be asked. Where a name leads is judged each time that it is asked.
fn address(typed: &str) -> Option<Url> {
    let typed = typed.trim();
    let url = Url::parse(typed).ok().filter(|_| typed.len() <= LONGEST_URL)?;
    let whole = matches!(url.scheme(), "https" | "http") && url.has_host();
    let mut url = (whole && url.username().is_empty() && url.password().is_none()).then_some(url)?;
    // It is never sent, and two addresses that differ by it are one.
    url.set_fragment(None);
    Some(url)
}

fn chosen(of: &[(i64, &'static str)], typed: &str) -> Option<i64> {
    let value = typed.parse().ok()?;
    of.iter().any(|(each, _)| *each == value).then_some(value)
}
