//! What is active in an area, and the areas to choose from.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    App, uk,
    web::{
        Error, Visit,
        cursor::{self, Page},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::{
    access::WRITE_ADVISORIES,
    activity::{
        Area,
        counts::{self, Counts},
        store::{self, Active, Cursor},
    },
    sighting,
};

/// An area of the list.
struct Row {
    area: Area,
    active: String,
    week: String,
    month: String,
    quarter: String,
}

#[derive(Template)]
#[template(path = "activity/areas.html")]
struct AreasPage {
    shell: Shell,
    rows: Vec<Row>,
    waiting: i64,
}

/// `GET /threats/areas`
pub(super) async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let today = uk::day(shell.now);
    let mut snapshot = app.db.read_long().await?;
    let counted = counts::by_area(&mut snapshot, today).await?;
    let waiting = sighting::store::waiting(&mut snapshot).await?;
    drop(snapshot);
    let rows = counted.into_iter().map(row).collect();
    Ok(render(StatusCode::OK, &AreasPage { shell, rows, waiting }))
}

fn row(counts: Counts) -> Row {
    Row {
        area: counts.area,
        active: show::count(counts.active),
        week: show::count(counts.week),
        month: show::count(counts.month),
        quarter: show::count(counts.quarter),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "activity/area.html")]
struct AreaPage {
    shell: Shell,
    area: Area,
    place: String,
    page: Page<Active>,
    next: String,
    may_write: bool,
}

impl AreaPage {
    fn since(&self, row: &Active) -> String {
        row.since.as_deref().map_or_else(|| "Seen, not entered".to_owned(), day)
    }

    fn latest(&self, row: &Active) -> String {
        if row.latest.is_empty() { "None in 90 days".to_owned() } else { day(&row.latest) }
    }
}

/// `GET /threats/areas/{area}`
pub(super) async fn one(
    visit: Visit,
    Path(area): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let area = Area::of(&area).ok_or(Error::NotFound)?;
    let after = cursor::read::<Cursor>(&asked.after);
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = store::active(&mut snapshot, area, uk::day(visit.shell.now), after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.latest.clone(), row.id));
    let next = page.next.as_ref().map(|after| format!("/threats/areas/{}?after={after}", area.code()));
    let page = AreaPage {
        place: area.in_sentence(),
        next: next.unwrap_or_default(),
        may_write: visit.actor.is_any(WRITE_ADVISORIES),
        area,
        page,
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// An ISO 8601 day as people read it.
fn day(iso: &str) -> String {
    iso.parse().map_or_else(|_| iso.to_owned(), |day: Date| show::date(day, Language::English))
}
