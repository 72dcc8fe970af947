//! A run of a playbook: where people stand in it, and what follows from each thing that they say.
//!
//! It is a machine without input or output: a set of tokens, each at a step within the branches that led there.
//! It executes nothing. Each command, whatever its type, is a task of a person; what cannot be computed is asked.

mod condition;
mod moves;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Playbook;

/// The most rounds of one `while`.
pub const MOST_ROUNDS: u32 = 100;
/// The most that is open or waits at the same time.
pub const MOST_TOKENS: usize = 200;
/// The most moves that follow from one event: what opens more branches than that cannot be followed by people.
const MOST_MOVES: usize = 10_000;

/// Where people stand.
///
/// | place of a token     | event               | what follows                                             |
/// |----------------------|---------------------|----------------------------------------------------------|
/// | none has begun       | Begin               | the first step                                           |
/// | Task                 | Done, Skipped       | `on_success`, else `on_completion`                       |
/// | Task                 | Cannot              | `on_failure`, else `on_completion`, else what it is in fails |
/// | Question             | Answered            | the branch, or what comes after the question             |
/// | Question             | Answered(`NotYet`)  | Fact: a task to find it out                              |
/// | Fact                 | Found               | Question, asked again                                    |
/// | Joined               | the last one joins  | what comes after the `parallel`                          |
/// | any                  | Stop                | no token                                                 |
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    tokens: Vec<Token>,
    visits: u64,
    standing: Standing,
}

/// Whether people are at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not yet.
    #[default]
    NotBegun,
    /// They are.
    Running,
    /// It was followed to its end.
    Ended,
    /// It was stopped before.
    Stopped,
}

/// A place where people stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What names this stay at the step: no other has it, in no other branch and in no other round.
    pub visit: u64,
    /// The step.
    pub step: String,
    /// What it lies in, the outermost first.
    pub scope: Vec<Frame>,
    /// What is waited for.
    pub place: Place,
}

/// What a token waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// That somebody does it.
    Task,
    /// That somebody answers; of a `while` after so many rounds.
    Question {
        /// How often its branch was followed.
        rounds: u32,
    },
    /// That somebody finds out, so that the question can be answered.
    Fact {
        /// What names the task of finding out.
        visit: u64,
        /// How often the branch of the question was followed.
        rounds: u32,
    },
    /// That the other branches end.
    Joined {
        /// Whether this one ended with something that could not be done.
        failed: bool,
    },
}

/// What a token lies in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// The step that opened it.
    pub step: String,
    /// Which part of it.
    pub within: Within,
}

/// Which part of a step with branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// One of the branches that are followed at the same time, counted from 1.
    Fork {
        /// Which.
        branch: u32,
        /// Of how many.
        of: u32,
    },
    /// The branch that was chosen.
    Choice,
    /// This round, counted from 1.
    Round(u32),
    /// What is done when a step fails that says nothing of that.
    Exception,
}

impl fmt::Display for Frame {
    /// As it stands in a path: the step, and which part of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.within {
            Within::Fork { branch, of } => write!(f, "{}:b{branch}.{of}", self.step),
            Within::Choice => write!(f, "{}:c", self.step),
            Within::Round(round) => write!(f, "{}:r{round}", self.step),
            Within::Exception => write!(f, "{}:x", self.step),
        }
    }
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It begins.
    Begin,
    /// The task of this visit was done.
    Done(u64),
    /// It cannot be done.
    Cannot(u64),
    /// It is left out.
    Skipped(u64),
    /// The question of this visit is answered.
    Answered(u64, Answer),
    /// Whoever was to find out has, or gives up: the question is asked again.
    Found(u64),
    /// It is followed no further.
    Stop,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Of several, this.
    Case(String),
    /// Of several, none.
    Neither,
    /// Nobody knows yet.
    NotYet,
}

/// What is waited for at a step that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// That somebody does it.
    Task,
    /// That somebody answers; of a `while` after so many rounds.
    Question {
        /// How often its branch was followed.
        rounds: u32,
    },
    /// That somebody finds out, for the question of this visit.
    Fact {
        /// The question.
        question: u64,
    },
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something waits for somebody.
    Opened {
        /// What names it.
        visit: u64,
        /// The step.
        step: String,
        /// What it lies in.
        scope: Vec<Frame>,
        /// What is waited for.
        opens: Opens,
    },
    /// The question of this visit is asked again.
    AskedAgain(u64),
    /// A condition was computed: nobody had to be asked.
    Computed {
        /// The step.
        step: String,
        /// What came of it.
        answer: Answer,
    },
    /// Branches are followed at the same time.
    Forked {
        /// The step.
        step: String,
        /// How many.
        of: u32,
    },
    /// All of its branches have ended.
    Joined(String),
    /// A branch is followed in this round.
    Round {
        /// The step.
        step: String,
        /// Which.
        round: u32,
    },
    /// Something failed of which the playbook says nothing else.
    Exception,
    /// Nothing is left to be done.
    Ended,
}

/// Why an event cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing of this visit is open, or not for this event.
    #[error("This was dealt with already, or is not asked any more. Reload the page to see how it stands.")]
    NotOpen,
    /// There is no such answer.
    #[error("Choose one of the answers that the question has.")]
    NoSuchAnswer,
    /// It has begun.
    #[error("This playbook is being followed already.")]
    Begun,
    /// It is over.
    #[error("This playbook is followed no more.")]
    Over,
    /// The rounds are used up.
    #[error(
        "This was repeated {MOST_ROUNDS} times, which is the most. Answer no, and start the playbook again if it goes on."
    )]
    Rounds,
    /// It opens too much.
    #[error(
        "This playbook opens more at the same time than people can follow. Ask whoever made it to divide it."
    )]
    TooMuch,
}

impl State {
    /// The state after `event` and what follows from it, or the sentence that tells the person why not.
    pub fn apply(self, playbook: &Playbook, event: Event) -> Result<(Self, Vec<Effect>), Refused> {
        match (self.standing, &event) {
            (Standing::Running, Event::Begin) => Err(Refused::Begun),
            (Standing::Running, _) | (Standing::NotBegun, Event::Begin) => {
                moves::after(self, playbook, event)
            }
            (Standing::NotBegun, _) => Err(Refused::NotOpen),
            (Standing::Ended | Standing::Stopped, _) => Err(Refused::Over),
        }
    }

    /// Where people stand, the one that was reached first first.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether people are at it.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether it is over.
    pub const fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Ended | Standing::Stopped)
    }
}

impl Answer {
    /// What it is called in what is kept.
    pub fn code(&self) -> &str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Case(case) => case,
            Self::Neither => "neither",
            Self::NotYet => "not_yet",
        }
    }
}

/// Where something lies, in one line.
pub fn path(scope: &[Frame]) -> String {
    scope.iter().map(Frame::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
