//! What a threat's page tells of where and when it is active: the CERT's entries, what sources tell,
//! techniques by tactic, and sightings week by week.

use std::collections::BTreeMap;

use db::{DbError, Snapshot};
use formats::stix::Content;
use jiff::{Span, civil::Date};
use platform::web::{chart::Bars, shell::Language, show};

use super::{
    Area, Facts,
    store::{self, State, Technique},
};
use crate::threat::{
    Said, ThreatId,
    intake::stix,
    pages::relations::called,
    relation::{Way, words},
};

/// Weeks that the table of sightings has: they cover the 90 days that are counted.
const WEEKS: usize = 14;

/// The panel.
#[derive(Debug)]
pub(crate) struct Panel {
    pub entries: Vec<Entry>,
    /// Where it is active today, to be warned.
    pub areas: Vec<Area>,
    pub told: Vec<Told>,
    pub tactics: Vec<Tactic>,
    pub sightings: Sightings,
}

/// An entry as the page shows it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub state: State,
    /// Whether it is active today.
    pub now: bool,
    pub words: Words,
}

/// What an entry says, in words.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub kinds: String,
    pub from: String,
    pub until: String,
}

/// What a source tells of targets or places.
#[derive(Debug)]
pub(crate) struct Told {
    /// How the threat stands to it: "targets".
    pub how: String,
    pub who: String,
    /// Sectors or place, in the source's words; empty where it tells none.
    pub what: String,
}

/// Techniques that serve one end.
#[derive(Debug)]
pub(crate) struct Tactic {
    pub name: String,
    pub techniques: Vec<Named>,
}

/// A technique.
#[derive(Debug)]
pub(crate) struct Named {
    pub called: String,
    pub threat: ThreatId,
}

/// How often it was seen.
#[derive(Debug)]
pub(crate) struct Sightings {
    /// In the last 7, 30 and 90 days.
    pub week: i64,
    pub month: i64,
    pub quarter: i64,
    /// The day of the latest of them; empty for none.
    pub latest: String,
    /// The weeks, the oldest first: "1 June 2026", the Monday on which it begins, and how many.
    pub weeks: Vec<(String, i64)>,
    /// The same, drawn.
    pub chart: Bars,
}

impl Panel {
    pub(crate) async fn of(snapshot: &mut Snapshot, threat: ThreatId, today: Date) -> Result<Self, DbError> {
        let states = store::of_threat(snapshot, threat).await?;
        let mut areas: Vec<Area> = Vec::new();
        for state in states.iter().filter(|state| state.is_on(today)) {
            if !areas.contains(&state.area) {
                areas.push(state.area);
            }
        }
        let entry = |state: State| Entry { now: state.is_on(today), words: in_words(&state.facts), state };
        let days = store::sightings_by_day(snapshot, threat, first_monday(today)).await?;
        Ok(Self {
            entries: states.into_iter().map(entry).collect(),
            areas,
            told: told(snapshot, threat).await?,
            tactics: by_tactic(store::techniques(snapshot, threat).await?.iter()),
            sightings: sightings(&days, today),
        })
    }
}

/// What an entry says, in words.
pub(super) fn in_words(facts: &Facts) -> Words {
    let kinds: Vec<_> = facts.kinds.iter().map(|kind| kind.label()).collect();
    let day = |day: Date| show::date(day, Language::English);
    Words {
        kinds: if kinds.is_empty() { "Not known".to_owned() } else { kinds.join(", ") },
        from: day(facts.from),
        until: facts.until.map_or_else(|| "Goes on".to_owned(), day),
    }
}

