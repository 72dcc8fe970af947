//! What is active in an area, and the areas to choose from.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    Actor, App, uk,
    web::{
        Error,
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
        store::{self, Active, Counted, Cursor},
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
    let counted = store::by_region(&mut snapshot, today).await?;
    let entered: HashMap<String, i64> =
        store::entered_by_region(&mut snapshot, today).await?.into_iter().collect();
    let waiting = sighting::store::waiting(&mut snapshot).await?;
    drop(snapshot);
    let areas = Area::standing(today).into_iter().chain([Area::Everywhere]);
    let rows = areas.map(|area| row(area, &counted, &entered)).collect();
    Ok(render(StatusCode::OK, &AreasPage { shell, rows, waiting }))
}

/// What is entered for an area itself and for what it was made of; of the whole country all sightings.
fn row(area: Area, counted: &[Counted], entered: &HashMap<String, i64>) -> Row {
    let codes: Vec<&str> = match area {
        Area::Everywhere => vec![""],
        Area::Region(_) => area.known_as().into_iter().filter(|code| !code.is_empty()).collect(),
    };
    let here = counted.iter().filter(|each| area == Area::Everywhere || each.region == area.code());
    let sum = |count: fn(&Counted) -> i64| show::count(here.clone().map(count).sum());
    Row {
        area,
        active: show::count(codes.iter().filter_map(|code| entered.get(*code)).sum()),
        week: sum(|each| each.week),
        month: sum(|each| each.month),
        quarter: sum(|each| each.quarter),
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
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(area): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let area = Area::of(&area).ok_or(Error::NotFound)?;
    let after = cursor::read::<Cursor>(&asked.after);
    let mut snapshot = app.db.read_long().await?;
    let rows = store::active(&mut snapshot, area, uk::day(shell.now), after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.latest.clone(), row.id));
    let next = page.next.as_ref().map(|after| format!("/threats/areas/{}?after={after}", area.code()));
    let page = AreaPage {
        place: area.in_sentence(),
        next: next.unwrap_or_default(),
        may_write: actor.is_any(WRITE_ADVISORIES),
        area,
        page,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// An ISO 8601 day as people read it.
fn day(iso: &str) -> String {
    iso.parse().map_or_else(|_| iso.to_owned(), |day: Date| show::date(day, Language::English))
}
