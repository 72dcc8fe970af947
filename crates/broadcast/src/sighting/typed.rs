//! A sighting as it is typed, on a page or by a machine: read in one place, so that both doors refuse
//! the same with the same words.

use std::borrow::Cow;

use formats::{Tlp, indicator, observable::redacted};
use jiff::civil::Date;
use platform::web::form::Problems;
use serde::Deserialize;
use uuid::Uuid;

use super::{Harm, MARKINGS, MOST_INDICATORS, Report, Seen, Telling};

/// The longest of the words, in characters.
const LONGEST: usize = 2_000;
/// The longest name or place, in characters.
const LONGEST_NAME: usize = 200;

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    /// Which form it is.
    pub form: Option<Uuid>,
    /// The code of the organisation.
    pub organisation: String,
    pub seen: String,
    pub seen_on_day: String,
    pub seen_on_month: String,
    pub seen_on_year: String,
    pub harm: String,
    pub words: String,
    pub place: String,
    pub called: String,
    pub indicators: String,
    pub telling: String,
    pub tlp: String,
    /// `change` where somebody goes back to what they typed.
    pub go: String,
}

impl Typed {
    /// Every field but [`Self::form`] and [`Self::go`], for a page that carries them on.
    pub fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("organisation", &self.organisation),
            ("seen", &self.seen),
            ("seen-on-day", &self.seen_on_day),
            ("seen-on-month", &self.seen_on_month),
            ("seen-on-year", &self.seen_on_year),
            ("harm", &self.harm),
            ("words", &self.words),
            ("place", &self.place),
            ("called", &self.called),
            ("indicators", &self.indicators),
            ("telling", &self.telling),
            ("tlp", &self.tlp),
        ]
    }

    /// What was reported, unless something of it cannot be taken.
    pub fn read(&self, today: Date, problems: &mut Problems) -> Option<Report> {
        if self.organisation.trim().is_empty() {
            problems.push("organisation", "Enter the code of the organisation that you report for");
        }
        let seen: Option<Seen> = self.seen.parse().ok();
        if seen.is_none() {
            problems.push("seen", "Select what was seen");
        }
        let words = match seen {
            Some(Seen::Other) => problems.text("words", &self.words, LONGEST, "what you saw"),
            _ => problems.optional_text("words", &self.words, LONGEST, "what happened"),
        };
        let seen_on = problems.date(
            "seen-on",
            [&self.seen_on_day, &self.seen_on_month, &self.seen_on_year],
            "the day on which it was seen",
        );
        if seen_on.is_some_and(|day| day > today) {
            problems.push("seen-on", "The day on which it was seen must be today or in the past");
        }
        let harm: Option<Harm> = self.harm.parse().ok();
        if harm.is_none() {
            problems.push("harm", "Select whether it did harm");
        }
        let place = problems.optional_text("place", &self.place, LONGEST_NAME, "where it was seen");
        let called = problems.optional_text("called", &self.called, LONGEST_NAME, "what you think it was");
        let traces = indicator::parse_lines(&self.indicators);
        for (number, line) in (1..).zip(self.indicators.lines()) {
            if holds_number(line) {
                problems.push("indicators", format!("Line {number} holds what looks like a patient’s number. Take it out, or leave the line away"));
                break;
            }
        }
        if let Some(refusal) = traces.refusals.first() {
            problems.push("indicators", format!("Line {}: {}", refusal.line, refusal.reason));
        }
        if traces.indicators.len() > MOST_INDICATORS {
            problems.push("indicators", format!("Enter {MOST_INDICATORS} lines or fewer"));
        }
        let telling: Option<Telling> = self.telling.parse().ok();
        if telling.is_none() {
            problems.push("telling", "Select whether we may tell others without naming you");
        }
        let tlp = self.marking(problems);
        if !problems.is_empty() {
            return None;
        }
        Some(Report {
            form: self.form,
            seen: seen?,
            seen_on: seen_on?,
            harm: harm?,
            words: redacted(&words?).into_owned(),
            place: redacted(&place?).into_owned(),
            called: redacted(&called?).into_owned(),
            indicators: traces.indicators,
            telling: telling?,
            tlp: tlp?,
        })
    }

    /// Whether something of it is not kept, since it looks like a patient's number.
    pub fn holds_patients(&self) -> bool {
        [&self.words, &self.place, &self.called].into_iter().any(|text| holds_number(text))
    }

    /// AMBER, unless another marking was chosen.
    fn marking(&self, problems: &mut Problems) -> Option<Tlp> {
        let typed = self.tlp.trim();
        if typed.is_empty() {
            return Some(Tlp::Amber);
        }
        match typed.parse::<Tlp>() {
            Ok(tlp) if MARKINGS.contains(&tlp) => return Some(tlp),
            Ok(_) => problems.push("tlp", "What is TLP:RED is told to one person: ring us instead"),
            Err(error) => problems.push("tlp", error.to_string()),
        }
        None
    }
}

/// Whether a text holds what looks like a patient's number.
fn holds_number(text: &str) -> bool {
    matches!(redacted(text), Cow::Owned(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 6, 3);

    fn typed() -> Typed {
        let text = str::to_owned;
        Typed {
            organisation: text("RWA"),
            seen: text("email"),
            seen_on_day: text("3"),
            seen_on_month: text("6"),
            seen_on_year: text("2026"),
            harm: text("no"),
            telling: text("without_name"),
            indicators: text("evil.example\n\n# from the header\n198[.]51[.]100[.]7\n"),
            ..Typed::default()
        }
    }

    fn refused(typed: &Typed) -> Vec<String> {
        let mut problems = Problems::none();
        assert_eq!(typed.read(TODAY, &mut problems), None);
        problems.iter().map(|problem| problem.field.to_string()).collect()
    }

    #[test]
    fn what_is_left_out_is_amber_and_indicators_are_read_line_by_line() {
        let report = typed().read(TODAY, &mut Problems::none()).unwrap();
        assert_eq!(
            (report.tlp, report.telling, report.indicators.len()),
            (Tlp::Amber, Telling::WithoutName, 2)
        );
    }

    #[test]
    fn nothing_is_taken_that_is_not_understood() {
        assert_eq!(
            refused(&Typed::default()),
            ["organisation", "seen", "seen-on", "harm", "telling"],
            "in the order of the page"
        );
        assert_eq!(refused(&Typed { seen_on_day: "4".to_owned(), ..typed() }), ["seen-on"]);
        assert_eq!(refused(&Typed { seen: "other".to_owned(), ..typed() }), ["words"]);
        assert_eq!(refused(&Typed { tlp: "red".to_owned(), ..typed() }), ["tlp"]);
        let many: Vec<_> = (0..=MOST_INDICATORS).map(|number| format!("host{number}.example")).collect();
        assert_eq!(refused(&Typed { indicators: many.join("\n"), ..typed() }), ["indicators"]);
    }
}
