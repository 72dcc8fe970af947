//! How long organisations took, from when they were asked until they acknowledged or closed: the median
//! of each, from counts of whole hours that move with every answer. No page reads the answers.

use db::{DbError, Snapshot, params, sql};
use platform::web::{
    shell::Language,
    show::{self, HOUR},
};

use crate::alert::{AlertId, freeze::took};

db::record! {
    /// How many took so many whole hours for a step.
    struct Took {
        step: String,
        hours: i64,
        count: i64,
    }
}

/// The median times of an alert.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Until they acknowledged, of those who have.
    pub acknowledged: Option<Median>,
    /// Until they closed, of those who have.
    pub closed: Option<Median>,
}

/// A median, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Median {
    /// Whole hours, rounded down.
    hours: i64,
    of: i64,
}

/// The median times of an alert. Index: the key of `response_time`.
pub(super) async fn times(snapshot: &mut Snapshot, alert: AlertId) -> Result<Times, DbError> {
    let statement = sql!(
        "SELECT step, hours, count FROM response_time WHERE alert_id = ?1 AND count > 0 ORDER BY step, hours"
    );
    let took: Vec<Took> = snapshot.all(statement, params![alert]).await?;
    let of = |step: &str| -> Vec<(i64, i64)> {
        took.iter().filter(|row| row.step == step).map(|row| (row.hours, row.count)).collect()
    };
    Ok(Times { acknowledged: Median::of(&of("acknowledged")), closed: Median::of(&of("closed")) })
}

/// The steps and hours that are not counted as the responses say. Reads every response of the alert.
pub(super) async fn drift(snapshot: &mut Snapshot, alert: AlertId) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT step, hours FROM (
             SELECT step, hours, count AS counted, 0 AS there FROM response_time WHERE alert_id = ?1
             UNION ALL
             SELECT step, hours, 0, count FROM (",
        took!(),
        ") rows_say
         ) both_ways
         GROUP BY step, hours HAVING sum(counted) <> sum(there) ORDER BY step, hours"
    );
    snapshot.all(statement, params![alert]).await
}

impl Median {
    /// The hour in which the middle one falls, the earlier of two; hours ascend.
    fn of(counts: &[(i64, i64)]) -> Option<Self> {
        let of: i64 = counts.iter().map(|(_, count)| count).sum();
        let mut before = 0;
        let (hours, _) = counts.iter().find(|(_, count)| {
            before += count;
            before * 2 >= of
        })?;
        Some(Self { hours: *hours, of })
    }

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

    /// Of how many organisations.
    pub fn of_how_many(self) -> String {
        show::count(self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_hour_of_the_middle_one() {
        let median = |counts: &[(i64, i64)]| Median::of(counts).map(|median| (median.hours, median.of));
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[(3, 1)]), Some((3, 1)));
        assert_eq!(median(&[(0, 1), (5, 1)]), Some((0, 2)), "the earlier of two");
        assert_eq!(median(&[(0, 1), (5, 1), (90, 1)]), Some((5, 3)));
        assert_eq!(median(&[(1, 40), (2, 30), (50, 31)]), Some((2, 101)));
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
