//! The feeds that are followed, and those that are suggested.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::web::{
    Error, Visit,
    shell::{Shell, render},
};

use crate::{
    access::KEEP_FEEDS,
    feed::{
        Feed, store,
        suggested::{self, Suggested},
    },
};

#[derive(Template)]
#[template(path = "feed/list.html")]
struct ListPage {
    shell: Shell,
    feeds: Vec<Feed>,
    may_keep: bool,
}

impl ListPage {
    fn state(&self, feed: &Feed) -> (&'static str, &'static str) {
        super::state(feed, self.shell.now)
    }
}

/// `GET /sources/feeds`
pub(super) async fn list(visit: Visit) -> Result<Response, Error> {
    let feeds = store::all(&mut visit.app.read().await?).await?;
    Ok(render(
        StatusCode::OK,
        &ListPage { feeds, may_keep: visit.actor.is_any(KEEP_FEEDS), shell: visit.shell },
    ))
}

#[derive(Template)]
#[template(path = "feed/suggested.html")]
struct SuggestedPage {
    shell: Shell,
    /// Each with its place, and the feed that follows it.
    suggestions: Vec<(usize, &'static Suggested, Option<Feed>)>,
    may_keep: bool,
}

/// `GET /sources/feeds/suggested`
pub(super) async fn suggested(visit: Visit) -> Result<Response, Error> {
    let feeds = store::all(&mut visit.app.read().await?).await?;
    let followed = |each: &Suggested| feeds.iter().find(|feed| feed.url.as_str() == each.url).cloned();
    let suggestions = suggested::all().iter().enumerate();
    let suggestions = suggestions.map(|(place, each)| (place, each, followed(each))).collect();
    Ok(render(
        StatusCode::OK,
        &SuggestedPage { suggestions, may_keep: visit.actor.is_any(KEEP_FEEDS), shell: visit.shell },
    ))
}
