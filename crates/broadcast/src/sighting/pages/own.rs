//! What an organisation reported, and what became of it; and what others in its region saw, as far as
//! that says nothing about who.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use jiff::{Span, civil::Date};
use platform::{
    access::Role,
    organisation::region_name,
    uk,
    web::{
        Error, Visit,
        cursor::{self, Page},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::report::in_words;
use crate::sighting::{
    SightingId,
    store::{self, Sighting},
    told::{self, Elsewhere},
};

/// For how many days back others' sightings are counted.
const DAYS: i64 = 30;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "sighting/list.html")]
struct ListPage {
    shell: Shell,
    page: Page<Sighting>,
    next: String,
    elsewhere: Vec<Elsewhere>,
    may_report: bool,
}

impl ListPage {
    fn region(&self, row: &Elsewhere) -> String {
        region_name(&row.region).to_owned()
    }
}

/// `GET /sightings`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = cursor::read(&asked.after).unwrap_or(SightingId(Uuid::max()));
    let from = uk::day(visit.shell.now).checked_sub(Span::new().days(DAYS - 1)).unwrap_or(Date::MIN);
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = store::all_own(&mut snapshot, &visit.actor, visit.shell.now, after).await?;
    let elsewhere = told::elsewhere(&mut snapshot, &visit.actor, visit.shell.now, from).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of("/sightings");
    let may_report = visit.actor.is_any(Role::ANSWERING);
    Ok(render(StatusCode::OK, &ListPage { shell: visit.shell, page, next, elsewhere, may_report }))
}

#[derive(Template)]
#[template(path = "sighting/own.html")]
struct OwnPage {
    shell: Shell,
    sighting: Sighting,
    rows: Vec<(&'static str, String)>,
    sent: bool,
}

/// `GET /sightings/{id}`
pub(super) async fn one(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let id = id.parse().map_err(|()| Error::NotFound)?;
    let sighting = store::own(&mut visit.app.read().await?, &visit.actor, visit.shell.now, id).await?;
    let sighting = sighting.ok_or(Error::NotFound)?;
    let rows = in_words(&sighting.report);
    Ok(render(StatusCode::OK, &OwnPage { rows, sent: asked.sent == "yes", sighting, shell: visit.shell }))
}

impl Sighting {
    /// The day on which it was seen, as people read it.
    pub(super) fn seen_on(&self) -> String {
        show::date(self.report.seen_on, Language::English)
    }
}
