//! The rule of priority: from what is known of an incident to how urgent it is. Pure, and published word for word on
//! `/about/priority`; see docs/decisions/0032-priority-of-an-incident.md for why it is so.

use super::Priority;

platform::vocabulary! {
    /// What is asked of an incident. Each is put so that yes makes it more urgent.
    pub enum Question {
        Harm = "harm", "Is a patient harmed, or likely to be?";
        Diverted = "diverted", "Is emergency or critical care diverted?";
        NoDowntime = "no_downtime", "Is a clinical system lost for which no downtime procedure works?";
        Spread = "spread", "Has it spread beyond one organisation?";
        DomainLost = "domain_lost", "Has the attacker the administration of the domain?";
        BackupsHit = "backups_hit", "Are backups hit?";
        Degraded = "degraded", "Is a clinical service degraded, with downtime procedures that work?";
        SpecialData = "special_data", "Was data about health, or of another special category, taken?";
        NotContained = "not_contained", "Does it still go on: is it not contained?";
        Effect = "effect", "Did it have any effect: did anything get in, fail or go missing?";
    }
}

platform::vocabulary! {
    /// What is known of a question.
    pub enum Answer {
        Yes = "yes", "Yes";
        No = "no", "No";
        Unknown = "unknown", "Not known yet";
    }
}

impl Question {
    /// The priority that an incident has at least where the answer is yes.
    pub const fn raises_to(self) -> Priority {
        match self {
            Self::Harm
            | Self::Diverted
            | Self::NoDowntime
            | Self::Spread
            | Self::DomainLost
            | Self::BackupsHit => Priority::P1,
            Self::Degraded | Self::SpecialData | Self::NotContained => Priority::P2,
            Self::Effect => Priority::P3,
        }
    }

    /// What is so where the answer is yes: "emergency or critical care is diverted".
    pub const fn is_so(self) -> &'static str {
        match self {
            Self::Harm => "a patient is harmed or likely to be",
            Self::Diverted => "emergency or critical care is diverted",
            Self::NoDowntime => "a clinical system is lost and no downtime procedure works",
            Self::Spread => "it has spread beyond one organisation",
            Self::DomainLost => "the attacker has the administration of the domain",
            Self::BackupsHit => "backups are hit",
            Self::Degraded => "a clinical service is degraded",
            Self::SpecialData => "data about health or of another special category was taken",
            Self::NotContained => "it is not contained",
            Self::Effect => "something got in, failed or went missing",
        }
    }

    /// What helps to answer it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Harm => "Care that is late or wrong because of it counts, also if nobody was hurt yet",
            Self::Diverted => {
                "Ambulances, emergency departments, theatres for emergencies, intensive care, maternity"
            }
            Self::NoDowntime => "Paper, telephone or a read-only copy do not exist, or do not hold",
            Self::Spread => "Also through a supplier or a shared network",
            Self::DomainLost => "Whoever has it has every account and every computer",
            Self::BackupsHit => "Encrypted, deleted, or reached by the attacker",
            Self::Degraded => "Care goes on, slower or on paper",
            Self::SpecialData => "Seen to have left, or offered by whoever says they have it",
            Self::NotContained => "More machines or accounts may be lost by tomorrow",
            Self::Effect => "No: it was an attempt, such as a mail that nobody opened",
        }
    }
}

/// What is known of an incident, question by question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts([Answer; Question::ALL.len()]);

impl Facts {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self([Answer::Unknown; Question::ALL.len()]);

    /// What is known of this question.
    pub const fn of(&self, question: Question) -> Answer {
        self.0[question as usize]
    }

    /// The same, with this answer.
    #[must_use]
    pub const fn with(mut self, question: Question, answer: Answer) -> Self {
        self.0[question as usize] = answer;
        self
    }

    fn answered(&self, answer: Answer) -> impl Iterator<Item = Question> {
        Question::ALL.iter().copied().filter(move |question| self.of(*question) == answer)
    }
}

/// What follows from the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How urgent it is.
    pub priority: Priority,
    /// How urgent it is by what is known alone.
    pub known: Priority,
    /// What is so that makes it that; none for an attempt.
    pub because: Vec<Question>,
    /// What is not known and would make it more urgent than `known`; where there is any, it counts one up.
    pub not_known: Vec<Question>,
}

/// How urgent an incident of these facts is.
///
/// By maximum, never by mean: one yes at the highest level decides. What is not known counts one up: if any question
/// that is not answered would raise the priority by its yes, the priority is one level higher than by what is known;
/// one, however many they are. Where nothing got in, failed or went missing, there is nothing that the other
/// questions could still find out, so that they do not count.
pub fn decide(facts: &Facts) -> Verdict {
    let known = facts.answered(Answer::Yes).map(Question::raises_to).min_by_key(|priority| priority.rank());
    let known = known.unwrap_or(Priority::P4);
    let because = facts.answered(Answer::Yes).filter(|question| question.raises_to() == known).collect();
    let is_attempt = known == Priority::P4 && facts.of(Question::Effect) == Answer::No;
    let would_raise = |question: &Question| !is_attempt && question.raises_to().rank() < known.rank();
    let not_known: Vec<_> = facts.answered(Answer::Unknown).filter(would_raise).collect();
    let priority = if not_known.is_empty() { known } else { known.up() };
    Verdict { priority, known, because, not_known }
}

