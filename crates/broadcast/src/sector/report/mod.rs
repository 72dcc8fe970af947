//! `/sector/{id}/report`: an alert told afterwards, as a page and in print: when what happened, whom it
//! reached, what was answered, what was in the way, and what was learned.
//!
//! At TLP:RED nobody's words are in it: a report travels, and they may quote what was told in person.

mod lessons;
mod store;

use std::borrow::Borrow;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use formats::Tlp;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use platform::{
    App,
    message::{self, Fates},
    web::{
        Error, Visit,
        chart::{Bars, Line},
        cursor::{self, Page},
        shell::{Language, Shell, render},
        show,
    },
};
use serde::Deserialize;

pub use self::lessons::learn;
pub(super) use self::lessons::{ask, write};
use self::{lessons::Learned, store::Blocker};
use super::{
    Figures, SectorError, charts,
    pages::{self, Position, Table, named, took},
    store as counters,
    times::{self, Times},
};
use crate::{
    access::WRITE_ADVISORIES,
    alert::{self, Alert, AlertId},
    policy::Policy,
    response::{self, AlertHead, Stage},
};

/// How many of what is in the way stand in the report itself.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "sector/report.html")]
struct Report {
    shell: Shell,
    alert: AlertHead,
    moments: Vec<(&'static str, Timestamp)>,
    deadlines: Vec<(&'static str, String)>,
    position: Position,
    counted_at: Option<Timestamp>,
    fates: Fates,
    sent: Vec<(&'static str, String)>,
    outcomes: Vec<(&'static str, String)>,
    calls: Vec<(&'static str, String)>,
    over_time: Option<Line>,
    regions: Table,
    regions_drawn: Bars,
    kinds: Table,
    kinds_drawn: Bars,
    acknowledged: String,
    closed: String,
    blocked: i64,
    blockers: Vec<Blocker>,
    more_blockers: bool,
    in_person: bool,
    learned: Option<Learned>,
    may_learn: bool,
}

/// `GET /sector/{id}/report`
pub(super) async fn show(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let issue = alert::store::alert(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let counted = counters::counted(&mut snapshot, id).await?;
    let changes = counters::by_hour(&mut snapshot, id).await?;
    let recounted = counters::recounted(&mut snapshot, id).await?;
    let reached = counters::reached(&mut snapshot, id).await?;
    let counted_at = reached.map(|(_, at)| at);
    // What ended before parts were counted has the sum alone.
    let parts_at = counted_at.filter(|_| !recounted.is_empty());
    let by_region = times::by_region(&mut snapshot, id).await?;
    let by_kind = times::by_kind(&mut snapshot, id).await?;
    let fates = message::fates_about(&mut snapshot, id.0).await?;
    let sent = store::sent(&mut snapshot, id).await?;
    let outcomes = store::outcomes(&mut snapshot, id).await?;
    let calls = store::calls(&mut snapshot, id).await?;
    let in_person = alert.tlp.0 == Tlp::Red;
    let blocked = store::blocked(&mut snapshot, id).await?;
    let mut blockers =
        if in_person { Vec::new() } else { store::blockers(&mut snapshot, id, &first()).await? };
    let learned = store::lessons(&mut snapshot, id).await?.into_iter().next().map(lessons::read);
    drop(snapshot);
    let mut position = Position::of(&counted, &recounted);
    position.all.reached = reached.map_or(position.all.reached, |(reached, _)| reached);
    let times = Times::of_all(by_region.values());
    let more_blockers = blockers.len() > SHOWN;
    blockers.truncate(SHOWN);
    let count = |count: i64| show::count(count);
    let page = Report {
        moments: moments(&issue, &changes, position.all.required),
        deadlines: deadlines(&alert, &times, &position.all),
        counted_at,
        fates,
        sent: sent.into_iter().map(|(kind, sent)| (kind_of(&kind), count(sent))).collect(),
        outcomes: outcomes.into_iter().map(|(outcome, ended)| (outcome.label(), count(ended))).collect(),
        calls: calls.into_iter().map(|(outcome, made)| (outcome.label(), count(made))).collect(),
        over_time: charts::over_time(&alert, &changes, position.all.required, visit.shell.now),
        regions: Table::of(counted.iter().map(|row| (pages::region(&row.region), row.stage, row.count)))
            .with_times(&named(by_region, pages::region), visit.shell.language),
        regions_drawn: charts::named("By region", &position.regions, parts_at),
        kinds: Table::of(counted.iter().map(|row| (pages::kind(&row.kind), row.stage, row.count)))
            .with_times(&named(by_kind, pages::kind), visit.shell.language),
        kinds_drawn: charts::named("By type", &position.kinds, parts_at),
        acknowledged: took(times.acknowledged.median(), visit.shell.language),
        closed: took(times.closed.median(), visit.shell.language),
        position,
        blocked,
        blockers,
        more_blockers,
        in_person,
        learned,
        may_learn: visit.actor.is_any(WRITE_ADVISORIES),
        shell: visit.shell,
        alert,
    };
    Ok(render(StatusCode::OK, &page))
}

/// When what happened, in order, as far as it has.
fn moments(
    issue: &Alert,
    changes: &[(Stage, Timestamp, i64)],
    required: i64,
) -> Vec<(&'static str, Timestamp)> {
    let moments = [
        ("Issued", Some(issue.issued_at)),
        ("Every message queued", issue.fanned_out_at),
        ("Half had acknowledged by", acknowledged_by(changes, required, 50)),
        ("90 of 100 had acknowledged by", acknowledged_by(changes, required, 90)),
        ("Acknowledgements due", issue.acknowledge_by),
        ("Remediation due", issue.remediate_by),
        ("Ended", issue.ended_at),
    ];
    let mut moments: Vec<_> = moments.into_iter().filter_map(|(what, at)| Some((what, at?))).collect();
    moments.sort_by_key(|(_, at)| *at);
    moments
}

/// The end of the hour by which so many of 100 of those required had acknowledged; none before that.
fn acknowledged_by(changes: &[(Stage, Timestamp, i64)], required: i64, of_100: i64) -> Option<Timestamp> {
    let mut so_far = 0;
    let mut changes: Vec<_> = changes
        .iter()
        .filter(|(stage, ..)| !matches!(stage, Stage::Unacknowledged | Stage::ForInformation))
        .collect();
    changes.sort_by_key(|(_, hour, _)| *hour);
    let by_hour = changes.chunk_by(|one, other| one.1 == other.1);
    let enough = by_hour.filter_map(|hour| {
        so_far += hour.iter().map(|(_, _, change)| change).sum::<i64>();
        (so_far * 100 >= required * of_100).then(|| hour[0].1 + SignedDuration::from_hours(1))
    });
    enough.take(1).next().filter(|_| required > 0)
}

/// How many were in time for each deadline, of how many: of those to which it does not apply nothing is to
/// be closed.
fn deadlines(alert: &AlertHead, times: &Times, all: &Figures) -> Vec<(&'static str, String)> {
    let asked = Policy::by_id(&alert.policy).and_then(|policy| policy.asks(alert.severity.code()));
    let Some(asked) = asked.filter(|_| all.required > 0) else { return Vec::new() };
    let in_time = |hours: &times::Hours, within: SignedDuration, of: &str| {
        let length = show::length(within.as_hours() * show::HOUR, Language::English);
        format!("{} of {of}, within {length} of being asked", show::count(hours.below(within.as_hours())))
    };
    let applies = format!("{} to which it applies", show::count(all.required - all.excused));
    vec![
        (
            "Acknowledged in time",
            in_time(&times.acknowledged, asked.acknowledge.within, &show::count(all.required)),
        ),
        ("Closed in time", in_time(&times.closed, asked.remediate.within, &applies)),
    ]
}

/// A kind of message in words.
fn kind_of(kind: &str) -> &'static str {
    match kind {
        "alert" => "The alert itself",
        "alert_withdrawn" => "That it was withdrawn",
        "alert_text" => "Text messages, of the alert and its reminders",
        "alert_withdrawn_text" => "Text messages that it was withdrawn",
        "reminder" => "Reminders",
        "escalation" => "Escalations to deputies",
        "breach" => "Escalations to executives",
        "regional" => "Escalations to regional bodies",
        "decision_wanted" => "Requests for a decision",
        "decision_made" => "Decisions of executives",
        _ => "Other messages",
    }
}

/// Before the first of what is in the way.
fn first() -> store::Behind {
    (i64::MAX, String::new())
}

#[derive(Template)]
#[template(path = "sector/blockers.html")]
struct Blockers {
    shell: Shell,
    alert: AlertHead,
    blocked: i64,
    page: Page<Blocker>,
    in_person: bool,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    after: Option<String>,
}

/// `GET /sector/{id}/report/blockers`
pub(super) async fn blockers(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
    Query(cursor): Query<Cursor>,
) -> Result<Response, Error> {
    let after = cursor.after.as_deref().and_then(cursor::read).unwrap_or_else(first);
    let mut snapshot = app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let in_person = alert.tlp.0 == Tlp::Red;
    let blocked = store::blocked(&mut snapshot, id).await?;
    let rows = if in_person { Vec::new() } else { store::blockers(&mut snapshot, id, &after).await? };
    drop(snapshot);
    let page = Page::of(rows, |row| (row.organisations, row.code.clone()));
    Ok(render(StatusCode::OK, &Blockers { shell, alert, blocked, page, in_person }))
}

impl Report {
    fn not_reached(&self) -> i64 {
        (self.position.all.required - self.position.all.reached).max(0)
    }

    fn count(&self, count: impl Borrow<i64>) -> String {
        show::count(*count.borrow())
    }
}

impl Blockers {
    fn count(&self, count: impl Borrow<i64>) -> String {
        show::count(*count.borrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_have_acknowledged_at_the_end_of_the_hour_in_which_they_were_half() {
        let at = |text: &str| -> Timestamp { text.parse().expect("an instant") };
        let (eight, nine, ten) =
            (at("2026-06-01T08:00:00Z"), at("2026-06-01T09:00:00Z"), at("2026-06-01T10:00:00Z"));
        let changes = [
            (Stage::Unacknowledged, eight, 10),
            (Stage::InProgress, eight, 4),
            (Stage::InProgress, nine, -1),
            (Stage::Closed, nine, 2),
            (Stage::InProgress, ten, 4),
        ];
        assert_eq!(acknowledged_by(&changes, 10, 50), Some(ten));
        assert_eq!(acknowledged_by(&changes, 10, 90), Some(at("2026-06-01T11:00:00Z")));
        assert_eq!(acknowledged_by(&changes, 11, 90), None);
        assert_eq!(acknowledged_by(&[], 0, 50), None);
    }
}
