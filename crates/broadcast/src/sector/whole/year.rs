//! A year of alerts: how many in each month, and how quickly those of each severity were answered.

use jiff::{Timestamp, ToSpan, civil::Date};
use platform::{
    uk,
    web::{
        chart::{Bars, Part, Row, Shade},
        cursor,
        shell::Language,
        show,
    },
};
use uuid::Uuid;

use super::store::Paced;
use crate::{
    advisory::Severity,
    alert::AlertId,
    sector::times::{Hours, Median},
};

const PARTS: [Part; 4] = [
    Part { name: "High", shade: Shade::Full },
    Part { name: "Medium", shade: Shade::Half },
    Part { name: "Low", shade: Shade::Pale },
    Part { name: "Information only", shade: Shade::Hollow },
];

/// The alerts of one severity.
pub(super) struct Pace {
    pub severity: Severity,
    pub alerts: String,
    /// The median of the alerts' own medians.
    pub acknowledged: String,
    pub closed: String,
}

/// The alerts of one month.
pub(super) struct Month {
    /// "June 2026".
    pub name: String,
    /// The list of alerts that begins with this month's last.
    pub href: String,
    /// How many of each severity, in the order of [`Severity::ALL`].
    pub counts: Vec<i64>,
}

/// The first day of the twelve months that end with the one of `now`.
pub(super) fn begins(now: Timestamp) -> Date {
    let first = uk::day(now).first_of_month();
    first.checked_sub(11.months()).unwrap_or(first)
}

/// How quickly the alerts of each severity were answered, as far as any was.
pub(super) fn paces(alerts: &[Paced], language: Language) -> Vec<Pace> {
    let of = |severity: &Severity| {
        let these: Vec<_> =
            alerts.iter().filter(|alert| alert.severity == *severity && alert.is_superseded == 0).collect();
        let median = |hours: fn(&Paced) -> Option<i64>| {
            let mut medians = Hours::default();
            these.iter().filter_map(|alert| hours(alert)).for_each(|hours| medians.add(hours, 1));
            in_words(medians.median(), language)
        };
        Pace {
            severity: *severity,
            alerts: show::count(i64::try_from(these.len()).unwrap_or(i64::MAX)),
            acknowledged: median(|alert| alert.acknowledged),
            closed: median(|alert| alert.closed),
        }
    };
    Severity::ALL.iter().map(of).collect()
}

fn in_words(median: Option<Median>, language: Language) -> String {
    median.map_or_else(
        || "Not known yet".to_owned(),
        |median| {
            let alerts = if median.of == 1 { "alert" } else { "alerts" };
            format!("{}, of {} {alerts}", median.in_words(language), show::count(median.of))
        },
    )
}

/// Twelve months from `first`; an update is not another alert.
pub(super) fn months(alerts: &[Paced], first: Date) -> Vec<Month> {
    let month = |number: i32| {
        let begins = first.checked_add(number.months()).ok()?;
        let ends = uk::begins(begins.checked_add(1.month()).ok()?)?;
        let from = uk::begins(begins)?;
        let of = |severity: &Severity| {
            let these = alerts.iter().filter(|alert| {
                alert.is_update == 0
                    && alert.severity == *severity
                    && alert.issued_at >= from
                    && alert.issued_at < ends
            });
            i64::try_from(these.count()).unwrap_or(i64::MAX)
        };
        let after = cursor::write(&(ends.as_microsecond(), AlertId(Uuid::nil())));
        Some(Month {
            name: begins.strftime("%B %Y").to_string(),
            href: format!("/sector?after={after}"),
            counts: Severity::ALL.iter().map(of).collect(),
        })
    };
    (0..12).filter_map(month).collect()
}

/// The same, drawn.
pub(super) fn drawn(months: &[Month]) -> Bars {
    let row = |month: &Month| {
        let said = Severity::ALL.iter().zip(&month.counts).filter(|(_, count)| **count > 0);
        let said: Vec<_> = said
            .map(|(severity, count)| {
                format!("{} {}", show::count(*count), show::in_sentence(severity.label()))
            })
            .collect();
        Row {
            name: month.name.clone(),
            href: String::new(),
            counts: month.counts.clone(),
            words: if said.is_empty() { "None".to_owned() } else { said.join(", ") },
        }
    };
    Bars::new("Alerts by month", &PARTS, months.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(severity: Severity, at: &str, acknowledged: Option<i64>) -> Paced {
        let issued_at = at.parse().expect("an instant");
        Paced { severity, issued_at, is_update: 0, is_superseded: 0, acknowledged, closed: None }
    }

    #[test]
    fn a_month_begins_at_midnight_in_the_uk_and_updates_are_not_counted() {
        let now = "2026-07-10T12:00:00Z".parse().expect("an instant");
        let first = begins(now);
        assert_eq!(first, Date::constant(2025, 8, 1));
        // Half past midnight on 1 June in UK time.
        let mut alerts = vec![
            alert(Severity::High, "2026-05-31T23:30:00Z", None),
            alert(Severity::Low, "2026-05-31T22:30:00Z", None),
        ];
        alerts.push(Paced { is_update: 1, ..alerts[0].clone() });
        let months = months(&alerts, first);
        assert_eq!(months.len(), 12);
        let said: Vec<_> =
            months[9..].iter().map(|month| (month.name.as_str(), month.counts.clone())).collect();
        assert_eq!(
            said,
            [("May 2026", vec![0, 0, 1, 0]), ("June 2026", vec![1, 0, 0, 0]), ("July 2026", vec![0; 4])]
        );
    }

    #[test]
    fn the_pace_is_the_median_of_the_alerts_medians() {
        let at = "2026-06-01T08:00:00Z";
        let alerts = [Some(2), Some(5), Some(90), None].map(|hours| alert(Severity::High, at, hours));
        let paces = paces(&alerts, Language::English);
        assert_eq!(paces[0].alerts, "4");
        assert_eq!(paces[0].acknowledged, "About 5 hours, of 3 alerts");
        assert_eq!(paces[0].closed, "Not known yet");
    }
}
