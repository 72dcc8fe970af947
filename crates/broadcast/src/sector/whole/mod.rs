//! `/sector/whole`: the alerts in force together, by region and type, each with the list behind it;
//! where nobody can be reached; and how quickly a year's alerts were answered.
//!
//! It reads counters alone: of 50 alerts to 60,000 organisations some thousands of rows.

mod store;
mod year;

use std::{
    borrow::Borrow,
    collections::{BTreeMap, HashMap},
};

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App, uk,
    web::{
        Error,
        chart::Bars,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use self::year::{Month, Pace};
use super::{
    Figures, charts, late,
    pages::{self, NEVER},
    reach::{self, Picture},
    store::{Counted, Listed, Recounted},
};
use crate::alert::AlertId;

/// Of whom the list tells, and where it goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    region: String,
    kind: String,
    after: Option<String>,
}

/// A part of the sector: a region or a type.
struct Part {
    name: String,
    /// The list of alerts narrowed to it; empty where it has no code.
    href: String,
    figures: Figures,
    late: i64,
}

/// An alert in force.
struct Row {
    alert: Listed,
    figures: Figures,
    late: i64,
}

#[derive(Template)]
#[template(path = "sector/whole.html")]
struct Whole {
    shell: Shell,
    asked: Asked,
    alerts: i64,
    counted_at: Option<Timestamp>,
    all: Part,
    regions: Vec<Part>,
    regions_drawn: Bars,
    kinds: Vec<Part>,
    kinds_drawn: Bars,
    reach: Option<Picture>,
    page: Page<Row>,
    paces: Vec<Pace>,
    months: Vec<Month>,
    months_drawn: Bars,
    problems: Problems,
}

/// `GET /sector/whole`: eight statements, however many organisations there are.
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let before = asked.after.as_deref().and_then(cursor::read);
    let before = before.unwrap_or((NEVER, AlertId(Uuid::max())));
    let first = year::begins(shell.now);
    let mut snapshot = app.read().await?;
    let counted = store::counted(&mut snapshot).await?;
    let recounted = store::recounted(&mut snapshot).await?;
    let (alerts, counted_at) = store::in_force(&mut snapshot).await?;
    let listed = store::listed(&mut snapshot, before).await?;
    let stages = store::stages(&mut snapshot, before, asked.narrowed()).await?;
    let late = store::late(&mut snapshot, before, asked.narrowed()).await?;
    let paced = store::paced(&mut snapshot, uk::begins(first).unwrap_or(shell.now)).await?;
    let reach = Picture::of(reach::kept(&mut snapshot).await?);
    drop(snapshot);
    let months = year::months(&paced, first);
    let regions = parts(&counted, &recounted, By::Region);
    let kinds = parts(&counted, &recounted, By::Kind);
    let page = Whole {
        alerts,
        counted_at,
        all: whole(&regions),
        regions_drawn: drawn("By region", &regions, counted_at),
        regions,
        kinds_drawn: drawn("By type", &kinds, counted_at),
        kinds,
        reach,
        page: Page::of(rows(listed, stages, &late.into_iter().collect()), |row: &Row| {
            (row.alert.issued_at.as_microsecond(), row.alert.id)
        }),
        paces: year::paces(&paced, shell.language),
        months_drawn: year::drawn(&months),
        months,
        problems: Problems::none(),
        shell,
        asked,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The alerts of the list, those that ask nothing of whom it tells left out.
fn rows(
    listed: Vec<Listed>,
    stages: Vec<(AlertId, crate::response::Stage, i64)>,
    late: &HashMap<AlertId, i64>,
) -> Vec<Row> {
    let mut figures: HashMap<AlertId, Figures> = HashMap::new();
    for (alert, stage, count) in stages {
        figures.entry(alert).or_default().add(stage, count);
    }
    let row = |alert: Listed| Row {
        figures: figures.get(&alert.id).copied().unwrap_or_default(),
        late: late.get(&alert.id).copied().unwrap_or(0),
        alert,
    };
    listed.into_iter().map(row).collect()
}

/// What parts the sector is told by.
#[derive(Clone, Copy)]
enum By {
    Region,
    Kind,
}

fn parts(counted: &[Counted], recounted: &[Recounted], by: By) -> Vec<Part> {
    let mut parts: BTreeMap<&str, (Figures, i64)> = BTreeMap::new();
    for row in counted {
        let code = if matches!(by, By::Region) { &row.region } else { &row.kind };
        parts.entry(code).or_default().0.add(row.stage, row.count);
    }
    for row in recounted {
        let code = if matches!(by, By::Region) { &row.region } else { &row.kind };
        let (figures, late) = parts.entry(code).or_default();
        figures.reached += row.reached;
        *late += row.late;
    }
    let part = |(code, (figures, late)): (&str, (Figures, i64))| {
        let (name, field) = match by {
            By::Region => (pages::region(code), "region"),
            By::Kind => (pages::kind(code), "kind"),
        };
        let href =
            if code.is_empty() { String::new() } else { format!("/sector/whole?{field}={code}#in-force") };
        Part { name, href, figures, late }
    };
    let mut parts: Vec<_> = parts.into_iter().map(part).filter(|part| part.figures.required > 0).collect();
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    parts
}

/// All parts together.
fn whole(parts: &[Part]) -> Part {
    let mut all = Part { name: "All".to_owned(), href: String::new(), figures: Figures::default(), late: 0 };
    for part in parts {
        all.figures.required += part.figures.required;
        all.figures.reached += part.figures.reached;
        all.figures.excused += part.figures.excused;
        all.figures.answered += part.figures.answered;
        all.late += part.late;
    }
    all
}

fn drawn(caption: &'static str, parts: &[Part], counted_at: Option<Timestamp>) -> Bars {
    let parts = parts.iter().map(|part| (part.name.as_str(), part.href.as_str(), &part.figures));
    charts::bars(caption, parts, counted_at)
}

impl Part {
    fn not_reached(&self) -> String {
        show::count((self.figures.required - self.figures.reached).max(0))
    }
}

impl Asked {
    fn narrowed(&self) -> (&str, &str) {
        (&self.region, &self.kind)
    }

    fn is_narrowed(&self) -> bool {
        self.narrowed() != ("", "")
    }

    fn fields(&self) -> late::Asked {
        late::Asked::of(&self.region, &self.kind)
    }

    fn regions(&self) -> Vec<Choice> {
        self.fields().regions()
    }

    fn kinds(&self) -> Vec<Choice> {
        self.fields().kinds()
    }

    /// Of whom the list tells, in words.
    fn whom(&self) -> String {
        let region = (!self.region.is_empty()).then(|| pages::region(&self.region));
        let kind = (!self.kind.is_empty()).then(|| pages::kind(&self.kind));
        [kind, region].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Whole {
    fn next(&self) -> Option<String> {
        self.page.next.as_ref().map(|after| self.asked.fields().next("/sector/whole", after))
    }

    /// The late of an alert, narrowed as this list is.
    fn late_of(&self, row: &Row) -> String {
        let fields = [("region", self.asked.region.as_str()), ("kind", &self.asked.kind)];
        format!("/sector/{}/late?{}", row.alert.id, serde_html_form::to_string(fields).unwrap_or_default())
    }

    fn count(&self, count: impl Borrow<i64>) -> String {
        show::count(*count.borrow())
    }
}
