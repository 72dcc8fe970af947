//! A report in words, question by question; what was left out is said to be so.

use jiff::Timestamp;
use platform::web::{form::Choice, shell::Language, show};

use super::{Care, Facts, Seen, typed::Typed};

/// What a report says.
pub(crate) fn rows(facts: &Facts) -> Vec<(&'static str, String)> {
    let or =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    let affected: Vec<_> = facts.affected.iter().map(|care| care.label()).collect();
    let care: Vec<_> =
        [affected.join("; "), facts.care.clone()].into_iter().filter(|part| !part.is_empty()).collect();
    let ring: Vec<_> =
        [&facts.ring.name, &facts.ring.telephone].into_iter().filter(|part| !part.is_empty()).collect();
    let ring: Vec<_> = ring.into_iter().map(String::as_str).collect();
    let mut rows = vec![
        ("What is seen", or(&facts.seen_in_words(), "Not said yet")),
        ("Since when", facts.since.map_or_else(|| "Not known".to_owned(), instant)),
        ("What care is affected", or(&care.join("\n"), "Not said yet")),
        ("Whom to ring", or(&ring.join(", "), "Not said yet")),
    ];
    if !facts.named.is_empty() {
        rows.insert(0, ("Organisation or site, as typed", facts.named.clone()));
    }
    if !facts.more.is_empty() {
        rows.push(("What else", facts.more.clone()));
    }
    rows
}

fn instant(at: Timestamp) -> String {
    show::instant(at.as_microsecond(), Language::English)
}

/// What is offered as seen.
pub(super) fn seen(typed: &Typed) -> Vec<Choice> {
    Seen::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&typed.seen)).collect()
}

/// What care is offered as affected.
pub(super) fn affected(typed: &Typed) -> Vec<Choice> {
    Care::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&typed.affected)).collect()
}

/// Since when is offered.
pub(super) fn since(typed: &Typed) -> Vec<Choice> {
    [("now", "Just now"), ("at", "Since the day and time below"), ("unknown", "I do not know")]
        .map(|(value, label)| Choice::new(value, label).chosen_in(&[&typed.since]))
        .into()
}
