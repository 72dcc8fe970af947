//! `/sector/{id}/responses.csv`: every response of an alert, written as it is read, a page of rows
//! at a time, by code.

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
use platform::{App, web::Error};

use super::{SectorError, pages};
use crate::{
    alert::AlertId,
    response::{self, Applies, Outcome, Stage},
};

db::record! {
    /// A line of the file.
    struct Line {
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
        due_at: Option<Timestamp>,
    }
}

const HEADER: &str = "code,name,type,region,region_name,stage,due_at,late,applies,reason,acknowledged_at,\
                      done,systems,planned_on,blockers,mitigation,next_update_at,outcome,closed_at,\
                      answered_through\r\n";

/// The next 500 responses behind the code `after`. Index: organisation's unique code, then the primary
/// keys of `response` and `clock`.
async fn lines(snapshot: &mut Snapshot, alert: AlertId, after: &str) -> Result<Vec<Line>, DbError> {
    let statement = sql!(
        "SELECT o.code, o.name, r.kind, r.region, r.stage, r.applies, r.applies_reason,
                r.acknowledged_at, r.done, r.systems, r.planned_on, r.blockers, r.mitigation, r.next_update_at,
                r.outcome, r.closed_at, t.code AS answered_through,
                (SELECT min(k.due_at) FROM clock k
                 WHERE k.about_id = r.alert_id AND k.organisation_id = r.organisation_id
                   AND k.stopped_at IS NULL) AS due_at
         FROM organisation o CROSS JOIN response r
         LEFT JOIN organisation t ON t.id = r.answered_through
         WHERE o.code > ?2 AND r.organisation_id = o.id AND r.alert_id = ?1
         ORDER BY o.code LIMIT 500"
    );
    snapshot.all(statement, params![alert, after]).await
}

/// `GET /sector/{id}/responses.csv`
pub(super) async fn csv(State(app): State<App>, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let alert = response::head(&mut app.read().await?, id).await?.ok_or(SectorError::NotFound)?;
    let (in_person, now) = (alert.tlp.0 == Tlp::Red, app.env.now());
    // Each part is a read of its own: no snapshot is held while a slow reader takes the file.
    let parts = stream::unfold(Some((app, String::new(), HEADER.to_owned())), move |state| async move {
        let (app, mut after, mut part) = state?;
        let mut more = false;
        let read = async { lines(&mut app.db.read_long().await?, id, &after).await };
        let next = match read.await {
            Ok(lines) => {
                for mut line in lines {
                    if in_person {
                        line.blank();
                    }
                    line.write(&mut part, now);
                    after = line.code;
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
    });
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

    fn write(&self, out: &mut String, now: Timestamp) {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        let cells = [
            self.code.clone(),
            self.name.clone(),
            self.kind.clone(),
            self.region.clone(),
            pages::region(&self.region),
            self.stage.code().to_owned(),
            at(self.due_at),
            self.due_at.is_some_and(|due| due <= now).to_string(),
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
