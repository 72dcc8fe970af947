//! What rose in the list of threats of late, the newest first, with why.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
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

use crate::triage::store::{self, Change};

/// How far back people look, in days.
const DAYS: [(i64, &str, &str); 3] =
    [(1, "1", "The last 24 hours"), (3, "3", "The last 3 days"), (7, "7", "The last 7 days")];

/// The list's address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Asked {
    #[serde(default)]
    days: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "triage/risen.html")]
struct RisenPage {
    shell: Shell,
    problems: Problems,
    page: Page<Change>,
    days: Vec<Choice>,
    next: String,
}

/// `GET /threats/risen`
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let after: Option<(Timestamp, uuid::Uuid)> = asked.after.as_deref().and_then(cursor::read);
    let (days, code, _) = DAYS.into_iter().find(|(_, code, _)| *code == asked.days).unwrap_or(DAYS[0]);
    let since = shell.now - SignedDuration::from_hours(24 * days);
    let rows = store::risen(&mut app.read().await?, since, after).await?;
    let page = Page::of(rows, |row| (row.at, row.id));
    let next =
        page.next_asking("/threats/risen", |after| Asked { days: code.to_owned(), after: Some(after) });
    let days = DAYS.map(|(_, value, label)| Choice::new(value, label).chosen_in(&[code])).into();
    let page = RisenPage { shell, problems: Problems::none(), page, days, next };
    Ok(render(StatusCode::OK, &page))
}
