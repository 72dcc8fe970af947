//! `/sector/{id}/at`: the position as at any moment, with the policy that held: for an auditor.
//!
//! It is read from what was said, not from the counters, so that it can be held against them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use db::{DbError, Snapshot, params, sql};
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use platform::{
    App,
    web::{
        Error,
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{
    Figures, SectorError,
    pages::{Line, kind, lines, region},
};
use crate::{
    alert::AlertId,
    response::{self, AlertHead, Stage},
};

/// The moment asked for, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "at-day")]
    day: String,
    #[serde(rename = "at-month")]
    month: String,
    #[serde(rename = "at-year")]
    year: String,
    time: String,
}

#[derive(Template)]
#[template(path = "sector/at.html")]
struct At {
    shell: Shell,
    alert: AlertHead,
    at: Timestamp,
    asked: Asked,
    problems: Problems,
    figures: Figures,
    stages: Vec<(Stage, String)>,
    regions: Vec<Line>,
    kinds: Vec<Line>,
}

db::record! {
    /// How many of one kind in one region stood where.
    struct Stood {
        region: String,
        kind: String,
        stage: Stage,
        count: i64,
    }
}

/// Where everybody stood at `at`: after the last thing said by then, or as the alert left them. What
/// was said to the version before and stands was carried over with its moment.
/// Index: `response_alert`, then the primary key of `response_event`.
async fn stood(snapshot: &mut Snapshot, alert: AlertId, at: Timestamp) -> Result<Vec<Stood>, DbError> {
    let statement = sql!(
        "SELECT region, kind, stage, count(*) AS count FROM (
             SELECT r.region, r.kind, coalesce(
                 (SELECT e.stage FROM response_event e
                  WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id AND e.at <= ?2
                  ORDER BY e.version DESC LIMIT 1),
                 (SELECT e.was FROM response_event e
                  WHERE e.organisation_id = r.organisation_id AND e.alert_id = r.alert_id
                  ORDER BY e.version LIMIT 1),
                 r.stage) AS stage
             FROM response r WHERE r.alert_id = ?1
         ) each GROUP BY region, kind, stage"
    );
    snapshot.all(statement, params![alert, at]).await
}

/// `GET /sector/{id}/at`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let at = asked.moment(&mut problems, shell.now);
    let mut snapshot = app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let stood = if at < alert.issued_at { Vec::new() } else { stood(&mut snapshot, id, at).await? };
    drop(snapshot);
    let mut figures = Figures::default();
    for row in &stood {
        figures.add(row.stage, row.count);
    }
    let of = |stage: Stage| stood.iter().filter(|row| row.stage == stage).map(|row| row.count).sum();
    let stages = Stage::ALL.map(|stage| (stage, show::count(of(stage)))).into();
    let regions = lines(stood.iter().map(|row| (region(&row.region), row.stage, row.count)));
    let kinds = lines(stood.iter().map(|row| (kind(&row.kind), row.stage, row.count)));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(status, &At { shell, alert, at, asked, problems, figures, stages, regions, kinds }))
}

impl Asked {
    /// The moment asked for in UK time; now, where nothing was typed or it cannot be read.
    fn moment(&self, problems: &mut Problems, now: Timestamp) -> Timestamp {
        let parts = [self.day.as_str(), &self.month, &self.year];
        if parts.iter().all(|part| part.trim().is_empty()) {
            return now;
        }
        let Some(day) = problems.date("at", parts, "the day") else { return now };
        let time = if self.time.trim().is_empty() { "23:59" } else { self.time.trim() };
        let Ok(time) = time.parse::<jiff::civil::Time>() else {
            problems.push("time", "Enter the time of day, like 14:05");
            return now;
        };
        let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        zone.to_timestamp(day.to_datetime(time)).unwrap_or(now)
    }

    fn time(&self) -> &str {
        &self.time
    }
}

impl At {
    fn count(&self, count: &i64) -> String {
        show::count(*count)
    }
}
