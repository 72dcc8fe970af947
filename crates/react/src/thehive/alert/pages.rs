//! What systems raised, for the people of their own side: to be read. It is imported by a system, or reported by a person.

use askama::Template;
use axum::{extract::Query, response::Response};
use db::{DbError, Snapshot, params, sql};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor,
    access::{Role, Rule, scope::mine_of},
    mine,
    web::{
        Error, Route, Visit,
        cursor::{self, Page},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{AlertId, Status};
use crate::{access::READERS, incident::IncidentId, thehive::words::severity_label};

/// How much of a description is shown, in characters.
const SHOWN: usize = 300;

/// The row of the page.
pub(in crate::thehive) fn routes() -> Vec<Route> {
    vec![Route::get("/incidents/alerts", Rule::Roles(READERS), show)]
}

db::record! {
    struct Row {
        id: AlertId,
        source: String,
        source_ref: String,
        title: String,
        text: String,
        severity: i64,
        happened_at: Timestamp,
        status: Status,
        incident_id: Option<IncidentId>,
        name: Option<String>,
    }
}

impl Row {
    /// The beginning of its description.
    fn beginning(&self) -> String {
        let mut beginning: String = self.text.chars().take(SHOWN).collect();
        if beginning.len() < self.text.len() {
            beginning.push('…');
        }
        beginning
    }

    fn severity_in_words(&self) -> String {
        let label = severity_label(self.severity).to_lowercase();
        let mut letters = label.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

impl Status {
    /// What it is called on a page.
    const fn on_a_page(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "In progress",
            Self::Ignored => "Ignored",
            Self::Imported => "In an incident",
        }
    }

    /// The colour of its tag.
    const fn colour(self) -> &'static str {
        match self {
            Self::New => "blue",
            Self::InProgress => "yellow",
            Self::Ignored => "grey",
            Self::Imported => "green",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "thehive/alerts.html")]
struct AlertsPage {
    shell: Shell,
    page: Page<Row>,
    next: String,
    may_report: bool,
}

/// `GET /incidents/alerts`
async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = cursor::read(&asked.after).unwrap_or(AlertId(Uuid::max()));
    let mut snapshot = visit.app.db.read_long().await?;
    let rows = if visit.actor.at_cert() {
        of_cert(&mut snapshot, after).await?
    } else {
        own(&mut snapshot, &visit.actor, visit.shell.now, after).await?
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of("/incidents/alerts");
    let may_report = visit.actor.is_any(Role::ANSWERING);
    Ok(render(StatusCode::OK, &AlertsPage { shell: visit.shell, page, next, may_report }))
}

macro_rules! alerts {
    () => {
        "SELECT a.id, a.source, a.source_ref, a.title, a.text, a.severity, a.happened_at, a.status, a.incident_id, o.name
         FROM thehive_alert a LEFT JOIN organisation o ON o.id = a.organisation_id "
    };
}

/// What the CERT's systems raised, the newest first, 51 at most behind `after`. Index: `thehive_alert_of`.
async fn of_cert(snapshot: &mut Snapshot, after: AlertId) -> Result<Vec<Row>, DbError> {
    let statement = sql!(alerts!(), "WHERE a.owner_id = ?2 AND a.id < ?1 ORDER BY a.id DESC LIMIT 51");
    snapshot.all(statement, params![after, Uuid::nil()]).await
}

/// What the systems of those for whom `actor` stands raised, the newest first, 51 at most behind `after`. Index:
/// `thehive_alert_of`.
async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: AlertId,
) -> Result<Vec<Row>, DbError> {
    let statement = sql!(
        mine!(),
        alerts!(),
        "WHERE a.id < ?7 AND a.owner_id IN (SELECT organisation_id FROM mine) ORDER BY a.id DESC LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![after])).await
}
