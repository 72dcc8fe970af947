//! What somebody has to do, in every case that they see.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use platform::web::{
    Error, Visit,
    cursor::{self, Page},
    shell::{Shell, render},
};
use serde::Deserialize;

use super::store::{self, Task};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "case/my_tasks.html")]
struct MinePage {
    shell: Shell,
    page: Page<Task>,
    next: String,
}

/// `GET /incidents/tasks`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let Some(person) = visit.actor.person().map(|person| person.id) else { return Err(Error::NotFound) };
    let after = cursor::read(&asked.after).unwrap_or(store::START);
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = if visit.actor.at_cert() {
        store::of_person_at_cert(&mut snapshot, person, after).await?
    } else {
        store::of_person(&mut snapshot, &visit.actor, visit.shell.now, after).await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.due_at.unwrap_or(Timestamp::MAX), row.id));
    let next = page.next_of("/incidents/tasks");
    Ok(render(StatusCode::OK, &MinePage { shell: visit.shell, page, next }))
}
