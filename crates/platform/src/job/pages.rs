//! The administrator's page of jobs: waiting, running, dead; and a dead one tried again.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Counts, JobId, Listed, State as JobState, counts, list, retry};
use crate::{
    Actor, App,
    access::{Role, Rule},
    log,
    web::{
        Error, Route,
        cursor::{self, Page},
        shell::{Shell, render},
    },
};

/// Who looks after the program's work.
const ADMINS: &[Role] = &[Role::Admin];

/// The routes of this page.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/jobs", Rule::Roles(ADMINS), show),
        Route::post("/jobs/{id}/retry", Rule::Roles(ADMINS), try_again).sample("/jobs/{dead_job}/retry"),
    ]
}

#[derive(Template)]
#[template(path = "job/list.html")]
struct Jobs {
    shell: Shell,
    state: JobState,
    tabs: [(JobState, i64); 3],
    page: Page<Listed>,
}

/// Which jobs, behind which.
#[derive(Debug, Deserialize)]
pub struct Asked {
    state: Option<String>,
    after: Option<String>,
}

/// `GET /jobs`
async fn show(State(app): State<App>, shell: Shell, Query(asked): Query<Asked>) -> Result<Response, Error> {
    // What needs a person comes first.
    let state = asked.state.and_then(|state| state.parse().ok()).unwrap_or(JobState::Dead);
    let after = asked.after.and_then(|after| cursor::read::<(i64, JobId)>(&after));
    let after = after.and_then(|(at, id)| Timestamp::from_microsecond(at).ok().map(|at| (at, id)));
    let mut snapshot = app.read().await?;
    let Counts { waiting, running, dead } = counts(&mut snapshot).await?;
    let tabs = [(JobState::Dead, dead), (JobState::Running, running), (JobState::Waiting, waiting)];
    let rows = list(&mut snapshot, state, after).await?;
    let page = Page::of(rows, |row| (row.run_at.as_microsecond(), row.id));
    Ok(render(StatusCode::OK, &Jobs { shell, state, tabs, page }))
}

/// `POST /jobs/{id}/retry`
async fn try_again(State(app): State<App>, actor: Actor, Path(id): Path<JobId>) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    if !retry(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    log::write(&mut tx, &actor, log::Entry::new("job.retried").about(id.0)).await?;
    tx.commit().await?;
    Ok(Redirect::to("/jobs"))
}
