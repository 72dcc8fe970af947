//! Feeds for the CERT's own systems: whether each tells what it should, and what came of asking it.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use http::HeaderMap;
use jiff::Timestamp;
use platform::{
    App,
    access::Rule,
    key::Scope,
    web::{
        Error, Route,
        cursor::{self, Page},
        etag,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    Fares, Feed, FeedId, Outcome,
    store::{self, Failed, Run, RunId},
};
use crate::source::Source;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::CertScope(Scope::ReadFeeds.code());
    vec![
        Route::get("/api/v1/cert/feeds", rule, list),
        Route::get("/api/v1/cert/feeds/{id}", rule, show).sample("/api/v1/cert/feeds/{feed}"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show))]
    struct Feeds;
    Feeds::openapi()
}

/// A feed, and how it fares.
#[derive(Debug, Serialize, ToSchema)]
struct CertFeed {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// What it is called.
    #[schema(example = "CISA, known exploited vulnerabilities")]
    name: String,
    /// What is published there.
    source: Source,
    /// Where, without the query, in which a token may stand.
    #[schema(
        example = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
    )]
    url: String,
    /// How it fares.
    state: Fares,
    /// How often it is asked, in minutes.
    #[schema(example = 60)]
    every_minutes: i64,
    /// After how many hours without anything new it has fallen silent.
    #[schema(example = 168)]
    silent_hours: i64,
    /// When it was asked last.
    asked_at: Option<String>,
    /// When it last told something new.
    heard_at: Option<String>,
    /// When it is asked next; absent while it is paused.
    next_at: Option<String>,
    /// How often it failed in succession.
    failures: i64,
    /// Since when people know that something is wrong.
    alarmed_at: Option<String>,
}

/// The feeds.
#[derive(Debug, Serialize, ToSchema)]
struct CertFeeds {
    /// All of them, by name: there are 200 at most.
    feeds: Vec<CertFeed>,
}

/// What came of asking a feed once.
#[derive(Debug, Serialize, ToSchema)]
struct CertRun {
    /// When it began.
    at: String,
    /// How long it took, in milliseconds.
    took_ms: i64,
    /// What came of it.
    outcome: Outcome,
    /// How many requests it made.
    requests: i64,
    /// How many bytes were answered.
    bytes: i64,
    /// Statements that were not known.
    new: i64,
    /// Those that say something else than before.
    changed: i64,
    /// Those that say what was known.
    same: i64,
    /// Those that were refused.
    refused: i64,
    /// Those that were taken in and yet deserve a word.
    remarked: i64,
    /// Documents that are left for the next time.
    remaining: i64,
    /// What to know of it, in sentences.
    told: Vec<String>,
}

/// Something that a feed leads to and that could not be taken in.
#[derive(Debug, Serialize, ToSchema)]
struct CertFailed {
    /// Where it is, without its query.
    url: String,
    /// How often that was tried since it was last listed.
    tries: i64,
    /// Why.
    error: String,
}

/// A feed, with a page of its runs.
#[derive(Debug, Serialize, ToSchema)]
struct CertFeedDetail {
    /// The feed.
    feed: CertFeed,
    /// Up to 50 runs, the newest first.
    runs: Vec<CertRun>,
    /// What it leads to and could not be taken in, the first 50.
    failed: Vec<CertFailed>,
    /// The `after` of the next page of runs; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

/// Lists the feeds that are followed, and how they fare.
#[utoipa::path(
    get, path = "/api/v1/cert/feeds", tag = "cert: feeds", operation_id = "cert_list_feeds",
    responses((status = 200, description = "The feeds", body = CertFeeds))
)]
async fn list(State(app): State<App>) -> Result<Json<CertFeeds>, Error> {
    let feeds = store::all(&mut app.read().await?).await?;
    let now = app.env.now();
    Ok(Json(CertFeeds { feeds: feeds.into_iter().map(|feed| CertFeed::of(feed, now)).collect() }))
}

/// One feed, with what came of asking it.
#[utoipa::path(
    get, path = "/api/v1/cert/feeds/{id}", tag = "cert: feeds", operation_id = "cert_show_feed",
    params(("id" = String, Path, description = "Its id"),
           ("after" = Option<String>, Query, description = "The `next` of the page before"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The feed", body = CertFeedDetail, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such feed"))
)]
async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<After>,
) -> Result<Response, Error> {
    let id: FeedId = id.parse().map_err(|()| Error::NotFound)?;
    let after: Option<RunId> = cursor::given(query.after.as_deref())?;
    let mut snapshot = app.read().await?;
    let feed = store::feed(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let runs = store::runs(&mut snapshot, id, after).await?;
    let failed = store::failed(&mut snapshot, id).await?;
    drop(snapshot);
    let page = Page::of(runs, |run| run.id);
    let told = CertFeedDetail {
        feed: CertFeed::of(feed, app.env.now()),
        runs: page.rows.iter().map(CertRun::of).collect::<Result<_, _>>()?,
        failed: failed.into_iter().map(Into::into).collect(),
        next: page.next,
    };
    etag::tagged(&headers, &told)
}

impl CertFeed {
    fn of(feed: Feed, now: Timestamp) -> Self {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            id: feed.id.to_string(),
            source: feed.source,
            url: feed.bare_url(),
            state: feed.fares(now),
            every_minutes: feed.every_minutes,
            silent_hours: feed.silent_hours,
            asked_at: at(feed.asked_at),
            heard_at: at(feed.heard_at),
            next_at: at(feed.next_at),
            failures: feed.failures,
            alarmed_at: at(feed.alarmed_at),
            name: feed.name,
        }
    }
}

impl CertRun {
    fn of(run: &Run) -> Result<Self, db::DbError> {
        Ok(Self {
            told: run.told()?,
            at: run.at.to_string(),
            took_ms: run.took / 1_000,
            outcome: run.outcome,
            requests: run.asked,
            bytes: run.bytes,
            new: run.new,
            changed: run.changed,
            same: run.same,
            refused: run.refused,
            remarked: run.remarked,
            remaining: run.remaining,
        })
    }
}

impl From<Failed> for CertFailed {
    fn from(failed: Failed) -> Self {
        let bare = failed.url.split(['?', '#']).next().unwrap_or_default();
        Self { url: bare.to_owned(), tries: failed.tries, error: failed.error }
    }
}
