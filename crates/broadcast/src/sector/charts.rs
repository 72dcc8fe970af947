//! The charts of an alert: how its answers came in against the deadlines, and where they are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use platform::web::{
    chart::{Bars, Line, Mark, Part, Row, Series, Shade, Span},
    show,
};

use super::Figures;
use crate::response::{AlertHead, Stage};

const PARTS: [Part; 3] = [
    Part { name: "Answered", shade: Shade::Full },
    Part { name: "Excused", shade: Shade::Pale },
    Part { name: "Not answered", shade: Shade::Hollow },
];

/// How the answers of an alert came in: until its next deadline, and beyond where answers came later.
/// `None` where none is asked for.
pub(super) fn over_time(
    alert: &AlertHead,
    changes: &[(Stage, Timestamp, i64)],
    now: Timestamp,
) -> Option<Line> {
    let acknowledge_by = alert.acknowledge_by?;
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
        Series {
            name: "Acknowledged",
            changes: of(&[Stage::InProgress, Stage::AwaitsExecutive, Stage::NotApplicable, Stage::Closed]),
        },
        Series { name: "Closed, or does not apply", changes: of(&[Stage::NotApplicable, Stage::Closed]) },
    ];
    let deadlines = [(Some(acknowledge_by), "Acknowledge by"), (alert.remediate_by, "Remediate by")];
    let marks: Vec<_> = deadlines
        .into_iter()
        .filter_map(|(at, label)| Some(Mark { at: at?, label }))
        .filter(|mark| span.holds(mark.at))
        .collect();
    Some(Line::new("over-time", "Answers over time", span, now, &series, &marks))
}

/// A part of the sector with an alert: its figures, by name.
pub(super) type Named = BTreeMap<String, Figures>;

/// Required, reached, excused and answered as bars; reached only where that was counted.
pub(super) fn bars(caption: &'static str, figures: &Named, counted_at: Option<Timestamp>) -> Bars {
    let row = |(name, figures): (&String, &Figures)| {
        let required = show::count(figures.required);
        let reached =
            counted_at.map_or_else(String::new, |_| format!(", {} reached", show::count(figures.reached)));
        let (excused, answered) = (show::count(figures.excused), show::count(figures.answered));
        Row {
            name: name.clone(),
            href: String::new(),
            counts: vec![figures.answered, figures.excused, figures.open()],
            words: format!("{required} required{reached}, {excused} excused, {answered} answered"),
        }
    };
    let asked = figures.iter().filter(|(_, figures)| figures.required > 0);
    Bars::new(caption, &PARTS, asked.map(row).collect())
}
