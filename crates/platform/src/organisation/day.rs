//! Days as people write them, as moments: a link "from 1 June" begins at midnight in the UK, one
//! "until 30 June" ends when that day is over.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The first moment of a day in the UK; `None` beyond the years that a calendar knows.
pub(super) fn begins(day: Date) -> Option<Timestamp> {
    let uk = TimeZone::get("Europe/London").ok()?;
    uk.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

/// The moment at which a day is over.
pub(super) fn is_over(day: Date) -> Option<Timestamp> {
    begins(day.tomorrow().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days_in_the_uk() {
        let june = jiff::civil::date(2026, 6, 1);
        assert_eq!(begins(june).unwrap().to_string(), "2026-05-31T23:00:00Z");
        assert_eq!(is_over(june).unwrap().to_string(), "2026-06-01T23:00:00Z");
        assert_eq!(is_over(Date::MAX), None);
    }
}
