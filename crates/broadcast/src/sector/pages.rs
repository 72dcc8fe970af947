//! `/sector`: the alerts; `/sector/{id}`: one alert's figures, where they are, and who is late.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    web::{
        Error,
        chart::{self, Bars},
        cursor::{self, Page},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Figures, SectorError, charts, late,
    store::{self, Late, Listed},
    times::{self, Hours, Median, Times},
    unreached,
};
use crate::{
    alert::AlertId,
    response::{self, AlertHead, Stage},
};

/// Behind every instant: where a list that goes backwards begins.
pub(super) const NEVER: i64 = 253_402_207_200_000_000;

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    after: Option<String>,
}

/// A row of the list: an alert and its figures.
struct Row {
    alert: Listed,
    figures: Shown,
    /// Whether none of its organisations has anything left to do.
    settled: bool,
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
    let mut open: HashSet<AlertId> = HashSet::new();
    for (alert, stage, count) in stages {
        if count > 0 && matches!(stage, Stage::Unacknowledged | Stage::InProgress | Stage::AwaitsExecutive) {
            open.insert(alert);
        }
        figures.entry(alert).or_default().add(stage, count);
    }
    let rows = alerts
        .into_iter()
        .map(|alert| {
            let figures = figures.get(&alert.id).copied().unwrap_or_default();
            let settled = !open.contains(&alert.id);
            Row { figures: Shown::of(figures, reached.get(&alert.id).copied()), settled, alert }
        })
        .collect();
    let page = Page::of(rows, |row: &Row| (row.alert.issued_at.as_microsecond(), row.alert.id));
    Ok(render(StatusCode::OK, &List { shell, page }))
}

/// A table of counts: by region or kind, and by those stages at which anybody stands.
pub(super) struct Table {
    pub stages: Vec<Stage>,
    pub lines: Vec<Line>,
}

/// A line of it: a region or a kind, then one count for each stage.
pub(super) struct Line {
    pub name: String,
    pub counts: Vec<String>,
    pub total: String,
    /// How long it took there, in the middle: to acknowledge, and to close.
    pub took: [String; 2],
}

#[derive(Template)]
#[template(path = "sector/show.html")]
struct Sector {
    shell: Shell,
    alert: AlertHead,
    figures: Shown,
    counted_at: Option<Timestamp>,
    /// How the answers came in, where any is asked for.
    over_time: Option<chart::Line>,
    stages: Vec<(Stage, String)>,
    regions: Table,
    regions_drawn: Bars,
    kinds: Table,
    kinds_drawn: Bars,
    /// How long it took, in the middle.
    acknowledged: String,
    closed: String,
    late: Page<Late>,
    late_count: String,
    to_ring: String,
    /// How many no message told, where there are any.
    unreached: Option<String>,
}

/// `GET /sector/{id}`: eleven statements, however large the audience.
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    // Hours by region, type and stage can be a hundred thousand where a nation answers for weeks.
    let mut snapshot = app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let counted = store::counted(&mut snapshot, id).await?;
    let changes = store::by_hour(&mut snapshot, id).await?;
    let reached = store::reached(&mut snapshot, id).await?;
    let recounted = store::recounted(&mut snapshot, id).await?;
    let late_count = show::count(store::count_late(&mut snapshot, id, shell.now).await?);
    let late = store::late(&mut snapshot, id, shell.now, late::Asked::default().wanted(false)).await?;
    let to_ring = show::count(store::count_to_ring(&mut snapshot, id, shell.now).await?);
    let unreached = unreached::count(&mut snapshot, id).await?;
    let by_region = times::by_region(&mut snapshot, id).await?;
    let by_kind = times::by_kind(&mut snapshot, id).await?;
    drop(snapshot);
    let counted_at = reached.map(|(_, at)| at);
    let parts_at = counted_at.filter(|_| !recounted.is_empty());
    let whole = Position::of(&counted, &recounted);
    let times = Times::of_all(by_region.values());
    let page = Sector {
        figures: Shown::of(whole.all, reached.map(|(reached, _)| reached)),
        over_time: charts::over_time(&alert, &changes, whole.all.required, shell.now),
        stages: whole.stages.iter().map(|(stage, count)| (*stage, show::count(*count))).collect(),
        regions: Table::of(counted.iter().map(|row| (region(&row.region), row.stage, row.count)))
            .with_times(&named(by_region, region), shell.language),
        regions_drawn: charts::named("By region", &whole.regions, parts_at),
        kinds: Table::of(counted.iter().map(|row| (kind(&row.kind), row.stage, row.count)))
            .with_times(&named(by_kind, kind), shell.language),
        kinds_drawn: charts::named("By type", &whole.kinds, parts_at),
        acknowledged: took(times.acknowledged.median(), shell.language),
        closed: took(times.closed.median(), shell.language),
        counted_at,
        late: late::page_of(late),
        late_count,
        to_ring,
        unreached: (unreached > 0).then(|| show::count(unreached)),
        shell,
        alert,
    };
    Ok(render(StatusCode::OK, &page))
}

