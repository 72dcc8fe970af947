//! One alert as its page of the sector shows it, in figures.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    response::Response,
};
use formats::Tlp;
use http::HeaderMap;
use jiff::Timestamp;
use platform::{
    App,
    web::{Error, etag},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::CertFigures;
use crate::{
    advisory::Severity,
    alert::AlertId,
    response::{self, AlertHead, Stage},
    sector::{
        Figures, SectorError,
        charts::{ACKNOWLEDGED, DONE},
        pages,
        store::{self, Counted, Recounted},
        times::{self, Hours, Times},
    },
};

/// An alert, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertAlert {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// Its number.
    #[schema(example = "CC-0001")]
    number: String,
    /// `in_force`, `superseded` or `withdrawn`
    #[schema(example = "in_force")]
    state: &'static str,
    /// How much it asks.
    severity: Severity,
    /// The marking: `clear`, `green`, `amber`, `amber+strict` or `red`
    #[schema(example = "green")]
    tlp: &'static str,
    /// Its title; absent at TLP:RED, which is for people alone.
    title: Option<String>,
    /// Where people read its figures.
    link: String,
    /// When it was issued.
    issued_at: String,
    /// By when to acknowledge, where an answer is asked.
    acknowledge_by: Option<String>,
    /// By when to close, where an answer is asked.
    remediate_by: Option<String>,
    /// How it stands.
    figures: CertFigures,
    /// When it was last counted who was reached.
    reached_at: Option<String>,
    /// Deadlines that have passed without what they asked for.
    late: i64,
    /// Of them, those whose organisations are to be rung.
    to_ring: i64,
    /// How long it took.
    times: CertTimes,
    /// How many organisations stand at each stage at which any does.
    stages: Vec<CertStage>,
    /// The same by region.
    regions: Vec<CertPart>,
    /// The same by type.
    kinds: Vec<CertPart>,
    /// How the answers came in: the hours in which something changed, the oldest first.
    over_time: Vec<CertHour>,
}

/// How many organisations stand at a stage.
#[derive(Debug, Serialize, ToSchema)]
struct CertStage {
    /// `unacknowledged`, `in_progress`, `awaits_executive`, `not_applicable`, `closed` or `for_information`
    #[schema(example = "in_progress")]
    stage: &'static str,
    /// How many.
    organisations: i64,
}

/// A part of the sector.
#[derive(Debug, Serialize, ToSchema)]
struct CertPart {
    /// Its code; empty where none is known.
    #[schema(example = "Y63")]
    code: String,
    /// Its name.
    #[schema(example = "North East and Yorkshire")]
    name: String,
    /// How it stands there.
    figures: CertFigures,
    /// How long it took there.
    times: CertTimes,
}

/// Median times in whole hours, and of how many; absent where nobody has yet.
#[derive(Debug, Default, Serialize, ToSchema)]
struct CertTimes {
    /// Until organisations acknowledged.
    acknowledged_hours: Option<i64>,
    /// Of how many that is.
    acknowledged: i64,
    /// Until they closed.
    closed_hours: Option<i64>,
    /// Of how many that is.
    closed: i64,
}

/// How many had answered by the end of an hour.
#[derive(Debug, Serialize, ToSchema)]
struct CertHour {
    /// When the hour began.
    #[schema(example = "2026-06-01T09:00:00Z")]
    hour: String,
    /// Organisations that had acknowledged.
    acknowledged: i64,
    /// Those that had closed, or to which it does not apply.
    done: i64,
}

