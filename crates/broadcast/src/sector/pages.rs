//! `/sector`: the alerts; `/sector/{id}`: one alert's figures, where they are, and who is late.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use formats::ods::{OrganisationKind, regions};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App,
    organisation::OrganisationId,
    web::{
        Error,
        cursor::{self, Page},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Figures, SectorError,
    store::{self, Behind, Late, Listed},
    times::{self, Median},
};
use crate::{
    alert::AlertId,
    response::{self, AlertHead, Stage},
};

/// Behind every instant: where a list that goes backwards begins.
const NEVER: i64 = 253_402_207_200_000_000;

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    after: Option<String>,
}

impl Cursor {
    /// Behind which deadline of which organisation.
    pub(super) fn late(&self) -> Behind {
        let read = self.after.as_deref().and_then(cursor::read);
        read.unwrap_or((0, OrganisationId(Uuid::nil()), String::new()))
    }
}

/// A row of the list: an alert and its figures.
struct Row {
    alert: Listed,
    figures: Shown,
}

/// Figures as they are shown: of how many, always.
struct Shown {
    required: String,
    reached: String,
    excused: String,
    answered: String,
    informed: String,
}

impl Shown {
    fn of(figures: Figures, reached: Option<i64>) -> Self {
        Self {
            required: show::count(figures.required),
            reached: reached.map_or_else(|| "Not counted yet".to_owned(), show::count),
            excused: show::count(figures.excused),
            answered: show::count(figures.answered),
            informed: show::count(figures.informed),
        }
    }
}

#[derive(Template)]
#[template(path = "sector/list.html")]
struct List {
    shell: Shell,
    page: Page<Row>,
}

/// `GET /sector`: three statements.
pub(super) async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(cursor): Query<Cursor>,
) -> Result<Response, Error> {
    let before = cursor.after.as_deref().and_then(cursor::read);
    let before = before.unwrap_or((NEVER, AlertId(Uuid::max())));
    let mut snapshot = app.read().await?;
    let alerts = store::alerts(&mut snapshot, before).await?;
    let stages = store::stages_of_alerts(&mut snapshot, before).await?;
    let reached: HashMap<_, _> = store::reached_of_alerts(&mut snapshot, before).await?.into_iter().collect();
    drop(snapshot);
    let mut figures: HashMap<AlertId, Figures> = HashMap::new();
    for (alert, stage, count) in stages {
        figures.entry(alert).or_default().add(stage, count);
    }
    let rows = alerts
        .into_iter()
        .map(|alert| {
            let figures = figures.get(&alert.id).copied().unwrap_or_default();
            Row { figures: Shown::of(figures, reached.get(&alert.id).copied()), alert }
        })
        .collect();
    let page = Page::of(rows, |row: &Row| (row.alert.issued_at.as_microsecond(), row.alert.id));
    Ok(render(StatusCode::OK, &List { shell, page }))
}

/// A line of a table of counts: a region or a kind, then one count for each stage.
pub(super) struct Line {
    pub name: String,
    pub counts: Vec<String>,
    pub total: String,
}

#[derive(Template)]
#[template(path = "sector/show.html")]
struct Sector {
    shell: Shell,
    alert: AlertHead,
    figures: Shown,
    counted_at: Option<Timestamp>,
    stages: Vec<(Stage, String)>,
    regions: Vec<Line>,
    kinds: Vec<Line>,
    /// How long it took, in the middle.
    acknowledged: String,
    closed: String,
    late: Page<Late>,
    late_count: String,
    to_ring: String,
}

