//! A line over time: steps, since counts jump; several lines told apart by dashes as well as colour;
//! deadlines as upright marks with their words.

use askama::Template;
use jiff::Timestamp;

use super::scale::{Period, Span, Tick, counts};
use crate::web::shell::Language;
use crate::web::show;

/// Room above the drawing for the words of each mark, in pixels.
const MARK: i64 = 20;
/// How high the drawing itself is.
const HEIGHT: i64 = 200;
/// Room below it for the labels of time.
const LABELS: i64 = 28;

/// What is counted, and its net changes.
#[derive(Clone, Debug)]
pub struct Series {
    /// The words of the legend and of the table's column.
    pub name: &'static str,
    /// By how much it changed in the hour that begins then, in any order.
    pub changes: Vec<(Timestamp, i64)>,
}

/// A moment to be seen, such as a deadline.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// "Acknowledge by".
    pub label: &'static str,
}

/// Lines over time; shown, it is the SVG with its legend.
#[derive(Clone, Debug, Template)]
#[template(path = "chart/line.html")]
pub struct Line {
    id: &'static str,
    title: String,
    /// In a sentence, for those who do not see it.
    description: String,
    names: Vec<String>,
    paths: Vec<String>,
    marks: Vec<Placed>,
    across: Vec<Tick>,
    up: Vec<Tick>,
    rows: Vec<(String, Vec<String>)>,
}

/// A mark at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    place: i64,
    label: &'static str,
    /// Where the words stand, from above.
    y: i64,
}

impl Line {
    /// Draws `series` over `span`; behind `now` there is nothing yet.
    pub fn new(
        id: &'static str,
        title: impl Into<String>,
        span: Span,
        now: Timestamp,
        series: &[Series],
        marks: &[Mark],
    ) -> Self {
        Self::of(0, id, title, span, now, series, marks)
    }

    /// The same, of so many in all: the drawing is as high as that, so that it shows how many are missing.
    pub fn of(
        whole: i64,
        id: &'static str,
        title: impl Into<String>,
        span: Span,
        now: Timestamp,
        series: &[Series],
        marks: &[Mark],
    ) -> Self {
        let period = span.period();
        let ends = span.ends(period, now);
        let values: Vec<Vec<i64>> = series.iter().map(|series| stood(&series.changes, &ends)).collect();
        let up = counts(values.iter().flatten().copied().max().unwrap_or(0).max(whole));
        let top = up.last().copied().unwrap_or(1);
        let path = |values: &Vec<i64>| {
            let steps = ends.iter().zip(values).map(|(at, value)| (span.place(*at), high(*value, top)));
            drawn(steps)
        };
        let place = |(number, mark): (i64, &Mark)| Placed {
            place: span.place(mark.at),
            label: mark.label,
            y: 14 + number * MARK,
        };
        Self {
            id,
            title: title.into(),
            description: described(series, &values, now),
            names: series.iter().map(|series| series.name.to_owned()).collect(),
            paths: values.iter().map(path).collect(),
            marks: (0..).zip(marks).map(place).collect(),
            across: span.ticks(),
            rows: rows(period, &ends, &values),
            up: up
                .into_iter()
                .map(|count| Tick { place: high(count, top), label: show::count(count) })
                .collect(),
        }
    }

    /// Of the figure: unique on its page.
    pub fn id(&self) -> &str {
        self.id
    }

    /// What it shows.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is counted: the columns of the table.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The table: until when, and how many by then. Periods in which nothing changed are left out.
    pub fn rows(&self) -> &[(String, Vec<String>)] {
        &self.rows
    }

    /// Where the drawing begins, from above.
    fn above(&self) -> i64 {
        i64::try_from(self.marks.len()).unwrap_or(0) * MARK + 8
    }

    fn below(&self) -> i64 {
        self.above() + HEIGHT
    }

    fn whole(&self) -> i64 {
        self.below() + LABELS
    }

    fn height(&self) -> i64 {
        HEIGHT
    }

    /// Where a line across is, from above: its label stands on it.
    fn level(&self, tick: &Tick) -> i64 {
        self.above() + tick.place * HEIGHT / 1000
    }
}

impl Tick {
    /// As a share of the width, for SVG.
    pub(super) fn percent(&self) -> String {
        percent(self.place)
    }

    /// At the edges words lean inwards.
    pub(super) fn anchor(&self) -> &'static str {
        match self.place {
            ..60 => "start",
            60..=940 => "middle",
            _ => "end",
        }
    }
}

impl Placed {
    fn percent(&self) -> String {
        percent(self.place)
    }

    /// The words stand on the side with more room.
    fn anchor(&self) -> (&'static str, i64) {
        if self.place <= 500 { ("start", 6) } else { ("end", -6) }
    }
}

fn percent(place: i64) -> String {
    format!("{}.{}%", place / 10, place % 10)
}

/// From above, in thousandths.
fn high(value: i64, top: i64) -> i64 {
    1000 - value.max(0) * 1000 / top.max(1)
}

/// How the sum of changes stood at each end.
fn stood(changes: &[(Timestamp, i64)], ends: &[Timestamp]) -> Vec<i64> {
    let mut changes = changes.to_vec();
    changes.sort_by_key(|(at, _)| *at);
    let (mut sum, mut next) = (0, 0);
    let mut stood = Vec::with_capacity(ends.len());
    for (place, end) in ends.iter().enumerate() {
        // What the last end leaves over happened in its hour.
        let last = place + 1 == ends.len();
        while let Some((_, change)) = changes.get(next).filter(|(at, _)| last || at < end) {
            sum += change;
            next += 1;
        }
        stood.push(sum);
    }
    stood
}

