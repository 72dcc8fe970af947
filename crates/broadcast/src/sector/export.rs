//! `/sector/{id}/responses.csv`: every response of an alert, written as it is read, a page of rows
//! at a time.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use futures::stream;
use http::header;
use jiff::Timestamp;
use platform::{App, organisation::OrganisationId, web::Error};
use uuid::Uuid;

use super::SectorError;
use crate::{
    alert::AlertId,
    response::{self, Applies, Outcome, Stage},
};

db::record! {
    /// A line of the file.
    struct Line {
        organisation_id: OrganisationId,
        code: String,
        name: String,
        kind: String,
        region: String,
        stage: Stage,
        applies: Applies,
        applies_reason: Option<String>,
        acknowledged_at: Option<Timestamp>,
        done: Option<String>,
        systems: Option<u32>,
        planned_on: Option<String>,
        blockers: Option<String>,
        mitigation: Option<String>,
        next_update_at: Option<Timestamp>,
        outcome: Option<Outcome>,
        closed_at: Option<Timestamp>,
        answered_through: Option<String>,
    }
}

const HEADER: &str = "code,name,type,region,stage,applies,reason,acknowledged_at,done,systems,planned_on,\
                      blockers,mitigation,next_update_at,outcome,closed_at,answered_through\r\n";

/// The next 500 responses behind `after`. Index: organisation's primary key, then response's.
async fn lines(snapshot: &mut Snapshot, alert: AlertId, after: OrganisationId) -> Result<Vec<Line>, DbError> {
    let statement = sql!(
        "SELECT o.id AS organisation_id, o.code, o.name, r.kind, r.region, r.stage, r.applies, r.applies_reason,
                r.acknowledged_at, r.done, r.systems, r.planned_on, r.blockers, r.mitigation, r.next_update_at,
                r.outcome, r.closed_at, t.code AS answered_through
         FROM organisation o CROSS JOIN response r
         LEFT JOIN organisation t ON t.id = r.answered_through
         WHERE o.id > ?2 AND r.organisation_id = o.id AND r.alert_id = ?1
         ORDER BY o.id LIMIT 500"
    );
    snapshot.all(statement, params![alert, after]).await
}

/// `GET /sector/{id}/responses.csv`
pub(super) async fn csv(State(app): State<App>, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let alert = response::head(&mut app.read().await?, id).await?.ok_or(SectorError::NotFound)?;
    let in_person = alert.tlp.0 == Tlp::Red;
    // Each part is a read of its own: no snapshot is held while a slow reader takes the file.
    let parts = stream::unfold(
        Some((app, OrganisationId(Uuid::nil()), HEADER.to_owned())),
        move |state| async move {
            let (app, mut after, mut part) = state?;
            let mut more = false;
            let read = async { lines(&mut app.db.read_long().await?, id, after).await };
            let next = match read.await {
                Ok(lines) => {
                    for mut line in lines {
                        after = line.organisation_id;
                        if in_person {
                            line.blank();
                        }
                        line.write(&mut part);
                        more = true;
                    }
                    more.then_some((app, after, String::new()))
                }
                Err(error) => {
                    tracing::error!(%error, "an export broke off");
                    part.push_str("\"The export broke off here. Try again.\"\r\n");
                    None
                }
            };
            Some((Ok::<_, Infallible>(part), next))
        },
    );
    // A file travels on its own: its name says how far it may.
    let marking = alert.tlp.0.to_string().replace(':', "-");
    let name = format!("attachment; filename=\"{}-responses-{marking}.csv\"", alert.number);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(parts)).into_response())
}

impl Line {
    /// Takes out what people wrote, and may have quoted of an alert that is for them in person.
    fn blank(&mut self) {
        for words in [&mut self.applies_reason, &mut self.done, &mut self.blockers, &mut self.mitigation] {
            *words = None;
        }
    }

    fn write(&self, out: &mut String) {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        let cells = [
            self.code.clone(),
            self.name.clone(),
            self.kind.clone(),
            self.region.clone(),
            self.stage.code().to_owned(),
            self.applies.code().to_owned(),
            words(&self.applies_reason),
            at(self.acknowledged_at),
            words(&self.done),
            self.systems.map(|systems| systems.to_string()).unwrap_or_default(),
            words(&self.planned_on),
            words(&self.blockers),
            words(&self.mitigation),
            at(self.next_update_at),
            self.outcome.map(Outcome::code).unwrap_or_default().to_owned(),
            at(self.closed_at),
            words(&self.answered_through),
        ];
        let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
}

/// A cell that a spreadsheet takes for text whatever it begins with: `=`, `+`, `-`, `@`, a tab or a
/// carriage return would begin a formula (OWASP, CSV injection).
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(quoted("Elm, \"the\" Surgery"), "\"Elm, \"\"the\"\" Surgery\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}");
        }
    }
}
