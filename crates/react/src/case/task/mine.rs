//! What somebody has to do, in every case that they see.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::web::{
    Error, Visit,
    shell::{Shell, render},
};

use super::store::{self, Task};

#[derive(Template)]
#[template(path = "case/my_tasks.html")]
struct MinePage {
    shell: Shell,
    tasks: Vec<Task>,
}

/// `GET /incidents/tasks`
pub(super) async fn show(visit: Visit) -> Result<Response, Error> {
    let Some(person) = visit.actor.person().map(|person| person.id) else { return Err(Error::NotFound) };
    let mut snapshot = visit.app.db.read_long().await?;
    let tasks = if visit.actor.at_cert() {
        store::of_person_at_cert(&mut snapshot, person).await?
    } else {
        store::of_person(&mut snapshot, &visit.actor, visit.shell.now).await?
    };
    drop(snapshot);
    Ok(render(StatusCode::OK, &MinePage { shell: visit.shell, tasks }))
}
