//! The administrator's page of what waits: jobs that wait, run or are dead, and a dead one tried again; messages, and why
//! they have not left.

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
    clock::{self, Jump},
    log,
    message::{self, Down},
    metrics::{self, Waiting},
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
    /// The messages that wait, and what takes none of them.
    waiting: Vec<Waiting>,
    down: Vec<Down>,
    /// How the clocks of machines were set lately.
    jumps: Vec<Jump>,
}

impl Jobs {
    /// By what a message travels, and how urgent it is.
    #[expect(clippy::unused_self, reason = "a template calls methods of its page")]
    fn travels(&self, waiting: &Waiting) -> &'static str {
        match (waiting.channel.as_str(), waiting.lane.as_str()) {
            ("sms", _) => "Text messages",
            (_, "urgent") => "Urgent mail",
            _ => "Other mail",
        }
    }

    /// Why messages wait that could have left.
    fn why(&self, waiting: &Waiting) -> String {
        let down = self.down.iter().find(|down| down.channel.code() == waiting.channel);
        match down {
            Some(down) => format!(
                "Nothing is taken since {}: {}. Asked {} times; next at {}.",
                self.shell.instant(down.down_since),
                down.last_error.trim_end_matches('.'),
                down.tries,
                self.shell.instant(down.next_try_at)
            ),
            None if waiting.oldest > self.shell.now => {
                "It is not yet time, or a server put it off.".to_owned()
            }
            None => "It is their turn.".to_owned(),
        }
    }
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
    let waiting = metrics::waiting(&mut snapshot).await?;
    let down = message::all_down(&mut snapshot).await?;
    let jumps = clock::jumps(&mut snapshot, shell.now).await?;
    Ok(render(StatusCode::OK, &Jobs { shell, state, tabs, page, waiting, down, jumps }))
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
