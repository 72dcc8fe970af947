//! The charts of an alert: how its answers came in against the deadlines, and where they are.

use std::collections::BTreeMap;

use db::{DbError, Snapshot};
use jiff::{SignedDuration, Timestamp};
use platform::web::{
    chart::{Bars, Line, Mark, Part, Row, Series, Shade, Span},
    show,
};

use super::{Figures, store};
use crate::{
    alert::AlertId,
    response::{self, AlertHead, Stage},
};

/// The stages of those who have acknowledged.
pub(super) const ACKNOWLEDGED: &[Stage] =
    &[Stage::InProgress, Stage::AwaitsExecutive, Stage::NotApplicable, Stage::Closed];
/// The stages of those who are done, or to whom the alert does not apply.
pub(super) const DONE: &[Stage] = &[Stage::NotApplicable, Stage::Closed];

const PARTS: [Part; 3] = [
    Part { name: "Answered", shade: Shade::Full },
    Part { name: "Excused", shade: Shade::Pale },
    Part { name: "Not answered", shade: Shade::Hollow },
];

/// How the answers of an alert had come in by the deadline for acknowledgements, for pages elsewhere that tell of it.
/// `None` where there is no such alert, or none was asked for.
pub async fn answers_by_the_deadline(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<Option<Line>, DbError> {
    let Some(head) = response::head(snapshot, alert).await? else { return Ok(None) };
    let Some(deadline) = head.acknowledge_by else { return Ok(None) };
    let counted = store::counted(snapshot, alert).await?;
    let mut changes = store::by_hour(snapshot, alert).await?;
    changes.retain(|(_, hour, _)| *hour < deadline);
    let mut figures = Figures::default();
    for row in counted {
        figures.add(row.stage, row.count);
    }
    Ok(over_time(&head, &changes, figures.required, deadline))
}

/// How the answers of an alert came in: until its next deadline, and beyond where answers came later.
/// `None` where none is asked for.
pub(super) fn over_time(
    alert: &AlertHead,
    changes: &[(Stage, Timestamp, i64)],
    required: i64,
    now: Timestamp,
) -> Option<Line> {
    let acknowledge_by = alert.acknowledge_by.filter(|_| required > 0)?;
    let began = acknowledge_by.min(alert.issued_at);
    let last = changes.iter().map(|(_, hour, _)| *hour + SignedDuration::from_hours(1)).max();
    let next = alert.remediate_by.filter(|_| now > acknowledge_by).unwrap_or(acknowledge_by);
    let span = Span::new(began, last.map_or(next, |last| last.min(now).max(next)));
    let of = |stages: &[Stage]| {
        changes
            .iter()
            .filter(|(stage, ..)| stages.contains(stage))
            .map(|(_, hour, change)| (*hour, *change))
            .collect()
    };
    let series = [
        Series { name: "Acknowledged", changes: of(ACKNOWLEDGED) },
        Series { name: "Closed, or does not apply", changes: of(DONE) },
    ];
    let deadlines = [(Some(acknowledge_by), "Acknowledge by"), (alert.remediate_by, "Remediate by")];
    let marks: Vec<_> = deadlines
        .into_iter()
        .filter_map(|(at, label)| Some(Mark { at: at?, label }))
        .filter(|mark| span.holds(mark.at))
        .collect();
    let title = format!("Answers over time, of {} required", show::count(required));
    Some(Line::of(required, "over-time", title, span, now, &series, &marks))
}

/// A part of the sector with an alert: its figures, by name.
pub(super) type Named = BTreeMap<String, Figures>;

/// Required, reached, excused and answered as bars, each name with where it leads; reached only where
/// that was counted.
pub(super) fn bars<'a>(
    caption: &'static str,
    parts: impl Iterator<Item = (&'a str, &'a str, &'a Figures)>,
    counted_at: Option<Timestamp>,
) -> Bars {
    let row = |(name, href, figures): (&str, &str, &Figures)| {
        let [required, reached, excused, answered] =
            [figures.required, figures.reached, figures.excused, figures.answered].map(show::count);
        let reached = counted_at.map_or_else(String::new, |_| format!(", {reached} reached"));
        Row {
            name: name.to_owned(),
            href: href.to_owned(),
            counts: vec![figures.answered, figures.excused, figures.open()],
            words: format!("{required} required{reached}, {excused} excused, {answered} answered"),
        }
    };
    Bars::new(caption, &PARTS, parts.filter(|(.., figures)| figures.required > 0).map(row).collect())
}

/// Bars whose names lead nowhere.
pub(super) fn named(caption: &'static str, figures: &Named, counted_at: Option<Timestamp>) -> Bars {
    bars(caption, figures.iter().map(|(name, figures)| (name.as_str(), "", figures)), counted_at)
}
