//! What an organisation's page tells of its alerts: the open ones first, and a page of all of them.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use db::{DbError, Snapshot};
use http::StatusCode;
use platform::{
    organisation::{
        OrganisationId,
        panel::{Asked, Panel, Showing},
    },
    web::{
        Error, Visit,
        cursor::{self, Page},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    AlertId,
    store::standings::{self, Alerted},
};
use crate::{access::READ_SECTOR, alert::State as AlertState};

/// This noun's panel.
pub const PANEL: Panel = Panel { show };

/// How many alerts the panel shows.
const SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "response/panel.html")]
struct Alerts<'a> {
    shell: &'a Shell,
    organisation: OrganisationId,
    rows: Vec<Alerted>,
    more: bool,
    at_cert: bool,
}

fn show<'a>(snapshot: &'a mut Snapshot, asked: Asked<'a>) -> Showing<'a> {
    Box::pin(panel(snapshot, asked))
}

async fn panel(snapshot: &mut Snapshot, asked: Asked<'_>) -> Result<Option<String>, DbError> {
    let Asked { actor, organisation, shell } = asked;
    let rows = standings::alerts(snapshot, actor, shell.now, organisation, FIRST).await?;
    let Some(mut rows) = rows else { return Ok(None) };
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let at_cert = actor.is_any(READ_SECTOR);
    let panel = Alerts { shell, organisation, rows, more, at_cert };
    panel.render().map(Some).map_err(|error| DbError::Engine(error.to_string()))
}

/// Before the first row.
const FIRST: (i64, AlertId) = (0, AlertId(Uuid::nil()));

#[derive(Template)]
#[template(path = "response/organisation.html")]
struct All {
    shell: Shell,
    organisation: OrganisationId,
    name: String,
    page: Page<Alerted>,
    at_cert: bool,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    after: Option<String>,
}

/// `GET /organisations/{id}/alerts`
pub(super) async fn list(
    visit: Visit,
    Path(organisation): Path<OrganisationId>,
    Query(cursor): Query<Cursor>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let name = standings::name(&mut snapshot, organisation).await?.ok_or(Error::NotFound)?;
    let after = cursor.after.as_deref().and_then(cursor::read).unwrap_or(FIRST);
    let rows = standings::alerts(&mut snapshot, &visit.actor, visit.shell.now, organisation, after).await?;
    let rows = rows.ok_or(Error::NotFound)?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.place, row.alert_id));
    let at_cert = visit.actor.is_any(READ_SECTOR);
    Ok(render(StatusCode::OK, &All { shell: visit.shell, organisation, name, page, at_cert }))
}

impl Alerted {
    /// Where a reader goes from here: the CERT to the sector, its own people to what was answered.
    fn href(&self, at_cert: &bool) -> String {
        let id = self.alert_id;
        if *at_cert { format!("/sector/{id}") } else { format!("/alerts/{id}/respond") }
    }

    /// What is awaited next.
    fn awaited(&self) -> &'static str {
        match self.clock.as_deref() {
            Some("acknowledge") => "Acknowledge by",
            Some("update") => "Update by",
            _ => "Remediate by",
        }
    }

    /// Where it stands, and the colour of that.
    fn status(&self) -> (&'static str, &'static str) {
        match self.state {
            AlertState::InForce => (self.stage.label(), self.stage.colour()),
            AlertState::Withdrawn => ("Withdrawn", "grey"),
            _ => ("Replaced by an update", "grey"),
        }
    }
}
