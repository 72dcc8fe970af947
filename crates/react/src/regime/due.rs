//! By when something has to be reported.
//!
//! Hours pass as they pass, also over a change of the clocks: 72 hours are 72 hours. Days and months are counted in
//! the regime's zone, to the same time of day; a month that has no such day ends on its last one. That is never later
//! than the law's own counting (Regulation (EEC, Euratom) No 1182/71, article 3; 45 CFR 164.404), which goes on until
//! the day is over.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// How long after something a report is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// So many hours.
    Hours(i64),
    /// So many calendar days.
    Days(i64),
    /// So many calendar months.
    Months(i64),
    /// So many calendar days after the year in which it happened, until the last of them is over.
    DaysAfterYear(i64),
    /// As soon as it can be done; no hour is named.
    WithoutUndueDelay,
}

impl Offset {
    /// When it is due that counts from `from`; `None` where the law names no hour, or no calendar knows it.
    pub fn due(self, from: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = from.to_zoned_datetime(zone.clone());
        match self {
            Self::Hours(hours) => Some(from + SignedDuration::from_hours(hours)),
            Self::Days(days) => Some(local.checked_add(days.days()).ok()?.timestamp()),
            Self::Months(months) => Some(local.checked_add(months.months()).ok()?.timestamp()),
            Self::DaysAfterYear(days) => {
                let over =
                    Date::new(local.year().checked_add(1)?, 1, 1).ok()?.checked_add(days.days()).ok()?;
                let moment = over.to_zoned_datetime(zone.clone()).ok()?.timestamp();
                Some(moment - SignedDuration::from_mins(1))
            }
            Self::WithoutUndueDelay => None,
        }
    }

    /// In words.
    pub fn in_words(self) -> String {
        match self {
            Self::Hours(hours) => format!("{hours} hours"),
            Self::Days(days) => format!("{days} days"),
            Self::Months(1) => "1 month".to_owned(),
            Self::Months(months) => format!("{months} months"),
            Self::DaysAfterYear(days) => format!("{days} days after the end of the year"),
            Self::WithoutUndueDelay => "Without undue delay".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(offset: Offset, from: &str, zone: &str) -> Option<String> {
        let zone = TimeZone::get(zone).expect("a zone");
        offset.due(from.parse().expect("a moment"), &zone).map(|due| due.to_string())
    }

    #[test]
    fn reports_are_due_when_the_table_says() {
        let (london, brussels, york) = ("Europe/London", "Europe/Brussels", "America/New_York");
        for (offset, from, zone, expected) in [
            // 72 hours over the change to summer time (29 March 2026) and back (25 October 2026): by the clock on
            // the wall an hour later, and earlier.
            (Offset::Hours(72), "2026-03-27T12:00:00Z", london, "2026-03-30T12:00:00Z"),
            (Offset::Hours(72), "2026-10-23T11:00:00Z", london, "2026-10-26T11:00:00Z"),
            (Offset::Hours(24), "2026-02-28T23:30:00Z", london, "2026-03-01T23:30:00Z"),
            // A month from 31 January is the last of February; in a leap year its 29th.
            (Offset::Months(1), "2026-01-31T10:00:00Z", brussels, "2026-02-28T10:00:00Z"),
            (Offset::Months(1), "2028-01-31T10:00:00Z", brussels, "2028-02-29T10:00:00Z"),
            (Offset::Months(1), "2026-12-15T10:00:00Z", brussels, "2027-01-15T10:00:00Z"),
            // The same time on the wall: an hour less of waiting over the change.
            (Offset::Months(1), "2026-03-10T10:00:00Z", brussels, "2026-04-10T09:00:00Z"),
            // Near midnight the zone says which day it is: 31 January in Brussels, 30 January here.
            (Offset::Months(1), "2026-01-30T23:30:00Z", brussels, "2026-02-27T23:30:00Z"),
            (Offset::Days(60), "2026-01-10T15:00:00Z", york, "2026-03-11T14:00:00Z"),
            // 60 days after the year: the whole of 1 March, or of 29 February.
            (Offset::DaysAfterYear(60), "2026-06-01T12:00:00Z", york, "2027-03-02T04:59:00Z"),
            (Offset::DaysAfterYear(60), "2027-06-01T12:00:00Z", york, "2028-03-01T04:59:00Z"),
        ] {
            assert_eq!(
                due(offset, from, zone).as_deref(),
                Some(expected),
                "{offset:?} from {from} in {zone}"
            );
        }
        assert_eq!(due(Offset::WithoutUndueDelay, "2026-01-31T10:00:00Z", london), None);
    }
}
