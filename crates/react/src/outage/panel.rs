//! What an organisation's page tells of outages that concern it: the latest, to its own people and to the CERT.

use askama::Template;
use db::{DbError, Snapshot, params, sql};
use platform::{
    access::{Role, scope::mine_of},
    mine,
    organisation::panel::{Asked, Panel, Showing},
};

use super::{OutageId, Receipt, Stands, State, store::called};

/// This noun's panel.
pub const PANEL: Panel = Panel { show };

db::record! {
    struct Row {
        id: OutageId,
        receipt: Receipt,
        supplier: String,
        system: String,
        state: State,
        stands: Stands,
    }
}

impl Row {
    fn called(&self) -> String {
        called(&self.supplier, &self.system)
    }
}

#[derive(Template)]
#[template(path = "outage/panel.html")]
struct Outages {
    rows: Vec<Row>,
}

fn show<'a>(snapshot: &'a mut Snapshot, asked: Asked<'a>) -> Showing<'a> {
    Box::pin(panel(snapshot, asked))
}

macro_rules! rows {
    () => {
        "SELECT t.id, t.receipt, s.name AS supplier, t.system, t.state, r.stands
         FROM outage_reply r JOIN outage t ON t.id = r.outage_id JOIN supplier s ON s.id = t.supplier_id "
    };
}

/// The last five. Index: `outage_reply_organisation`.
async fn panel(snapshot: &mut Snapshot, asked: Asked<'_>) -> Result<Option<String>, DbError> {
    let Asked { actor, organisation, shell } = asked;
    let rows: Vec<Row> = if actor.at_cert() {
        let statement = sql!(rows!(), "WHERE r.organisation_id = ?1 ORDER BY r.outage_id DESC LIMIT 5");
        snapshot.all(statement, params![organisation]).await?
    } else {
        let statement = sql!(
            mine!(),
            rows!(),
            "WHERE r.organisation_id = ?7 AND ?7 IN (SELECT organisation_id FROM mine)
             ORDER BY r.outage_id DESC LIMIT 5"
        );
        snapshot.all(statement, mine_of(actor, shell.now, Role::READING, params![organisation])).await?
    };
    if rows.is_empty() {
        return Ok(None);
    }
    Outages { rows }.render().map(Some).map_err(|error| DbError::Engine(error.to_string()))
}
