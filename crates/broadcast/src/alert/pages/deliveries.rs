//! What became of an alert's messages.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use platform::{
    App,
    message::{self, Fate, MessageId, State as Standing},
    web::{
        Error,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::alert::{Alert, AlertId, State as AlertState, store};

/// Which of the messages, and from where on.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    state: String,
    /// The code of an organisation: then only what went to it, whatever became of it.
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "alert/deliveries.html")]
struct DeliveriesPage {
    shell: Shell,
    alert: Alert,
    /// Each standing, how many messages have it, and whether it is the one that is listed.
    counts: Vec<(Standing, String, bool)>,
    listed: Standing,
    /// The code that was asked for.
    organisation: String,
    problems: Problems,
    rows: Vec<Fate>,
    next: String,
}

impl DeliveriesPage {
    /// Where a message stands, in words: of a text it is told whether it arrived.
    fn standing(&self, fate: &Fate) -> &'static str {
        if fate.arrived_at.is_some() { "Arrived" } else { fate.state.label() }
    }

    /// What a message is, in words.
    fn kind(&self, fate: &Fate) -> &'static str {
        match fate.kind.as_str() {
            "alert" => "Alert",
            "alert_text" => "Text",
            "alert_withdrawn" | "alert_withdrawn_text" => "Withdrawal",
            _ => "Reminder",
        }
    }
}

/// `GET /alerts/{id}/deliveries?state=failed`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    // Counts up to a few hundred thousand messages by their index.
    let mut snapshot = app.db.read_long().await?;
    let alert = store::alert(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let listed: Standing = wanted.state.parse().unwrap_or(Standing::Failed);
    let fates = message::fates_about(&mut snapshot, id.0).await?;
    let after: Option<MessageId> = cursor::read(&wanted.after);
    let organisation = wanted.organisation.trim().to_uppercase();
    let fates_listed = if organisation.is_empty() {
        message::fates_listed(&mut snapshot, id.0, listed, after).await?
    } else {
        message::fates_of(&mut snapshot, id.0, &organisation).await?
    };
    let page = Page::of(fates_listed, |fate| fate.id);
    let counts = [
        (Standing::Waiting, fates.waiting),
        (Standing::Sent, fates.sent),
        (Standing::Failed, fates.failed),
        (Standing::CameBack, fates.came_back),
        (Standing::CalledBack, fates.called_back),
    ];
    let counts = counts.map(|(state, count)| (state, show::count(count), state == listed)).into();
    let more = page.next.filter(|_| organisation.is_empty());
    let next = more.map(|next| format!("?state={}&after={next}", listed.code())).unwrap_or_default();
    let (rows, problems) = (page.rows, Problems::default());
    let page = DeliveriesPage { shell, alert, counts, listed, organisation, problems, rows, next };
    Ok(render(StatusCode::OK, &page))
}
