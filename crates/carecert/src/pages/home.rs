//! The first page: for a visitor what this is and whom to ring; for a person, what waits for them.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use platform::{
    uk,
    waiting::Waiting,
    web::{
        Error, Visit,
        shell::{Shell, render},
    },
};
use react::access::HANDLE_INCIDENTS;

use crate::demo;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "pages/waiting.html")]
struct WaitingPage {
    shell: Shell,
    /// What is most urgent first.
    waiting: Vec<Waiting>,
    /// Whether they take the calls of others, rather than report.
    takes_calls: bool,
}

impl WaitingPage {
    /// A deadline at midnight is the end of a day, and is told as that day.
    fn until(&self, due: Timestamp) -> String {
        let before = due - SignedDuration::from_micros(1);
        if uk::day(before) == uk::day(due) { self.shell.instant(due) } else { self.shell.day(before) }
    }

    /// What more is said of a line, with its deadline.
    fn hint(&self, line: &Waiting) -> String {
        let due = line.due.map(|due| format!("until {} ({})", self.until(due), self.shell.left(due)));
        [Some(line.hint.clone()).filter(|hint| !hint.is_empty()), due]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// `GET /`
pub async fn show(visit: Visit) -> Result<Response, Error> {
    if visit.shell.who.is_some() {
        return waiting(visit).await;
    }
    // A demonstration tells its story first.
    if visit.shell.demonstration {
        return demo::home::page(&visit.app, visit.shell).await;
    }
    Ok(render(StatusCode::OK, &Home { shell: visit.shell }))
}

async fn waiting(visit: Visit) -> Result<Response, Error> {
    let mut waiting = Vec::new();
    // Somebody may stand for thousands.
    let mut snapshot = visit.app.db.read_long().await?;
    for part in visit.app.services.iter().flat_map(|service| service.waiting) {
        waiting.extend((part.read)(&mut snapshot, &visit.actor, visit.shell.now).await?);
    }
    drop(snapshot);
    // What has no deadline stands behind what has one.
    waiting.sort_by_key(|each: &Waiting| (each.urgency, each.due.is_none(), each.due));
    let takes_calls = visit.actor.is_any(HANDLE_INCIDENTS);
    Ok(render(StatusCode::OK, &WaitingPage { shell: visit.shell, waiting, takes_calls }))
}
