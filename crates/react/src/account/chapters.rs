//! The chapters of an account, each from what was gathered; one of which nothing is known says so or is left out.

use formats::paper::{Block, Table};
use jiff::{SignedDuration, Timestamp};
use platform::web::{shell::Shell, show};

use super::{MOST_DECISIONS, MOST_ENTRIES, MOST_LESSONS, gathered::Gathered};
use crate::{
    case::{Party, Sight, Zone},
    follow_up::{self, store::FollowUp},
    pace,
    report::words,
    triage,
};

pub(super) struct Chapters<'a> {
    pub shell: &'a Shell,
    pub sight: &'a Sight,
    pub gathered: &'a Gathered,
}

const GONE: &str = "No longer kept";

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn fact(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn kept(text: &str) -> String {
    if text.is_empty() { GONE.to_owned() } else { text.to_owned() }
}

fn table(caption: &str, head: &[(&str, u8)], rows: Vec<Vec<String>>) -> Block {
    let head = head.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect();
    Block::Table(Table { caption: caption.to_owned(), head, rows })
}

impl Chapters<'_> {
    fn at(&self, at: Timestamp) -> String {
        self.shell.instant(at)
    }

    fn maybe_at(&self, at: Option<Timestamp>, otherwise: &str) -> String {
        at.map_or_else(|| otherwise.to_owned(), |at| self.at(at))
    }

    /// Who wrote something, as the reader knows them.
    fn who(&self, by: Option<&str>, through: Option<&str>) -> String {
        self.sight.who(&self.shell.cert.name, true, by, through)
    }

    /// In which zone something stands, behind it, where the account holds more than one.
    fn of_zone(&self, zone: Zone) -> String {
        if self.sight.marks_zones() { format!(" ({})", zone.tag()) } else { String::new() }
    }

    /// What it was, and what was reported.
    pub fn what(&self) -> Vec<Block> {
        let (incident, shared) = (&self.sight.incident, self.sight.reads.contains(Zone::Shared));
        let mut facts = vec![fact("Organisation", incident.called())];
        facts.push(fact("Reported", self.at(incident.opened_at)));
        if self.sight.party != Party::Guest {
            facts.push(fact("How far believed", incident.standing.label()));
        }
        facts.push(fact("Status", incident.state.label()));
        if shared {
            let kind = self.gathered.triage.as_ref().and_then(|triage| triage.kind.as_deref());
            facts.push(fact(
                "Kind of incident",
                kind.map_or_else(|| "Not said yet".to_owned(), triage::rsit::called),
            ));
            if let Some(closed) = incident.closed_at {
                facts.push(fact("Closed", format!("{}\n{}", self.at(closed), kept(&incident.reason))));
            }
        }
        let mut blocks = vec![heading("What it was"), Block::Facts(facts)];
        for report in &self.gathered.reports {
            blocks
                .push(Block::Subheading(format!("What was reported: {}", self.maybe_at(report.sent_at, ""))));
            let rows = words::rows(&report.facts);
            blocks.push(Block::Facts(rows.into_iter().map(|(name, value)| fact(name, value)).collect()));
        }
        blocks
    }

    /// How long each step took.
    pub fn times(&self) -> Vec<Block> {
        if !self.sight.reads.contains(Zone::Shared) {
            return Vec::new();
        }
        let length = |micros: i64| show::length(micros, self.shell.language);
        let took = pace::took(&self.sight.incident, &self.gathered.pace, &self.gathered.waits);
        let rows = took.into_iter().map(|took| {
            let waited = if took.waited == 0 { String::new() } else { length(took.waited) };
            let micros = took.micros.map(length).unwrap_or_default();
            vec![took.step.label().to_owned(), self.maybe_at(took.at, "Not yet"), micros, waited]
        });
        let head = [("Step", 3), ("When", 3), ("Took", 3), ("Waited before that", 3)];
        let mut blocks = vec![
            heading("Times"),
            Block::Text(
                "Each counts from the report, without the time in which the CERT waited for the organisation.".to_owned(),
            ),
            table("How long each step took", &head, rows.collect()),
        ];
        if !self.gathered.waits.is_empty() {
            let rows = self.gathered.waits.iter().map(|wait| {
                vec![kept(&wait.what), self.at(wait.since_at), self.maybe_at(wait.until_at, "Still waiting")]
            });
            let head = [("For what", 5), ("Since", 3), ("Until", 3)];
            blocks.push(table("When the CERT waited for the organisation", &head, rows.collect()));
        }
        blocks
    }

    /// How urgent it is, and why.
    pub fn priority(&self) -> Vec<Block> {
        let Some(decided) = &self.gathered.triage else { return Vec::new() };
        let priority = decided.priority();
        let because = triage::Because::read(&self.sight.incident.priority_because);
        let mut facts = vec![
            fact("Priority", format!("{}: {}", priority.label(), priority.means_by(&because))),
            fact("Because", self.sight.incident.because_in_words()),
        ];
        if decided.set_to.is_some() {
            let by = self.who(decided.setter.as_deref(), None);
            let at = self.maybe_at(decided.set_at, "");
            facts.push(fact("Set by a person", format!("{}\n{by}, {at}", kept(&decided.set_why))));
            facts.push(fact("From the answers", decided.computed.label()));
        }
        let mut blocks = vec![heading("Priority"), Block::Facts(facts)];
        if !self.gathered.answers.is_empty() {
            let rows = self.gathered.answers.iter().map(|said| {
                let from = said.source.label().to_owned();
                vec![
                    said.question.label().to_owned(),
                    said.answer.label().to_owned(),
                    from,
                    self.at(said.said_at),
                ]
            });
            let head = [("Question", 6), ("Answer", 2), ("From", 3), ("When", 3)];
            blocks.push(table("What was known", &head, rows.collect()));
        }
        blocks
    }

    /// What it did to care.
    pub fn impact(&self) -> Vec<Block> {
        let all = self.gathered;
        if all.services.is_empty() && all.counts.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![heading("Impact on care")];
        if let Some(last) = all.counts.last() {
            let until = self.at(last.counted_at);
            blocks.push(Block::Facts(vec![
                fact("Appointments postponed", show::count(last.appointments)),
                fact("Procedures and operations postponed", show::count(last.procedures)),
                fact("Counted up to", until),
            ]));
        }
        let rows = all.changes.iter().rev().map(|change| {
            let mut stood = format!(
                "{}. Downtime procedure: {}.",
                change.state.label(),
                show::in_sentence(change.downtime.label())
            );
            if !change.diverted_to.is_empty() {
                stood = format!("{stood} Patients are diverted to: {}.", change.diverted_to);
            }
            let harm = match change.harm_note.as_str() {
                "" => change.harm.label().to_owned(),
                note => format!("{}: {note}", change.harm.label()),
            };
            vec![change.name.clone(), self.at(change.recorded_at), stood, harm]
        });
        let head = [("Service", 4), ("When", 3), ("How it went on", 5), ("Harm", 4)];
        blocks.push(table("How services stood, the first first", &head, rows.collect()));
        blocks
    }

    /// The duties to report, and how they were met.
    pub fn clocks(&self) -> Vec<Block> {
        if self.gathered.clocks.is_empty() {
            return Vec::new();
        }
        let rows = self.gathered.clocks.iter().map(|clock| {
            let late = if clock.is_overdue(self.shell.now) { ", overdue" } else { "" };
            let mut state = format!("{}{late}", clock.state.label());
            if let Some(at) = clock.ended_at {
                state = format!("{state}\n{}", self.at(at));
            }
            let of_it = self.gathered.reasons.iter().filter(|(of, _)| *of == clock.id);
            for (_, reason) in of_it {
                state = format!("{state}\nReason: {reason}");
            }
            let called = format!("{}{}\nTo {}", clock.called(), self.of_zone(clock.zone), clock.recipient());
            vec![called, self.at(clock.aware_at), self.maybe_at(clock.due_at, "No hour named"), state]
        });
        let head = [("Duty", 6), ("Aware since", 3), ("Due", 3), ("How it was met", 3)];
        vec![
            heading("Reports to regulators"),
            table("Clocks of the law, and how they were met", &head, rows.collect()),
        ]
    }

    /// What was decided, the first first.
    pub fn decisions(&self) -> Vec<Block> {
        let all = &self.gathered.decisions;
        if all.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![heading("Decisions")];
        if all.len() > MOST_DECISIONS {
            blocks.push(Block::Text(format!("The last {MOST_DECISIONS}; those before stand in the case.")));
        }
        for decision in all.iter().take(MOST_DECISIONS).rev() {
            let title = format!("{}{}", self.at(decision.decided_at), self.of_zone(decision.zone));
            let mut facts = vec![
                fact("Decided", kept(&decision.decided)),
                fact("By", format!("{}, {}", decision.decider, decision.role)),
                fact("Why", decision.why.clone()),
            ];
            if !decision.options.is_empty() {
                facts.push(fact("What else was weighed", decision.options.clone()));
            }
            if decision.reviewed_by.is_some() {
                facts.push(fact("Reviewed", "By a later decision"));
            }
            blocks.extend([Block::Subheading(title), Block::Facts(facts)]);
        }
        blocks
    }

    /// What was learned, and what follows.
    pub fn lessons(&self) -> Vec<Block> {
        let (lessons, actions) = (&self.gathered.lessons, &self.gathered.actions);
        let mut blocks = vec![heading("Lessons and actions")];
        if lessons.is_empty() {
            blocks.push(Block::Text("No lesson was written down yet.".to_owned()));
        }
        if lessons.len() > MOST_LESSONS {
            blocks.push(Block::Text(format!("The last {MOST_LESSONS}; those before stand in the case.")));
        }
        for lesson in lessons.iter().take(MOST_LESSONS).rev() {
            let title = format!("{}{}", lesson.called(), self.of_zone(lesson.zone));
            let mut facts: Vec<_> = lesson.parts().into_iter().map(|(name, text)| fact(name, text)).collect();
            let who = self.who(lesson.by.as_deref(), lesson.through.as_deref());
            facts.push(fact("Written down", format!("{}, {who}", self.at(lesson.recorded_at))));
            blocks.extend([Block::Subheading(title), Block::Facts(facts)]);
            let follow = actions.iter().filter(|action| action.lesson_id == lesson.id);
            let rows: Vec<_> = follow.map(|action| self.action(action)).collect();
            if !rows.is_empty() {
                let head = [("Action", 5), ("Who", 4), ("Due", 3), ("Status", 4)];
                blocks.push(table("What follows from it", &head, rows));
            }
        }
        blocks
    }

    fn action(&self, action: &FollowUp) -> Vec<String> {
        let late = if action.is_late(&self.shell.now) { ", overdue" } else { "" };
        let mut state = format!("{}{late}", action.state.label());
        if !action.outcome.is_empty() {
            state = format!("{state}: {}", action.outcome);
        }
        let what = match action.text.as_str() {
            "" => action.called().to_owned(),
            text => format!("{}\n{text}", action.called()),
        };
        let whose = follow_up::whose(&self.shell.cert.name, self.sight, action);
        vec![what, whose, self.at(action.due_at), state]
    }

    /// What happened, the first first.
    pub fn timeline(&self) -> Vec<Block> {
        let all = &self.gathered.entries;
        let mut blocks = vec![heading("Timeline")];
        if all.len() > MOST_ENTRIES {
            blocks.push(Block::Text(format!(
                "The last {MOST_ENTRIES} entries; those before stand in the case."
            )));
        }
        let rows = all.iter().take(MOST_ENTRIES).rev().map(|entry| {
            let mut when = self.at(entry.happened_at);
            if entry.recorded_at.duration_since(entry.happened_at) >= SignedDuration::from_mins(1) {
                when = format!("{when}\nWritten down {}", self.at(entry.recorded_at));
            }
            let corrected = if entry.corrected_by.is_some() { "Corrected later: " } else { "" };
            let who = self.sight.who(
                &self.shell.cert.name,
                entry.person_id.is_some(),
                entry.by.as_deref(),
                entry.through.as_deref(),
            );
            vec![when, format!("{corrected}{}{}", kept(&entry.text), self.of_zone(entry.zone)), who]
        });
        let head = [("When", 3), ("What", 8), ("Who", 3)];
        blocks.push(table("What happened, the first first", &head, rows.collect()));
        blocks
    }
}
