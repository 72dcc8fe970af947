//! What happened in a case, and when it was written down: two times, kept apart. Nothing is changed; a correction is
//! appended and names what it corrects. Tasks, clocks, messages and decisions enter by themselves.

pub mod actions;
pub mod api;
mod pages;
pub mod store;

use jiff::Timestamp;
use platform::Tx;
use uuid::Uuid;

use super::Zone;
use crate::incident::IncidentId;

pub use actions::{add, correct, enter, enter_by_itself};
pub use store::{Read, entries};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names an entry of a timeline.
    pub EntryId
}

platform::vocabulary! {
    /// What kind of thing an entry tells of.
    pub enum Kind {
        Event = "event", "Event";
        Note = "note", "Note";
        Task = "task", "Task";
        Message = "message", "Message";
        Decision = "decision", "Decision";
        Clock = "clock", "Clock";
        Impact = "impact", "Impact on care";
        Evidence = "evidence", "Evidence";
        Playbook = "playbook", "Playbook";
        Triage = "triage", "Priority";
        Handover = "handover", "Handover";
        Situation = "situation", "Situation report";
        Lesson = "lesson", "Lesson or action";
        Pace = "pace", "How far it is";
    }
}

/// Where the things are of which entries tell, below `/incidents/{id}`. A path that ends with a slash is followed by
/// the id of the thing; a kind that is not here has no page of its own.
const PAGES: &[(Kind, &str)] = &[
    (Kind::Note, "/notes/"),
    (Kind::Task, "/tasks/"),
    (Kind::Message, "/messages"),
    (Kind::Decision, "/decisions"),
    (Kind::Handover, "/people"),
    (Kind::Situation, "/situation"),
    (Kind::Clock, "/clocks"),
    (Kind::Impact, "/impact"),
    (Kind::Evidence, "/evidence/"),
    (Kind::Playbook, "/runs"),
    (Kind::Lesson, "/lessons"),
    (Kind::Pace, "/times"),
];

impl Kind {
    /// The page of what an entry of this kind tells of.
    pub fn page(self, incident: IncidentId, about: Uuid) -> Option<String> {
        let (_, path) = PAGES.iter().find(|(kind, _)| *kind == self)?;
        let id = if path.ends_with('/') { about.to_string() } else { String::new() };
        Some(format!("/incidents/{incident}{path}{id}"))
    }
}

/// Something that enters a timeline.
#[derive(Clone, Copy, Debug)]
pub struct Entering<'a> {
    /// Whose it is.
    pub zone: Zone,
    /// What kind of thing.
    pub kind: Kind,
    /// When it happened.
    pub happened_at: Timestamp,
    /// The row of which it tells.
    pub about: Option<Uuid>,
    /// What happened, in a sentence.
    pub text: &'a str,
    /// The entry that it corrects.
    pub corrects: Option<EntryId>,
    /// The form that it was sent with, where somebody typed it.
    pub form: Option<Uuid>,
}

impl<'a> Entering<'a> {
    /// Something that happens now, and enters by itself.
    pub const fn now(tx: &Tx, zone: Zone, kind: Kind, about: Uuid, text: &'a str) -> Self {
        Self { zone, kind, happened_at: tx.now, about: Some(about), text, corrects: None, form: None }
    }
}

/// An entry that somebody types.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// When it happened.
    pub happened_at: Timestamp,
    /// What happened.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leads_to_what_it_tells_of() {
        let (incident, about) = (IncidentId(Uuid::nil()), Uuid::max());
        assert_eq!(Kind::Task.page(incident, about), Some(format!("/incidents/{incident}/tasks/{about}")));
        assert_eq!(Kind::Message.page(incident, about), Some(format!("/incidents/{incident}/messages")));
        assert_eq!(Kind::Event.page(incident, about), None);
    }
}
