//! Runs: a playbook that people follow in the case of an incident, step by step.
//!
//! The version is held by its hash, so that a playbook which is changed or withdrawn meanwhile changes no run. The
//! machine is `formats::cacao::run`; here stands who does what by when. Nothing is ever executed, and a clock that
//! runs out reminds and fails nothing. See docs/decisions/0033-runs-of-playbooks.md.

pub mod actions;
pub mod api;
pub mod clocks;
pub mod messages;
mod moving;
mod pages;
pub mod shown;
pub mod status;
pub mod store;

use formats::cacao::run::Answer;
use jiff::SignedDuration;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a run.
    pub RunId
}
db::id! {
    /// Names a task of a run.
    pub TaskId
}

/// The most runs of one incident.
pub const MOST_RUNS: i64 = 50;
/// The most tasks of one run.
pub const MOST_VISITS: u64 = 2_000;
/// The longest that is written at once, in characters.
pub const LONGEST: usize = 2_000;
/// By when something should have been found out of which nobody knew.
pub const FACT_WITHIN: SignedDuration = SignedDuration::from_hours(1);

platform::vocabulary! {
    /// Whether a run is followed.
    pub enum Standing {
        Running = "running", "Being followed";
        Ended = "ended", "Followed to its end";
        Stopped = "stopped", "Stopped";
    }
}

platform::vocabulary! {
    /// What is asked of somebody.
    pub enum Kind {
        Task = "task", "To do";
        Question = "question", "Question";
        Fact = "fact", "To find out";
    }
}

platform::vocabulary! {
    /// What became of it.
    ///
    /// | from    | what happens                  | to       |
    /// |---------|-------------------------------|----------|
    /// | Open    | it is done, found out         | Done     |
    /// | Open    | it cannot be done             | Cannot   |
    /// | Open    | it is left out, with a reason | Skipped  |
    /// | Open    | a question is answered        | Answered |
    /// | Open    | nobody knows yet              | Waiting  |
    /// | Waiting | whoever finds out has, or gives up | Open |
    /// | Open, Waiting | the run is stopped      | Dropped  |
    pub enum TaskState {
        Open = "open", "Open";
        Waiting = "waiting", "Being found out";
        Done = "done", "Done";
        Cannot = "cannot", "Cannot be done";
        Skipped = "skipped", "Left out";
        Answered = "answered", "Answered";
        Dropped = "dropped", "Stopped before";
    }
}

platform::vocabulary! {
    /// What happened in a run.
    pub enum Happened {
        Begun = "begun", "Began";
        Taken = "taken", "Took it";
        Early = "early", "Began early";
        MayBegin = "may_begin", "May begin";
        Done = "done", "Done";
        Cannot = "cannot", "Cannot be done";
        Skipped = "skipped", "Left out";
        Answered = "answered", "Answered";
        Found = "found", "Found out";
        Stopped = "stopped", "Stopped";
        Opened = "opened", "Opened";
        AskedAgain = "asked_again", "Asked again";
        Computed = "computed", "Computed";
        Forked = "forked", "Branches began";
        Joined = "joined", "Branches ended";
        Round = "round", "A round began";
        Exception = "exception", "Went on to what is done when a step fails";
        Ended = "ended", "Ended";
        Reminded = "reminded", "Its owner was reminded";
        Escalated = "escalated", "Those in charge were told";
    }
}

/// What somebody says of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// I do it.
    Take,
    /// It is done; of a fact, it is found out.
    Done,
    /// It cannot be done; of a fact, it cannot be found out.
    Cannot,
    /// It is left out.
    Skip,
    /// The answer to a question.
    Answer(Answer),
}

impl Act {
    /// The act of this word: of a button, or of a machine. Of several answers each is `case:` and its name.
    pub fn called(word: &str) -> Option<Self> {
        Some(match word {
            "take" => Self::Take,
            "done" => Self::Done,
            "cannot" => Self::Cannot,
            "skip" => Self::Skip,
            "yes" => Self::Answer(Answer::Yes),
            "no" => Self::Answer(Answer::No),
            "neither" => Self::Answer(Answer::Neither),
            "not_yet" => Self::Answer(Answer::NotYet),
            other => Self::Answer(Answer::Case(other.strip_prefix("case:")?.to_owned())),
        })
    }
}

