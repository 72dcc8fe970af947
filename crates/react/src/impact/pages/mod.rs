//! The board of a case, and the forms with which it is kept.

mod count;
mod service;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor,
    access::Rule,
    web::{
        Error, Route, Visit,
        chart::{Line, Series, Span},
        shell::{Shell, render},
        show as words,
    },
};

use super::{Change, Count, Harm, Service, Summary, WRITERS, store};
use crate::{
    access::READERS,
    case::{Head, Party, Sight, Zone, opened},
    incident::IncidentId,
};

const TO_DO: &str = "write on the impact board of this case";

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/impact", read, board).sample("/incidents/{incident}/impact"),
        Route::get("/incidents/{id}/impact/add", write, service::ask_new)
            .sample("/incidents/{incident}/impact/add"),
        Route::post("/incidents/{id}/impact/add", write, service::add)
            .sample("/incidents/{incident}/impact/add")
            .form("name=Pharmacy&systems=Prescribing&state=stopped&downtime=working&harm=none"),
        Route::get("/incidents/{id}/impact/count", write, count::ask_count)
            .sample("/incidents/{incident}/impact/count"),
        Route::post("/incidents/{id}/impact/count", write, count::count)
            .sample("/incidents/{incident}/impact/count")
            .form("appointments=40&procedures=2&on-day=1&on-month=1&on-year=2026&time=10:00"),
        Route::get("/incidents/{id}/impact/{service}", write, service::ask_change)
            .sample("/incidents/{incident}/impact/{impact_service}"),
        Route::post("/incidents/{id}/impact/{service}", write, service::change)
            .sample("/incidents/{incident}/impact/{impact_service}")
            .form("version=1&name=Pharmacy&systems=Prescribing&state=normal&downtime=working&harm=none"),
    ]
}

#[derive(Template)]
#[template(path = "impact/board.html")]
struct BoardPage {
    shell: Shell,
    head: Head,
    services: Vec<Service>,
    summary: Summary,
    changes: Vec<Change>,
    /// The last first.
    counts: Vec<Count>,
    over_time: Option<Line>,
    may_write: bool,
}

impl BoardPage {
    fn count(&self, number: &i64) -> String {
        words::count(*number)
    }

    fn harm(&self) -> Harm {
        self.summary.harm.unwrap_or(Harm::Absent)
    }

    fn href(&self, service: &Service) -> String {
        format!("/incidents/{}/impact/{}", self.head.incident.id, service.id)
    }

    fn counted_by(&self, count: &Count) -> String {
        self.named(count.by.as_deref(), count.through.as_deref())
    }

    fn changed_by(&self, change: &Change) -> String {
        self.named(change.by.as_deref(), change.through.as_deref())
    }

    /// Who wrote something down.
    fn named(&self, by: Option<&str>, through: Option<&str>) -> String {
        self.head.writer(&self.shell.cert.name, by, through)
    }

    fn is_hurt(&self, change: &Change) -> bool {
        change.harm != Harm::Absent && !change.harm_note.is_empty()
    }
}

/// `GET /incidents/{id}/impact`
async fn board(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.read(Zone::Shared)?;
    let services = store::services(&mut snapshot, id, sight.reads).await?;
    let mut counts = store::counts(&mut snapshot, id, sight.reads).await?;
    let changes = store::changes(&mut snapshot, id, sight.reads).await?;
    drop(snapshot);
    let summary = Summary::of(&services, counts.last());
    let over_time = drawn(&counts, sight.incident.closed_at.unwrap_or(visit.shell.now));
    counts.reverse();
    let page = BoardPage {
        head: Head::of(&sight, "/impact"),
        may_write: may_write(&sight, &visit.actor),
        shell: visit.shell,
        services,
        summary,
        changes,
        counts,
        over_time,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What was postponed, over time `until` now or the closing: a chart needs two counts.
fn drawn(counts: &[Count], until: Timestamp) -> Option<Line> {
    let (first, last) = (counts.first()?, counts.last()?);
    if first.counted_at == last.counted_at {
        return None;
    }
    let of = |count: fn(&Count) -> i64| {
        let mut before = 0;
        let change = |each: &Count| {
            let change = count(each) - before;
            before = count(each);
            (each.counted_at, change)
        };
        counts.iter().map(change).collect()
    };
    let series = [
        Series { name: "Appointments", changes: of(|count| count.appointments) },
        Series { name: "Procedures", changes: of(|count| count.procedures) },
    ];
    let until = until.max(last.counted_at);
    let span = Span::new(first.counted_at, until);
    Some(Line::new("postponed", "Postponed so far", span, until, &series, &[]))
}

/// Whether somebody writes on the board.
fn may_write(sight: &Sight, actor: &Actor) -> bool {
    sight.writes.contains(Zone::Shared) && sight.party != Party::Guest && actor.is_any(WRITERS)
}

/// That somebody writes on the board, or the answer why not.
fn written_by(sight: &Sight, actor: &Actor) -> Result<(), Error> {
    sight.write(Zone::Shared, TO_DO)?;
    if may_write(sight, actor) { Ok(()) } else { Err(platform::access::Forbidden(TO_DO).into()) }
}

fn to_board(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}/impact")).into_response()
}
