//! Changing the steps of a playbook: adding, moving and taking them out, so that what hangs together stays so.
//!
//! It works on the document itself, so that whatever this program has no words for stays as it was. Each change
//! leads on what led to the place of the change; none makes a circle or a step that nothing leads to.

mod add;
mod order;
mod remove;
mod shape;

use serde_json::Value;

pub use add::{add, add_branch};
pub use order::{Direction, shift};
pub use remove::{doomed, remove, remove_branch};
pub use shape::{Way, ways};

/// What kind of step is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody does something.
    Action,
    /// Another playbook is followed.
    Playbook,
    /// A question with the answers yes and no.
    Question,
    /// A question with answers of its own.
    Choice,
    /// Something is repeated as long as the answer is yes.
    Repeat,
    /// Several things are done at the same time.
    Parallel,
}

/// Where a step is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Behind this step.
    After(String),
    /// At the beginning of a way out of this step.
    Within(String, Way),
}

/// What makes the ids of what is new: of this type, `action--…`.
pub type NewId<'a> = dyn FnMut(&str) -> String + 'a;

/// Why a change cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such step.
    #[error("This step is not there any more. Look at the playbook as it stands now.")]
    NoStep,
    /// There is no such way out of it.
    #[error("This answer or branch is not there any more. Look at the playbook as it stands now.")]
    NoWay,
    /// Nothing comes after an end, and the start stays where it is.
    #[error("The start and the ends of a playbook stay where they are.")]
    Fixed,
    /// There is nothing to change places with.
    #[error("It is the first of its branch already.")]
    First,
    /// There is nothing to change places with.
    #[error("It is the last of its branch already.")]
    Last,
    /// What would follow could not be foreseen.
    #[error(
        "Other steps lead to this place as well, so that these two cannot change places. Take it out, and add it \
         again where it belongs."
    )]
    Joined,
    /// A playbook says at least one thing.
    #[error("A playbook has at least one step. Change this one, or add another one first.")]
    Only,
    /// What is done at the same time are two things at least.
    #[error("At the same time means two branches at least. Take out the whole step instead.")]
    TwoAtLeast,
    /// A repeat without what is repeated.
    #[error("This branch belongs to the step. Take out the steps in it, or the whole step.")]
    Needed,
    /// There are enough.
    #[error("A playbook has {} steps at most. Make several of it.", super::MOST_STEPS)]
    TooMany,
    /// Two answers that say the same.
    #[error("This answer is there already.")]
    Twice,
    /// The document is no playbook.
    #[error("This is no playbook that can be changed here.")]
    NoPlaybook,
}

impl Kind {
    /// The word in CACAO.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Playbook => "playbook-action",
            Self::Question => "if-condition",
            Self::Choice => "switch-condition",
            Self::Repeat => "while-condition",
            Self::Parallel => "parallel",
        }
    }
}

/// Begins a playbook: its start, and its end.
pub fn begin(document: &mut Value, new_id: &mut NewId<'_>) -> Result<(), Refused> {
    let (start, end) = (new_id("start"), new_id("end"));
    let object = document.as_object_mut().ok_or(Refused::NoPlaybook)?;
    object.insert("workflow_start".to_owned(), Value::String(start.clone()));
    let workflow = serde_json::json!({
        start: {"type": "start", "on_completion": &end},
        end.clone(): {"type": "end"},
    });
    object.insert("workflow".to_owned(), workflow);
    Ok(())
}

#[cfg(test)]
mod tests;
