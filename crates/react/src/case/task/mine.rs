//! What somebody has to do, in every case that they see.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error,
        shell::{Shell, render},
    },
};

use super::store::{self, Task};

#[derive(Template)]
#[template(path = "case/my_tasks.html")]
struct MinePage {
    shell: Shell,
    tasks: Vec<Task>,
}

/// `GET /incidents/tasks`
pub(super) async fn show(State(app): State<App>, shell: Shell, actor: Actor) -> Result<Response, Error> {
    let Some(person) = actor.person().map(|person| person.id) else { return Err(Error::NotFound) };
    let mut snapshot = app.db.read_long().await?;
    let tasks = if actor.at_cert() {
        store::of_person_at_cert(&mut snapshot, person).await?
    } else {
        store::of_person(&mut snapshot, &actor, shell.now).await?
    };
    drop(snapshot);
    Ok(render(StatusCode::OK, &MinePage { shell, tasks }))
}
