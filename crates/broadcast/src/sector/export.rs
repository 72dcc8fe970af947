//! `/sector/{id}/responses.csv`: every response of an alert, by code.

use axum::{
    extract::{Path, State},
    response::Response,
};
use db::{DbError, Snapshot, params, sql};
use formats::Tlp;
use jiff::Timestamp;
use platform::{App, web::Error};

use super::{SectorError, csv, pages};
use crate::{
    alert::AlertId,
    response::{self, Applies, Outcome, Stage},
};

db::record! {
    /// A line of the file.
    pub(super) struct Line {
        pub code: String,
        pub name: String,
        pub kind: String,
        pub region: String,
        pub stage: Stage,
        pub applies: Applies,
        pub applies_reason: Option<String>,
        pub acknowledged_at: Option<Timestamp>,
        pub done: Option<String>,
        pub systems: Option<u32>,
        pub planned_on: Option<String>,
        pub blockers: Option<String>,
        pub mitigation: Option<String>,
        pub next_update_at: Option<Timestamp>,
        pub outcome: Option<Outcome>,
        pub closed_at: Option<Timestamp>,
        pub answered_through: Option<String>,
        pub due_at: Option<Timestamp>,
    }
}

const HEADER: &str = "code,name,type,region,region_name,stage,due_at,late,applies,reason,acknowledged_at,\
                      done,systems,planned_on,blockers,mitigation,next_update_at,outcome,closed_at,\
                      answered_through";

/// Lines that are read for the file at once.
const AT_ONCE: i64 = 500;

/// The next responses behind the code `after`, so many at most. Index: organisation's unique code, then the
/// primary keys of `response` and `clock`.
pub(super) async fn lines(
    snapshot: &mut Snapshot,
    alert: AlertId,
    after: &str,
    most: i64,
) -> Result<Vec<Line>, DbError> {
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
         ORDER BY o.code LIMIT ?3"
    );
    snapshot.all(statement, params![alert, after, most]).await
}

/// `GET /sector/{id}/responses.csv`
pub(super) async fn csv(State(app): State<App>, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let alert = response::head(&mut app.read().await?, id).await?.ok_or(SectorError::NotFound)?;
    let (in_person, now) = (alert.tlp.0 == Tlp::Red, app.env.now());
    Ok(csv::file(app, &alert, "responses", HEADER, move |app: App, after: String| async move {
        let mut lines = lines(&mut app.db.read_long().await?, id, &after, AT_ONCE).await?;
        if in_person {
            lines.iter_mut().for_each(Line::blank);
        }
        Ok(lines.into_iter().map(|line| (line.cells(now), line.code)).collect())
    }))
}

impl Line {
    /// Takes out what people wrote, and may have quoted of an alert that is for them in person.
    pub(super) fn blank(&mut self) {
        for words in [&mut self.applies_reason, &mut self.done, &mut self.blockers, &mut self.mitigation] {
            *words = None;
        }
    }

    fn cells(&self, now: Timestamp) -> Vec<String> {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        vec![
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
        ]
    }
}
