//! The list of advisories by state, and of those that one person released alone.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error,
        cursor::{self, Page},
        form::Choice,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::{
    access::WRITE_ADVISORIES,
    advisory::{
        State as Stage, VersionId,
        store::list::{self, Listed},
    },
};

/// The list's address.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "advisory/list.html")]
struct ListPage {
    shell: Shell,
    page: Page<Listed>,
    states: Vec<Choice>,
    next: String,
    filtered: bool,
    to_review: bool,
    may_write: bool,
}

/// `GET /advisories`
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let state = asked.state.as_deref().and_then(|code| code.parse::<Stage>().ok());
    let after = asked.after.as_deref().and_then(cursor::read::<VersionId>);
    let mut snapshot = app.read().await?;
    let rows = list::list(&mut snapshot, state.into(), after).await?;
    let to_review = !list::released_alone(&mut snapshot).await?.is_empty();
    let page = Page::of(rows, |row| row.id);
    let code = state.map_or("", Stage::code);
    let mut states = vec![Choice::new("", "Every state")];
    states.extend(Stage::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&[code])));
    let next = page.next_of(&format!("/advisories?state={code}"));
    let page = ListPage {
        shell,
        states,
        next,
        filtered: state.is_some() || asked.after.is_some(),
        to_review,
        may_write: actor.is_any(WRITE_ADVISORIES),
        page,
    };
    Ok(render(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "advisory/to_review.html")]
struct ToReviewPage {
    shell: Shell,
    rows: Vec<Listed>,
}

/// `GET /advisories/to-review`
pub(super) async fn to_review(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let rows = list::released_alone(&mut app.read().await?).await?;
    Ok(render(StatusCode::OK, &ToReviewPage { shell, rows }))
}
