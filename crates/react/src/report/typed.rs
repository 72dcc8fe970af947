//! A report as it is typed, whoever types it: read in one place, so that every page refuses the same with the
//! same words.

use jiff::{Timestamp, civil::Time};
use platform::{uk, web::form::Problems};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Care, Facts, ReportId, Ring, Seen,
    facts::{LONGEST, LONGEST_NAME, LONGEST_NUMBER},
};

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Typed {
    /// Which form it is.
    pub form: Option<Uuid>,
    /// What is gone on with, and the version that was seen.
    pub report: Option<ReportId>,
    pub version: i64,
    /// The code of the organisation, where it is chosen.
    pub organisation: String,
    /// What somebody calls it.
    pub named: String,
    /// On a call, the code of the organisation that was found for that; `keep` where none is the right one.
    pub found: String,
    /// On a call, for which words some were offered: whoever goes on with the same has to choose.
    pub offered: String,
    pub seen: Vec<String>,
    /// `now`, `at` or `unknown`.
    pub since: String,
    pub since_on_day: String,
    pub since_on_month: String,
    pub since_on_year: String,
    pub since_time: String,
    pub affected: Vec<String>,
    pub care: String,
    pub ring_name: String,
    pub ring_telephone: String,
    pub more: String,
    /// `send`, or `save` for later.
    pub go: String,
}

impl Typed {
    /// What was saved, as the form shows it again.
    pub fn of(facts: &Facts) -> Self {
        let codes = |seen: &Seen| seen.code().to_owned();
        let mut typed = Self {
            named: facts.named.clone(),
            seen: facts.seen.iter().map(codes).collect(),
            affected: facts.affected.iter().map(|care| care.code().to_owned()).collect(),
            care: facts.care.clone(),
            ring_name: facts.ring.name.clone(),
            ring_telephone: facts.ring.telephone.clone(),
            more: facts.more.clone(),
            ..Self::default()
        };
        if let Some(since) = facts.since {
            let local = uk::local(since);
            "at".clone_into(&mut typed.since);
            typed.since_on_day = local.day().to_string();
            typed.since_on_month = local.month().to_string();
            typed.since_on_year = local.year().to_string();
            typed.since_time = format!("{:02}:{:02}", local.hour(), local.minute());
        }
        typed
    }

    /// What it says, unless something of it cannot be taken; nothing has to be there.
    pub fn read(&self, now: Timestamp, problems: &mut Problems) -> Option<Facts> {
        let named = problems.optional_text("named", &self.named, LONGEST_NAME, "the organisation or site");
        let seen: Vec<Seen> = self.seen.iter().filter_map(|code| code.parse().ok()).collect();
        let since = self.since(now, problems);
        let affected = Care::agreeing(self.affected.iter().filter_map(|code| code.parse().ok()).collect());
        let care = problems.optional_text("care", &self.care, LONGEST, "what care is affected");
        let name = problems.optional_text("ring-name", &self.ring_name, LONGEST_NAME, "the name");
        let telephone = problems.optional_text(
            "ring-telephone",
            &self.ring_telephone,
            LONGEST_NUMBER,
            "the telephone number",
        );
        let more = problems.optional_text("more", &self.more, LONGEST, "what else you want to say");
        if !problems.is_empty() {
            return None;
        }
        let ring = Ring { name: name?, telephone: telephone? };
        Some(Facts { named: named?, seen, since: since.ok()?, affected, care: care?, ring, more: more? })
    }

    /// Since when, where they know it; a date is taken whatever was selected, since who types one means it. An error
    /// stands among `problems`.
    fn since(&self, now: Timestamp, problems: &mut Problems) -> Result<Option<Timestamp>, ()> {
        let parts = [self.since_on_day.as_str(), &self.since_on_month, &self.since_on_year];
        let dated = parts.iter().any(|part| !part.trim().is_empty());
        let nothing = !dated && self.since_time.trim().is_empty();
        if self.since == "now" {
            return Ok(Some(now));
        }
        if nothing && self.since != "at" {
            return Ok(None);
        }
        // A time alone is one of today.
        let day = if dated || nothing {
            let what = "the day since when you see it, or select that you do not know";
            problems.date("since-on", parts, what).ok_or(())?
        } else {
            uk::day(now)
        };
        let Some(time) = time(&self.since_time) else {
            problems.push("since-time", "Enter a time like 02:10, or leave it empty");
            return Err(());
        };
        let since = uk::moment(day.to_datetime(time)).filter(|since| *since <= now);
        if since.is_none() {
            problems.push("since-on", "Since when you see it must be in the past");
        }
        since.map(Some).ok_or(())
    }
}

