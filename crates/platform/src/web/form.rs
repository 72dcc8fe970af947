//! What people type into forms, and what to tell them when it cannot be taken.
//!
//! [`Problems`] gathers every problem of a form in the order of its fields, so that a person mends
//! all of them at once; the page is shown again with what was typed. The readers below turn typed
//! text into values and push a sentence when they cannot.

use std::borrow::Cow;

use http::StatusCode;
use jiff::civil::Date;

use super::show::MONTHS;

/// One of several answers that a form offers: a radio button, a checkbox, an option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the browser sends.
    pub value: Cow<'static, str>,
    /// What the person reads.
    pub label: Cow<'static, str>,
    /// A line that helps to choose; empty for none, and not shown in a list of options.
    pub hint: Cow<'static, str>,
    /// Whether it is chosen when the page is shown.
    pub chosen: bool,
}

impl Choice {
    /// A choice that is not chosen yet and needs no hint.
    pub fn new(value: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>) -> Self {
        Self { value: value.into(), label: label.into(), hint: Cow::Borrowed(""), chosen: false }
    }

    /// The same with a line that helps to choose.
    #[must_use]
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same, chosen if it is among what was typed or kept before.
    #[must_use]
    pub fn chosen_in<T: AsRef<str>>(self, typed: &[T]) -> Self {
        let chosen = typed.iter().any(|typed| typed.as_ref() == self.value);
        Self { chosen, ..self }
    }
}

/// What was wrong with a form, in the order of its fields.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

/// One thing that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the field, which is also the id of its input.
    pub field: Cow<'static, str>,
    /// What to do about it: "Enter the organisation's name".
    pub sentence: String,
}

impl Problems {
    /// A form without problems, as it is first shown.
    pub fn none() -> Self {
        Self::default()
    }

    /// Notes that `field` has to be mended, and how.
    pub fn push(&mut self, field: impl Into<Cow<'static, str>>, sentence: impl Into<String>) {
        self.0.push(Problem { field: field.into(), sentence: sentence.into() });
    }

    /// Whether the form can be taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of the page that shows the form.
    pub fn status(&self) -> StatusCode {
        if self.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// The first problem of `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.iter().find(|problem| problem.field == field).map(|problem| problem.sentence.as_str())
    }

    /// The first problem of the date `field`: of the whole, or of its day, month or year.
    pub fn of_date(&self, field: &str) -> Option<&str> {
        let parts = ["", "-month", "-year"].map(|part| format!("{field}{part}"));
        self.iter()
            .find(|problem| parts.iter().any(|part| problem.field == *part))
            .map(|problem| problem.sentence.as_str())
    }

    /// Every problem, in order, for the summary at the top of the page.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Reads text of 1 to `most` characters, without the space around it.
    ///
    /// `what` names it in the sentence: "the organisation's name".
    pub fn text(&mut self, field: &'static str, typed: &str, most: usize, what: &str) -> Option<String> {
        if typed.trim().is_empty() {
            self.push(field, format!("Enter {what}"));
            return None;
        }
        self.optional_text(field, typed, most, what)
    }

    /// Reads text of up to `most` characters; none at all is empty.
    pub fn optional_text(
        &mut self,
        field: &'static str,
        typed: &str,
        most: usize,
        what: &str,
    ) -> Option<String> {
        // What turns the direction of writing makes a name look like another to whoever reads it.
        let text = formats::direction::straight(typed.trim());
        let length = text.chars().count();
        if length > most {
            let sentence =
                format!("{} must be {most} characters or fewer; you entered {length}", capitalised(what));
            self.push(field, sentence);
            return None;
        }
        Some(text.into_owned())
    }

