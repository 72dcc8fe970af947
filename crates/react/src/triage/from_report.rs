//! What a report tells of the questions: so that an incident has a priority in the same second. They are suggestions,
//! marked as from the report, and whoever knows better answers over them.

use super::rule::{Answer, Question};
use crate::report::{Care, Facts, Seen};

/// The answers that follow from what was reported; of everything else nothing is known.
pub fn suggested(facts: &Facts) -> Vec<(Question, Answer)> {
    let mut answers = Vec::new();
    if facts.seen.iter().any(|seen| has_effect(*seen)) {
        answers.push((Question::Effect, Answer::Yes));
    }
    if facts.affected.iter().any(|care| *care != Care::NotYet) {
        answers.push((Question::Degraded, Answer::Yes));
    } else if !facts.affected.is_empty() {
        answers.extend([(Question::Degraded, Answer::No), (Question::Diverted, Answer::No)]);
    }
    answers
}

/// Whether something got in, failed or is missing where this is seen. A mail that was opened may have done nothing.
const fn has_effect(seen: Seen) -> bool {
    match seen {
        Seen::FilesLocked
        | Seen::DataGone
        | Seen::SystemDown
        | Seen::SupplierDown
        | Seen::DeviceMisbehaves
        | Seen::DeviceLost => true,
        Seen::MailOpened | Seen::SomethingElse => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{
        Priority::{self, *},
        rule::{Facts as Known, decide},
    };

    fn priority(seen: &[Seen], affected: &[Care]) -> Priority {
        let facts = Facts { seen: seen.to_vec(), affected: affected.to_vec(), ..Facts::default() };
        let known = suggested(&facts).into_iter();
        decide(&known.fold(Known::UNKNOWN, |all, (question, answer)| all.with(question, answer))).priority
    }

    #[test]
    fn a_new_incident_has_the_priority_that_its_report_allows() {
        assert_eq!(priority(&[Seen::FilesLocked], &[Care::Emergency]), P1);
        assert_eq!(priority(&[Seen::SystemDown], &[Care::Appointments]), P1);
        assert_eq!(priority(&[Seen::FilesLocked], &[]), P2);
        assert_eq!(priority(&[Seen::DeviceLost], &[Care::NotYet]), P2);
        assert_eq!(priority(&[Seen::MailOpened], &[Care::NotYet]), P3);
        assert_eq!(priority(&[Seen::SomethingElse], &[]), P3);
    }
}
