//! A response as a line of a file: the same for the CERT, which takes all of them along, and for whoever answers for
//! many, who takes those.

use formats::ods::regions;
use jiff::Timestamp;

use super::{Applies, Outcome, Stage};

db::record! {
    /// A response with its organisation.
    pub(crate) struct Line {
        pub code: String,
        pub name: String,
        pub kind: String,
        pub region: String,
        pub stage: Stage,
        pub applies: Applies,
        pub applies_reason: Option<String>,
        pub acknowledged_at: Option<Timestamp>,
        pub done: Option<String>,
        pub systems: Option<u32>,
        pub planned_on: Option<String>,
        pub blockers: Option<String>,
        pub mitigation: Option<String>,
        pub next_update_at: Option<Timestamp>,
        pub outcome: Option<Outcome>,
        pub closed_at: Option<Timestamp>,
        pub answered_through: Option<String>,
        pub due_at: Option<Timestamp>,
    }
}

/// The columns of a [`Line`] of response `r` of organisation `o`, answered through `t`. Index for what is due: the
/// primary key of `clock`.
macro_rules! line_of {
    () => {
        "o.code, o.name, r.kind, r.region, r.stage, r.applies, r.applies_reason,
         r.acknowledged_at, r.done, r.systems, r.planned_on, r.blockers, r.mitigation, r.next_update_at,
         r.outcome, r.closed_at, t.code AS answered_through,
         (SELECT min(k.due_at) FROM clock k
          WHERE k.about_id = r.alert_id AND k.organisation_id = r.organisation_id
            AND k.stopped_at IS NULL) AS due_at"
    };
}
pub(crate) use line_of;

/// The head of a file of lines.
pub(crate) const HEADER: &str = "code,name,type,region,region_name,stage,due_at,late,applies,reason,\
                                 acknowledged_at,done,systems,planned_on,blockers,mitigation,next_update_at,\
                                 outcome,closed_at,answered_through";

/// Lines that are read for a file at once.
pub(crate) const AT_ONCE: i64 = 500;

impl Line {
    /// Takes out what people wrote, and may have quoted of an alert that is for them in person.
    pub(crate) fn blank(&mut self) {
        for words in [&mut self.applies_reason, &mut self.done, &mut self.blockers, &mut self.mitigation] {
            *words = None;
        }
    }

    /// Its cells, in the order of [`HEADER`].
    pub(crate) fn cells(&self, now: Timestamp) -> Vec<String> {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        vec![
            self.code.clone(),
            self.name.clone(),
            self.kind.clone(),
            self.region.clone(),
            region_name(&self.region),
            self.stage.code().to_owned(),
            at(self.due_at),
            self.due_at.is_some_and(|due| due <= now).to_string(),
            self.applies.code().to_owned(),
            words(&self.applies_reason),
            at(self.acknowledged_at),
            words(&self.done),
            self.systems.map(|systems| systems.to_string()).unwrap_or_default(),
            words(&self.planned_on),
            words(&self.blockers),
            words(&self.mitigation),
            at(self.next_update_at),
            self.outcome.map(Outcome::code).unwrap_or_default().to_owned(),
            at(self.closed_at),
            words(&self.answered_through),
        ]
    }
}

fn region_name(code: &str) -> String {
    match regions::find(code) {
        Some(region) => region.name.clone(),
        None if code.is_empty() => "No region".to_owned(),
        None => code.to_owned(),
    }
}
