//! Where a chart's figures lie: the ticks of counts, the periods and ticks of time.
//!
//! Places are in thousandths of the chart's width or height. Days are days in the UK, whose clocks
//! change twice a year: a day may have 23 or 25 hours.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use crate::{uk, web::show};

/// The most periods that a chart is cut into.
const MOST_PERIODS: i32 = 100;
/// The most labels along the time: more would touch on a telephone.
const MOST_LABELS: i64 = 4;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Up to this long, a chart is by the hour.
const SHORT: SignedDuration = SignedDuration::from_hours(96);

/// From when until when a chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: Timestamp,
    until: Timestamp,
}

/// How long the periods are that a chart is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// An hour.
    Hour,
    /// So many days, 1 or more.
    Days(i32),
}

/// A label at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    pub place: i64,
    pub label: String,
}

impl Span {
    /// From `from` until `until`, an hour at least.
    pub fn new(from: Timestamp, until: Timestamp) -> Self {
        Self { from, until: until.max(from + HOUR) }
    }

    /// Whether `at` lies in it.
    pub fn holds(self, at: Timestamp) -> bool {
        self.from <= at && at <= self.until
    }

    /// Where `at` lies, in thousandths; what lies outside is at the edge.
    pub(super) fn place(self, at: Timestamp) -> i64 {
        let whole = self.until.duration_since(self.from).as_secs().max(1);
        (at.duration_since(self.from).as_secs() * 1000 / whole).clamp(0, 1000)
    }

    /// Periods so long that there are not too many of them.
    pub fn period(self) -> Period {
        let length = self.until.duration_since(self.from);
        if length <= SHORT {
            return Period::Hour;
        }
        let days = i32::try_from(length.as_hours() / 24 + 1).unwrap_or(i32::MAX);
        let long = [1, 7, 28].into_iter().find(|long| days / long < MOST_PERIODS);
        Period::Days(long.unwrap_or(days / MOST_PERIODS + 1))
    }

    /// The moments at which its periods end up to `until`, ascending: on the hour or at midnight, and
    /// `until` itself.
    pub fn ends(self, period: Period, until: Timestamp) -> Vec<Timestamp> {
        let until = until.clamp(self.from, self.until);
        let mut ends = Vec::new();
        let mut next = match period {
            Period::Hour => Some(whole_hour(self.from) + HOUR),
            Period::Days(days) => days_after(uk::day(self.from), days),
        };
        while let Some(end) = next.filter(|end| *end < until) {
            ends.push(end);
            next = match period {
                Period::Hour => Some(end + HOUR),
                Period::Days(days) => days_after(uk::day(end), days),
            };
        }
        ends.push(until);
        ends
    }

    /// Labels along the time: hours of a day or two, else days, else months.
    pub(super) fn ticks(self) -> Vec<Tick> {
        let hours = self.until.duration_since(self.from).as_hours();
        let moments = if hours <= 48 { self.wall_hours(hours) } else { self.midnights(hours / 24) };
        let tick = |(at, label)| Tick { place: self.place(at), label };
        moments.into_iter().map(tick).collect()
    }

    fn wall_hours(self, hours: i64) -> Vec<(Timestamp, String)> {
        let step = [1, 2, 3, 6, 12].into_iter().find(|step| hours / step < MOST_LABELS).unwrap_or(24);
        let mut moments = Vec::new();
        let mut at = whole_hour(self.from) + HOUR;
        while at < self.until {
            let local = uk::local(at);
            if i64::from(local.hour()) % step == 0 {
                let label =
                    if local.hour() == 0 { short(local.date()) } else { format!("{:02}:00", local.hour()) };
                moments.push((at, label));
            }
            at += HOUR;
        }
        moments
    }

    fn midnights(self, days: i64) -> Vec<(Timestamp, String)> {
        let step = [1, 2, 7, 14, 28, 91, 182].into_iter().find(|step| days / step < MOST_LABELS);
        let step = step.unwrap_or(days / MOST_LABELS + 1);
        let label = |day: Date| if days > 300 { month(day) } else { short(day) };
        let mut moments = Vec::new();
        let mut day = uk::day(self.from).tomorrow().ok();
        while let Some((at, this)) = day.and_then(|day| Some((uk::begins(day)?, day))) {
            if at >= self.until {
                break;
            }
            moments.push((at, label(this)));
            day = this.checked_add(step.days()).ok();
        }
        moments
    }
}

/// The hour that `at` lies in. UK time is whole hours from UTC.
fn whole_hour(at: Timestamp) -> Timestamp {
    let past = at.as_microsecond().rem_euclid(show::HOUR);
    at - SignedDuration::from_micros(past)
}

/// The midnight `days` days after the one on which `day` begins.
fn days_after(day: Date, days: i32) -> Option<Timestamp> {
    day.checked_add(days.days()).ok().and_then(uk::begins)
}

/// "3 Jun", for an axis alone.
fn short(day: Date) -> String {
    format!("{} {}", day.day(), day.strftime("%b"))
}

fn month(day: Date) -> String {
    day.strftime("%b %Y").to_string()
}