impl Verdict {
    /// Why, in a sentence: "P1 because emergency or critical care is diverted".
    pub fn in_words(&self) -> String {
        let so: Vec<_> = self.because.iter().map(|question| question.is_so()).collect();
        let priority = self.priority.label();
        match (so.is_empty(), self.not_known.is_empty()) {
            (false, true) => format!("{priority} because {}", so.join(", and ")),
            (false, false) => format!(
                "{priority} because {} ({}), and what is not known counts one up",
                so.join(", and "),
                self.known.label()
            ),
            (true, true) => format!("{priority} because nothing got in, failed or went missing"),
            (true, false) => {
                format!(
                    "{priority} because nothing is known to have got in, and what is not known counts one up"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer::*, Facts, Priority::*, Question::*, *};

    fn facts(yes: &[Question], no: &[Question]) -> Facts {
        let with = |facts: Facts, (question, answer): (&Question, Answer)| facts.with(*question, answer);
        let answers = yes.iter().map(|each| (each, Yes)).chain(no.iter().map(|each| (each, No)));
        answers.fold(Facts::UNKNOWN, with)
    }

    /// Everything but these is answered with no.
    fn only(yes: &[Question], unknown: &[Question]) -> Facts {
        let no: Vec<_> = Question::ALL
            .iter()
            .copied()
            .filter(|each| !yes.contains(each) && !unknown.contains(each))
            .collect();
        facts(yes, &no)
    }

    #[test]
    fn the_table_of_the_published_rule() {
        // What is yes, what is not known, and what follows; everything else is no.
        let table: &[(&[Question], &[Question], Priority)] = &[
            // P1: any one of them, however little else is so.
            (&[Harm], &[], P1),
            (&[Diverted], &[], P1),
            (&[NoDowntime], &[], P1),
            (&[Spread], &[], P1),
            (&[DomainLost], &[], P1),
            (&[BackupsHit], &[], P1),
            (&[Harm, Effect], &[Spread], P1),
            // P2.
            (&[Degraded], &[], P2),
            (&[SpecialData], &[], P2),
            (&[NotContained, Effect], &[], P2),
            // P3: contained, and not clinical.
            (&[Effect], &[], P3),
            // P4: an attempt, whatever was not asked.
            (&[], &[], P4),
            (&[], &[Harm, Diverted, Degraded], P4),
            // What is not known counts one up, once.
            (&[Degraded], &[Diverted], P1),
            (&[Degraded], &[Diverted, Harm, BackupsHit], P1),
            (&[Effect], &[Harm], P2),
            (&[Effect], &[SpecialData], P2),
            (&[Effect], &[Harm, Diverted, NoDowntime, Spread, SpecialData], P2),
            (&[], &[Effect], P3),
            (&[], &[Effect, Harm, Spread], P3),
            // But only where its yes would raise it.
            (&[Degraded], &[SpecialData, NotContained], P2),
            (&[Degraded], &[Effect], P2),
            (&[Diverted], &[Harm, Degraded, Effect], P1),
        ];
        for (yes, unknown, expected) in table {
            let verdict = decide(&only(yes, unknown));
            assert_eq!(verdict.priority, *expected, "{yes:?} {unknown:?}: {verdict:?}");
        }
        assert_eq!(decide(&Facts::UNKNOWN).priority, P3);
    }

    #[test]
    fn one_more_yes_never_makes_it_less_urgent_and_one_more_no_never_more() {
        // Every combination of three answers to ten questions.
        let count = 3_usize.pow(u32::try_from(Question::ALL.len()).expect("ten"));
        for number in 0..count {
            let answer = |place: u32| [Yes, No, Unknown][number / 3_usize.pow(place) % 3];
            let facts = (0_u32..)
                .zip(Question::ALL)
                .fold(Facts::UNKNOWN, |all, (place, each)| all.with(*each, answer(place)));
            let before = decide(&facts).priority.rank();
            assert!(decide(&facts).known.rank().abs_diff(before) <= 1, "{facts:?}");
            for each in facts.answered(Unknown) {
                assert!(decide(&facts.with(each, Yes)).priority.rank() <= before, "{each:?} {facts:?}");
                assert!(decide(&facts.with(each, No)).priority.rank() >= before, "{each:?} {facts:?}");
            }
        }
    }

    #[test]
    fn the_reasons_are_told_in_words() {
        let words = |facts: Facts| decide(&facts).in_words();
        assert_eq!(words(only(&[Diverted], &[])), "P1 because emergency or critical care is diverted");
        let both = words(only(&[Diverted, BackupsHit, Degraded], &[]));
        assert_eq!(both, "P1 because emergency or critical care is diverted, and backups are hit");
        let up = words(only(&[Degraded], &[Harm]));
        assert_eq!(up, "P1 because a clinical service is degraded (P2), and what is not known counts one up");
        assert_eq!(words(only(&[], &[])), "P4 because nothing got in, failed or went missing");
        assert!(words(Facts::UNKNOWN).starts_with("P3 because nothing is known to have got in"));
    }
}
