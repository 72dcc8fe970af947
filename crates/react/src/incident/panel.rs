//! What an organisation's page tells of its incidents: the latest, to its own people and to the CERT.

use askama::Template;
use db::{DbError, Snapshot};
use platform::{
    organisation::panel::{Asked, Panel, Showing},
    web::shell::Shell,
};

use super::store::{self, Incident};
use crate::{access::KEEP_CODES, code};

/// This noun's panel.
pub const PANEL: Panel = Panel { show };

/// How many incidents the panel shows.
const SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "incident/panel.html")]
struct Incidents<'a> {
    shell: &'a Shell,
    rows: Vec<Incident>,
    more: bool,
    /// The organisation's code, for whoever keeps its sheets.
    codes_of: Option<String>,
}

fn show<'a>(snapshot: &'a mut Snapshot, asked: Asked<'a>) -> Showing<'a> {
    Box::pin(panel(snapshot, asked))
}

async fn panel(snapshot: &mut Snapshot, asked: Asked<'_>) -> Result<Option<String>, DbError> {
    let Asked { actor, organisation, shell } = asked;
    let mut rows = if actor.at_cert() {
        store::of_organisation(snapshot, organisation).await?
    } else {
        store::own_of(snapshot, actor, shell.now, organisation).await?
    };
    let keeps = actor.is_any(KEEP_CODES)
        && code::actions::keeps(snapshot, actor, organisation, shell.now).await.is_ok();
    let codes_of = if keeps {
        platform::organisation::store::find(snapshot, organisation).await?.map(|found| found.code)
    } else {
        None
    };
    if rows.is_empty() && codes_of.is_none() {
        return Ok(None);
    }
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let panel = Incidents { shell, rows, more, codes_of };
    panel.render().map(Some).map_err(|error| DbError::Engine(error.to_string()))
}