/// One alert with its figures: by stage, region and type, with median times, and how its answers came in.
#[utoipa::path(
    get, path = "/api/v1/cert/alerts/{id}", tag = "cert: alerts", operation_id = "cert_show_alert",
    params(("id" = String, Path, description = "Its id"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The alert", body = CertAlert, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such alert"))
)]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let id: AlertId = id.parse().map_err(|()| Error::NotFound)?;
    let now = app.env.now();
    let mut snapshot = app.db.read_long().await?;
    let head = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let counted = store::counted(&mut snapshot, id).await?;
    let changes = store::by_hour(&mut snapshot, id).await?;
    let reached = store::reached(&mut snapshot, id).await?;
    let recounted = store::recounted(&mut snapshot, id).await?;
    let late = store::count_late(&mut snapshot, id, now).await?;
    let to_ring = store::count_to_ring(&mut snapshot, id, now).await?;
    let by_region = times::by_region(&mut snapshot, id).await?;
    let by_kind = times::by_kind(&mut snapshot, id).await?;
    drop(snapshot);
    let whole = pages::Position::of(&counted, &recounted);
    let all_times = Times::of_all(by_region.values());
    let parts = Parts { counted: &counted, recounted: &recounted, are_counted: reached.is_some() };
    let told = CertAlert {
        figures: CertFigures::of(whole.all, reached.map(|(reached, _)| reached)),
        reached_at: reached.map(|(_, at)| at.to_string()),
        late,
        to_ring,
        times: CertTimes::of(Some(&all_times)),
        stages: whole
            .stages
            .iter()
            .map(|(stage, organisations)| CertStage { stage: stage.code(), organisations: *organisations })
            .collect(),
        regions: parts.by(|row| &row.region, |row| &row.region, pages::region, &by_region),
        kinds: parts.by(|row| &row.kind, |row| &row.kind, pages::kind, &by_kind),
        over_time: over_time(&changes),
        ..CertAlert::of(&app, head)
    };
    etag::tagged(&headers, &told)
}

impl CertAlert {
    /// The alert before anything is counted.
    fn of(app: &App, head: AlertHead) -> Self {
        let tlp = head.tlp.0;
        Self {
            id: head.id.to_string(),
            number: head.number.to_string(),
            state: head.state.code(),
            severity: head.severity,
            tlp: tlp.code(),
            title: (tlp != Tlp::Red).then_some(head.title),
            link: app.link(&format!("/sector/{}", head.id)),
            issued_at: head.issued_at.to_string(),
            acknowledge_by: head.acknowledge_by.map(|at| at.to_string()),
            remediate_by: head.remediate_by.map(|at| at.to_string()),
            figures: CertFigures::of(Figures::default(), None),
            reached_at: None,
            late: 0,
            to_ring: 0,
            times: CertTimes::default(),
            stages: Vec::new(),
            regions: Vec::new(),
            kinds: Vec::new(),
            over_time: Vec::new(),
        }
    }
}

/// What is counted by region and kind.
struct Parts<'a> {
    counted: &'a [Counted],
    recounted: &'a [Recounted],
    /// Whether it was counted who was reached.
    are_counted: bool,
}

impl Parts<'_> {
    /// It by one of the two.
    fn by(
        &self,
        of_counted: fn(&Counted) -> &String,
        of_recounted: fn(&Recounted) -> &String,
        name: fn(&str) -> String,
        times: &BTreeMap<String, Times>,
    ) -> Vec<CertPart> {
        let mut parts: BTreeMap<&String, Figures> = BTreeMap::new();
        for row in self.counted {
            parts.entry(of_counted(row)).or_default().add(row.stage, row.count);
        }
        for row in self.recounted {
            parts.entry(of_recounted(row)).or_default().reached += row.reached;
        }
        let part = |(code, figures): (&String, Figures)| CertPart {
            name: name(code),
            figures: CertFigures::of(figures, self.are_counted.then_some(figures.reached)),
            times: CertTimes::of(times.get(code)),
            code: code.clone(),
        };
        parts.into_iter().map(part).collect()
    }
}

impl CertTimes {
    fn of(times: Option<&Times>) -> Self {
        let Some(times) = times else { return Self::default() };
        let median = |hours: &Hours| hours.median().map(|median| median.hours);
        Self {
            acknowledged_hours: median(&times.acknowledged),
            acknowledged: times.acknowledged.all(),
            closed_hours: median(&times.closed),
            closed: times.closed.all(),
        }
    }
}

/// The changes hour by hour, summed up.
fn over_time(changes: &[(Stage, Timestamp, i64)]) -> Vec<CertHour> {
    let mut by_hour: BTreeMap<Timestamp, [i64; 2]> = BTreeMap::new();
    for (stage, hour, change) in changes {
        let [acknowledged, done] = by_hour.entry(*hour).or_default();
        if ACKNOWLEDGED.contains(stage) {
            *acknowledged += change;
        }
        if DONE.contains(stage) {
            *done += change;
        }
    }
    let mut so_far = [0, 0];
    let hour = |(hour, [acknowledged, done]): (Timestamp, [i64; 2])| {
        so_far = [so_far[0] + acknowledged, so_far[1] + done];
        CertHour { hour: hour.to_string(), acknowledged: so_far[0], done: so_far[1] }
    };
    by_hour.into_iter().map(hour).collect()
}
