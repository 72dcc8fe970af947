//! The lessons of all incidents that are shared, for the CERT to find what others can learn. It leads to the case; nothing
//! leaves one from here: what others are told is written by a person, in words that name nobody.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    access::Rule,
    web::{
        Error, Route,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    LessonId,
    store::{self, Shared},
};
use crate::{access::READ_INCIDENTS, triage};

/// This noun's row of the route table that is the CERT's.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/lessons", Rule::Roles(READ_INCIDENTS), list).sample("/lessons?words=paper")]
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    words: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[derive(Template)]
#[template(path = "lesson/shared.html")]
struct SharedPage {
    shell: Shell,
    problems: Problems,
    page: Page<Shared>,
    words: String,
    next: String,
}

impl SharedPage {
    fn kind(&self, lesson: &Shared) -> String {
        lesson.kind.as_deref().map(triage::rsit::called).unwrap_or_default()
    }
}

/// `GET /lessons`
async fn list(State(app): State<App>, shell: Shell, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = cursor::read(&asked.after).unwrap_or(LessonId(Uuid::max()));
    let mut snapshot = app.db.read_long().await?;
    let rows = store::shared(&mut snapshot, &asked.words, after).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_asking("/lessons", |after| Asked { after, ..asked.clone() });
    let problems = Problems::none();
    Ok(render(StatusCode::OK, &SharedPage { shell, problems, page, words: asked.words, next }))
}
