//! What the forms of aid have in common: for when, and whom to ring.

use jiff::Timestamp;
use platform::{
    uk,
    web::form::{Choice, Problems},
};

use crate::{
    aid::{Contact, LONGEST_LINE, MOST, What},
    report::facts::LONGEST_NUMBER,
};

/// A number from 1 on.
pub(super) fn number(problems: &mut Problems, field: &'static str, typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let read = digits.parse().ok().filter(|number| (1..=MOST).contains(number));
    if read.is_none() {
        problems.push(field, "Enter a whole number, like 4");
    }
    read
}

/// From the beginning of one day to the end of another; neither is over.
pub(super) fn days(
    problems: &mut Problems,
    from: [&str; 3],
    until: [&str; 3],
    now: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let first = problems.date("from", from, "the first day");
    let last = problems.date("until", until, "the last day");
    let (first, last) = (first?, last?);
    if last < first || last < uk::day(now) {
        problems.push("until", "The last day must be today or later, and not before the first");
        return None;
    }
    uk::begins(first).zip(uk::last_minute(last))
}

/// Whom to ring.
pub(super) fn contact(problems: &mut Problems, name: &str, telephone: &str) -> Option<Contact> {
    let name = problems.text("contact-name", name, LONGEST_LINE, "whom to ring");
    let telephone = problems.text("contact-telephone", telephone, LONGEST_NUMBER, "the number to ring");
    Some(Contact { name: name?, telephone: telephone? })
}

/// What can be asked for and lent, to choose from.
pub(super) fn whats(typed: &str) -> Vec<Choice> {
    What::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&[typed])).collect()
}

/// Yes or no.
pub(super) fn yes_or_no(yes: &'static str, no: &'static str, typed: &str) -> Vec<Choice> {
    [("yes", yes), ("no", no)].map(|(code, label)| Choice::new(code, label).chosen_in(&[typed])).into()
}

/// Day, month and year, as a form shows them.
pub(super) fn shown(at: Timestamp) -> [String; 3] {
    let day = uk::day(at);
    [day.day().to_string(), day.month().to_string(), day.year().to_string()]
}
