//! The list of requests: all at the CERT; at organisations their own, and those that they were asked.

use askama::Template;
use axum::{extract::Query, response::Response};
use http::StatusCode;
use platform::{
    access::Role,
    web::{
        Error, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::aid::{
    Request, RequestId, Shown, State, What,
    store::{self},
};

/// The list's address: what was asked for, kept from page to page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    what: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[derive(Template)]
#[template(path = "aid/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    page: Page<Request>,
    next: String,
    states: Vec<Choice>,
    whats: Vec<Choice>,
    at_cert: bool,
    may_write: bool,
}

impl ListPage {
    /// Who asks, as the reader may know it.
    fn who(&self, row: &Request) -> String {
        if self.at_cert || row.is_own { row.name.clone() } else { Shown::of(row, false).who }
    }

    fn found(&self, row: &Request) -> String {
        format!("{} of {}", words::count(row.accepted), words::count(row.wanted))
    }
}

/// `GET /aid`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after: Option<RequestId> = cursor::read(&asked.after);
    let at_cert = visit.actor.at_cert();
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = if at_cert {
        let (state, what) = (asked.state.parse().ok(), asked.what.parse().ok());
        store::all(&mut snapshot, state, what, after).await?
    } else {
        store::own(&mut snapshot, &visit.actor, visit.shell.now, after.unwrap_or(RequestId(Uuid::max())))
            .await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_asking("/aid", |after| Asked { after, ..asked.clone() });
    let any = |choices: Vec<Choice>, typed: &str| -> Vec<Choice> {
        let any = std::iter::once(Choice::new("any", "Any"));
        any.chain(choices).map(|choice| choice.chosen_in(&[typed])).collect()
    };
    let states = State::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    let whats = What::ALL.iter().map(|each| Choice::new(each.code(), each.label())).collect();
    let page = ListPage {
        problems: Problems::none(),
        states: any(states, &asked.state),
        whats: any(whats, &asked.what),
        may_write: visit.actor.is_any(Role::ANSWERING),
        next,
        shell: visit.shell,
        page,
        at_cert,
    };
    Ok(render(StatusCode::OK, &page))
}