/// The path of a line that stays where it was until it jumps.
fn drawn(steps: impl Iterator<Item = (i64, i64)>) -> String {
    let mut height = 1000;
    let step = |(x, y)| {
        let jumps = y != height;
        height = y;
        if jumps { format!("H{x}V{y}") } else { format!("H{x}") }
    };
    let steps: Vec<_> = steps.map(step).collect();
    format!("M0 1000{}", steps.concat())
}

/// "Acknowledged: 12. Closed: 3. As at 3 June 2026, 14:05."
fn described(series: &[Series], values: &[Vec<i64>], now: Timestamp) -> String {
    let last = series.iter().zip(values).map(|(series, values)| {
        format!("{}: {}.", series.name, show::count(values.last().copied().unwrap_or(0)))
    });
    let stood: Vec<_> = last.collect();
    format!("{} As at {}.", stood.join(" "), show::instant(now.as_microsecond(), Language::English))
}

/// A row for each period in which something changed.
fn rows(period: Period, ends: &[Timestamp], values: &[Vec<i64>]) -> Vec<(String, Vec<String>)> {
    let mut rows = Vec::new();
    let mut before: Vec<i64> = vec![0; values.len()];
    for (place, end) in ends.iter().enumerate() {
        let these: Vec<i64> = values.iter().map(|values| values[place]).collect();
        if these != before {
            rows.push((until(period, *end), these.iter().map(|value| show::count(*value)).collect()));
        }
        before = these;
    }
    rows
}

/// The end of a period in words: a day ends at midnight, which people name by the day that was.
fn until(period: Period, end: Timestamp) -> String {
    let micros = end.as_microsecond();
    match period {
        Period::Days(_) if crate::uk::begins(crate::uk::day(end)) == Some(end) => {
            format!("End of {}", show::day(micros - 1, Language::English))
        }
        _ => show::instant(micros, Language::English),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn line(hours: i64, now: i64, changes: &[(i64, i64)]) -> Line {
        let from = at("2026-06-01T08:00:00Z");
        let after = |hours| from + SignedDuration::from_hours(hours);
        let changes = changes.iter().map(|(hour, change)| (after(*hour), *change)).collect();
        let series = [Series { name: "Acknowledged", changes }];
        let marks = [Mark { at: after(hours), label: "Acknowledge by" }];
        Line::new("line", "Over time".to_owned(), Span::new(from, after(hours)), after(now), &series, &marks)
    }

    #[test]
    fn a_line_steps_up_where_something_was_said_and_ends_now() {
        let line = line(4, 2, &[(0, 1), (1, 3)]);
        assert_eq!(line.paths, ["M0 1000H250V750H500V0"]);
        let rows: Vec<_> =
            line.rows.iter().map(|(when, counts)| (when.as_str(), counts[0].as_str())).collect();
        assert_eq!(rows, [("1 June 2026, 10:00", "1"), ("1 June 2026, 11:00", "4")]);
        assert_eq!(line.marks[0].place, 1000);
        assert_eq!(line.marks[0].anchor(), ("end", -6));
        assert_eq!(line.description, "Acknowledged: 4. As at 1 June 2026, 11:00.");
    }

    #[test]
    fn what_was_taken_back_steps_down() {
        assert_eq!(line(4, 4, &[(0, 2), (2, -1)]).paths, ["M0 1000H250V0H500H750V500H1000"]);
    }

    #[test]
    fn nothing_is_a_line_on_the_ground() {
        let line = line(4, 1, &[]);
        assert!(line.rows().is_empty());
        assert_eq!(line.paths, ["M0 1000H250"]);
    }

    #[test]
    fn a_line_of_so_many_in_all_shows_how_many_are_missing() {
        let (from, until) = (at("2026-06-01T08:00:00Z"), at("2026-06-01T12:00:00Z"));
        let drawn = |changes: Vec<(Timestamp, i64)>| {
            let series = [Series { name: "Acknowledged", changes }];
            Line::of(38, "line", String::new(), Span::new(from, until), until, &series, &[])
        };
        let labels = |line: Line| line.up.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        let whole = ["0", "10", "20", "30", "40"];
        assert_eq!(labels(drawn(Vec::new())), whole);
        assert_eq!(labels(drawn(vec![(from, 3)])), whole);
    }

    #[test]
    fn the_hour_that_is_not_over_counts_up_to_now() {
        let from = at("2026-06-01T08:20:00Z");
        let series = [Series { name: "Acknowledged", changes: vec![(at("2026-06-01T08:00:00Z"), 7)] }];
        let now = from + SignedDuration::from_mins(5);
        let line = Line::new("line", String::new(), Span::new(from, now), now, &series, &[]);
        assert_eq!(line.rows, [("1 June 2026, 09:25".to_owned(), vec!["7".to_owned()])]);
        assert!(line.paths[0].ends_with("V125"), "{:?}", line.paths);
    }

    #[test]
    fn a_long_line_is_by_days_and_says_so() {
        let line = line(24 * 20, 24 * 20, &[(0, 5), (30, 5)]);
        let days: Vec<_> = line.rows.iter().map(|(when, _)| when.as_str()).collect();
        assert_eq!(days, ["End of 1 June 2026", "End of 2 June 2026"]);
        assert!(line.paths[0].len() < 400);
    }

    #[test]
    fn all_at_once_is_one_step() {
        assert_eq!(line(2, 2, &[(0, 60_000)]).paths, ["M0 1000H500V0H1000"]);
    }
}