/// Techniques by the end that they serve, in the words of their sources; one that serves several stands
/// under each.
pub(super) fn by_tactic<'a>(techniques: impl Iterator<Item = &'a Technique>) -> Vec<Tactic> {
    let mut tactics: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for technique in techniques {
        let said: Option<Said> = serde_json::from_str(&technique.said).ok();
        let mut names = said.map(|said| said.tactics).unwrap_or_default();
        if names.is_empty() {
            names.push("Tactic not told".to_owned());
        }
        let called = called(&technique.number, &technique.called, "A technique without a name");
        for name in names {
            let technique = Named { called: called.clone(), threat: technique.threat };
            tactics.entry(name).or_default().push(technique);
        }
    }
    tactics.into_iter().map(|(name, techniques)| Tactic { name, techniques }).collect()
}

async fn told(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Told>, DbError> {
    let rows = store::targets(snapshot, threat).await?;
    let told = |(how, verbatim): (String, String)| {
        let object = stix::again(&verbatim)?;
        let what = match &object.content {
            Content::Identity(identity) => identity.sectors.join(", "),
            Content::Location(place) => {
                let parts = [&place.city, &place.administrative_area, &place.country, &place.region];
                parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        let who = object.name().map_or_else(|| object.id.to_string(), |name| name.to_string());
        Some(Told { how: words(&how, Way::Out).into_owned(), who, what })
    };
    Ok(rows.into_iter().filter_map(told).collect())
}

/// The Monday on which the oldest of the weeks begins.
fn first_monday(today: Date) -> Date {
    let days = i64::from(today.weekday().to_monday_zero_offset());
    let weeks = i64::try_from(WEEKS).unwrap_or(i64::MAX) - 1;
    today.checked_sub(Span::new().days(days + 7 * weeks)).unwrap_or(Date::MIN)
}

/// Counts by day, ISO 8601, put together by week.
fn sightings(days: &[(String, i64)], today: Date) -> Sightings {
    let since = |days: i64| today.checked_sub(Span::new().days(days - 1)).unwrap_or(Date::MIN).to_string();
    let count = |from: &str, below: &str| {
        days.iter()
            .filter(|(day, _)| day.as_str() >= from && day.as_str() < below)
            .map(|(_, count)| count)
            .sum()
    };
    // Behind every day.
    let end = "9999-99-99";
    let mondays: Vec<Date> = (0..WEEKS)
        .filter_map(|week| {
            let days = i64::try_from(week).ok()? * 7;
            first_monday(today).checked_add(Span::new().days(days)).ok()
        })
        .collect();
    let weeks: Vec<(String, i64)> = mondays
        .iter()
        .map(|monday| {
            let next = monday.checked_add(Span::new().days(7)).unwrap_or(Date::MAX);
            let begins = show::date(*monday, Language::English);
            (begins, count(&monday.to_string(), &next.to_string()))
        })
        .collect();
    Sightings {
        week: count(&since(7), end),
        month: count(&since(30), end),
        quarter: count(&since(90), end),
        latest: days
            .last()
            .and_then(|(day, _)| day.parse().ok())
            .map_or_else(String::new, |day: Date| show::date(day, Language::English)),
        chart: Bars::plain("Sightings by week that began on", weeks.iter().cloned()),
        weeks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sightings_are_counted_by_days_and_by_weeks() {
        // A Wednesday.
        let today = Date::constant(2026, 6, 3);
        assert_eq!(first_monday(today), Date::constant(2026, 3, 2));
        let days = [("2026-03-05", 1), ("2026-03-06", 3), ("2026-05-28", 2), ("2026-06-01", 4)]
            .map(|(day, count)| (day.to_owned(), count));
        let counted = sightings(&days, today);
        assert_eq!((counted.week, counted.month, counted.quarter), (6, 6, 9), "90 days begin on 6 March");
        assert_eq!(counted.latest, "1 June 2026");
        let weeks: Vec<_> = counted.weeks.iter().map(|(_, count)| *count).collect();
        assert_eq!(weeks, [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4]);
        assert_eq!(counted.weeks[13].0, "1 June 2026");
        assert!(!counted.chart.is_empty() && sightings(&[], today).chart.is_empty());
    }
}
