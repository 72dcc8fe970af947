//! The questions of a response, one a page, in the order in which they are asked.

use std::str::FromStr;

use super::{Applies, Outcome, Said};

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Applies,
    WhyNot,
    Done,
    Systems,
    Planned,
    Blockers,
    Mitigation,
    NextUpdate,
    Close,
    WhyAccept,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// One of several.
    Choice,
    /// Words, which must not be missing.
    Words,
    /// Words, or none.
    PerhapsWords,
    /// A number, or none.
    Number,
    /// A day, or none.
    Day,
    /// A day, and a reason where it is late.
    DayAndReason,
}

/// The part of the task list that a question belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Applicability,
    Actions,
    Close,
}

impl Question {
    pub(super) const ALL: [Self; 10] = [
        Self::Applies,
        Self::WhyNot,
        Self::Done,
        Self::Systems,
        Self::Planned,
        Self::Blockers,
        Self::Mitigation,
        Self::NextUpdate,
        Self::Close,
        Self::WhyAccept,
    ];

    /// The last part of its address.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Applies => "applies",
            Self::WhyNot => "why-not",
            Self::Done => "done",
            Self::Systems => "systems",
            Self::Planned => "planned",
            Self::Blockers => "blockers",
            Self::Mitigation => "mitigation",
            Self::NextUpdate => "next-update",
            Self::Close => "close",
            Self::WhyAccept => "why-accept",
        }
    }

    /// What is asked.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Applies => "Does this alert apply?",
            Self::WhyNot => "Why does it not apply?",
            Self::Done => "What has been done so far?",
            Self::Systems => "How many systems are affected?",
            Self::Planned => "When do you plan to finish?",
            Self::Blockers => "What stands in the way?",
            Self::Mitigation => "What lowers the risk until then?",
            Self::NextUpdate => "When will you send the next update?",
            Self::Close => "Is it dealt with?",
            Self::WhyAccept => "Why does the risk have to be accepted?",
        }
    }

    /// A line that helps.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Applies => "You can change this answer later.",
            Self::WhyNot => "For example: the product is not in use. The CERT reads this.",
            Self::Done => "For example: patched 40 of 52 servers. Leave it empty if nothing was done yet.",
            Self::Systems => "Your best figure. Leave it empty if you do not know.",
            Self::Planned => "Leave it empty if there is no plan yet.",
            Self::Blockers => {
                "For example: a supplier has not released the patch. Leave it empty if nothing does."
            }
            Self::Mitigation => {
                "For example: the port is closed at the firewall. Leave it empty if nothing does."
            }
            Self::NextUpdate => "Leave it empty, and it is due when the response policy asks for it.",
            Self::Close => "",
            Self::WhyAccept => "Your executive reads this and decides. The clock goes on until then.",
        }
    }

    /// What an answer is called in a list of answers.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Applies => "Applies",
            Self::WhyNot => "Why it does not apply",
            Self::Done => "Done so far",
            Self::Systems => "Systems affected",
            Self::Planned => "Planned end",
            Self::Blockers => "In the way",
            Self::Mitigation => "Interim mitigation",
            Self::NextUpdate => "Next update",
            Self::Close => "Dealt with",
            Self::WhyAccept => "Why the risk has to be accepted",
        }
    }

    pub(super) const fn field(self) -> Field {
        match self {
            Self::Applies | Self::Close => Field::Choice,
            Self::WhyNot | Self::WhyAccept => Field::Words,
            Self::Done | Self::Blockers | Self::Mitigation => Field::PerhapsWords,
            Self::Systems => Field::Number,
            Self::Planned => Field::Day,
            Self::NextUpdate => Field::DayAndReason,
        }
    }

    pub(super) const fn task(self) -> Task {
        match self {
            Self::Applies | Self::WhyNot => Task::Applicability,
            Self::Close | Self::WhyAccept => Task::Close,
            _ => Task::Actions,
        }
    }

    /// Whether it is asked, after what was said so far.
    pub(super) fn asked(self, said: &Said) -> bool {
        let not = said.applies == Some(Applies::No);
        match self {
            Self::Applies => true,
            Self::WhyNot => not,
            Self::WhyAccept => !not && said.outcome == Some(Outcome::RiskAccepted),
            _ => !not,
        }
    }

    /// The next question of the same task; `None` after its last.
    pub(super) fn next(self, said: &Said) -> Option<Self> {
        let mut behind = Self::ALL.into_iter().skip_while(|each| *each != self).skip(1);
        behind.find(|each| each.task() == self.task() && each.asked(said))
    }

    /// Whether the draft has an answer to it.
    pub(super) fn answered(self, said: &Said) -> bool {
        let reason = said.has_reason();
        match self {
            Self::Applies => said.applies.is_some(),
            Self::WhyNot | Self::WhyAccept => reason,
            Self::Done => said.done.is_some(),
            Self::Systems => said.systems.is_some(),
            Self::Planned => said.planned_on.is_some(),
            Self::Blockers => said.blockers.is_some(),
            Self::Mitigation => said.mitigation.is_some(),
            Self::NextUpdate => said.next_update_at.is_some(),
            Self::Close => said.outcome.is_some(),
        }
    }
}

impl FromStr for Question {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|question| question.slug() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_asks_why_and_nothing_else() {
        let said = Said { applies: Some(Applies::No), ..Said::default() };
        assert_eq!(Question::Applies.next(&said), Some(Question::WhyNot));
        let asked: Vec<_> = Question::ALL.into_iter().filter(|each| each.asked(&said)).collect();
        assert_eq!(asked, [Question::Applies, Question::WhyNot]);
    }

    #[test]
    fn each_task_is_walked_to_its_end() {
        let said = Said { outcome: Some(Outcome::RiskAccepted), ..Said::default() };
        let mut walked = vec![Question::Done];
        while let Some(next) = walked.last().and_then(|last| last.next(&said)) {
            walked.push(next);
        }
        assert_eq!(walked.last(), Some(&Question::NextUpdate));
        assert_eq!(walked.len(), 6);
        assert_eq!(Question::Close.next(&said), Some(Question::WhyAccept));
        assert_eq!(Question::Applies.next(&said), None);
    }

    #[test]
    fn slugs_read_back() {
        for question in Question::ALL {
            assert_eq!(question.slug().parse(), Ok(question));
        }
    }
}
