//! Who has read a playbook and agreed with it: a clinician what its steps say, a translator what it says in Welsh.
//!
//! It holds for what was read and for nothing else: whatever is changed in the steps, nobody has reviewed it again.
//! A document says nothing of its own reviews that is believed here.

pub mod actions;
mod pages;
pub mod store;

use formats::cacao::{Playbook, canonical};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::guidance::EXTENSION;

pub(crate) use pages::routes;
pub use store::Review;

db::id! {
    /// Names a review.
    pub ReviewId
}

/// The longest name of a reviewer or of what they are, in characters.
pub const LONGEST: usize = 200;

platform::vocabulary! {
    /// What was reviewed.
    pub enum Kind {
        Clinical = "clinical", "Clinical review";
        Welsh = "welsh", "Welsh text";
    }
}

/// What names the words that somebody has read: the steps and who does them; of the Welsh, these and their Welsh.
pub fn hash(kind: Kind, document: &Value) -> [u8; 32] {
    let mut workflow = document["workflow"].clone();
    if kind == Kind::Clinical {
        let steps = workflow.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
        for said in
            steps.filter_map(|step| step.get_mut("step_extensions")?.get_mut(EXTENSION)?.as_object_mut())
        {
            said.remove("welsh");
        }
    }
    let whole = if kind == Kind::Welsh {
        json!([
            document["name"],
            document["description"],
            document["playbook_extensions"][EXTENSION]["welsh"]
        ])
    } else {
        Value::Null
    };
    let read = json!([workflow, document["agent_definitions"], whole]);
    Sha256::digest(canonical(&read)).into()
}

/// Whether a playbook says anything in Welsh.
pub fn has_welsh(playbook: &Playbook) -> bool {
    playbook.steps.values().any(|step| super::guidance::of_step(&step.extensions).welsh.is_some())
}

/// Those of the reviews that hold for a playbook as it stands.
pub fn holding(all: &[Review], playbook: &Playbook) -> Vec<Review> {
    let its = all.iter().filter(|review| review.cacao_id == playbook.id);
    its.filter(|review| review.hash == hash(review.kind, &playbook.document)).cloned().collect()
}
