//! A run as people see it: what to do now, what is done, what comes.

use std::collections::{HashMap, HashSet};

use formats::cacao::{Playbook, StepKind, run::MOST_ROUNDS};
use uuid::Uuid;

use super::{
    Kind, TaskState, actions, scope_in_words,
    store::{Run, Task},
};
use crate::playbook::{
    diagram::Diagram,
    reading::{self, Line, Reading},
};

/// Something to be done, answered or found out now.
#[derive(Clone, Debug)]
pub struct Card {
    /// The task.
    pub task: Task,
    /// What the playbook says of the step.
    pub line: Line,
    /// Where it lies: `branch 2 of 3, round 1`.
    pub place: String,
    /// The playbook's question in full, where it says more than its name.
    pub about: String,
    /// Of a question, its answers: the value of each button and its words.
    pub answers: Vec<(String, String)>,
    /// Of a question that was being found out, what was found, the last first.
    pub found: Vec<String>,
    /// Until when somebody should wait before it, where that is not over.
    pub waits_until: Option<jiff::Timestamp>,
    /// What names its form: sent twice, it counts once.
    pub form: Uuid,
}

impl Card {
    /// Whether somebody has to do it.
    pub fn is_task(&self) -> bool {
        self.task.kind == Kind::Task
    }

    /// Whether somebody has to answer it.
    pub fn is_question(&self) -> bool {
        self.task.kind == Kind::Question
    }

    /// Whether somebody is to find it out.
    pub fn is_fact(&self) -> bool {
        self.task.kind == Kind::Fact
    }

    /// Whether it waits for what somebody finds out.
    pub fn waits(&self) -> bool {
        self.task.state == TaskState::Waiting
    }

    /// Of a while, which round would begin.
    pub fn round(&self) -> Option<String> {
        let repeats = self.task.step.starts_with("while-condition--");
        repeats.then(|| format!("Round {} of {MOST_ROUNDS} at most.", self.task.rounds + 1))
    }
}

/// Something that is behind.
#[derive(Clone, Debug)]
pub struct Past {
    /// The task.
    pub task: Task,
    /// What it is called.
    pub what: String,
    /// Where it lies.
    pub place: String,
}

impl Past {
    /// What became of it, in words.
    pub fn became(&self) -> String {
        match self.task.state {
            TaskState::Answered => {
                let answer = actions::answer_in_words(&self.task.answer);
                format!("Answered: {answer}")
            }
            state => state.label().to_owned(),
        }
    }
}

/// Where a run stands.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What is open, the first first; what waits is last.
    pub now: Vec<Card>,
    /// What was closed, the last first.
    pub past: Vec<Past>,
    /// What was not reached so far: the number and the words of each.
    pub to_come: Vec<(String, String)>,
    /// The playbook as a drawing, with the place where people stand.
    pub diagram: Diagram,
}

impl Shown {
    /// Shows a run by its tasks.
    pub fn of(
        run: &Run,
        playbook: &Playbook,
        (open, closed): (Vec<Task>, Vec<Task>),
        reached: &[String],
        (form, moment): (impl Fn() -> Uuid, jiff::Timestamp),
    ) -> Self {
        let mut found: HashMap<i64, Vec<String>> = HashMap::new();
        for fact in &closed {
            if let Some(question) = fact.question {
                let text = if fact.evidence.is_empty() { &fact.reason } else { &fact.evidence };
                found.entry(question).or_default().push(format!("{}. {text}", fact.state));
            }
        }
        let at: HashSet<&str> = open.iter().map(|task| task.step.as_str()).collect();
        let reached: HashSet<&str> = reached.iter().map(String::as_str).collect();
        let reading = Reading::of(playbook);
        let diagram =
            Diagram::marked(playbook, &reading, |step| match (at.contains(step), reached.contains(step)) {
                (true, _) => "NOW ",
                (false, true) => "✓ ",
                _ => "",
            });
        let lines = reading.sections.iter().flat_map(|section| &section.lines);
        let to_come = lines
            .filter(|line| !line.again && !reached.contains(line.step.as_str()))
            // Nobody is asked that things are done at the same time.
            .filter(|line| !line.step.starts_with("parallel--"))
            .map(|line| (line.number.clone(), line.what.clone()))
            .collect();
        let numbers: HashMap<&str, &str> = reading
            .sections
            .iter()
            .flat_map(|section| &section.lines)
            .filter(|line| !line.again)
            .map(|line| (line.step.as_str(), line.number.as_str()))
            .collect();
        let is_over = run.standing != super::Standing::Running;
        let mut now: Vec<Card> = open
            .into_iter()
            .filter(|_| !is_over)
            .filter_map(|task| card(playbook, task, &numbers, &found, (form(), moment)))
            .collect();
        // What waits for others, or for its time, is last.
        now.sort_by_key(|card| (card.waits(), card.waits_until));
        let past = closed
            .into_iter()
            .map(|task| Past {
                what: actions::called(playbook, &task.step),
                place: scope_in_words(&task.scope),
                task,
            })
            .collect();
        Self { now, past, to_come, diagram }
    }
}

fn card(
    playbook: &Playbook,
    task: Task,
    numbers: &HashMap<&str, &str>,
    found: &HashMap<i64, Vec<String>>,
    (form, now): (Uuid, jiff::Timestamp),
) -> Option<Card> {
    let step = playbook.steps.get(&task.step)?;
    let mut line = reading::line(playbook, step);
    numbers.get(task.step.as_str()).copied().unwrap_or_default().clone_into(&mut line.number);
    if task.kind == Kind::Fact {
        // What the question warns of belongs to its answer; here is only to be found out what it asks.
        line.how.clear();
    }
    let about = variables_asked(playbook, step).filter(|said| *said != line.what).unwrap_or_default();
    let answers = if task.kind == Kind::Question { answers(&step.kind) } else { Vec::new() };
    Some(Card {
        place: scope_in_words(&task.scope),
        found: found.get(&task.visit).cloned().unwrap_or_default(),
        about,
        answers,
        waits_until: task.begins_at.filter(|begins_at| now < *begins_at),
        line,
        task,
        form,
    })
}

/// What the playbook says of the variable that a question is about.
pub(super) fn variables_asked(playbook: &Playbook, step: &formats::cacao::Step) -> Option<String> {
    let condition = step.condition()?;
    let mut all = step.variables.iter().chain(&playbook.variables);
    let (_, asked) = all.find(|(name, _)| condition.contains(name.as_str()))?;
    Some(asked.description.clone()).filter(|said| !said.is_empty())
}

/// The answers to a question: the word of each, and how people say it.
pub(super) fn answers(kind: &StepKind) -> Vec<(String, String)> {
    let pair = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    match kind {
        StepKind::Switch { cases, .. } => {
            let named = cases.keys().filter(|case| *case != "default");
            let mut all: Vec<_> = named.map(|case| (format!("case:{case}"), case.clone())).collect();
            all.push(pair("neither", "None of these"));
            all
        }
        _ => vec![pair("yes", "Yes"), pair("no", "No")],
    }
}