/// A time as people type it: 2:10, 02.10, 0210, 2.10am; nothing is the beginning of the day.
pub(crate) fn time(typed: &str) -> Option<Time> {
    let typed = typed.trim().to_ascii_lowercase();
    if typed.is_empty() {
        return Some(Time::midnight());
    }
    let (typed, half) = [("am", Some(0)), ("pm", Some(12)), ("", None)]
        .into_iter()
        .find_map(|(end, half)| Some((typed.strip_suffix(end)?.trim_end(), half)))?;
    let (hour, minute) = match typed.split_once([':', '.']) {
        Some(parts) => parts,
        None if typed.is_ascii() && (3..=4).contains(&typed.len()) => typed.split_at(typed.len() - 2),
        None => (typed, "0"),
    };
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        None => hour,
        Some(half) => Some(hour).filter(|hour| (1..=12).contains(hour))? % 12 + half,
    };
    Time::new(hour, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-06-03T09:00:00Z".parse().unwrap()
    }

    fn since(typed: &Typed) -> Result<Option<String>, String> {
        let mut problems = Problems::none();
        match typed.read(now(), &mut problems) {
            Some(facts) => Ok(facts.since.map(|since| since.to_string())),
            None => Err(problems.iter().next().map(|problem| problem.field.to_string()).unwrap_or_default()),
        }
    }

    fn typed(since: &str, day: [&str; 3], time: &str) -> Typed {
        let [day, month, year] = day.map(str::to_owned);
        Typed {
            since: since.to_owned(),
            since_on_day: day,
            since_on_month: month,
            since_on_year: year,
            since_time: time.to_owned(),
            ..Typed::default()
        }
    }

    #[test]
    fn since_when_is_answered_also_by_those_who_do_not_know() {
        let june = ["3", "6", "2026"];
        assert_eq!(since(&typed("", ["", "", ""], "")), Ok(None));
        assert_eq!(since(&typed("unknown", ["", "", ""], "")), Ok(None));
        assert_eq!(since(&typed("now", ["", "", ""], "")), Ok(Some("2026-06-03T09:00:00Z".to_owned())));
        // UK time, which is an hour ahead in June.
        assert_eq!(since(&typed("at", june, "2.10")), Ok(Some("2026-06-03T01:10:00Z".to_owned())));
        assert_eq!(since(&typed("", june, "0210")), Ok(Some("2026-06-03T01:10:00Z".to_owned())));
        assert_eq!(since(&typed("at", ["", "", ""], "9:15")), Ok(Some("2026-06-03T08:15:00Z".to_owned())));
        for night in ["2.10am", "02:10 AM"] {
            assert_eq!(
                since(&typed("at", june, night)),
                Ok(Some("2026-06-03T01:10:00Z".to_owned())),
                "{night}"
            );
        }
        for (at, hour) in [("12.30am", 0), ("12.30pm", 12), ("2 pm", 14)] {
            assert_eq!(time(at).map(Time::hour), Some(hour), "{at}");
        }
        assert_eq!((time("14.10pm"), time("0am"), time("am")), (None, None, None));
        assert_eq!(since(&typed("at", ["", "", ""], "")), Err("since-on".to_owned()));
        assert_eq!(since(&typed("at", june, "late")), Err("since-time".to_owned()));
        assert_eq!(since(&typed("at", ["4", "6", "2026"], "")), Err("since-on".to_owned()));
    }

    #[test]
    fn what_was_saved_is_shown_as_it_was_typed() {
        let typed = Typed {
            seen: vec!["data_gone".to_owned()],
            more: "Help".to_owned(),
            ..typed("at", ["3", "6", "2026"], "02:10")
        };
        let facts = typed.read(now(), &mut Problems::none()).unwrap();
        let again = Typed::of(&facts);
        assert_eq!(again.read(now(), &mut Problems::none()), Some(facts));
        assert_eq!(again.since_time, "02:10");
    }
}
