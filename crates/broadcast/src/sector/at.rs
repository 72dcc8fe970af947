//! `/sector/{id}/at`: the position as at any moment, with the policy that held: for an auditor.
//!
//! It is read from what was said, not from the counters, so that it can be held against them.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use jiff::Timestamp;
use platform::{
    App, uk,
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
    pages::{Table, kind, region},
    stood,
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
    regions: Table,
    kinds: Table,
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
    let stood = if at < alert.issued_at { Vec::new() } else { stood::counted(&mut snapshot, id, at).await? };
    drop(snapshot);
    let mut figures = Figures::default();
    for row in &stood {
        figures.add(row.stage, row.count);
    }
    let mut stages: BTreeMap<Stage, i64> = BTreeMap::new();
    for row in &stood {
        *stages.entry(row.stage).or_default() += row.count;
    }
    let stages = stages.into_iter().map(|(stage, count)| (stage, show::count(count))).collect();
    let regions = Table::of(stood.iter().map(|row| (region(&row.region), row.stage, row.count)));
    let kinds = Table::of(stood.iter().map(|row| (kind(&row.kind), row.stage, row.count)));
    let status = problems.status();
    Ok(render(status, &At { shell, alert, at, asked, problems, figures, stages, regions, kinds }))
}

impl Asked {
    /// The moment asked for in UK time; now, where nothing was typed or it cannot be read.
    pub(super) fn moment(&self, problems: &mut Problems, now: Timestamp) -> Timestamp {
        let day = problems.optional_date("at", [&*self.day, &self.month, &self.year], "the day");
        let Some(Some(day)) = day else { return now };
        let time = if self.time.trim().is_empty() { "23:59" } else { self.time.trim() };
        let Ok(time) = time.parse::<jiff::civil::Time>() else {
            problems.push("time", "Enter the time of day, like 14:05");
            return now;
        };
        let at = uk::moment(day.to_datetime(time)).unwrap_or(now);
        let rest_of_today = self.time.trim().is_empty() && day == uk::day(now);
        if at > now && !rest_of_today {
            problems.push("at", "The moment must not be in the future");
        }
        at.min(now)
    }

    fn time(&self) -> &str {
        &self.time
    }
}

impl At {
    /// The address of the file that names them all.
    fn file(&self) -> String {
        let at = uk::local(self.at);
        let fields = [
            ("at-day", at.strftime("%d").to_string()),
            ("at-month", at.strftime("%m").to_string()),
            ("at-year", at.strftime("%Y").to_string()),
            ("time", at.strftime("%H:%M:%S").to_string()),
        ];
        format!("/sector/{}/at.csv?{}", self.alert.id, serde_html_form::to_string(fields).unwrap_or_default())
    }

    fn count(&self, count: &i64) -> String {
        show::count(*count)
    }
}
