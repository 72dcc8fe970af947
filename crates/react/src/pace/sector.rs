//! The times of all incidents of a year: medians, and what nine of ten were done in; by priority and by month.
//!
//! The database sorts and counts; what comes back are three steps for a handful of parts, however many incidents there
//! were. Those that nobody vouched for, and those that are a part of another one, are left out.

use db::{DbError, Snapshot, sql};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use platform::uk;

use super::Step;
use crate::triage::Priority;

/// How many months are looked at together.
const MONTHS: usize = 12;

/// The months that are looked at, each with its beginning, in UK time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The first day of each month, the first first.
    pub months: Vec<Date>,
    /// The moments at which each begins, and the last is over.
    edges: Vec<Timestamp>,
}

impl Year {
    /// The twelve months that end with the one of this day. `None` beyond the years that a calendar knows.
    pub fn until(day: Date) -> Option<Self> {
        let last = day.first_of_month();
        let months: Option<Vec<Date>> =
            (0..MONTHS).rev().map(|back| last.checked_sub(i32::try_from(back).ok()?.months()).ok()).collect();
        let months = months?;
        let over = last.checked_add(1.month()).ok()?;
        let edges: Option<Vec<Timestamp>> = months.iter().copied().chain([over]).map(uk::begins).collect();
        Some(Self { edges: edges?, months })
    }

    /// The months that end with the one that is asked for, such as `2026-11`, or with this one.
    pub fn asked(text: &str, now: Timestamp) -> Self {
        let typed = text.split_once('-').and_then(|(year, month)| {
            let (year, month) = (year.parse().ok()?, month.parse().ok()?);
            let day = Date::new(year, month, 1).ok()?;
            (2000..=2200).contains(&year).then_some(day)
        });
        let today = uk::day(now);
        typed
            .and_then(Self::until)
            .or_else(|| Self::until(today))
            .or_else(|| Self::until(date(2026, 1, 1)))
            .expect("the calendar has the year 2026")
    }

    /// The last month, as an address has it.
    pub fn code(&self) -> String {
        code(*self.months.last().expect("there are twelve"))
    }

    /// The month before the first, and the one a year after the last where that has begun.
    pub fn beside(&self, now: Timestamp) -> (String, Option<String>) {
        let first = self.months[0];
        let before = first.checked_sub(1.month()).unwrap_or(first);
        let last = self.months[MONTHS - 1];
        let today = uk::day(now).first_of_month();
        let after = last.checked_add(1.year()).unwrap_or(last).min(today);
        (code(before), (last < today).then(|| code(after)))
    }
}

fn code(month: Date) -> String {
    format!("{:04}-{:02}", month.year(), month.month())
}

/// Of which incidents a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of all.
    All,
    /// Of those with this priority now, or with none.
    Priority(Option<Priority>),
    /// Of those that were reported in this month, by its place.
    Month(usize),
}

impl Part {
    fn read(code: &str) -> Option<Self> {
        match code.split_once(':') {
            None => Some(Self::All),
            Some(("p", "none")) => Some(Self::Priority(None)),
            Some(("p", code)) => code.parse().ok().map(|priority| Self::Priority(Some(priority))),
            Some((_, place)) => place.parse().ok().filter(|place| *place < MONTHS).map(Self::Month),
        }
    }
}

/// How long a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Of how many incidents that have reached it.
    pub of: i64,
    /// The middle one took so long, in microseconds.
    pub median: i64,
    /// Nine of ten took no longer than this.
    pub p90: i64,
}

/// The figures of a part of the incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Which part.
    pub part: Part,
    /// How many were reported.
    pub reported: i64,
    /// For each step, in their order; none where no incident has reached it.
    pub steps: [Option<Figure>; 3],
}

db::record! {
    struct Read {
        part: String,
        step: String,
        total: i64,
        median: i64,
        p90: i64,
    }
}

