//! How long the steps of all incidents of a year took: for the CERT.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::civil::Date;
use platform::{
    App,
    web::{
        Error,
        chart::{Bars, Row, Shade},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::{
    pace::{
        Step,
        sector::{Figure, Figures, Part, Year, figures},
    },
    triage::Priority,
};

/// Which year.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The month that ends it.
    until: String,
}

/// A row of a table: what it is of, how many were reported, and for each step its cells.
struct Line {
    name: String,
    href: String,
    reported: String,
    steps: Vec<[String; 3]>,
}

#[derive(Template)]
#[template(path = "pace/sector.html")]
struct SectorPage {
    shell: Shell,
    /// From which month until which.
    from: String,
    until: String,
    before: String,
    after: Option<String>,
    by_priority: Vec<Line>,
    by_month: Vec<Line>,
    /// The median of each month until care was as before; none where no incident got so far.
    chart: Option<Bars>,
}

impl SectorPage {
    /// What the figures are of, step by step.
    const fn steps(&self) -> &'static [Step] {
        Step::ALL
    }
}

fn line(name: String, href: String, found: Option<&Figures>, shell: &Shell) -> Line {
    let cells = |figure: Option<Figure>| {
        figure.map_or_else(
            || ["–".to_owned(), "–".to_owned(), "0".to_owned()],
            |figure| {
                let length = |micros| show::length(micros, shell.language);
                [length(figure.median), length(figure.p90), show::count(figure.of)]
            },
        )
    };
    let steps = found.map_or([None; 3], |found| found.steps);
    Line {
        name,
        href,
        reported: show::count(found.map_or(0, |found| found.reported)),
        steps: steps.into_iter().map(cells).collect(),
    }
}

fn month(day: Date) -> String {
    format!("{} {}", day.strftime("%B"), day.year())
}

/// `GET /incidents/times`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let year = Year::asked(&asked.until, shell.now);
    let mut snapshot = app.db.read_long().await?;
    let all = figures(&mut snapshot, &year).await?;
    drop(snapshot);
    let of = |part: Part| all.iter().find(|each| each.part == part);
    let priorities = Priority::ALL.iter().map(|priority| {
        let href = format!("/incidents?priority={}", priority.code());
        line(priority.label().to_owned(), href, of(Part::Priority(Some(*priority))), &shell)
    });
    let mut by_priority = vec![line("All".to_owned(), String::new(), of(Part::All), &shell)];
    by_priority.extend(priorities);
    if let Some(none) = of(Part::Priority(None)) {
        by_priority.push(line("No priority yet".to_owned(), String::new(), Some(none), &shell));
    }
    let months = || year.months.iter().enumerate();
    let by_month = months()
        .map(|(place, day)| line(month(*day), String::new(), of(Part::Month(place)), &shell))
        .collect();
    let bars: Vec<Row> = months()
        .filter_map(|(place, day)| {
            let figure = of(Part::Month(place))?.steps[Step::Recovered as usize]?;
            let words = show::length(figure.median, shell.language);
            let minutes = figure.median / (show::HOUR / 60);
            Some(Row { name: month(*day), href: String::new(), counts: vec![minutes], words })
        })
        .collect();
    let chart = (!bars.is_empty()).then(|| {
        let part = platform::web::chart::Part { name: "", shade: Shade::Full };
        Bars::new("MTTR month by month: until the middle incident was recovered or closed", &[part], bars)
    });
    let (before, after) = year.beside(shell.now);
    let page = SectorPage {
        from: month(year.months[0]),
        until: month(*year.months.last().unwrap_or(&year.months[0])),
        before,
        after,
        by_priority,
        by_month,
        chart,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}
