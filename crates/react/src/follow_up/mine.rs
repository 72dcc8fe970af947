//! What somebody has to do so that lessons are learned, in every case that they see, whether it is closed or not.

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
use uuid::Uuid;

use super::{
    FollowUpId,
    store::{self, FollowUp},
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "follow_up/mine.html")]
struct MinePage {
    shell: Shell,
    page: Page<FollowUp>,
    next: String,
}

/// `GET /incidents/actions`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let Some(person) = visit.actor.person().map(|person| person.id) else { return Err(Error::NotFound) };
    let after = cursor::read(&asked.after).unwrap_or((Timestamp::UNIX_EPOCH, FollowUpId(Uuid::nil())));
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = if visit.actor.at_cert() {
        store::of_person_at_cert(&mut snapshot, person, visit.shell.now, after).await?
    } else {
        store::of_person(&mut snapshot, &visit.actor, visit.shell.now, after).await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.due_at, row.id));
    let next = page.next_of("/incidents/actions");
    Ok(render(StatusCode::OK, &MinePage { shell: visit.shell, page, next }))
}
