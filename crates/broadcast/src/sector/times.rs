//! How long organisations took, from when they were asked until they acknowledged or closed: from
//! counts of whole hours that move with every answer. No page reads the answers.

use std::collections::BTreeMap;

use db::{DbError, Snapshot, params, sql};
use platform::web::{
    shell::Language,
    show::{self, HOUR},
};

use crate::alert::{AlertId, freeze::took};

db::record! {
    /// How many of a part of the sector took so many whole hours for a step.
    struct Took {
        part: String,
        step: String,
        hours: i64,
        count: i64,
    }
}

/// How many took so many whole hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hours(BTreeMap<i64, i64>);

/// The times of an alert, or of a part of the sector with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Until they acknowledged, of those who have.
    pub acknowledged: Hours,
    /// Until they closed, of those who have.
    pub closed: Hours,
}

/// A median, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Median {
    /// Whole hours, rounded down.
    pub hours: i64,
    pub of: i64,
}

/// The times of an alert by the code of each region. Index: the key of `response_time_by_kind`.
pub(super) async fn by_region(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<BTreeMap<String, Times>, DbError> {
    let statement = sql!(
        "SELECT region AS part, step, hours, CAST(sum(count) AS BIGINT) AS count FROM response_time_by_kind
         WHERE alert_id = ?1 GROUP BY region, step, hours HAVING sum(count) > 0"
    );
    Ok(parts(snapshot.all(statement, params![alert]).await?))
}

/// The times of an alert by the code of each kind. Index: the key of `response_time_by_kind`.
pub(super) async fn by_kind(
    snapshot: &mut Snapshot,
    alert: AlertId,
) -> Result<BTreeMap<String, Times>, DbError> {
    let statement = sql!(
        "SELECT kind AS part, step, hours, CAST(sum(count) AS BIGINT) AS count FROM response_time_by_kind
         WHERE alert_id = ?1 GROUP BY kind, step, hours HAVING sum(count) > 0"
    );
    Ok(parts(snapshot.all(statement, params![alert]).await?))
}

fn parts(rows: Vec<Took>) -> BTreeMap<String, Times> {
    let mut parts: BTreeMap<String, Times> = BTreeMap::new();
    for Took { part, step, hours, count } in rows {
        let times = parts.entry(part).or_default();
        let of_step = if step == "closed" { &mut times.closed } else { &mut times.acknowledged };
        of_step.add(hours, count);
    }
    parts
}

/// The steps and hours that are not counted as the responses say. Reads every response of the alert.
pub(super) async fn drift(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT step, hours FROM (
             SELECT step, region, kind, hours, count AS counted, 0 AS there FROM response_time_by_kind WHERE alert_id = ?1
             UNION ALL
             SELECT step, region, kind, hours, 0, count FROM (",
        took!(),
        ") rows_say
         ) both_ways
         GROUP BY step, region, kind, hours HAVING sum(counted) <> sum(there) ORDER BY step, hours"
    );
    snapshot.all(statement, params![alert]).await
}

impl Times {
    /// The times of all the parts together.
    pub fn of_all<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            part.acknowledged.0.iter().for_each(|(hours, count)| all.acknowledged.add(*hours, *count));
            part.closed.0.iter().for_each(|(hours, count)| all.closed.add(*hours, *count));
        }
        all
    }
}

impl Hours {
    pub fn add(&mut self, hours: i64, count: i64) {
        *self.0.entry(hours).or_default() += count;
    }

    /// How many there are.
    pub fn all(&self) -> i64 {
        self.0.values().sum()
    }

    /// How many took less than so many hours.
    pub fn below(&self, hours: i64) -> i64 {
        self.0.range(..hours).map(|(_, count)| count).sum()
    }

    /// The hour in which the middle one falls, the earlier of two.
    pub fn median(&self) -> Option<Median> {
        Some(Median { hours: self.quarter(2)?, of: self.all() })
    }

    /// The hours between which the middle half of them falls.
    pub fn middle_half(&self) -> Option<[Median; 2]> {
        let of = self.all();
        Some([Median { hours: self.quarter(1)?, of }, Median { hours: self.quarter(3)?, of }])
    }

    /// The hour by which so many quarters of them were done.
    fn quarter(&self, quarters: i64) -> Option<i64> {
        let of = self.all();
        let mut before = 0;
        let found = self.0.iter().find(|(_, count)| {
            before += **count;
            before * 4 >= of * quarters
        });
        found.map(|(hours, _)| *hours)
    }
}

impl Median {
    /// "About 5 hours", no more exactly than it is known.
    pub fn in_words(self, language: Language) -> String {
        match self.hours {
            0 => language.pick("Less than an hour", "Llai nag awr").to_owned(),
            hours => {
                let length = show::length(hours * HOUR, language);
                format!("{} {length}", language.pick("About", "Tua"))
            }
        }
    }

    /// "About 5 hours, of the 1,204 that have".
    pub fn of_how_many(self, language: Language) -> String {
        format!("{}, of the {} that have", self.in_words(language), show::count(self.of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(counts: &[(i64, i64)]) -> Hours {
        Hours(counts.iter().copied().collect())
    }

    #[test]
    fn the_median_is_the_hour_of_the_middle_one() {
        let median = |counts: &[(i64, i64)]| hours(counts).median().map(|median| (median.hours, median.of));
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[(3, 1)]), Some((3, 1)));
        assert_eq!(median(&[(0, 1), (5, 1)]), Some((0, 2)), "the earlier of two");
        assert_eq!(median(&[(0, 1), (5, 1), (90, 1)]), Some((5, 3)));
        assert_eq!(median(&[(1, 40), (2, 30), (50, 31)]), Some((2, 101)));
    }

    #[test]
    fn the_middle_half_leaves_a_quarter_on_each_side() {
        let half = |counts: &[(i64, i64)]| hours(counts).middle_half().map(|half| half.map(|end| end.hours));
        assert_eq!(half(&[]), None);
        assert_eq!(half(&[(1, 1), (2, 1), (3, 1), (90, 1)]), Some([1, 3]));
        assert_eq!(half(&[(5, 100)]), Some([5, 5]));
    }

    #[test]
    fn what_is_in_time_took_less_than_the_deadline_allows() {
        let took = hours(&[(0, 2), (47, 3), (48, 4)]);
        assert_eq!([0, 1, 48, 49].map(|within| took.below(within)), [0, 2, 5, 9]);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let part = |counts: &[(i64, i64)]| Times { acknowledged: hours(counts), closed: Hours::default() };
        let all = Times::of_all([part(&[(1, 2), (3, 1)]), part(&[(1, 5)])].iter());
        assert_eq!(all.acknowledged, hours(&[(1, 7), (3, 1)]));
    }

    #[test]
    fn a_time_is_told_no_more_exactly_than_it_is_known() {
        let words = |hours| Median { hours, of: 1 }.in_words(Language::English);
        assert_eq!(
            [0, 1, 5, 52].map(words),
            ["Less than an hour", "About 1 hour", "About 5 hours", "About 2 days 4 hours"]
        );
    }
}
