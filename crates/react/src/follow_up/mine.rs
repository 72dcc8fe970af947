//! What somebody has to do so that lessons are learned, in every case that they see, whether it is closed or not.

use askama::Template;
use axum::{
    extract::{Query, State as Extracted},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    web::{
        Error,
        cursor::{self, Page},
        shell::{Shell, render},
    },
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
pub(super) async fn show(
    Extracted(app): Extracted<App>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let Some(person) = actor.person().map(|person| person.id) else { return Err(Error::NotFound) };
    let after = cursor::read(&asked.after).unwrap_or((Timestamp::UNIX_EPOCH, FollowUpId(Uuid::nil())));
    let mut snapshot = app.db.read_long().await?;
    let rows = if actor.at_cert() {
        store::of_person_at_cert(&mut snapshot, person, shell.now, after).await?
    } else {
        store::of_person(&mut snapshot, &actor, shell.now, after).await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.due_at, row.id));
    let next =
        page.next.as_ref().map(|after| format!("/incidents/actions?after={after}")).unwrap_or_default();
    Ok(render(StatusCode::OK, &MinePage { shell, page, next }))
}