/// Ticks of counts: round steps from nought to the first that is not below `most`.
pub(super) fn counts(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let mut unit = 1_i64;
    let step = loop {
        if let Some(step) = [1, 2, 5].map(|step| step * unit).into_iter().find(|step| step * 4 >= most) {
            break step;
        }
        unit = unit.saturating_mul(10);
    };
    (0..=(most + step - 1) / step).map(|number| number * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn labels(from: &str, until: &str) -> Vec<String> {
        Span::new(at(from), at(until)).ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_of_counts_are_round_and_reach_the_highest() {
        assert_eq!(counts(0), [0, 1]);
        assert_eq!(counts(1), [0, 1]);
        assert_eq!(counts(4), [0, 1, 2, 3, 4]);
        assert_eq!(counts(5), [0, 2, 4, 6]);
        assert_eq!(counts(115), [0, 50, 100, 150]);
        assert_eq!(counts(60_000), [0, 20_000, 40_000, 60_000]);
        for most in 0..2_000 {
            let ticks = counts(most);
            assert!(ticks.len() <= 5 && *ticks.last().unwrap() >= most, "{most}: {ticks:?}");
        }
    }

    #[test]
    fn short_spans_are_by_the_hour_and_long_ones_never_have_too_many_periods() {
        let from = at("2026-06-01T08:20:00Z");
        for (hours, period) in [
            (0, Period::Hour),
            (96, Period::Hour),
            (97, Period::Days(1)),
            (24 * 90, Period::Days(1)),
            (24 * 400, Period::Days(7)),
            (24 * 365 * 5, Period::Days(28)),
            (24 * 365 * 40, Period::Days(147)),
        ] {
            let until = from + SignedDuration::from_hours(hours);
            let span = Span::new(from, until);
            assert_eq!(span.period(), period, "{hours}");
            let ends = span.ends(span.period(), until);
            assert!((1..=101).contains(&ends.len()) && ends.is_sorted(), "{hours}: {}", ends.len());
            assert_eq!(*ends.last().unwrap(), until, "{hours}");
        }
    }

    #[test]
    fn days_end_at_midnight_in_the_uk_also_when_the_clocks_change() {
        let span = Span::new(at("2026-10-24T10:00:00Z"), at("2026-10-29T10:00:00Z"));
        let ends: Vec<_> =
            span.ends(span.period(), at("2026-10-26T12:00:00Z")).iter().map(ToString::to_string).collect();
        assert_eq!(
            ends,
            ["2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", "2026-10-26T12:00:00Z"],
            "a day of 25 hours"
        );
        let span = Span::new(at("2026-03-28T10:00:00Z"), at("2026-04-02T10:00:00Z"));
        let ends: Vec<_> =
            span.ends(span.period(), at("2026-03-30T00:00:00Z")).iter().map(ToString::to_string).collect();
        assert_eq!(
            ends,
            ["2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", "2026-03-30T00:00:00Z"],
            "one of 23"
        );
    }

    #[test]
    fn hours_end_on_the_hour_and_nothing_lies_behind_now() {
        let span = Span::new(at("2026-06-01T08:20:00Z"), at("2026-06-03T08:20:00Z"));
        let ends: Vec<_> =
            span.ends(Period::Hour, at("2026-06-01T10:05:00Z")).iter().map(ToString::to_string).collect();
        assert_eq!(ends, ["2026-06-01T09:00:00Z", "2026-06-01T10:00:00Z", "2026-06-01T10:05:00Z"]);
        assert_eq!(span.ends(Period::Hour, at("2020-01-01T00:00:00Z")), [at("2026-06-01T08:20:00Z")]);
    }

    #[test]
    fn labels_are_few_and_in_uk_time() {
        assert_eq!(labels("2026-06-01T08:20:00Z", "2026-06-01T11:00:00Z"), ["10:00", "11:00"]);
        assert_eq!(labels("2026-06-01T08:20:00Z", "2026-06-03T08:20:00Z"), ["2 Jun", "3 Jun"]);
        assert_eq!(
            labels("2026-06-01T08:20:00Z", "2026-06-02T08:20:00Z"),
            ["12:00", "2 Jun"].map(str::to_owned)
        );
        assert_eq!(labels("2026-06-01T08:20:00Z", "2026-06-15T08:20:00Z"), ["2 Jun", "9 Jun"]);
        assert_eq!(labels("2025-06-01T08:20:00Z", "2026-06-15T08:20:00Z").len(), 3);
        for hours in 1..5_000 {
            let from = at("2026-03-20T08:20:00Z");
            let ticks = Span::new(from, from + SignedDuration::from_hours(hours)).ticks();
            assert!(ticks.len() <= 5, "{hours}: {ticks:?}");
        }
    }

    #[test]
    fn a_span_of_no_length_is_drawn_as_an_hour() {
        let from = at("2026-06-01T08:20:00Z");
        let span = Span::new(from, from);
        assert_eq!([from, from + HOUR, from + HOUR * 5].map(|at| span.place(at)), [0, 1000, 1000]);
    }
}
