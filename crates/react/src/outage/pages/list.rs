//! The list of outages: all of them at the CERT, those that concern them at organisations.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use platform::web::{
    Error, Visit,
    cursor::{self, Page},
    shell::{Shell, render},
    show as words,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::outage::{
    OutageId, State as Where,
    store::{self, Listed},
};

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct After {
    after: String,
}

#[derive(Template)]
#[template(path = "outage/list.html")]
struct ListPage {
    shell: Shell,
    page: Page<Listed>,
    next: String,
    at_cert: bool,
}

impl ListPage {
    fn count(&self, count: &i64) -> String {
        words::count(*count)
    }

    fn awaited(&self, row: &Listed) -> bool {
        row.state == Where::Declared && row.waiting > 0
    }
}

/// `GET /outages`
pub(super) async fn list(visit: Visit, Query(asked): Query<After>) -> Result<Response, Error> {
    let after: Option<(i64, OutageId)> = cursor::read(&asked.after);
    let (at, id) = after.unwrap_or((Timestamp::MAX.as_microsecond() / 2, OutageId(Uuid::max())));
    let at = Timestamp::from_microsecond(at).map_err(|_| Error::NotFound)?;
    let at_cert = visit.actor.at_cert();
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = if at_cert {
        store::all(&mut snapshot, (at, id)).await?
    } else {
        store::own(&mut snapshot, &visit.actor, visit.shell.now, (at, id)).await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.declared_at.as_microsecond(), row.id));
    let next = page.next_of("/outages");
    Ok(render(StatusCode::OK, &ListPage { shell: visit.shell, page, next, at_cert }))
}