    /// Reads an e-mail address. What follows the @ is put into lower case.
    ///
    /// Only a message that arrives proves an address, so this refuses what cannot be one and no
    /// more.
    pub fn email(&mut self, field: &'static str, typed: &str) -> Option<String> {
        let address = self.text(field, typed, 254, "an email address")?;
        let parts = address.rsplit_once('@').filter(|(local, domain)| {
            let labels: Vec<_> = domain.split('.').collect();
            let plain = |c: char| c.is_alphanumeric() || c == '-';
            (1..=64).contains(&local.len())
                && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\",;".contains(c))
                && labels.len() >= 2
                && labels.iter().all(|label| !label.is_empty() && label.chars().all(plain))
        });
        let Some((local, domain)) = parts else {
            self.push(field, "Enter an email address in the correct format, like name@example.com");
            return None;
        };
        Some(format!("{local}@{}", domain.to_lowercase()))
    }

    /// Reads a UK telephone number, and keeps the groups in which it was typed.
    pub fn telephone(&mut self, field: &'static str, typed: &str) -> Option<String> {
        let number = self.text(field, typed, 40, "a telephone number")?;
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let national = digits.strip_prefix("44").filter(|_| number.starts_with('+'));
        let national = national.or_else(|| digits.strip_prefix('0').filter(|_| !number.starts_with('+')));
        // "+44 (0)20 …" is how many people write it.
        let length = national.map_or(0, |rest| rest.trim_start_matches('0').len());
        let allowed = |c: char| c.is_ascii_digit() || "+() -".contains(c);
        if !(9..=10).contains(&length) || !number.chars().all(allowed) {
            self.push(field, "Enter a UK telephone number, like 01632 960 001 or +44 20 7946 0018");
            return None;
        }
        Some(number.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Reads a date typed as day, month and year. A month may be a number or its name.
    ///
    /// A part that is wrong gets the problem, so that the summary's link leads to it: `field` for
    /// the day or the whole, `field-month`, `field-year`. `what` names the date: "the planned date".
    pub fn date(&mut self, field: &'static str, typed: [&str; 3], what: &str) -> Option<Date> {
        let [day, month, year] = typed.map(str::trim);
        if [day, month, year].iter().all(|part| part.is_empty()) {
            self.push(field, format!("Enter {what}"));
            return None;
        }
        let missing = [("", "a day", day), ("-month", "a month", month), ("-year", "a year", year)]
            .into_iter()
            .find(|(_, _, part)| part.is_empty());
        if let Some((suffix, part, _)) = missing {
            let sentence = format!("{} must include {part}", capitalised(what));
            self.push(format!("{field}{suffix}"), sentence);
            return None;
        }
        if year.len() != 4 || !year.bytes().all(|digit| digit.is_ascii_digit()) {
            self.push(format!("{field}-year"), "The year must have 4 digits, like 2026");
            return None;
        }
        let read = day.parse().ok().zip(month_number(month)).zip(year.parse().ok());
        let date = read.and_then(|((day, month), year)| Date::new(year, month, day).ok());
        if date.is_none() {
            self.push(field, format!("{} must be a real date, like 27 3 2026", capitalised(what)));
        }
        date
    }

    /// Reads a date that may be left out: `Some(None)` where nothing was typed.
    pub fn optional_date(
        &mut self,
        field: &'static str,
        typed: [&str; 3],
        what: &str,
    ) -> Option<Option<Date>> {
        if typed.iter().all(|part| part.trim().is_empty()) {
            return Some(None);
        }
        self.date(field, typed, what).map(Some)
    }
}

/// 6 for "6", "06", "June" or "jun".
fn month_number(typed: &str) -> Option<i8> {
    if let Ok(number) = typed.parse() {
        return Some(number);
    }
    let typed = typed.to_lowercase();
    let named = |(english, welsh): &(&str, &str)| {
        [english, welsh].iter().any(|name| name.to_lowercase().starts_with(&typed))
    };
    let index = MONTHS.iter().position(named).filter(|_| typed.chars().count() >= 3)?;
    i8::try_from(index + 1).ok()
}

/// `text` with its first letter in upper case, as it stands at the start of a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_kept_in_the_order_of_the_fields() {
        let mut problems = Problems::none();
        assert_eq!(problems.text("name", "  ", 20, "the organisation's name"), None);
        assert_eq!(problems.email("email", "it@trust"), None);
        assert_eq!(problems.text("town", " Leeds ", 20, "the town").as_deref(), Some("Leeds"));
        assert_eq!(problems.text("note", "abcdef", 5, "the note"), None);
        assert_eq!(problems.of("name"), Some("Enter the organisation's name"));
        assert_eq!(problems.of("note"), Some("The note must be 5 characters or fewer; you entered 6"));
        assert_eq!(problems.of("town"), None);
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
        assert_eq!(fields, ["name", "email", "note"]);
    }

    #[test]
    fn email_addresses_are_read_as_people_type_them() {
        let read = |typed| Problems::none().email("email", typed);
        assert_eq!(read(" It.Desk@Trust.NHS.uk "), Some("It.Desk@trust.nhs.uk".to_owned()));
        for wrong in ["", "a", "@trust.nhs.uk", "a b@trust.nhs.uk", "a@trust..uk", "a@b.uk\r\nBcc: c@d.uk"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn telephone_numbers_keep_their_groups() {
        let read = |typed| Problems::none().telephone("telephone", typed);
        for right in ["01632 960 001", "+44 20 7946 0018", "07700 900 123", "+44 (0)161 496 0000"] {
            assert_eq!(read(right).as_deref(), Some(right));
        }
        for wrong in ["999", "01632 96", "+1 202 555 0100", "call the desk", "01632 960001 ext 5"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_says_which_part_is_wrong() {
        let read = |typed| {
            let mut problems = Problems::none();
            let date = problems.date("due", typed, "the planned date");
            (date, problems.iter().next().cloned().map(|p| (p.field.into_owned(), p.sentence)))
        };
        let june = Date::constant(2026, 6, 3);
        for month in ["6", "06", "June", "jun", "Mehefin"] {
            assert_eq!(read(["3", month, "2026"]), (Some(june), None), "{month}");
        }
        for (typed, field, sentence) in [
            (["", "", ""], "due", "Enter the planned date"),
            (["3", "", "2026"], "due-month", "The planned date must include a month"),
            (["3", "6", "26"], "due-year", "The year must have 4 digits, like 2026"),
            (["29", "2", "2026"], "due", "The planned date must be a real date, like 27 3 2026"),
        ] {
            assert_eq!(read(typed), (None, Some((field.to_owned(), sentence.to_owned()))));
        }
        let mut problems = Problems::none();
        problems.date("due", ["3", "", "2026"], "the planned date");
        assert_eq!(problems.of_date("due"), Some("The planned date must include a month"));
    }
}