/// The figures of those that were reported within a year. Index: `incident_opened`; then for each incident the key of
/// `pace` and `pace_wait_of`. On `read_long`.
pub async fn figures(snapshot: &mut Snapshot, year: &Year) -> Result<Vec<Figures>, DbError> {
    let statement = sql!(
        "WITH found AS (
             SELECT i.id, COALESCE(i.priority, 'none') AS priority, i.opened_at, p.acknowledged_at, p.contained_at,
                    COALESCE(p.recovered_at, i.closed_at) AS recovered_at,
                    CASE WHEN i.opened_at < ?2 THEN 'm:0' WHEN i.opened_at < ?3 THEN 'm:1'
                         WHEN i.opened_at < ?4 THEN 'm:2' WHEN i.opened_at < ?5 THEN 'm:3'
                         WHEN i.opened_at < ?6 THEN 'm:4' WHEN i.opened_at < ?7 THEN 'm:5'
                         WHEN i.opened_at < ?8 THEN 'm:6' WHEN i.opened_at < ?9 THEN 'm:7'
                         WHEN i.opened_at < ?10 THEN 'm:8' WHEN i.opened_at < ?11 THEN 'm:9'
                         WHEN i.opened_at < ?12 THEN 'm:10' ELSE 'm:11' END AS month
             FROM incident i LEFT JOIN pace p ON p.incident_id = i.id
             WHERE i.apart = FALSE AND i.opened_at >= ?1 AND i.opened_at < ?13 AND i.state <> 'joined'
         ), reached AS (
             SELECT f.id, f.priority, f.month, f.opened_at, 'reported' AS step, f.opened_at AS reached_at FROM found f
             UNION ALL
             SELECT f.id, f.priority, f.month, f.opened_at, 'acknowledged' AS step, f.acknowledged_at AS reached_at
             FROM found f WHERE f.acknowledged_at IS NOT NULL
             UNION ALL
             SELECT f.id, f.priority, f.month, f.opened_at, 'contained' AS step, f.contained_at AS reached_at
             FROM found f WHERE f.contained_at IS NOT NULL
             UNION ALL
             SELECT f.id, f.priority, f.month, f.opened_at, 'recovered' AS step, f.recovered_at AS reached_at
             FROM found f WHERE f.recovered_at IS NOT NULL
         ), took AS (
             SELECT r.step, r.priority, r.month,
                    r.reached_at - r.opened_at - COALESCE((
                        SELECT CAST(sum(CASE WHEN w.until_at IS NULL OR w.until_at > r.reached_at THEN r.reached_at ELSE w.until_at END
                                        - w.since_at) AS BIGINT)
                        FROM pace_wait w WHERE w.incident_id = r.id AND w.since_at < r.reached_at), 0) AS micros
             FROM reached r
         ), parted AS (
             SELECT t.step, 'all' AS part, t.micros FROM took t
             UNION ALL
             SELECT t.step, 'p:' || t.priority AS part, t.micros FROM took t
             UNION ALL
             SELECT t.step, t.month AS part, t.micros FROM took t
         ), placed AS (
             SELECT d.step, d.part, d.micros,
                    row_number() OVER (PARTITION BY d.part, d.step ORDER BY d.micros) AS place,
                    count(*) OVER (PARTITION BY d.part, d.step) AS total
             FROM parted d
         )
         SELECT c.part, c.step, CAST(max(c.total) AS BIGINT) AS total,
                CAST(max(CASE WHEN c.place = (c.total + 1) / 2 THEN c.micros END) AS BIGINT) AS median,
                CAST(max(CASE WHEN c.place = (c.total * 9 + 9) / 10 THEN c.micros END) AS BIGINT) AS p90
         FROM placed c GROUP BY c.part, c.step ORDER BY c.part, c.step"
    );
    let values = year.edges.iter().map(|edge| (*edge).into()).collect();
    let rows: Vec<Read> = snapshot.all(statement, values).await?;
    let mut all: Vec<Figures> = Vec::new();
    for row in rows {
        let Some(part) = Part::read(&row.part) else { continue };
        let place = all.iter().position(|each| each.part == part).unwrap_or_else(|| {
            all.push(Figures { part, reported: 0, steps: [None; 3] });
            all.len() - 1
        });
        match row.step.parse::<Step>() {
            Ok(step) => {
                let figure = Figure { of: row.total, median: row.median, p90: row.p90 };
                all[place].steps[step as usize] = Some(figure);
            }
            Err(_) => all[place].reported = row.total,
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ends_with_the_month_that_is_asked_for_or_with_this_one() {
        let now: Timestamp = "2026-11-27T09:00:00Z".parse().unwrap();
        let year = Year::asked("", now);
        assert_eq!((year.code().as_str(), year.months[0]), ("2026-11", date(2025, 12, 1)));
        assert_eq!(year.beside(now), ("2025-11".to_owned(), None));
        // In summer a month begins an hour earlier.
        let summer = Year::asked("2026-06", now);
        assert_eq!(summer.edges[11].to_string(), "2026-05-31T23:00:00Z");
        assert_eq!(summer.beside(now), ("2025-06".to_owned(), Some("2026-11".to_owned())));
        assert_eq!(Year::asked("2024-02", now).beside(now).1.as_deref(), Some("2025-02"));
        for wrong in ["2026", "2026-13", "9999-01", "x-y", "-9999-12", "1999-12"] {
            assert_eq!(Year::asked(wrong, now), year, "{wrong}");
        }
    }

    #[test]
    fn parts_are_read_as_the_statement_names_them() {
        assert_eq!(Part::read("all"), Some(Part::All));
        assert_eq!(Part::read("p:p2"), Some(Part::Priority(Some(Priority::P2))));
        assert_eq!(Part::read("p:none"), Some(Part::Priority(None)));
        assert_eq!(Part::read("m:11"), Some(Part::Month(11)));
        assert_eq!(Part::read("m:12"), None);
    }
}
