//! What TheHive calls things, beside what we call them. A word that is not here is refused, never guessed.

use formats::ObservableKind;
use jiff::Timestamp;
use platform::web::Error;

use crate::{case::task, incident::State, triage::Priority};

/// A moment as milliseconds since 1970.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The moment of so many milliseconds.
pub(super) fn moment(field: &str, millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millis)
        .map_err(|_| Error::Invalid(format!("{field}: Write milliseconds since 1970.")))
}

/// The severity of a priority, where 4 is critical; 2 where there is none yet, as TheHive has it by default.
pub(super) const fn severity(priority: Option<Priority>) -> i64 {
    match priority {
        Some(Priority::P1) => 4,
        Some(Priority::P2) => 3,
        Some(Priority::P3) | None => 2,
        Some(Priority::P4) => 1,
    }
}

/// The label of a severity.
pub(super) const fn severity_label(severity: i64) -> &'static str {
    match severity {
        1 => "LOW",
        3 => "HIGH",
        4 => "CRITICAL",
        _ => "MEDIUM",
    }
}

/// The label of a TLP.
pub(super) const fn tlp_label(tlp: i64) -> &'static str {
    match tlp {
        0 => "CLEAR",
        1 => "GREEN",
        3 => "AMBER+STRICT",
        4 => "RED",
        _ => "AMBER",
    }
}

/// The label of a PAP.
pub(super) const fn pap_label(pap: i64) -> &'static str {
    match pap {
        0 => "CLEAR",
        1 => "GREEN",
        3 => "RED",
        _ => "AMBER",
    }
}

/// The TLP and PAP where nobody said: amber, as TheHive has it by default.
pub(super) const AMBER: i64 = 2;

/// A number between these, or a sentence that names its field.
pub(super) fn between(field: &str, number: Option<i64>, least: i64, most: i64) -> Result<Option<i64>, Error> {
    match number {
        Some(number) if !(least..=most).contains(&number) => {
            Err(Error::Invalid(format!("{field}: Write a number from {least} to {most}.")))
        }
        other => Ok(other),
    }
}

/// A text that is not longer than this, or a sentence that names its field.
pub(super) fn bounded(field: &str, text: &str, most: usize) -> Result<(), Error> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(Error::Invalid(format!("{field}: Write up to {most} characters.")))
}

/// As what a machine may close a case, and what people are told of it.
pub(super) const RESOLUTIONS: &[(&str, &str)] = &[
    ("TruePositive", "it was what it looked like"),
    ("FalsePositive", "it was a false alarm"),
    ("Indeterminate", "it cannot be told what it was"),
    ("Other", "other"),
];

/// What TheHive knows of the impact of a case, and what people are told of it.
pub(super) const IMPACTS: &[(&str, &str)] = &[
    ("NotApplicable", "impact not applicable"),
    ("WithImpact", "with impact"),
    ("NoImpact", "without impact"),
];

/// The status of a case. What people closed is "Other": why is in its summary.
pub(super) fn case_status(state: State, resolution: &str) -> &str {
    match state {
        State::Reported => "New",
        State::Open => "InProgress",
        State::Joined => "Duplicated",
        State::Closed if resolution.is_empty() => "Other",
        State::Closed => resolution,
    }
}

/// The stage of a case.
pub(super) const fn case_stage(state: State) -> &'static str {
    match state {
        State::Reported => "New",
        State::Open => "InProgress",
        State::Joined | State::Closed => "Closed",
    }
}

/// The states that a stage of a case stands for.
pub(super) fn states_of_stage(word: &str) -> Option<&'static [&'static str]> {
    match word {
        "New" => Some(&["reported"]),
        "InProgress" => Some(&["open"]),
        "Closed" => Some(&["closed", "joined"]),
        _ => None,
    }
}

/// The status of a task.
pub(super) const fn task_status(state: task::State) -> &'static str {
    match state {
        task::State::Open => "Waiting",
        task::State::Doing => "InProgress",
        task::State::Done => "Completed",
        task::State::Cannot | task::State::Withdrawn => "Cancel",
    }
}

/// The states that a status of a task stands for.
pub(super) fn states_of_task(word: &str) -> Option<&'static [&'static str]> {
    match word {
        "Waiting" => Some(&["open"]),
        "InProgress" => Some(&["doing"]),
        "Completed" => Some(&["done"]),
        "Cancel" => Some(&["cannot", "withdrawn"]),
        _ => None,
    }
}

/// The types of observables that are kept, and the kinds that each stands for.
const DATA_TYPES: &[(&str, &[&str])] = &[
    ("ip", &["ipv4", "ipv6"]),
    ("domain", &["domain", "onion"]),
    ("fqdn", &["domain", "onion"]),
    ("hostname", &["domain", "onion"]),
    ("url", &["url"]),
    ("uri_path", &["url"]),
    ("mail", &["email"]),
    ("hash", &["md5", "sha1", "sha256", "sha512"]),
    ("filename", &["file_path"]),
    ("registry", &["registry_key"]),
    ("cve", &["cve"]),
    ("attack-id", &["attack_id"]),
    ("bitcoin", &["bitcoin"]),
];

/// The kinds that a type of observables stands for.
pub(super) fn kinds_of(data_type: &str) -> Option<&'static [&'static str]> {
    DATA_TYPES.iter().find(|(name, _)| *name == data_type).map(|(_, kinds)| *kinds)
}

/// The type of observables of a kind.
pub(super) fn data_type(kind: &str) -> &'static str {
    DATA_TYPES.iter().find(|(_, kinds)| kinds.contains(&kind)).map_or("other", |(name, _)| name)
}

/// The types that are kept, for the sentence that refuses another one.
pub(super) fn data_types() -> String {
    DATA_TYPES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Whether an observable of this kind may come as this type.
pub(super) fn is_of(kind: ObservableKind, data_type: &str) -> bool {
    kinds_of(data_type).is_some_and(|kinds| kinds.contains(&kind.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_kept_has_a_type_that_reads_back() {
        for kind in ObservableKind::ALL.into_iter().filter(|kind| *kind != ObservableKind::NhsNumber) {
            assert!(is_of(kind, data_type(kind.code())), "{kind:?}");
        }
        assert_eq!(kinds_of("user-agent"), None);
    }

    #[test]
    fn every_state_has_a_status_that_finds_it_again() {
        for state in State::ALL {
            let stage = case_stage(*state);
            assert!(states_of_stage(stage).is_some_and(|states| states.contains(&state.code())), "{stage}");
        }
        for state in task::State::ALL {
            let status = task_status(*state);
            assert!(states_of_task(status).is_some_and(|states| states.contains(&state.code())), "{status}");
        }
    }

    #[test]
    fn severities_are_priorities_the_other_way_round() {
        let all: Vec<_> = Priority::ALL.iter().map(|priority| severity(Some(*priority))).collect();
        assert_eq!(all, [4, 3, 2, 1]);
        assert_eq!(severity_label(severity(None)), "MEDIUM");
        assert!(moment("date", i64::MAX).is_err() && moment("date", 0).is_ok());
    }
}
