//! One feed: how it fares, what came of each asking, and what could not be taken in.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use platform::web::{
    Error, Visit,
    cursor::{self, Page},
    shell::{Shell, render},
    show,
};
use serde::Deserialize;

use crate::{
    access::{ASK_FEEDS, KEEP_FEEDS},
    feed::{
        EVERY, Feed, FeedId, SILENT_AFTER, Trouble,
        store::{self, Failed, Run, RunId},
    },
    source::Source,
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
}

/// How many sentences of an earlier run are shown.
const OF_EARLIER: usize = 2;

/// A run as it is shown.
struct Shown {
    run: Run,
    /// What was told, in words.
    counts: String,
    /// What it took, in words.
    cost: String,
    told: Vec<String>,
}

#[derive(Template)]
#[template(path = "feed/show.html")]
struct ShowPage {
    shell: Shell,
    feed: Feed,
    state: (&'static str, &'static str),
    trouble: Option<Trouble>,
    every: &'static str,
    silent_after: &'static str,
    /// Its address; without what may be a token in it, for who may not change it.
    address: String,
    runs: Vec<Shown>,
    next: String,
    failed: Vec<Failed>,
    /// Where it is changed; empty for who may not.
    change: String,
    may_keep: bool,
    may_ask: bool,
}

/// `GET /sources/feeds/{id}`
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<FeedId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let feed = store::feed(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let runs = store::runs(&mut snapshot, id, cursor::read::<RunId>(&asked.after)).await?;
    let failed = store::failed(&mut snapshot, id).await?;
    drop(snapshot);
    let page = Page::of(runs, |run| run.id);
    let next = page.next.map(|after| format!("/sources/feeds/{id}?after={after}"));
    let words = |of: &[(i64, &'static str)], value| {
        of.iter().find(|(each, _)| *each == value).map_or("", |(_, words)| words)
    };
    let page = ShowPage {
        state: super::state(&feed, visit.shell.now),
        trouble: feed.trouble(visit.shell.now),
        every: words(EVERY, feed.every_minutes),
        silent_after: words(SILENT_AFTER, feed.silent_hours),
        address: if visit.actor.is_any(KEEP_FEEDS) { feed.url.to_string() } else { feed.bare_url() },
        runs: page
            .rows
            .into_iter()
            .enumerate()
            .map(|(place, run)| shown(place, run, feed.source))
            .collect::<Result<_, Error>>()?,
        next: next.unwrap_or_default(),
        failed,
        change: if visit.actor.is_any(KEEP_FEEDS) {
            format!("/sources/feeds/{id}/change")
        } else {
            String::new()
        },
        may_keep: visit.actor.is_any(KEEP_FEEDS),
        may_ask: visit.actor.is_any(ASK_FEEDS) && feed.next_at.is_some(),
        feed,
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// A run; of all but the latest the first sentences alone, so that the page stays one.
fn shown(place: usize, run: Run, source: Source) -> Result<Shown, Error> {
    let mut told = run.told()?;
    if place > 0 {
        told.truncate(OF_EARLIER);
    }
    // Of documents the vulnerabilities are counted, and of those that were refused the documents.
    let refused = if source == Source::Csaf { "documents refused" } else { "refused" };
    let counts = [
        ("new", run.new),
        ("changed", run.changed),
        ("as before", run.same),
        (refused, run.refused),
        ("with a remark", run.remarked),
        ("left for the next time", run.remaining),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(words, count)| format!("{} {words}", show::count(*count))).collect();
    let requests =
        if run.asked == 1 { "1 request".to_owned() } else { format!("{} requests", show::count(run.asked)) };
    let size = show::size(run.bytes.unsigned_abs());
    Ok(Shown {
        counts: if counts.is_empty() { "None".to_owned() } else { counts.join(", ") },
        cost: format!("{requests}, {size}, {} s", show::count(run.took / 1_000_000)),
        told,
        run,
    })
}