/// `GET /sector/{id}`: seven statements, however large the audience.
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let counted = store::counted(&mut snapshot, id).await?;
    let reached = store::reached(&mut snapshot, id).await?;
    let late_count = show::count(store::count_late(&mut snapshot, id, shell.now).await?);
    let late = store::late(&mut snapshot, id, shell.now, Cursor::default().late()).await?;
    let to_ring = show::count(store::count_to_ring(&mut snapshot, id, shell.now).await?);
    let times = times::times(&mut snapshot, id).await?;
    drop(snapshot);
    let mut figures = Figures::default();
    let mut stages: BTreeMap<Stage, i64> = BTreeMap::new();
    for row in &counted {
        figures.add(row.stage, row.count);
        *stages.entry(row.stage).or_default() += row.count;
    }
    let lines = |name: fn(&store::Counted) -> String| {
        lines(counted.iter().map(|row| (name(row), row.stage, row.count)))
    };
    let page = Sector {
        figures: Shown::of(figures, reached.map(|(reached, _)| reached)),
        counted_at: reached.map(|(_, at)| at),
        stages: stages.into_iter().map(|(stage, count)| (stage, show::count(count))).collect(),
        regions: lines(|row| region(&row.region)),
        kinds: lines(|row| kind(&row.kind)),
        acknowledged: took(times.acknowledged, shell.language),
        closed: took(times.closed, shell.language),
        late: page_of(late),
        late_count,
        to_ring,
        shell,
        alert,
    };
    Ok(render(StatusCode::OK, &page))
}

/// "About 5 hours, of the 1,204 that have".
fn took(median: Option<Median>, language: Language) -> String {
    median.map_or_else(
        || "Nobody has yet".to_owned(),
        |median| format!("{}, of the {} that have", median.in_words(language), median.of_how_many()),
    )
}

/// Counts as lines of a table, by name.
pub(super) fn lines(counts: impl Iterator<Item = (String, Stage, i64)>) -> Vec<Line> {
    let mut by_name: BTreeMap<String, BTreeMap<Stage, i64>> = BTreeMap::new();
    for (name, stage, count) in counts {
        *by_name.entry(name).or_default().entry(stage).or_default() += count;
    }
    by_name
        .into_iter()
        .map(|(name, counts)| Line {
            name,
            total: show::count(counts.values().sum()),
            counts: Stage::ALL
                .iter()
                .map(|stage| show::count(counts.get(stage).copied().unwrap_or(0)))
                .collect(),
        })
        .collect()
}

/// A region's name.
pub(super) fn region(code: &str) -> String {
    if code.is_empty() { "No region".to_owned() } else { region_name(code) }
}

fn region_name(code: &str) -> String {
    regions::find(code).map_or_else(|| code.to_owned(), |region| region.name.clone())
}

/// A kind of organisation in words.
pub(super) fn kind(code: &str) -> String {
    code.parse::<OrganisationKind>().map_or_else(|_| code.to_owned(), |kind| kind.label().to_owned())
}

#[derive(Template)]
#[template(path = "sector/late.html")]
struct LatePage {
    shell: Shell,
    alert: AlertHead,
    late: Page<Late>,
    late_count: String,
}

/// `GET /sector/{id}/late`
pub(super) async fn late(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
    Query(cursor): Query<Cursor>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let late_count = show::count(store::count_late(&mut snapshot, id, shell.now).await?);
    let late = page_of(store::late(&mut snapshot, id, shell.now, cursor.late()).await?);
    drop(snapshot);
    Ok(render(StatusCode::OK, &LatePage { shell, alert, late, late_count }))
}

/// A page of organisations to be rung.
pub(super) fn page_of(late: Vec<Late>) -> Page<Late> {
    Page::of(late, |row| (row.due_at.as_microsecond(), row.organisation_id, row.clock.clone()))
}

impl Late {
    /// What is late, in words.
    pub(super) fn what(&self) -> &'static str {
        match self.clock.as_str() {
            "acknowledge" => "Acknowledgement",
            "update" => "Update",
            _ => "Remediation",
        }
    }

    /// Whom to ring first, and at which number.
    pub(super) fn numbers(&self) -> Vec<(String, String)> {
        let named = |name: Option<&String>, number: &Option<String>| Some((name?.clone(), number.clone()?));
        let answering = named(self.answering.as_ref(), &self.answering_telephone);
        let contact = named(self.contact.as_ref(), &self.contact_telephone);
        let own = named(Some(&self.name), &self.telephone);
        [contact, answering, own].into_iter().flatten().collect()
    }

    /// What came of the last call.
    pub(super) fn last_call(&self, shell: &Shell) -> String {
        match (self.rung_at, self.ring_outcome) {
            (Some(at), Some(outcome)) => format!("{}, {}", outcome.label(), shell.instant(at)),
            _ => "Not rung yet".to_owned(),
        }
    }
}