/// What is written beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    /// What was done, or how it is known.
    pub evidence: &'a str,
    /// How it is undone.
    pub undo: &'a str,
    /// Why not.
    pub reason: &'a str,
}

impl TaskState {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "blue",
            Self::Waiting => "yellow",
            Self::Done | Self::Answered => "green",
            Self::Cannot => "orange",
            Self::Skipped | Self::Dropped => "grey",
        }
    }
}

impl Standing {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Running => "blue",
            Self::Ended => "green",
            Self::Stopped => "grey",
        }
    }
}

/// Where something lies, in the words of people, from the path that is kept of it.
pub fn scope_in_words(path: &str) -> String {
    let words = path.split(' ').filter_map(|frame| {
        let (_, part) = frame.rsplit_once(':')?;
        let (sign, rest) = part.split_at_checked(1)?;
        match (sign, rest.split_once('.')) {
            ("b", Some((branch, of))) => Some(format!("branch {branch} of {of}")),
            ("r", _) => Some(format!("round {rest}")),
            ("x", _) => Some("after a step failed".to_owned()),
            _ => None,
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use formats::cacao::{
        Playbook, StepKind,
        run::{Answer, Event, Frame, Place, State, Within, path},
    };

    use super::scope_in_words;
    use crate::playbook::built_ins;

    /// Follows a playbook to its end; the steps that were reached, and how many events it took.
    fn follow(playbook: &Playbook, mut chance: u64) -> (BTreeSet<String>, usize) {
        let (mut state, _) = State::default().apply(playbook, Event::Begin).unwrap();
        let mut reached = BTreeSet::new();
        for count in 0..10_000 {
            reached.extend(state.tokens().iter().map(|token| token.step.clone()));
            let waiting: Vec<_> =
                state.tokens().iter().filter(|token| !matches!(token.place, Place::Joined { .. })).collect();
            if state.is_over() {
                assert!(state.tokens().is_empty());
                return (reached, count);
            }
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = usize::try_from(chance >> 40).unwrap();
            let token = waiting[drawn % waiting.len()];
            let event = match (token.place, drawn % 7) {
                (Place::Task, 0) => Event::Cannot(token.visit),
                (Place::Task, 1) => Event::Skipped(token.visit),
                (Place::Task, _) => Event::Done(token.visit),
                (Place::Question { .. }, 0) => Event::Answered(token.visit, Answer::NotYet),
                (Place::Question { rounds }, 1..4) if rounds < 5 => Event::Answered(token.visit, Answer::Yes),
                (Place::Question { .. }, _) => Event::Answered(token.visit, Answer::No),
                (Place::Fact { visit, .. }, _) => Event::Found(visit),
                (Place::Joined { .. }, _) => unreachable!("it was left out"),
            };
            state = state.apply(playbook, event).unwrap().0;
        }
        panic!("{} does not end", playbook.name);
    }

    #[test]
    fn every_playbook_of_ours_comes_to_its_end_and_every_step_is_reached_by_some_way() {
        for ours in built_ins() {
            let mut reached = BTreeSet::new();
            for chance in 0..60 {
                reached.extend(follow(&ours.playbook, chance).0);
            }
            let asked = |kind: &StepKind| {
                !matches!(kind, StepKind::Start | StepKind::End | StepKind::Parallel { .. })
            };
            let steps: BTreeSet<String> = ours
                .playbook
                .steps
                .values()
                .filter(|step| asked(&step.kind))
                .map(|step| step.id.clone())
                .collect();
            reached.retain(|id| steps.contains(id));
            assert_eq!(reached, steps, "{}", ours.slug);
        }
    }

    #[test]
    fn where_something_lies_is_told_in_words() {
        let frame = |within| Frame { step: "parallel--1".to_owned(), within };
        let scope = [
            frame(Within::Choice),
            frame(Within::Fork { branch: 2, of: 3 }),
            frame(Within::Round(4)),
            frame(Within::Exception),
        ];
        assert_eq!(scope_in_words(&path(&scope)), "branch 2 of 3, round 4, after a step failed");
        assert_eq!(scope_in_words(""), "");
    }
}
