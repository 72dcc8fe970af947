//! The CERT's list of questions, those that wait longest first.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use platform::{
    App,
    web::{
        Error,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    advisory::{self, AdvisoryNumber},
    question::{
        State as Standing,
        store::{self, Cursor, Question},
    },
};

/// The list's address: what was asked for, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Asked {
    /// A state; `any`, or those that wait where it is absent.
    status: Option<String>,
    /// The number of the alert that they are about; any where it is empty.
    #[serde(default)]
    alert: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "question/queue.html")]
struct QueuePage {
    shell: Shell,
    problems: Problems,
    page: Page<Question>,
    statuses: Vec<Choice>,
    alert: String,
    next: String,
}

/// `GET /questions`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let after: Option<Cursor> = asked.after.as_deref().and_then(cursor::read);
    let wanted = asked.status.as_deref().unwrap_or(Standing::Open.code());
    let state: Option<Standing> = wanted.parse().ok();
    let mut problems = Problems::none();
    let mut snapshot = app.read().await?;
    let mut advisory = None;
    if !asked.alert.trim().is_empty() {
        if let Ok(number) = asked.alert.trim().parse::<AdvisoryNumber>() {
            advisory = advisory::store::id_of(&mut snapshot, number).await?;
        }
        if advisory.is_none() {
            problems.push("alert", "Enter the number of an alert, such as CC-0001");
        }
    }
    let rows = if problems.is_empty() {
        store::queue(&mut snapshot, state, advisory, after).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.waiting_since.as_microsecond(), row.id));
    let next = page.next_asking("/questions", |after| Asked { after: Some(after), ..asked.clone() });
    let mut statuses: Vec<_> =
        Standing::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    statuses.push(Choice::new("any", "Any"));
    let page = QueuePage {
        statuses: statuses.into_iter().map(|choice| choice.chosen_in(&[wanted])).collect(),
        alert: asked.alert,
        next,
        problems,
        page,
        shell,
    };
    Ok(render(page.problems.status(), &page))
}

impl Question {
    /// The beginning of what was asked first, for a list.
    pub(super) fn beginning(&self) -> String {
        const LETTERS: usize = 120;
        let first = self.first.as_deref().filter(|text| !text.is_empty()).unwrap_or("No longer kept");
        let mut words: String = first.chars().take(LETTERS).collect();
        if first.chars().nth(LETTERS).is_some() {
            words.push('…');
        }
        words
    }
}