/// How an alert stands: all together, by stage, and by the names of regions and kinds.
#[derive(Debug, Default)]
pub(super) struct Position {
    pub all: Figures,
    pub stages: BTreeMap<Stage, i64>,
    pub regions: charts::Named,
    pub kinds: charts::Named,
}

impl Position {
    pub(super) fn of(counted: &[store::Counted], recounted: &[store::Recounted]) -> Self {
        let mut whole = Self::default();
        for row in counted {
            whole.all.add(row.stage, row.count);
            *whole.stages.entry(row.stage).or_default() += row.count;
            whole.regions.entry(region(&row.region)).or_default().add(row.stage, row.count);
            whole.kinds.entry(kind(&row.kind)).or_default().add(row.stage, row.count);
        }
        for row in recounted {
            whole.all.reached += row.reached;
            whole.regions.entry(region(&row.region)).or_default().reached += row.reached;
            whole.kinds.entry(kind(&row.kind)).or_default().reached += row.reached;
        }
        whole
    }
}

/// Times by name instead of code.
pub(super) fn named(by_code: BTreeMap<String, Times>, name: fn(&str) -> String) -> BTreeMap<String, Times> {
    by_code.into_iter().map(|(code, times)| (name(&code), times)).collect()
}

/// "About 5 hours, of the 1,204 that have".
pub(super) fn took(median: Option<Median>, language: Language) -> String {
    median.map_or_else(|| "Nobody has yet".to_owned(), |median| median.of_how_many(language))
}

impl Table {
    /// Counts, by name.
    pub(super) fn of(counts: impl Iterator<Item = (String, Stage, i64)>) -> Self {
        let mut by_name: BTreeMap<String, BTreeMap<Stage, i64>> = BTreeMap::new();
        let mut stages = BTreeSet::new();
        for (name, stage, count) in counts {
            *by_name.entry(name).or_default().entry(stage).or_default() += count;
            stages.insert(stage);
        }
        let lines = by_name.into_iter().map(|(name, counts)| Line {
            name,
            total: show::count(counts.values().sum()),
            took: Default::default(),
            counts: stages.iter().map(|stage| show::count(counts.get(stage).copied().unwrap_or(0))).collect(),
        });
        Self { lines: lines.collect(), stages: stages.into_iter().collect() }
    }

    /// The same with the median times, by name.
    #[must_use]
    pub(super) fn with_times(mut self, times: &BTreeMap<String, Times>, language: Language) -> Self {
        for line in &mut self.lines {
            let times = times.get(&line.name);
            let median = |hours: Option<&Hours>| {
                hours.and_then(Hours::median).map_or_else(String::new, |median| median.in_words(language))
            };
            line.took =
                [median(times.map(|times| &times.acknowledged)), median(times.map(|times| &times.closed))];
        }
        self
    }
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
