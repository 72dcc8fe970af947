//! `/alerts`: what must I do, the most urgent first.

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
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{AlertId, Stage, store::lists};
use crate::alert;

/// Where the two lists go on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Cursors {
    after: Option<String>,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "response/home.html")]
struct Home {
    shell: Shell,
    waiting: Page<lists::Waiting>,
    done: Page<lists::Done>,
    answering: Vec<lists::Answering>,
}

/// `GET /alerts`: four statements, whoever asks.
pub(super) async fn home(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Query(cursors): Query<Cursors>,
) -> Result<Response, Error> {
    let now = shell.now;
    let after = cursors.after.as_deref().and_then(cursor::read);
    let before = cursors.before.as_deref().and_then(cursor::read);
    // Somebody who answers for thousands has a list that counts them all.
    let mut snapshot = app.db.read_long().await?;
    let waiting =
        lists::waiting(&mut snapshot, &actor, now, after.unwrap_or((0, AlertId(Uuid::nil())))).await?;
    let done = lists::done(&mut snapshot, &actor, now, before.unwrap_or((lists::NEVER, AlertId(Uuid::max())))).await?;
    let answering = lists::answering(&mut snapshot, &actor, now).await?;
    drop(snapshot);
    let page = Home {
        shell,
        waiting: Page::of(waiting, |row| (row.urgent_at.as_microsecond(), row.alert_id)),
        done: Page::of(done, |row| (row.issued_at.as_microsecond(), row.alert_id)),
        answering,
    };
    Ok(render(StatusCode::OK, &page))
}

impl lists::Waiting {
    /// Whether a clock runs for one of them.
    fn has_deadline(&self) -> bool {
        self.urgent_at.as_microsecond() < lists::NEVER
    }

    /// Whether somebody else answers for all of them.
    fn nothing_to_do(&self) -> bool {
        self.others == self.organisations
    }

    /// What is to be done next.
    fn asked(&self) -> &'static str {
        match (self.unacknowledged, self.in_progress) {
            (1.., _) => "Acknowledge",
            (0, 1..) => "Answer, or close",
            _ => "Waits for the executive",
        }
    }

    /// The stages that somebody stands at, with how many.
    fn stages(&self) -> Vec<(Stage, String)> {
        [
            (Stage::Unacknowledged, self.unacknowledged),
            (Stage::InProgress, self.in_progress),
            (Stage::AwaitsExecutive, self.awaits_executive),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(stage, count)| (stage, show::count(count)))
        .collect()
    }
}

impl lists::Done {
    /// Why nothing is left to do.
    fn status(&self) -> (&'static str, &'static str) {
        match (self.state, self.informed) {
            (alert::State::Withdrawn, _) => ("Withdrawn", "grey"),
            (alert::State::Superseded, _) => ("Replaced by an update", "grey"),
            (_, true) => ("For information", "grey"),
            _ => ("Nothing left to do", "green"),
        }
    }
}
