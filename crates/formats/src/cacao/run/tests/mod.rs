//! Runs that are followed, step by step.

mod random;
mod table;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{super::Playbook, Answer, Effect, Event, Frame, Opens, Refused, Standing, State};

/// The id of a step of this type and number.
fn id(kind: &str, number: usize) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012x}")
}

/// A playbook of these steps, which begins with the step of this id.
fn playbook(
    first: &str,
    mut steps: BTreeMap<String, Value>,
    variables: &Value,
    exception: Option<&str>,
) -> Playbook {
    let agent = id("individual", 9000);
    for (id, step) in &mut steps {
        if id.starts_with("action--") {
            step["agent"] = json!(agent);
            if step.get("commands").is_none() {
                step["commands"] = json!([{"type": "manual", "command": "Do it."}]);
            }
        }
        step["type"] = json!(id.split("--").next());
    }
    steps.insert(id("start", 9001), json!({"type": "start", "on_completion": first}));
    let mut document = json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 9002), "name": "A run",
        "created_by": id("identity", 9003), "created": "2026-11-27T00:00:00.000Z", "modified": "2026-11-27T00:00:00.000Z",
        "playbook_variables": variables, "workflow_start": id("start", 9001), "workflow": steps,
        "agent_definitions": {agent: {"type": "individual", "name": "Ann"}},
    });
    if let Some(exception) = exception {
        document["workflow_exception"] = json!(exception);
    }
    let read = Playbook::read(document.to_string().as_bytes());
    read.unwrap_or_else(|found| {
        panic!("{:#?}\n{document:#}", found.iter().map(ToString::to_string).collect::<Vec<_>>())
    })
}

/// Somebody who follows a playbook.
struct Following {
    playbook: Playbook,
    state: State,
    /// What is open, by its visit: the name of the step, what is waited for, and what it lies in.
    open: BTreeMap<u64, (String, Opens, Vec<Frame>)>,
    /// The names of the tasks that were opened, in their order.
    tasks: Vec<String>,
    effects: Vec<Effect>,
}

impl Following {
    fn begin(playbook: Playbook) -> Self {
        let mut all = Self {
            playbook,
            state: State::default(),
            open: BTreeMap::new(),
            tasks: Vec::new(),
            effects: Vec::new(),
        };
        all.tell(Event::Begin).unwrap();
        all
    }

    fn tell(&mut self, event: Event) -> Result<(), Refused> {
        let told = event.clone();
        let (state, effects) = self.state.clone().apply(&self.playbook, event)?;
        self.state = state;
        match told {
            Event::Done(visit) | Event::Cannot(visit) | Event::Skipped(visit) | Event::Found(visit) => {
                assert!(self.open.remove(&visit).is_some());
            }
            Event::Answered(visit, _) => assert!(self.open.remove(&visit).is_some()),
            Event::Stop => self.open.clear(),
            Event::Begin => {}
        }
        for effect in &effects {
            match effect {
                Effect::Opened { visit, step, scope, opens } => {
                    let name = self.playbook.steps[step].name.clone();
                    if *opens == Opens::Task {
                        self.tasks.push(name.clone());
                    }
                    assert!(
                        self.open.insert(*visit, (name, *opens, scope.clone())).is_none(),
                        "a visit is used once"
                    );
                }
                Effect::AskedAgain(visit) => {
                    let token = self.state.tokens().iter().find(|token| token.visit == *visit).unwrap();
                    let asked = (
                        self.playbook.steps[&token.step].name.clone(),
                        Opens::Question { rounds: 0 },
                        token.scope.clone(),
                    );
                    self.open.insert(*visit, asked);
                }
                _ => {}
            }
        }
        self.effects = effects;
        let again: State = serde_json::from_str(&serde_json::to_string(&self.state).unwrap()).unwrap();
        assert_eq!(again, self.state, "it is kept as it is");
        Ok(())
    }

    /// The names of what is open, in the order in which it was opened.
    fn now(&self) -> Vec<&str> {
        self.open.values().map(|(name, ..)| name.as_str()).collect()
    }

    fn visit(&self, name: &str) -> u64 {
        let found = self.open.iter().find(|(_, (each, ..))| each == name);
        *found.unwrap_or_else(|| panic!("{name} is not open: {:?}", self.now())).0
    }

    fn done(&mut self, name: &str) {
        self.tell(Event::Done(self.visit(name))).unwrap();
    }

    fn cannot(&mut self, name: &str) {
        self.tell(Event::Cannot(self.visit(name))).unwrap();
    }

    fn answer(&mut self, name: &str, answer: Answer) {
        self.tell(Event::Answered(self.visit(name), answer)).unwrap();
    }

    fn is_at_its_end(&self) -> bool {
        assert_eq!(self.state.standing() == Standing::Ended, self.open.is_empty(), "{:?}", self.state);
        assert_eq!(self.open.is_empty(), self.state.tokens().is_empty(), "no token is left over");
        self.state.is_over()
    }
}
