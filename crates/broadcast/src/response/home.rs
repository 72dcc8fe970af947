//! `/alerts`: what must I do, the most urgent first.

use std::collections::HashSet;

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use platform::{
    access::Role,
    web::{
        Error, Visit,
        cursor::{self, Page},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    AlertId, DECIDING, EventId, Stage,
    store::{
        decisions::{self, Request},
        lists,
    },
};
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
    /// Those that the executive has sent back.
    sent_back: HashSet<AlertId>,
    /// What the reader is asked to decide on.
    decisions: Vec<Request>,
    may_answer: bool,
}

/// `GET /alerts`: five statements, and one more for who decides.
pub(super) async fn home(visit: Visit, Query(cursors): Query<Cursors>) -> Result<Response, Error> {
    let now = visit.shell.now;
    let after = cursors.after.as_deref().and_then(cursor::read);
    let before = cursors.before.as_deref().and_then(cursor::read);
    // Somebody who answers for thousands has a list that counts them all.
    let mut snapshot = visit.app.db.read_long().await?;
    let waiting =
        lists::waiting(&mut snapshot, &visit.actor, now, after.unwrap_or((0, AlertId(Uuid::nil())))).await?;
    let done =
        lists::done(&mut snapshot, &visit.actor, now, before.unwrap_or((lists::NEVER, AlertId(Uuid::max()))))
            .await?;
    let answering = lists::answering(&mut snapshot, &visit.actor, now).await?;
    let sent_back = decisions::alerts_sent_back(&mut snapshot, &visit.actor, now).await?;
    let mut decisions = Vec::new();
    if visit.actor.is_any(DECIDING) {
        decisions = decisions::waiting(&mut snapshot, &visit.actor, now, EventId(Uuid::nil())).await?;
        decisions.retain(|request| !request.own);
    }
    drop(snapshot);
    let page = Home {
        decisions,
        sent_back: sent_back.into_iter().map(|(alert,)| alert).collect(),
        may_answer: visit.actor.is_any(Role::ANSWERING),
        shell: visit.shell,
        waiting: Page::of(waiting, |row| (row.urgent_at.as_microsecond(), row.alert_id)),
        done: Page::of(done, |row| (row.issued_at.as_microsecond(), row.alert_id)),
        answering,
    };
    Ok(render(StatusCode::OK, &page))
}

impl Home {
    /// What the alerts that wait ask of the reader.
    fn introduction(&self) -> &'static str {
        match self.may_answer {
            _ if self.waiting.rows.iter().all(lists::Waiting::nothing_to_do) => {
                "Others answer these for your organisation. You do not have to do anything, and may."
            }
            true => "These wait for an answer, the most urgent first.",
            false => "Your organisation is asked to answer these, the most urgent first.",
        }
    }

    /// What is to be done next: by the reader or, where they may not answer, by their organisation.
    fn asked(&self, row: &lists::Waiting) -> &'static str {
        match (row.unacknowledged, row.in_progress, self.may_answer) {
            (1.., _, true) => "Acknowledge",
            (1.., _, false) => "Your organisation has to acknowledge",
            (0, 1.., true) => "Answer, or close",
            (0, 1.., false) => "Your organisation has to answer, or close",
            _ => "Waits for the executive",
        }
    }

    /// Whether the alert waits for the reader's own decision.
    fn decides(&self, row: &lists::Waiting) -> bool {
        self.decisions.iter().any(|request| request.alert_id == row.alert_id)
    }

    /// Where the decisions that wait are taken: on the page of the one alert that they are about, or from their list.
    fn to_decide(&self) -> String {
        match self.decisions.as_slice() {
            [first, rest @ ..] if rest.iter().all(|request| request.alert_id == first.alert_id) => {
                format!("/decisions/{}", first.alert_id)
            }
            _ => "/decisions".to_owned(),
        }
    }

    /// Whether the executive has sent it back, and nothing was said since.
    fn sent_back(&self, row: &lists::Waiting) -> bool {
        self.sent_back.contains(&row.alert_id)
    }
}

impl lists::Waiting {
    /// Whether a clock runs for one of them.
    pub(super) fn has_deadline(&self) -> bool {
        self.urgent_at.as_microsecond() < lists::NEVER
    }

    /// Whether somebody else answers for all of them.
    pub(super) fn nothing_to_do(&self) -> bool {
        self.others == self.organisations
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
